"""A team's KPIs and objectives on one page, for a new member to learn in the first month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString

from metrics.evaluation.recent import parse_recent
from metrics.figures import quantity_mark
from metrics.models import Kpi, Target
from metrics.owed_values import owed_name
from metrics.periods import period_of
from metrics.scorecard_facts import targets_of
from metrics.wording import day_near, percent, target_words
from objectives.models import Objective
from objectives.standing import objective_standing
from teams.models import Team


class KpiCard(NamedTuple):
    """What to know of one KPI: what it is, why it matters, what is good enough, where it is."""

    kpi: Kpi
    owner: str
    target: str
    latest: SafeString
    period: str
    how: str


class ObjectiveCard(NamedTuple):
    """What to know of one objective: why, what it is measured by, how far it is."""

    objective: Objective
    owner: str
    progress: str
    key_results: list[tuple[str, SafeString]]


def member_card(team: Team, role: str | None, now: datetime) -> dict:
    """What `member_card.html` prints; a stranger, whose `role` is None, sees nothing private."""
    today = team.organisation.today(now)
    kpis = Kpi.objects.inside(team.pk, is_member=role is not None)
    kpis = list(kpis.select_related("state", "owner", "cadence", "source"))
    targets = targets_of([kpi.pk for kpi in kpis], today)
    running = Objective.objects.of_team(team.pk).running_on(today)
    if role is None:
        running = running.filter(is_private=False)
    return {
        "team": team,
        "printed": day_near(today, today.replace(year=today.year - 1)),
        "kpis": [_kpi_card(kpi, targets.get(kpi.pk), today, team) for kpi in kpis],
        "objectives": _objective_cards(running.with_latest(), team, today),
    }


def _kpi_card(kpi: Kpi, target: Target | None, today, team: Team) -> KpiCard:
    recent = parse_recent(kpi.state.recent)
    latest = next((one for one in reversed(recent) if one.value is not None), None)
    month = team.organisation.fiscal_start_month
    period = ""
    if latest is not None and kpi.cadence is not None:
        period = owed_name(period_of(latest.on, kpi.cadence.kind, month), month, today)
    aim = "no target yet"
    if target is not None:
        aim = target_words(kpi.direction, target.value, target.low, target.high, kpi.unit)
    parts = [kpi.cadence.kind if kpi.cadence else "", kpi.source.name if kpi.source else ""]
    return KpiCard(
        kpi,
        str(kpi.owner) if kpi.owner else "nobody yet",
        aim,
        quantity_mark(latest.value if latest else None, kpi.unit),
        period,
        ", ".join(part for part in parts if part),
    )


def _objective_cards(objectives: Sequence[Objective], team: Team, today) -> list[ObjectiveCard]:
    found = []
    for objective in objectives:
        standing = objective_standing(objective, today)
        rows = [
            (row.key_result.title, quantity_mark(row.value, row.key_result.unit))
            for row in standing.key_results
            if row.key_result.withdrawn_at is None
        ]
        owner = str(objective.owner) if objective.owner else "nobody yet"
        found.append(ObjectiveCard(objective, owner, percent(standing.progress), rows))
    return found
