"""Dependencies as printed: on the objective that asks, and on both teams' pages."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString

from metrics.figures import status_mark
from metrics.wording import day_week
from objectives.models import Dependency
from objectives.states import DependencyState

_MARKS = {
    DependencyState.ASKED: ("not_started", "Asked"),
    DependencyState.CONFIRMED: ("on_track", "Confirmed"),
    DependencyState.DECLINED: ("behind", "Declined"),
    DependencyState.WITHDRAWN: ("informative", "Taken back"),
}


class DependencyView(NamedTuple):
    """One dependency in a list; `until` is empty without a day."""

    dependency: Dependency
    url: str
    until: str
    status: SafeString


def dependency_view(dependency: Dependency, today: date) -> DependencyView:
    """Its state in colour, shape and word, and the day it is needed."""
    mark, word = _MARKS[DependencyState(dependency.state)]
    until = ""
    if dependency.needed_on is not None:
        until = f"needed by {day_week(dependency.needed_on)}"
        if dependency.needed_on < today:
            until = f"was needed by {day_week(dependency.needed_on)}"
    url = f"/dependencies/{dependency.pk}/"
    return DependencyView(dependency, url, until, status_mark(mark, word=word))
