"""Reads the KPIs of a dashboard, as their state rows say today or as an evaluation found them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from metrics.models import Kpi, Target
from metrics.policies import Terms, in_force, read
from metrics.standpoint import standpoint
from reviews.dashboards.facts import KpiFact, TargetFact, length_of, statuses_of
from reviews.dashboards.scope import Scope

_HAS_DEFINITION = ExpressionWrapper(~Q(definition=""), output_field=BooleanField())
_COLUMNS = (
    *("pk", "team_id", "name", "unit", "direction", "cadence__kind", "theme", "counterpart_id"),
    *("owner__name", "owner__email", "owner__is_active", "source_id", "patience"),
    *("cadence__patience", "cadence__policies", "has_definition"),
    *("state__recent", "state__is_stale", "state__status_since"),
)


class Stood(NamedTuple):
    """How the evaluation of a KPI stood; the fields are those of `KpiState`."""

    recent: str
    is_stale: bool
    status_since: date | None


def visible_kpis(scope: Scope) -> QuerySet:
    """The KPIs in scope that the reader may see and that were there at the moment."""
    rows = Kpi.objects.visible_to(scope.user).filter(scope.within())
    return rows.filter(created_at__lte=scope.moment) if scope.is_past else rows


def count_all(scope: Scope) -> int:
    """How many KPIs there are in scope, hidden ones too."""
    rows = Kpi.objects.filter(scope.within())
    return (rows.filter(created_at__lte=scope.moment) if scope.is_past else rows).count()


def read_kpis(scope: Scope, then: dict[int, Stood] | None) -> list[KpiFact]:
    """The KPIs in the order of their teams' scorecards; `then` replaces today's states."""
    rows = visible_kpis(scope)
    targets = _targets(rows.order_by().values("pk"), scope.on)
    found = rows.annotate(has_definition=_HAS_DEFINITION).order_by("team__name", "position", "pk")
    return [
        _fact(row, targets.get(row.pk), then, scope)
        for row in found.values_list(*_COLUMNS, named=True)
    ]


def _fact(row, target: TargetFact | None, then: dict[int, Stood] | None, scope: Scope) -> KpiFact:
    month = scope.organisation.fiscal_start_month
    stood = Stood(*row[-3:]) if then is None else then.get(row.pk, NEVER)
    kind = row.cadence__kind or ""
    is_judged = bool(row.has_definition and row.source_id and kind and target)
    recent = stood.recent or ""
    at = standpoint(
        statuses_of(recent), kind or None, is_stale=bool(stood.is_stale), is_judged=is_judged
    )
    says_age = at.state in ("off_target", "near_target", "stale")
    own = target.patience if target else None
    return KpiFact(
        row.pk,
        row.team_id,
        row.name,
        row.unit,
        row.direction,
        kind,
        row.theme,
        row.counterpart_id,
        (row.owner__name or row.owner__email or "") if row.owner__is_active else "",
        at.state,
        length_of(recent, at.state, stood.status_since, kind, month) if says_age else 0,
        next((n for n in (own, row.patience, _patience(row, scope.on)) if n is not None), 0),
        recent,
        target,
    )


def _patience(row, day: date) -> int | None:
    """How many periods off target raise a signal, as the cadence says; None without one."""
    if row.cadence__patience is None:
        return None
    preset = Terms(patience=row.cadence__patience)
    return in_force(read(row.cadence__policies), preset, row.team_id, day).patience


NEVER = Stood(recent="", is_stale=False, status_since=None)


def _targets(ids: QuerySet, day: date) -> dict[int, TargetFact]:
    """The target in force on a day by KPI, or the first to come; withdrawn ones left out."""
    rows = Target.objects.filter(kpi__in=ids).order_by("effective_on", "pk")
    found: dict[int, TargetFact | None] = {}
    for row in _rows(rows):
        kpi_id, effective_on, is_withdrawn, *numbers = row
        if effective_on <= day or kpi_id not in found:
            found[kpi_id] = None if is_withdrawn else TargetFact(*numbers)
    return {pk: one for pk, one in found.items() if one is not None}


def _rows(rows: QuerySet) -> Iterable[tuple[int, date, bool, Decimal]]:
    names = ("value", "low", "high", "tolerance", "patience", "accumulates")
    return rows.values_list("kpi_id", "effective_on", "is_withdrawn", *names)
