"""What a replay speaks of: a KPI's settings, the episodes it finds, where the KPI stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from metrics.kinds import EndReason, MissingPolicy, NearPolicy, SignalKind

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

    ``later`` are the settings that replace these from a day on, each for the periods that start
    then or after, in order; they have none themselves. ``tolerance_pct``, ``fast_pct`` and
    ``fast_patience`` (`policies.Terms`) reach the walk through the targets too; ``answer_days``
    None is the preset of the cadence.
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
    tolerance_pct: Decimal | None = None
    fast_pct: Decimal | None = None
    fast_patience: int | None = None
    answer_days: int | None = None
    later: tuple[tuple[date, Settings], ...] = ()

    def on(self, day: date) -> Settings:
        """The settings of a period that starts on ``day``."""
        found = self
        for effective, settings in self.later:
            if effective > day:
                break
            found = settings
        return found

    def stretches(self) -> Iterator[tuple[Settings, date | None]]:
        """Each set of settings with the first day on which it holds no more (None: it stays)."""
        ends = [day for day, _ in self.later]
        yield from zip(
            [replace(self, later=()), *(one for _, one in self.later)], [*ends, None], strict=True
        )


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


ALL_QUIET = Standing(QUIET)
