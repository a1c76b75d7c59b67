"""What was frozen when a review was closed, marked by what is private today.

The figures stay as they were; who may read them does not: a KPI or an objective that was made
private after the close is not told to strangers here either.
"""

from __future__ import annotations

from django.db.models import Q

from metrics.models import Kpi, Treatment
from objectives.models import Objective
from reviews.models import Review


def frozen_facts(review: Review) -> dict:
    """The facts of a closed review, for `facts.seen_by`. Three queries.

    A row that is there no more keeps the mark it was frozen with.
    """
    facts = dict(review.frozen)
    kpis, objectives = facts.get("kpis", []), facts.get("objectives", [])
    signals = [one["id"] for row in kpis for one in row["signals"]]
    rows = Kpi.objects.filter(pk__in=[row["id"] for row in kpis])
    of_kpis = {
        pk: is_private or of_team
        for pk, is_private, of_team in rows.values_list("pk", "is_private", "team__is_private")
    }
    of_objectives, answering, unnamed = {}, set(), _with_a_private_okr(signals)
    told = Q(pk__in=[row["id"] for row in objectives]) | Q(signal__in=signals)
    for pk, is_private, of_team, signal_id, of_kpi, of_its_team in Objective.objects.filter(
        told
    ).values_list(
        *("pk", "is_private", "team__is_private", "signal_id"),
        *("signal__kpi__is_private", "signal__kpi__team__is_private"),
    ):
        of_objectives[pk] = is_private or of_team
        if of_kpi or of_its_team:
            answering.add(pk)
        if is_private or of_team:
            unnamed.add(signal_id)
    facts["kpis"] = [
        row
        | {
            "is_private": of_kpis.get(row["id"], row["is_private"]),
            "signals": [one | {"is_unnamed": one["id"] in unnamed} for one in row["signals"]],
        }
        for row in kpis
    ]
    facts["objectives"] = [
        row
        | {
            "is_private": of_objectives.get(row["id"], row["is_private"]),
            "answers_private": row["id"] in answering,
        }
        for row in objectives
    ]
    return facts


def _with_a_private_okr(signals: list[int]) -> set[int]:
    """The signals whose OKR is private now, wherever a merge took it."""
    rows = Treatment.objects.filter(Q(is_private=True) | Q(team__is_private=True))
    return set(rows.filter(signal__in=signals).values_list("signal_id", flat=True))
