"""The counters of the replay and the episodes they make (signals.md 7, 8 and 10).

One method for each row of the table of signals.md 7; `replay.replay` walks the periods and calls
them. Kept apart because nearly every KPI at nearly every evaluation is quiet and on target, and
then none of this runs.
"""

from datetime import date
from decimal import Decimal

from metrics.checkpoints import day_of, day_text, past_of, past_text
from metrics.episodes import (
    COUNT,
    NEAR_COUNT,
    NEAR_RESET,
    OFF_KIND,
    QUIET,
    RAISED,
    RECOVERED,
    RECOVERING,
    RELAXED,
    REPORTED,
    RESET,
    STALE_KIND,
    WATCHING,
    WITHDRAWN,
    Episode,
    Settings,
    Span,
    Standing,
)
from metrics.judging import Rule, Targets
from metrics.periods import Period
from metrics.severity import CRITICAL, MINOR, grade, highest


class Machine:
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
            self._read_live(live)
        if past:
            self.resolved_at, self.spans = past_of(past)
        if self.window:
            # Earlier settings may have looked at more periods, or at the last ones at all.
            kept = settings.k_of_n[1] if settings.k_of_n else 0
            del self.window[: max(len(self.window) - kept, 0)]

    # -- the rows of the table ------------------------------------------------------------------

    def on_target(self, period: Period, position: int, value: Decimal, rule: Rule) -> None:
        self.gap = self.streak = self.fast = 0
        if self.settings.k_of_n:
            self._slide(period.start, off=False)
        if self.raised is None:
            self._forget()
            return
        self.recovery += 1
        if self.targets.would_miss(self.raised, period.start, value):
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
        """Everything but the ended spans, as text; "" when all is quiet.

        Counters and days, the misses, the window, between semicolons: JSON took twice as long, and
        this is written for every KPI that is not quiet, every period.
        """
        if self.is_idle() or not (self.streak or self.gap or self.raised or self._has_runs()):
            return ""
        counters = (
            f"{self.streak},{self.recovery},{self.gap},{self.fast},{self.relaxed_at},"
            f"{self.off_periods},{self.stale_run},{day_text(self.first)},{day_text(self.raised)},"
            f"{day_text(self.stale_first)},{day_text(self.stale_raised)},{self.severity or ''}"
        )
        if not (self.misses or self.window):
            return f"{counters};;"
        misses = " ".join(["-" if miss is None else str(miss) for miss in self.misses])
        window = " ".join(
            [f"{start},{off:d},{'' if miss is None else miss}" for start, off, miss in self.window]
        )
        return f"{counters};{misses};{window}"

    def _has_runs(self) -> bool:
        return bool(self.window) or self.stale_run > 0

    def _read_live(self, text: str) -> None:
        counters, misses, window = text.split(";")
        *numbers, first, raised, stale_first, stale_raised, severity = counters.split(",")
        self.streak, self.recovery, self.gap, self.fast, self.relaxed_at = map(int, numbers[:5])
        self.off_periods, self.stale_run = int(numbers[5]), int(numbers[6])
        self.first, self.raised = day_of(first), day_of(raised)
        self.stale_first, self.stale_raised = day_of(stale_first), day_of(stale_raised)
        self.severity = severity or None
        self.misses = [None if one == "-" else Decimal(one) for one in misses.split()]
        for one in window.split():
            start, off, miss = one.split(",")
            self.window.append(
                (date.fromisoformat(start), off == "1", Decimal(miss) if miss else None)
            )

    def past(self) -> str:
        """The ended spans of the latest episode and where it resolved: a raise may reopen it."""
        return "" if self.resolved_at is None else past_text(self.resolved_at, self.spans)
