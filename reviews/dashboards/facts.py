"""What the dashboard counts: a KPI and a signal as they stood at the moment it tells of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.evaluation.recent import LETTER_OF, VALUED, RecentPeriod, parse_recent
from metrics.kinds import PeriodStatus
from metrics.models import Signal
from metrics.periods import period_of
from metrics.standpoint import NEAR, OFF, ON
from metrics.wording import periods
from reviews.speed import days_to_decision

DAYS_OF = {"daily": 1, "weekly": 7, "monthly": 30, "quarterly": 91, "yearly": 365}
_MISSING = LETTER_OF[PeriodStatus.MISSING]
JUDGED = frozenset({ON, NEAR, OFF, "stale"})


class TargetFact(NamedTuple):
    """What counts as on target; `value` or `low` and `high`, in the KPI's unit."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    tolerance: Decimal | None = None
    patience: int | None = None
    accumulates: str = ""


class KpiFact(NamedTuple):
    """One KPI: its state (a key of `figures.marks.LOOKS`) and how many periods it has had it.

    `recent` is the text of its last judged periods (`metrics.evaluation.recent`), `kind` its
    cadence, empty without one. `owner` is empty without one, or where the owner left.
    """

    pk: int
    team_id: int
    name: str
    unit: str
    direction: str
    kind: str
    theme: str
    counterpart_id: int | None
    owner: str
    state: str
    length: int
    patience: int
    recent: str
    target: TargetFact | None

    @property
    def url(self) -> str:
        """Its page."""
        return f"/kpis/{self.pk}/"

    @property
    def age(self) -> str:
        """How long it has had its status: `3 months`; empty where that says nothing."""
        return periods(self.length, self.kind) if self.length and self.kind else ""

    @property
    def days(self) -> int:
        """The same, about, in days, to compare cadences."""
        return self.length * DAYS_OF.get(self.kind, 0)

    @property
    def is_judged(self) -> bool:
        """False for one without a target, and for one without data."""
        return self.state in JUDGED

    @property
    def history(self) -> list[RecentPeriod]:
        """Its last judged periods, oldest first."""
        return parse_recent(self.recent)

    @property
    def latest(self) -> Decimal | None:
        """The last value known."""
        found = (one.value for one in reversed(self.history) if one.value is not None)
        return next(found, None)


class SignalFact(NamedTuple):
    """One off-target signal. `first_decided_at` stopped its response clock, None: nothing did.

    `treatment` is the OKR that answers it, empty where none does or it is hidden (`is_hidden`).
    `closed_at` is when that OKR was closed, None while it runs; `grade` what it was closed with,
    0 to 1, None where nothing was graded or it is hidden.
    """

    pk: int
    kpi_id: int
    team_id: int
    kpi: str
    who: str
    opened_at: datetime
    decide_by: date | None
    first_decided_at: datetime | None
    is_open: bool
    is_undecided: bool
    decision: str
    accepted_until: date | None
    treatment: str
    treatment_url: str
    is_hidden: bool
    closed_at: datetime | None
    grade: Decimal | None

    @property
    def url(self) -> str:
        """Its page."""
        return f"/signals/{self.pk}/"

    @property
    def is_treated(self) -> bool:
        """An OKR is answering it: only while that runs the KPI is being addressed."""
        return bool(self.treatment or self.is_hidden) and self.closed_at is None

    @property
    def was_treated(self) -> bool:
        """The OKR that answers it is closed, and nobody decided anew."""
        return self.closed_at is not None and self.decision == Signal.Decision.OKR

    @property
    def days_to_decision(self) -> Decimal | None:
        """From opened to the first decision, in days; None while there is none."""
        return days_to_decision(self.opened_at, self.first_decided_at)


def length_of(recent: str, state: str, since: date | None, kind: str, month: int) -> int:
    """How many periods a KPI has had its state in a row, by its text and `status_since`.

    The text holds the last periods only; where all of them have the state, `since` tells more.
    """
    entries = recent.split(" ") if recent else []
    if state == "stale":
        return _trailing_missing(entries)
    own = LETTER_OF.get(state)
    run, first, last = 0, "", ""
    for entry in reversed(entries):
        letter = entry[10]
        if letter == own:
            run += 1
            first, last = entry, last or entry
        elif letter in VALUED:
            return run
    if run and since is not None and since.isoformat() < first[:10]:
        until, period = date.fromisoformat(last[:10]), period_of(since, kind, month)
        run = 0
        while period.start <= until:
            run, period = run + 1, period_of(period.end, kind, month)
    return run


def _trailing_missing(entries: list[str]) -> int:
    count = 0
    for entry in reversed(entries):
        if entry[10] in VALUED:
            break
        count += entry[10] == _MISSING
    return count
