"""Taking periods out of the judging, and starting the natural limits anew."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from metrics.actions.history import write_history
from metrics.due import mark_due
from metrics.models import Exclusion, Kpi
from metrics.periods import Period
from teams.models import User


@transaction.atomic
def exclude_period(
    kpi: Kpi, period: Period, *, reason: str, actor: User | None, now: datetime
) -> Exclusion:
    """Take a period out of the judging; a period that is out already stays as it is."""
    exclusion, is_new = Exclusion.objects.get_or_create(
        kpi=kpi,
        cadence_kind=period.cadence,
        period_on=period.start,
        lifted_at=None,
        defaults={"reason": reason, "author": actor, "created_at": now},
    )
    if is_new:
        _log(kpi, "period_excluded", exclusion, reason=reason, actor=actor, now=now)
    return exclusion


@transaction.atomic
def lift_exclusion(
    kpi: Kpi, period: Period, *, reason: str, actor: User | None, now: datetime
) -> None:
    """Judge an excluded period again; the exclusion stays in the history."""
    standing = Exclusion.objects.select_for_update(of=("self",)).filter(
        kpi=kpi, cadence_kind=period.cadence, period_on=period.start, lifted_at=None
    )
    exclusion = standing.first()
    if exclusion is None:
        return
    standing.update(lifted_at=now, lifted_by=actor)
    _log(kpi, "exclusion_lifted", exclusion, reason=reason, actor=actor, now=now)


@transaction.atomic
def rebase_limits(
    kpi: Kpi, *, starts_on: date, reason: str, actor: User | None, now: datetime
) -> None:
    """Compute the natural limits from the periods starting on or after a date (signals.md 11)."""
    stored = Kpi.objects.select_for_update(of=("self",), no_key=True).get(pk=kpi.pk)
    if stored.limits_from == starts_on:
        return
    Kpi.objects.filter(pk=kpi.pk).update(limits_from=starts_on)
    kpi.limits_from = starts_on
    write_history(
        kpi,
        "limits_rebased",
        actor=actor,
        now=now,
        reason=reason,
        before={"limits_from": stored.limits_from},
        after={"limits_from": starts_on},
    )
    mark_due([kpi.pk], now, dirty_from=starts_on, author=actor)


def _log(
    kpi: Kpi, kind: str, exclusion: Exclusion, *, reason: str, actor: User | None, now: datetime
) -> None:
    write_history(
        kpi,
        kind,
        actor=actor,
        now=now,
        reason=reason,
        after={"period": exclusion.period_on, "cadence": exclusion.cadence_kind},
    )
    mark_due([kpi.pk], now, dirty_from=exclusion.period_on, author=actor)
