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

A checkpoint holds for the data it has walked. When a value, target, exclusion or change of cadence
of a period before `judged_until(checkpoint)` changes, or any setting, walk from "" again.

`values` needs the periods from `judged_until(checkpoint)` on; a date that is not in it has no
value. With `want_verdicts=True` the result also lists what was judged, period by period.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from json import JSONDecoder, JSONEncoder
from typing import Any, NamedTuple

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
from metrics.kinds import EndReason, MissingPolicy, NearPolicy, SignalKind
from metrics.periods import Period, Timeline
from metrics.severity import CRITICAL, MINOR, grade, highest

HOLD = MissingPolicy.HOLD.value
RESET = MissingPolicy.RESET.value
COUNT = MissingPolicy.COUNT.value
NEAR_RESET = NearPolicy.RESET.value
NEAR_COUNT = NearPolicy.COUNT.value

OFF_KIND = SignalKind.OFF_TARGET.value
STALE_KIND = SignalKind.DATA_STALE.value

RECOVERED = EndReason.RECOVERED.value
RELAXED = EndReason.STANDARD_RELAXED.value
WITHDRAWN = EndReason.STANDARD_WITHDRAWN.value
REPORTED = EndReason.REPORTED.value

QUIET = "quiet"
WATCHING = "watching"
RAISED = "raised"
RECOVERING = "recovering"


@dataclass(frozen=True, slots=True)
class Settings:
    """A KPI's settings (signals.md 3; the presets of 16 where one number serves all cadences).

    ``patience`` N and ``recovery`` M reach the walk through the compiled targets, which may
    override them. ``reopen_window`` None means 2 × N. ``k_of_n`` (k, n) replaces "N in a row" by
    "k of the last n judged periods with a value"; its n is then the N of severity and reopening.
    """

    patience: int = 3
    recovery: int = 2
    grace_days: int = 0
    settle_days: int = 0
    near_policy: str = HOLD
    missing_policy: str = HOLD
    max_gap: int = 1
    stale_after: int = 2
    reopen_window: int | None = None
    k_of_n: tuple[int, int] | None = None


class Span(NamedTuple):
    """One stretch of an episode, by period starts.

    ``first`` is its first off (or missing) period, ``raised`` the period that completed the raise,
    ``ended`` the one that completed the end and ``until`` the first date after it (None: open).
    ``off_periods`` counts what the severity counts.
    """

    first: date
    raised: date
    ended: date | None
    until: date | None
    reason: str | None
    severity: str
    off_periods: int


class Episode(NamedTuple):
    """One replayed episode of one kind: a first span and, for each relapse, one more."""

    kind: str
    spans: tuple[Span, ...]

    @property
    def first(self) -> date:
        """Start of the first off period: where the episode's range begins."""
        return self.spans[0].first

    @property
    def until(self) -> date | None:
        """First date after the range; None while open."""
        return self.spans[-1].until

    @property
    def is_open(self) -> bool:
        return self.spans[-1].ended is None

    @property
    def severity(self) -> str:
        """The grade of the latest span."""
        return self.spans[-1].severity


class Standing(NamedTuple):
    """Where a KPI stands after its latest judged period: its state and counters."""

    state: str
    streak: int = 0
    recovery: int = 0
    gap: int = 0
    fast: int = 0
    severity: str | None = None
    is_stale: bool = False


class Verdict(NamedTuple):
    """What was found for one period. ``streak`` is the one after it, None beyond the watermark;
    ``distance`` is None without a value or a target."""

    period: Period
    value: Decimal | None
    status: str
    distance: Decimal | None
    rule: Rule | None
    streak: int | None


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


ALL_QUIET = Standing(QUIET)
_NONE: tuple[Episode, ...] = ()
_encode = JSONEncoder(separators=(",", ":")).encode
_decode = JSONDecoder().decode


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _texts(misses: list[Decimal | None]) -> list[str | None]:
    return [None if miss is None else str(miss) for miss in misses]


def _decimals(texts: list[str | None]) -> list[Decimal | None]:
    return [None if text is None else Decimal(text) for text in texts]


