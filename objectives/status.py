"""The status of a key result (product.md 2.3), to the last boundary. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from metrics.periods import periods_between
from objectives.kinds import Health, Reported
from objectives.pace import gap
from objectives.progress import ONE, Progress

# A perfectly paced key result trails by up to 1/13 of a quarter before its weekly update.
ON_TRACK_GAP = Decimal("0.10")
BEHIND_GAP = Decimal("0.25")
LATE_START_DAYS = 7


@dataclass(frozen=True, slots=True)
class Facts:
    """What a status is made of; `expected` None means this key result has no pace (a hold).

    A standard is never achieved before its cycle is over: every period to come counts too.
    """

    today: date
    starts_on: date
    ends_on: date
    progress: Progress | None
    expected: Decimal | None = None
    hold: Health | None = None
    is_standard: bool = False
    has_data: bool = True
    is_stale: bool = False
    is_closed: bool = False
    is_withdrawn: bool = False


def status_of(facts: Facts) -> Health:
    """The status by precedence: closed, withdrawn, not started, overdue, stale, no data, achieved,
    and only then how far it is behind its pace."""
    fixed = _outside_the_cycle(facts)
    if fixed is not None:
        return fixed
    if facts.is_stale:
        return Health.STALE
    if not facts.has_data or facts.progress is None:
        return Health.NO_DATA
    if facts.progress.raw >= ONE and not facts.is_standard:
        return Health.ACHIEVED
    if facts.expected is None:
        return facts.hold or Health.ON_TRACK
    return band(gap(facts.expected, facts.progress.ratio))


def _outside_the_cycle(facts: Facts) -> Health | None:
    """What holds whatever the figures say, or None while the cycle runs."""
    if facts.is_closed:
        return Health.CLOSED
    if facts.is_withdrawn:
        return Health.WITHDRAWN
    if facts.today < facts.starts_on:
        return Health.NOT_STARTED
    return Health.OVERDUE if facts.today > facts.ends_on else None


def band(behind: Decimal) -> Health:
    """On track up to 0.10 behind, behind up to 0.25, at risk beyond; the limits included."""
    if behind <= ON_TRACK_GAP:
        return Health.ON_TRACK
    return Health.BEHIND if behind <= BEHIND_GAP else Health.AT_RISK


def hold_band(run: int, needed: int, left: int) -> Health:
    """The status of a hold, which has no straight pace: can it still be reached?

    `left` is how many periods will still be judged before the cycle ends. On track with a period
    to spare, behind when every one left must be on target, at risk when they are not enough.
    """
    spare = run + left - needed
    if run >= needed:
        return Health.ACHIEVED
    if spare > 0:
        return Health.ON_TRACK
    return Health.BEHIND if spare == 0 else Health.AT_RISK


def periods_left(judged_on: date | None, from_on: date, ends_on: date, cadence: str, month: int):
    """How many periods of the cadence after the last judged one end inside the cycle.

    `judged_on` is the first day of the last judged period (None: none yet, so those from `from_on`
    on), `month` the first month of the fiscal year. The period that was running when the objective
    began is among them, since its run counts it too.
    """
    first = from_on if judged_on is None else judged_on + timedelta(days=1)
    after_end = ends_on + timedelta(days=1)
    return sum(1 for p in periods_between(first, after_end, cadence, month) if p.end <= after_end)


def is_late_start(starts_on: date, today: date, *, has_check_in: bool) -> bool:
    """True when a week has gone by since the start without a check-in."""
    return not has_check_in and (today - starts_on).days >= LATE_START_DAYS


def diverges(reported: str, health: Health) -> bool:
    """True when a person says on track where the figures say at risk, or nobody has looked."""
    return reported == Reported.ON_TRACK and health in (Health.AT_RISK, Health.STALE)
