"""The replay: from data, targets, exclusions, settings and a moment to states and episodes.

signals.md 7, 8 and 10. Pure: no database, no clock. Periods are walked in order up to the
watermark, the first open or awaiting one. A walk may start from the checkpoint an earlier walk
left; the outcome is the same as walking everything.

What a caller does for one KPI (all arguments but the values may be shared between KPIs)::

    result = replay(
        settings, line, targets,
        values={date(2026, 8, 17): Decimal("12.4")},   # by period start; only those not yet judged
        excluded=frozenset(),                          # starts of excluded periods
        today=reckoned_day(now, zone),
        checkpoint=row.checkpoint,                     # "" walks from the first period
    )
    row.checkpoint = result.checkpoint                 # a short text
    row.state, row.streak = result.standing.state, result.standing.streak
    if result.episodes: ...reconcile(...)              # what is open, or ended in this walk

Targets that accumulate over a window go through `accumulating.run_up` first.

A checkpoint holds for the data it has walked. When a value, target, exclusion or change of cadence
of a period before `judged_until(checkpoint)` changes, or any setting, walk from "" again.

`values` needs the periods from `judged_until(checkpoint)` on; a date that is not in it has no
value. With `want_verdicts=True` the result also lists what was judged, period by period.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from metrics.counting import Machine
from metrics.episodes import (
    ALL_QUIET,
    HOLD,
    OFF_KIND,
    QUIET,
    RAISED,
    RECOVERING,
    STALE_KIND,
    WATCHING,
    Episode,
    Settings,
    Span,
    Standing,
)
from metrics.judging import (
    EXCLUDED,
    MISSING,
    NEAR_TARGET,
    NO_TARGET,
    OFF_TARGET,
    ON_TARGET,
    Rule,
    Targets,
    period_status,
)
from metrics.periods import Period, Timeline

__all__ = [
    "ALL_QUIET",
    "HOLD",
    "OFF_KIND",
    "QUIET",
    "RAISED",
    "RECOVERING",
    "STALE_KIND",
    "WATCHING",
    "Episode",
    "Result",
    "Settings",
    "Span",
    "Standing",
    "Verdict",
    "beyond_watermark",
    "judged_until",
    "replay",
]

_NONE: tuple[Episode, ...] = ()


class Verdict(NamedTuple):
    """What was found for one period. ``streak`` is the one after it, None beyond the watermark;
    ``distance`` is None without a value or a target. Where the target accumulates, ``value`` is
    the running total."""

    period: Period
    value: Decimal | None
    status: str
    distance: Decimal | None
    rule: Rule | None
    streak: int | None

    @property
    def own(self) -> Decimal | None:
        """The value of the period itself."""
        return self.value if self.rule is None else self.rule.own(self.value)

    @property
    def projected(self) -> Decimal | None:
        """The value in the terms of the target as it is stated; None without one."""
        if self.value is None or self.rule is None:
            return self.value
        return self.rule.projected(self.value)


class Result(NamedTuple):
    """What a walk gives: the new checkpoint, where the KPI stands, the episodes that are open or
    were touched in this walk, how many periods it judged, the latest of them with its status and
    value (None: none was judged), and the verdicts if they were asked for."""

    checkpoint: str
    standing: Standing
    episodes: tuple[Episode, ...]
    judged: int
    latest: Period | None
    latest_status: str | None
    latest_value: Decimal | None
    verdicts: list[Verdict]


def judged_until(checkpoint: str) -> date | None:
    """First date after the last period a checkpoint has judged; None: it has judged none."""
    return date.fromisoformat(checkpoint[:10]) if checkpoint else None


def replay(  # noqa: C901 (one loop over periods, kept in one piece for speed)
    settings: Settings,
    line: Timeline,
    targets: Targets,
    values: Mapping[date, Decimal | None],
    excluded: Collection[date],
    today: date,
    checkpoint: str = "",
    *,
    want_verdicts: bool = False,
) -> Result:
    """Walk the periods from a checkpoint ("" for the first) to the watermark.

    ``today`` is `periods.reckoned_day` of the moment of evaluation, ``excluded`` the starts of
    excluded periods. The result depends on nothing else.

    Nearly every step of nearly every KPI finds a quiet KPI on target, which changes nothing but
    the position. So the loop judges in place and calls the machine only when there is something
    to count; the machine is not even read from its text before.
    """
    if settings.later:
        return _in_stretches(
            settings, line, targets, values, excluded, today, checkpoint, want_verdicts
        )
    if checkpoint:
        until_text, position_text, live, past, *_ = checkpoint.split("/")
        until = date.fromisoformat(until_text)
        position = int(position_text)
    else:
        until, position, live, past = line.first, 0, "", ""
    periods = line.closed(until, today)
    idle = not live and not settings.k_of_n
    machine = None if idle else Machine(settings, targets, live, past)
    # A value settles, and a hole waits, until so many days after the end.
    settled = _before(today, settings.settle_days)
    waited = _before(today, settings.grace_days)
    restarts = line.restarts
    effective = targets.effective
    only_rule = targets.rules[0] if len(effective) == 1 else None
    verdicts: list[Verdict] = []
    started_at = position
    latest: Period | None = None
    status = value = rule = None

    for period in periods:
        _, start, end = period
        found = values.get(start)
        if excluded and start in excluded:
            status_now = EXCLUDED
            rule = None
        else:
            if end > (waited if found is None else settled):
                break
            if only_rule is not None:
                rule = only_rule if start >= effective[0] else None
            else:
                rule = targets.in_force(start)
            if found is None:
                status_now = MISSING
            elif rule is None:
                status_now = NO_TARGET
            else:
                status_now = rule.status(found)
        if restarts and start in restarts and machine is not None:
            machine.restart()
            idle = machine.is_idle()
        value, status, latest = found, status_now, period
        if not idle or not (
            status_now is ON_TARGET or status_now is EXCLUDED or status_now is NO_TARGET
        ):
            if machine is None:
                machine = Machine(settings, targets, live, past)
            if status_now is not EXCLUDED:
                machine.hear(period, missing=status_now is MISSING)
                if status_now is ON_TARGET:
                    machine.on_target(period, position, found, rule)  # type: ignore[arg-type]
                elif status_now is OFF_TARGET:
                    machine.off_target(period, position, found, rule)  # type: ignore[arg-type]
                elif status_now is NEAR_TARGET:
                    machine.near_target(period, position, found, rule)  # type: ignore[arg-type]
                elif status_now is MISSING:
                    machine.missing(period, position, rule)
                else:
                    machine.no_target(period, position)
                idle = machine.is_idle()
        position += 1
        if want_verdicts:
            streak = 0 if machine is None else machine.streak
            verdicts.append(_verdict(period, found, status_now, rule, streak))

    judged = position - started_at
    if latest is not None:
        until = latest.end
    if machine is None:
        text = f"{until.isoformat()}/{position}//{past}" if judged else checkpoint
        if targets.windows and judged:
            text = f"{text}/{targets.carried(latest.start)}"
        return Result(text, ALL_QUIET, _NONE, judged, latest, status, value, verdicts)
    episodes = machine.all_episodes()
    text = checkpoint
    if judged:
        text = f"{until.isoformat()}/{position}/{machine.live()}/{machine.past()}"
        if targets.windows:
            text = f"{text}/{targets.carried(latest.start)}"
    standing = machine.standing()
    return Result(text, standing, episodes, judged, latest, status, value, verdicts)


class _Until:
    """A timeline that ends before the periods that start on ``stop`` or after."""

    __slots__ = ("_line", "_stop", "first", "restarts")

    def __init__(self, line: Timeline, stop: date) -> None:
        self._line, self._stop = line, stop
        self.first, self.restarts = line.first, line.restarts

    def closed(self, after: date, today: date) -> list[Period]:
        """As `Timeline.closed`."""
        return [one for one in self._line.closed(after, today) if one.start < self._stop]


def _in_stretches(
    settings: Settings,
    line: Timeline,
    targets: Targets,
    values: Mapping[date, Decimal | None],
    excluded: Collection[date],
    today: date,
    checkpoint: str,
    want_verdicts: bool,
) -> Result:
    """Walk one stretch of settings after the other, each from the checkpoint of the one before.

    Each period is counted by the settings in force on its first day. A window "k of the last n"
    counts from the day it came into force.
    """
    until = judged_until(checkpoint) or line.first
    result = last = None
    episodes: dict[tuple[str, date], Episode] = {}
    verdicts: list[Verdict] = []
    judged = 0
    for own, stop in settings.stretches():
        if stop is not None and stop <= until:
            continue
        part = line if stop is None else _Until(line, stop)
        closed = len(part.closed(until, today))
        result = replay(
            own, part, targets, values, excluded, today, checkpoint, want_verdicts=want_verdicts
        )
        # What goes on in this stretch replaces what it was in the one before.
        episodes |= {(one.kind, one.first): one for one in result.episodes}
        verdicts += result.verdicts
        judged += result.judged
        last = result if result.judged else last
        checkpoint = result.checkpoint
        until = judged_until(checkpoint) or line.first
        if result.judged < closed or stop is None or stop > today:
            break
    assert result is not None
    newest = last or result
    return result._replace(
        episodes=tuple(episodes.values()),
        judged=judged,
        latest=newest.latest,
        latest_status=newest.latest_status,
        latest_value=newest.latest_value,
        verdicts=verdicts,
    )


@lru_cache(maxsize=1024)
def _before(today: date, days: int) -> date:
    """So many days before; every KPI of a batch asks for the same few."""
    return today - timedelta(days=days)


def _verdict(
    period: Period, value: Decimal | None, status: str, rule: Rule | None, streak: int | None
) -> Verdict:
    distance = None if value is None or rule is None else rule.distance(value)
    return Verdict(period, value, status, distance, rule, streak)


def beyond_watermark(
    settings: Settings,
    line: Timeline,
    targets: Targets,
    values: Mapping[date, Decimal | None],
    excluded: Collection[date],
    today: date,
    checkpoint: str,
) -> list[Verdict]:
    """The periods after the walk: closed but not counted yet, then the running one (signals.md 7).

    They show a status; their ``streak`` is None, and a running period is never judged.
    """
    until = judged_until(checkpoint) or line.first
    verdicts = []
    period = line.next_after(until)
    while period.start <= today:
        value = values.get(period.start)
        rule = targets.in_force(period.start)
        own = settings.on(period.start) if settings.later else settings
        status = period_status(
            period,
            value,
            rule,
            excluded=period.start in excluded,
            grace_days=own.grace_days,
            settle_days=own.settle_days,
            today=today,
        )
        verdicts.append(_verdict(period, value, status, rule, None))
        period = line.next_after(period.end)
    return verdicts
