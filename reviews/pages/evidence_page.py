"""The goals a person answered for, loaded for their own export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from metrics.wording import day_year
from objectives.kinds import Ambition
from objectives.models import CheckIn, Cycle, KeyResult, Objective
from objectives.pages.measures import measure_words, stored_measure
from objectives.pages.rows import value_words
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.evidence import CyclePart, Evidence, KeyResultPart, ObjectivePart, Said
from teams.models import User

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def own_objectives(user: User) -> QuerySet:
    """Objectives a person answers for, or for one of their key results; drafts are not in it."""
    mine = KeyResult.objects.filter(owner=user, withdrawn_at=None).order_by()
    rows = Objective.objects.filter(
        Q(owner=user) | Q(pk__in=mine.values("objective_id")),
        state__in=ROLLED_UP,
        team__organisation=user.organisation_id,
    )
    return rows.order_by("position", "pk")


def own_cycles(user: User) -> list[Cycle]:
    """The cycles of those the person may see, the latest first."""
    keys = own_objectives(user).visible_to(user).order_by().values("cycle_id")
    return list(Cycle.objects.filter(pk__in=keys).order_by("-starts_on", "pk"))


def load_evidence(
    user: User, cycles: Sequence[Cycle], now: datetime, *, with_grades: bool
) -> Evidence:
    """The goals of the chosen cycles with the person's own notes; five queries or so."""
    rows = own_objectives(user).filter(cycle__in=[one.pk for one in cycles])
    seen = rows.visible_to(user).select_related("team").prefetch_related(_with_notes(user))
    found: dict[int, list[ObjectivePart]] = {one.pk: [] for one in cycles}
    count = 0
    for objective in seen:
        count += 1
        found[objective.cycle_id].append(_objective(objective, user, with_grades=with_grades))
    parts = [
        CyclePart(one.name, f"{day_year(one.starts_on)} to {day_year(one.ends_on)}", tuple(of))
        for one in cycles
        if (of := found[one.pk])
    ]
    made_on = day_year(user.organisation.today(now))
    return Evidence(str(user), made_on, tuple(parts), rows.count() - count)


def _with_notes(user: User) -> Prefetch:
    said = CheckIn.objects.standing().filter(author=user).exclude(note="")
    rows = KeyResult.objects.filter(withdrawn_at=None).select_related(
        "latest", "kpi__state", "kpi__cadence"
    )
    notes = Prefetch("check_ins", said.order_by("made_at", "pk"), to_attr="own_notes")
    return Prefetch("key_results", rows.prefetch_related(notes, "milestones"))


def _objective(objective: Objective, user: User, *, with_grades: bool) -> ObjectivePart:
    """All key results of one's own objective; of somebody else's only those one answers for."""
    is_own = objective.owner_id == user.pk
    rows = [row for row in objective.key_results.all() if is_own or row.owner_id == user.pk]
    state = "closed" if objective.state == ObjectiveState.CLOSED else "active"
    return ObjectivePart(
        objective.title,
        f"{objective.team.name}, {Ambition(objective.ambition).name.lower()}, {state}",
        objective.why,
        objective.grade if with_grades and is_own else None,
        objective.closing_note if is_own else "",
        tuple(_key_result(row, objective, user, with_grades=with_grades) for row in rows),
    )


def _key_result(
    row: KeyResult, objective: Objective, user: User, *, with_grades: bool
) -> KeyResultPart:
    today = user.organisation.today
    measure = measure_words(stored_measure(row, objective))
    return KeyResultPart(
        row.title,
        "" if is_said(measure, row.title) else measure,
        _value(row),
        row.grade if with_grades else None,
        tuple(Said(day_year(today(one.made_at)), one.note) for one in row.own_notes),
    )


def is_said(measure: str, title: str) -> bool:
    """Whether a title tells every number of a measure, so that it need not stand twice."""
    return set(_NUMBER.findall(measure)) <= set(_NUMBER.findall(title))


def _value(row: KeyResult) -> str:
    """`last 45 NPS`; empty where no value was said, or the KPI has none."""
    value = row.final_value
    if value is None and row.kpi_follows:
        value = row.kpi.state.latest_value
    elif value is None and row.latest is not None:
        value = row.latest.value
    return "" if value is None else f"last {value_words(value, row)}"
