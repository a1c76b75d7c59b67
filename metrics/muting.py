"""Is a KPI silent now: a snooze that runs, or an acceptance that still holds (signals.md 9).

Pure. It decides whether an event is told, never what the data say.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.judging import EXCLUDED
from metrics.kinds import Direction
from metrics.replay import Verdict


class Acceptance(NamedTuple):
    """Accept for now: quiet down to ``level`` until ``until`` (a local date). ``since`` is the
    start of the first period that was not judged yet when it was given."""

    level: Decimal
    until: date
    since: date


def _is_worse(verdict: Verdict, level: Decimal, direction: str) -> bool:
    value = verdict.projected
    if value is None:
        return False
    if direction == Direction.LOWER.value:
        return value > level
    if direction == Direction.HIGHER.value:
        return value < level
    rule = verdict.rule
    return rule is not None and rule.distance(value) > rule.distance(level)


def acceptance_ended_by(
    acceptance: Acceptance, direction: str, verdicts: Iterable[Verdict]
) -> Verdict | None:
    """The judged period that ends an acceptance: its value is worse than the level, or its last
    day is after the date. None: the acceptance holds.

    For a range "worse" is farther outside than the level is; of a total, what it comes to at this
    pace. An excluded period does nothing at
    all, here as in the walk.
    """
    for verdict in verdicts:
        is_judged = verdict.streak is not None and verdict.status != EXCLUDED
        if not is_judged or verdict.period.start < acceptance.since:
            continue
        if verdict.period.last_day > acceptance.until or _is_worse(
            verdict, acceptance.level, direction
        ):
            return verdict
    return None


def is_muted(
    now: datetime,
    snoozed_until: datetime | None,
    acceptance: Acceptance | None,
    direction: str,
    verdicts: Iterable[Verdict],
) -> bool:
    """Is the KPI silent at this evaluation? An acceptance that ended must then be forgotten."""
    if snoozed_until is not None and now < snoozed_until:
        return True
    return (
        acceptance is not None and acceptance_ended_by(acceptance, str(direction), verdicts) is None
    )
