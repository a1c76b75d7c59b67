"""Setting, revising and withdrawing a target. Rows are never edited: a later one replaces."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from metrics.accumulating import window_start
from metrics.actions.history import write_history
from metrics.due import mark_due
from metrics.models import Kpi, Target
from teams.models import User

NUMBERS = (
    "value",
    "low",
    "high",
    "tolerance",
    "tolerance_pct",
    "patience",
    "recovery",
    "fast_gap",
    "fast_patience",
    "accumulates",
)


@transaction.atomic
def revise_target(
    kpi: Kpi,
    *,
    effective_on: date,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    tolerance: Decimal | None = None,
    tolerance_pct: Decimal | None = None,
    patience: int | None = None,
    recovery: int | None = None,
    fast_gap: Decimal | None = None,
    fast_patience: int | None = None,
    accumulates: str = "",
    reason: str = "",
    actor: User | None,
    now: datetime,
) -> Target:
    """Put another target in force from a date on; returns the row that holds it.

    `value` for a one-sided KPI, `low` and `high` for a range, in the KPI's unit; `accumulates` is
    the fiscal window for whose total the value is, "" for each period by itself. Saying the same
    again for the same date (a form sent twice) returns the row that is there.
    """
    numbers = {
        "effective_on": effective_on,
        "value": value,
        "low": low,
        "high": high,
        "tolerance": tolerance,
        "tolerance_pct": tolerance_pct,
        "patience": patience,
        "recovery": recovery,
        "fast_gap": fast_gap,
        "fast_patience": fast_patience,
        "accumulates": accumulates,
    }
    return _put(kpi, numbers, reason=reason, actor=actor, now=now)


@transaction.atomic
def withdraw_target(
    kpi: Kpi, *, effective_on: date, reason: str, actor: User | None, now: datetime
) -> Target:
    """End the judging from a date on; an open signal resolves as withdrawn, not as recovered."""
    numbers = {"effective_on": effective_on, "is_withdrawn": True}
    return _put(kpi, numbers, reason=reason, actor=actor, now=now)


def _put(kpi: Kpi, numbers: dict, *, reason: str, actor: User | None, now: datetime) -> Target:
    """Add the row unless it only repeats the one that holds from that date."""
    Kpi.objects.select_for_update(of=("self",), no_key=True).get(pk=kpi.pk)
    standing = target_on(kpi, numbers["effective_on"])
    if standing is not None and standing.effective_on == numbers["effective_on"]:
        wanted = {name: numbers.get(name) for name in NUMBERS}
        wanted["accumulates"] = wanted["accumulates"] or ""
        if wanted == _numbers(standing) and standing.is_withdrawn == bool(
            numbers.get("is_withdrawn")
        ):
            return standing
    target = add_target(kpi, numbers, before=standing, reason=reason, actor=actor, now=now)
    mark_due([kpi.pk], now, dirty_from=_judged_anew_from(target), author=actor)
    return target


def _judged_anew_from(target: Target) -> date:
    """The first day the target changes anything about; a total counts from its window's start."""
    if not target.accumulates:
        return target.effective_on
    month = target.kpi.team.organisation.fiscal_start_month
    return window_start(target.effective_on, target.accumulates, month)


def add_target(
    kpi: Kpi,
    numbers: dict,
    *,
    before: Target | None = None,
    reason: str = "",
    actor: User | None,
    now: datetime,
) -> Target:
    """Append a target row and its history row."""
    target = Target.objects.create(kpi=kpi, author=actor, reason=reason, created_at=now, **numbers)
    kind = "target_revised" if before is not None and not before.is_withdrawn else "target_set"
    write_history(
        kpi,
        "target_withdrawn" if target.is_withdrawn else kind,
        actor=actor,
        now=now,
        reason=reason,
        before=_said(before),
        after=_said(target) | {"effective_on": target.effective_on},
    )
    return target


def target_on(kpi: Kpi, day: date) -> Target | None:
    """The row in force on a day, a withdrawn one included; None before the first."""
    rows = Target.objects.filter(kpi=kpi, effective_on__lte=day)
    return rows.order_by("-effective_on", "-pk").first()


def _numbers(target: Target) -> dict:
    return {name: getattr(target, name) for name in NUMBERS}


def _said(target: Target | None) -> dict:
    """The numbers of a target that were given."""
    if target is None:
        return {}
    return {name: number for name, number in _numbers(target).items() if number not in (None, "")}
