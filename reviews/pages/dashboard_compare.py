"""The headline figures of now beside those of the cycle's beginning and of the cycle before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from metrics.wording import NO_VALUE, day_near, number, percent
from objectives.models import Cycle
from reviews.dashboards.headline import Headline
from reviews.dashboards.picture import read_picture
from reviews.dashboards.scope import Known, Scope, as_of
from reviews.dashboards.weeks import share
from reviews.pages.dashboard_board import Board

# What is compared; a figure that the beginning of a cycle cannot have yet is a dash there.
FIGURES: tuple[tuple[str, Callable[[Headline], str]], ...] = (
    ("KPIs on target", lambda top: f"{top.on:,} of {top.kpis:,}"),
    ("Off target", lambda top: f"{top.off:,}"),
    ("Signals to decide", lambda top: f"{top.undecided:,}"),
    ("Objectives, progress", lambda top: percent(top.goals.progress)),
    ("Objectives, expected", lambda top: percent(top.goals.expected)),
    ("First answer to a signal, median days", lambda top: _days(top)),
    ("Updates on time", lambda top: percent(share(top.in_time, top.due))),
)


class Column(NamedTuple):
    """One moment: how it is called and the day it tells of."""

    title: str
    day: str


def _days(top: Headline) -> str:
    return NO_VALUE if top.median_days is None else number(top.median_days, 1)


def before(cycle: Cycle, cycles: tuple[Cycle, ...]) -> Cycle | None:
    """The cycle of the same kind that ended last before one began; None without one."""
    ended = [one for one in cycles if one.kind == cycle.kind and one.ends_on < cycle.starts_on]
    return max(ended, key=lambda one: one.ends_on, default=None)


def compare_context(scope: Scope, known: Known) -> dict:
    """What `_dashboard_compare.html` prints: a row a figure, a column a moment.

    Each moment is read as its own dashboard, as it stood then.
    """
    cycle = scope.cycle
    if cycle is None:
        return {"columns": [], "rows": []}
    moments = [("Now" if not scope.is_past else "Then", scope)]
    if cycle.starts_on < scope.on:
        moments.append((f"Start of {cycle.name}", as_of(scope, cycle, cycle.starts_on)))
    last = before(cycle, scope.cycles)
    if last is not None and last.ends_on < scope.on:
        moments.append((f"End of {last.name}", as_of(scope, last, last.ends_on)))
    tops = [Board(read_picture(one, known)).top for _, one in moments]
    return {
        "columns": [Column(title, day_near(one.on, scope.on)) for title, one in moments],
        "rows": [(name, [figure(top) for top in tops]) for name, figure in FIGURES],
    }
