"""Reads the KPIs of a dashboard, as their state rows say today or as an evaluation found them.

One statement for all of them, whose rows become facts: the state row by the KPI's key, the target
in force by `target_by_date`, one look-up each (two where a join compares what it looked up).
"""

# ruff: noqa: S608 (what is joined into a query here are our own subqueries of ids and days)

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import QuerySet

from metrics.evaluation.recent import STATUS_OF, VALUED, parse_recent
from metrics.evaluation.sql import as_day, decimal, fetch, number
from metrics.kinds import PeriodStatus
from metrics.models import Cadence, Kpi
from metrics.policies import Entry, Own, Terms, in_force, own_on, read
from metrics.standpoint import NEAR, NO_TARGET, OFF
from objectives.rolled_up_sql import chosen_ids, day_literal
from reviews.dashboards.facts import KpiFact, TargetFact, length_of
from reviews.dashboards.scope import Scope
from teams.models import Organisation

_WITH_AGE = frozenset({OFF, NEAR, "stale"})
_COLUMNS = f"""k.id, k.team_id, k.name, k.unit, k.direction, COALESCE(c.kind, ''), k.theme,
    k.counterpart_id, CASE WHEN u.is_active THEN COALESCE(NULLIF(u.name, ''), u.email, '')
    ELSE '' END, k.patience, k.policies, k.cadence_id,
    k.definition <> '' AND k.source_id IS NOT NULL AND c.kind IS NOT NULL,
    s.recent, s.is_stale, CAST(s.status_since AS text), t.is_withdrawn, {number("t.value")},
    {number("t.low")}, {number("t.high")}, {number("t.tolerance")}, t.patience, t.accumulates"""
_TARGET = """COALESCE(
    (SELECT a.id FROM metrics_target a WHERE a.kpi_id = k.id AND a.effective_on <= {day}
        ORDER BY a.effective_on DESC, a.id DESC LIMIT 1),
    (SELECT b.id FROM metrics_target b WHERE b.kpi_id = k.id
        ORDER BY b.effective_on, b.id LIMIT 1))"""


class Stood(NamedTuple):
    """How the evaluation of a KPI stood; the fields are those of `KpiState`."""

    recent: str
    is_stale: bool
    status_since: date | None

    @property
    def value(self) -> Decimal | None:
        """The last value known of a period that was not left out."""
        for one in reversed(parse_recent(self.recent)):
            if one.value is not None and one.status != PeriodStatus.EXCLUDED:
                return one.value
        return None


NEVER = Stood(recent="", is_stale=False, status_since=None)


def visible_kpis(scope: Scope) -> QuerySet:
    """The KPIs in scope that the reader may see and that were there at the moment."""
    rows = Kpi.objects.visible_to(scope.user).filter(scope.within())
    return rows.filter(created_at__lte=scope.moment) if scope.is_past else rows


def count_all(scope: Scope) -> int:
    """How many KPIs there are in scope, hidden ones too."""
    rows = Kpi.objects.filter(scope.within())
    return (rows.filter(created_at__lte=scope.moment) if scope.is_past else rows).count()


def read_kpis(scope: Scope, then: dict[int, Stood] | None) -> list[KpiFact]:
    """The KPIs in scope that the reader may see; `then` replaces today's states."""
    return facts_of(visible_kpis(scope), scope.organisation, scope.on, then)


def facts_of(
    kpis: QuerySet, organisation: Organisation, on: date, then: dict[int, Stood] | None
) -> list[KpiFact]:
    """KPIs of an organisation in the order of their teams' scorecards: two queries.

    They are as today's state rows say, or as `then` says they stood on the day: one that is not in
    it had nothing judged.
    """
    chosen, parameters = chosen_ids(kpis)
    rows = fetch(
        f"WITH aim AS MATERIALIZED (SELECT k.id, {_TARGET.format(day=day_literal(on))} AS"
        f" target_id FROM metrics_kpi k WHERE k.id IN ({chosen}))"
        f" SELECT {_COLUMNS} FROM aim JOIN metrics_kpi k ON k.id = aim.id"
        " JOIN teams_team o ON o.id = k.team_id"
        " LEFT JOIN metrics_cadence c ON c.id = k.cadence_id"
        " LEFT JOIN teams_user u ON u.id = k.owner_id"
        " LEFT JOIN metrics_kpistate s ON s.kpi_id = k.id"
        " LEFT JOIN metrics_target t ON t.id = aim.target_id"
        " ORDER BY o.name, k.position, k.id",
        parameters,
    )
    patience = _Patience(organisation, on)
    month = organisation.fiscal_start_month
    found = []
    for row in rows:
        pk, team_id, name, unit, direction, kind, theme, counterpart_id, owner = row[:9]
        own_patience, said, cadence_id, is_complete, recent, is_stale, since = row[9:16]
        if then is not None:
            recent, is_stale, status_since = then.get(pk, NEVER)
        else:
            status_since = as_day(since) if since else None
        if said:
            own_patience = own_on(Own(patience=own_patience), said, on).patience
        target = _target(*row[17:]) if row[16] == 0 else None
        recent = recent or ""
        is_judged = bool(is_complete and target)
        state = state_of(recent, is_stale=bool(is_stale), is_judged=is_judged)
        length = 0
        if state in _WITH_AGE:
            length = length_of(recent, state, status_since, kind, month)
        own = target.patience if target and target.patience is not None else own_patience
        found.append(
            KpiFact(
                *(pk, team_id, name, unit, direction, kind, theme, counterpart_id, owner, state),
                length,
                patience.of(cadence_id, team_id) if own is None else own,
                recent,
                target,
            )
        )
    return found


def state_of(recent: str, *, is_stale: bool, is_judged: bool) -> str:
    """The state of a KPI by the text of its last periods, as `metrics.standpoint` has it."""
    letter = recent[recent.rfind(" ") + 11] if recent else ""
    if letter and letter not in VALUED:
        letters = (entry[10] for entry in reversed(recent.split(" ")))
        letter = next((one for one in letters if one in VALUED), "")
    if not letter and not is_stale:
        return "no_data"
    if not is_judged:
        return "informative"
    if is_stale:
        return "stale"
    status = STATUS_OF[letter]
    return "informative" if status == NO_TARGET else status


@lru_cache(maxsize=8192)
def _target(value, low, high, tolerance, patience, accumulates) -> TargetFact:
    """A target from numbers as text; many KPIs have the same."""
    return TargetFact(
        decimal(value), decimal(low), decimal(high), decimal(tolerance), patience, accumulates
    )


class _Patience:
    """How many periods off target raise a signal, as the cadence says: one query when asked."""

    def __init__(self, organisation: Organisation, day: date) -> None:
        self._day = day
        self._cadences: dict[int, tuple[Terms, tuple[Entry, ...]]] = {
            pk: (Terms(patience=preset), read(policies))
            for pk, preset, policies in Cadence.objects.filter(
                organisation=organisation
            ).values_list("pk", "patience", "policies")
        }

    def of(self, cadence_id: int | None, team_id: int) -> int:
        """The terms of a team under a cadence; 0 without one."""
        if cadence_id is None:
            return 0
        preset, entries = self._cadences[cadence_id]
        terms = in_force(entries, preset, team_id, self._day) if entries else preset
        return terms.patience or 0