class _Machine:
    """The counters of signals.md 7 and 8 and the episodes they make, one period at a time.

    There is one method for each row of the table. ``misses`` belong to the off periods that a
    raise would take into its span, and after it to those of the open span until that is critical:
    no grade is higher, so none is needed after.
    """

    __slots__ = (
        "episodes",
        "fast",
        "first",
        "gap",
        "misses",
        "off_periods",
        "raised",
        "recovery",
        "relaxed_at",
        "resolved_at",
        "settings",
        "severity",
        "spans",
        "stale_first",
        "stale_raised",
        "stale_run",
        "streak",
        "targets",
        "touched",
        "window",
    )

    def __init__(self, settings: Settings, targets: Targets, live: str, past: str) -> None:
        self.settings = settings
        self.targets = targets
        self.streak = self.recovery = self.gap = self.fast = 0
        # The recovery counter at the last value that the target in force at the raise would have
        # found off target; 0 if there is none in this recovery.
        self.relaxed_at = 0
        self.first: date | None = None  # first off period of the streak or of the open span
        self.misses: list[Decimal | None] = []
        self.off_periods = 0
        self.raised: date | None = None  # raise period of the open span; None: nothing is open
        self.severity: str | None = None
        self.window: list[tuple[date, bool, Decimal | None]] = []  # (start, off?, miss), k of n
        self.stale_run = 0
        self.stale_first: date | None = None
        self.stale_raised: date | None = None
        self.spans: tuple[Span, ...] = ()  # ended spans of the latest off-target episode
        self.resolved_at: int | None = None  # position of the latest resolution
        self.episodes: list[Episode] = []
        self.touched = False
        if live:
            self._read_live(_decode(live))
        if past:
            self._read_past(_decode(past))

    # -- the rows of the table ------------------------------------------------------------------

    def on_target(self, period: Period, position: int, value: Decimal, rule: Rule) -> None:
        self.gap = self.streak = self.fast = 0
        if self.settings.k_of_n:
            self._slide(period.start, off=False)
        if self.raised is None:
            self._forget()
            return
        self.recovery += 1
        at_raise = self.targets.in_force(self.raised)
        if at_raise is not rule and at_raise is not None and at_raise.status(value) == OFF_TARGET:
            self.relaxed_at = self.recovery
        if self.recovery >= rule.recovery:
            relaxed = self.relaxed_at > self.recovery - rule.recovery
            self._resolve(period, position, RELAXED if relaxed else RECOVERED)

    def near_target(self, period: Period, position: int, value: Decimal, rule: Rule) -> None:
        policy = self.settings.near_policy
        if self.settings.k_of_n:
            self._slide(period.start, off=False)
        if policy == NEAR_COUNT:
            self.gap = 0
            self._count(period, position, value, rule, may_complete_k=False)
            return
        self.gap = self.recovery = self.relaxed_at = self.fast = 0
        if policy == NEAR_RESET:
            self.streak = 0
            self._forget()

    def off_target(self, period: Period, position: int, value: Decimal, rule: Rule) -> None:
        self.gap = 0
        if self.settings.k_of_n:
            self._slide(period.start, off=True, miss=rule.miss(value))
        self._count(period, position, value, rule, may_complete_k=True)

    def missing(self, period: Period, position: int, rule: Rule | None) -> None:
        settings = self.settings
        self.gap += 1
        if self.gap > settings.max_gap:
            self.window.clear()
        if settings.missing_policy == COUNT and rule is not None:
            self._count(period, position, None, rule, may_complete_k=False)
        elif settings.missing_policy == RESET or self.gap > settings.max_gap:
            self.streak = self.recovery = self.relaxed_at = self.fast = 0
            self._forget()

    def no_target(self, period: Period, position: int) -> None:
        self.restart()
        if self.raised is not None:
            self._resolve(period, position, WITHDRAWN)

    def restart(self) -> None:
        """A new cadence begins: counters restart, an open signal stays (signals.md 4.6)."""
        self.streak = self.recovery = self.relaxed_at = self.gap = self.fast = 0
        self.window.clear()
        self._forget()

    # -- what the rows share --------------------------------------------------------------------

    def _forget(self) -> None:
        """The streak is over: what a raise would have taken into its span is not off any more."""
        if self.raised is None and self.first is not None:
            self.first = None
            self.misses = []
            self.off_periods = 0

    def _slide(self, start: date, *, off: bool, miss: Decimal | None = None) -> None:
        self.window.append((start, off, miss))
        if len(self.window) > self.settings.k_of_n[1]:  # type: ignore[index]
            del self.window[0]

    def _patience(self, rule: Rule) -> int:
        return self.settings.k_of_n[1] if self.settings.k_of_n else rule.patience

    def _count(
        self,
        period: Period,
        position: int,
        value: Decimal | None,
        rule: Rule,
        *,
        may_complete_k: bool,
    ) -> None:
        """An off-target period, or one that the policies count as such (``value`` None: a hole)."""
        self.recovery = self.relaxed_at = 0
        self.streak += 1
        lane = rule.fast_patience
        self.fast = self.fast + 1 if lane and value is not None and rule.is_fast(value) else 0
        fast = bool(lane) and self.fast >= lane  # type: ignore[operator]
        if self.first is None:
            self.first = period.start
        self.off_periods += 1
        if self.severity != CRITICAL:
            self.misses.append(None if value is None else rule.miss(value))
        if self.raised is not None:
            self._grade(rule, fast=fast, relapse=False)
        elif fast or self._is_long_enough(rule, may_complete_k):
            self._raise(period, position, rule, fast=fast)

    def _is_long_enough(self, rule: Rule, may_complete_k: bool) -> bool:
        if not self.settings.k_of_n:
            return self.streak >= rule.patience
        return may_complete_k and sum(off for _, off, _ in self.window) >= self.settings.k_of_n[0]

    def _raise(self, period: Period, position: int, rule: Rule, *, fast: bool) -> None:
        within = self.settings.reopen_window
        if within is None:
            within = 2 * self._patience(rule)
        relapse = (
            self.resolved_at is not None
            and self.spans[-1].reason != WITHDRAWN
            and position - self.resolved_at <= within
        )
        ended = self.spans[-1].until if self.spans else None
        if not relapse:
            self._emit()
            self.spans = ()
        # k of n: the span begins with the earliest off period in the window, but never reaches back
        # into a span that has ended.
        window_off = [
            (start, miss)
            for start, off, miss in self.window
            if off and (ended is None or start >= ended)
        ]
        if window_off:
            self.first = window_off[0][0]
            self.misses = [miss for _, miss in window_off]
            self.off_periods = len(window_off)
        self.raised = period.start
        self.severity = None
        self._grade(rule, fast=fast, relapse=relapse)

    def _grade(self, rule: Rule, *, fast: bool, relapse: bool) -> None:
        if self.severity == CRITICAL:
            return
        known = [miss for miss in self.misses if miss is not None]
        now = grade(known, self.off_periods, self._patience(rule), fast=fast, relapse=relapse)
        self.severity = highest(self.severity, now)
        if self.severity == CRITICAL:
            self.misses = []

    def _span(self, ended: date | None, until: date | None, reason: str | None) -> Span:
        assert self.first is not None
        assert self.raised is not None
        assert self.severity is not None
        return Span(self.first, self.raised, ended, until, reason, self.severity, self.off_periods)

    def _resolve(self, period: Period, position: int, reason: str) -> None:
        self.spans = (*self.spans, self._span(period.start, period.end, reason))
        self.resolved_at = position
        self.raised = self.severity = None
        self.recovery = self.relaxed_at = 0
        self.touched = True
        self._forget()

    def _emit(self) -> None:
        """Give out the latest off-target episode if it is open or changed in this walk."""
        if self.raised is not None:
            self.episodes.append(Episode(OFF_KIND, (*self.spans, self._span(None, None, None))))
        elif self.touched:
            self.episodes.append(Episode(OFF_KIND, self.spans))
        self.touched = False

    def hear(self, period: Period, *, missing: bool) -> None:
        """Staleness: one more judged period that was not excluded (signals.md 8)."""
        if missing:
            self.stale_run += 1
            if self.stale_first is None:
                self.stale_first = period.start
            if self.stale_raised is None and self.stale_run >= self.settings.stale_after:
                self.stale_raised = period.start
            return
        if self.stale_raised is not None:
            self.episodes.append(self._stale_episode(period.start, period.end, REPORTED))
        self.stale_run = 0
        self.stale_first = self.stale_raised = None

    def _stale_episode(self, ended: date | None, until: date | None, reason: str | None) -> Episode:
        assert self.stale_first is not None
        assert self.stale_raised is not None
        span = Span(
            self.stale_first, self.stale_raised, ended, until, reason, MINOR, self.stale_run
        )
        return Episode(STALE_KIND, (span,))

    # -- in and out -----------------------------------------------------------------------------

    def is_idle(self) -> bool:
        """Would an on-target or excluded period change nothing?"""
        return (
            self.raised is None
            and not self.streak
            and not self.stale_run  # and so no gap, which is never longer
            and not self.settings.k_of_n
        )

    def standing(self) -> Standing:
        if self.raised is not None:
            state = RECOVERING if self.recovery else RAISED
        else:
            state = WATCHING if self.streak else QUIET
        return Standing(
            state,
            self.streak,
            self.recovery,
            self.gap,
            self.fast,
            self.severity,
            self.stale_raised is not None,
        )

    def all_episodes(self) -> tuple[Episode, ...]:
        self._emit()
        if self.stale_raised is not None:
            self.episodes.append(self._stale_episode(None, None, None))
        return tuple(self.episodes)

    def live(self) -> str:
        """Everything but the ended spans, as text; "" when all is quiet."""
        if self.is_idle() or not (self.streak or self.gap or self.raised or self._has_runs()):
            return ""
        return _encode(
            [
                self.streak,
                self.recovery,
                self.gap,
                self.fast,
                self.relaxed_at,
                _iso(self.first),
                _texts(self.misses),
                self.off_periods,
                _iso(self.raised),
                self.severity,
                [
                    [_iso(start), off, str(miss) if miss is not None else None]
                    for start, off, miss in self.window
                ],
                self.stale_run,
                _iso(self.stale_first),
                _iso(self.stale_raised),
            ]
        )

    def _has_runs(self) -> bool:
        return bool(self.window) or self.stale_run > 0

    def _read_live(self, fields: list[Any]) -> None:
        self.streak, self.recovery, self.gap, self.fast, self.relaxed_at = fields[:5]
        self.first = _day(fields[5])
        self.misses = _decimals(fields[6])
        self.off_periods = fields[7]
        self.raised = _day(fields[8])
        self.severity = fields[9]
        self.window = [
            (date.fromisoformat(start), off, None if miss is None else Decimal(miss))
            for start, off, miss in fields[10]
        ]
        self.stale_run = fields[11]
        self.stale_first = _day(fields[12])
        self.stale_raised = _day(fields[13])

    def past(self) -> str:
        """The ended spans of the latest episode and where it resolved: a raise may reopen it."""
        if self.resolved_at is None:
            return ""
        return _encode(
            [
                self.resolved_at,
                [
                    [
                        _iso(span.first),
                        _iso(span.raised),
                        _iso(span.ended),
                        _iso(span.until),
                        span.reason,
                        span.severity,
                        span.off_periods,
                    ]
                    for span in self.spans
                ],
            ]
        )

    def _read_past(self, fields: list[Any]) -> None:
        self.resolved_at = fields[0]
        self.spans = tuple(
            Span(
                date.fromisoformat(first),
                date.fromisoformat(raised),
                _day(ended),
                _day(until),
                reason,
                severity,
                off_periods,
            )
            for first, raised, ended, until, reason, severity, off_periods in fields[1]
        )


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
    if checkpoint:
        until_text, position_text, live, past = checkpoint.split("/")
        until = date.fromisoformat(until_text)
        position = int(position_text)
    else:
        until, position, live, past = line.first, 0, "", ""
    periods = line.closed(until, today)
    idle = not live and not settings.k_of_n
    machine = None if idle else _Machine(settings, targets, live, past)
    # A value settles, and a hole waits, until so many days after the end.
    settled = today - timedelta(days=settings.settle_days) if settings.settle_days else today
    waited = today - timedelta(days=settings.grace_days) if settings.grace_days else today
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
                machine = _Machine(settings, targets, live, past)
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
        return Result(text, ALL_QUIET, _NONE, judged, latest, status, value, verdicts)
    episodes = machine.all_episodes()
    text = checkpoint
    if judged:
        text = f"{until.isoformat()}/{position}/{machine.live()}/{machine.past()}"
    standing = machine.standing()
    return Result(text, standing, episodes, judged, latest, status, value, verdicts)


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
        status = period_status(
            period,
            value,
            rule,
            excluded=period.start in excluded,
            grace_days=settings.grace_days,
            settle_days=settings.settle_days,
            today=today,
        )
        verdicts.append(_verdict(period, value, status, rule, None))
        period = line.next_after(period.end)
    return verdicts
