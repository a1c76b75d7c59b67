"""How long signals waited for a decision, and what became of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce

from metrics.decisions import ACCEPTED, DATA_FIX, DISMISSED, TARGET_REVISED
from metrics.kinds import CadenceKind, SignalKind
from metrics.models import Signal
from metrics.next_target import Choice
from metrics.periods import Period, period_of
from metrics.treatments import OKR_STARTED
from reviews.pages.statistics_facts import Scope
from reviews.speed import days_to_decision, median_days

QUARTERS_SHOWN = 8
# Acknowledging and snoozing put a decision off; these are one.
_DECISIONS = (ACCEPTED, DATA_FIX, DISMISSED, TARGET_REVISED, OKR_STARTED)
BECAME = (
    *("pk", "kpi__name", "kpi__team__name", "opened_at", "first", "decision", "is_open"),
    *("ended_on", "treatment__grade", "treatment__is_private", "treatment__team_id"),
    *("treatment__choice", "treatment__ended_at"),
)


@dataclass(slots=True)
class QuarterFigures:
    """The signals opened in a fiscal quarter: days to the first decision, and those without.

    `hidden` are those on KPIs the reader may not see; they are in nothing else.
    """

    days: list[Decimal] = field(default_factory=list)
    waiting: int = 0
    hidden: int = 0

    @property
    def median(self) -> Decimal | None:
        """The median in days; None without a decision."""
        return median_days(self.days)


def _all_signals(scope: Scope) -> QuerySet:
    rows = Signal.objects.standing().filter(
        kind=SignalKind.OFF_TARGET, kpi__team__organisation=scope.organisation
    )
    return rows if scope.team_ids is None else rows.filter(kpi__team__in=scope.team_ids)


def signals_of(scope: Scope) -> QuerySet:
    """The off-target signals a person may see, the latest first, with their first decision."""
    decided = Min("events__at", filter=Q(events__type__in=_DECISIONS))
    rows = _all_signals(scope).visible_to(scope.user)
    return rows.annotate(first=Coalesce(decided, "decided_at")).order_by("-opened_at", "-pk")


def quarter_figures(scope: Scope) -> dict[Period, QuarterFigures]:
    """The last fiscal quarters with a signal, the latest first. Two queries."""
    month = scope.organisation.fiscal_start_month
    found: dict[Period, QuarterFigures] = defaultdict(QuarterFigures)

    def quarter(at: datetime) -> QuarterFigures:
        day = scope.organisation.today(at)
        return found[period_of(day, CadenceKind.QUARTERLY, month)]

    seen = set()
    for pk, opened_at, first in signals_of(scope).values_list("pk", "opened_at", "first"):
        seen.add(pk)
        days = days_to_decision(opened_at, first)
        if days is None:
            quarter(opened_at).waiting += 1
        else:
            quarter(opened_at).days.append(days)
    for pk, opened_at in _all_signals(scope).order_by().values_list("pk", "opened_at"):
        if pk not in seen:
            quarter(opened_at).hidden += 1
    latest = sorted(found, key=lambda one: one.start, reverse=True)[:QUARTERS_SHOWN]
    return {one: found[one] for one in latest}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one signal; the grade and choice of a private OKR of others are left out."""

    pk: int
    kpi: str
    team: str
    opened_on: date
    days: Decimal | None
    decision: str
    grade: Decimal | None
    ended: str
    choice: str


def became_of(row: dict, scope: Scope, member_of: set[int]) -> Became:
    """One row of `signals_of(...).values(*BECAME)` in words."""
    first, opened = row["first"], row["opened_at"]
    hidden = row["treatment__is_private"] and row["treatment__team_id"] not in member_of
    choice = "" if hidden else _choice(row)
    label = Signal.Decision(row["decision"]).label
    decision = f"{label[:1].upper()}{label[1:]}"
    return Became(
        row["pk"],
        row["kpi__name"],
        row["kpi__team__name"],
        scope.organisation.today(opened),
        days_to_decision(opened, first),
        f"{decision}, private" if hidden else decision,
        None if hidden else row["treatment__grade"],
        "Open" if row["is_open"] else "Resolved",
        choice,
    )


def _choice(row: dict) -> str:
    if row["treatment__choice"]:
        return str(Choice(row["treatment__choice"]).label)
    return "Not chosen yet" if row["treatment__ended_at"] else ""
