"""The objective page: what it stands at, its key results, its history."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from metrics import figures
from metrics.wording import NO_VALUE, day_near, number, percent, plural
from objectives import explain, grading
from objectives.kinds import Ambition, Health, Level, Origin
from objectives.models import KeyResult, Objective, ObjectiveEvent
from objectives.pages.happenings import text_of, title_of
from objectives.pages.measures import objective_sentence
from objectives.pages.next_target_page import treatment_of
from objectives.pages.rows import RowView, Work, grade_state, health_mark, row_view
from objectives.pages.surroundings import (
    children_views,
    dependencies_of,
    parent_view,
    steps_of,
)
from objectives.standing import ObjectiveStanding, objective_standing
from objectives.states import LIVE, ObjectiveState
from teams.guards import WRITERS, role_in
from teams.models import Membership, User

LOG_LINES = 60


class HistoryLine(NamedTuple):
    """One line of the history, newest first."""

    day: date
    when: str
    tone: str
    title: str
    text: str
    reason: str
    actor: str


def objective_page(objective: Objective, user: User, now: datetime) -> dict:
    """What `objective_detail.html` prints; the objective comes `with_parts()`."""
    today = objective.team.organisation.today(now)
    standing = objective_standing(objective, today)
    role = role_in(user, objective.team_id)
    leads = role == Membership.Role.LEAD
    key_results = [row.key_result for row in standing.key_results]
    return {
        "objective": objective,
        "team": objective.team,
        "standing": standing,
        "rows": rows(standing, today, may_write=role in WRITERS),
        "may_lead": leads,
        "is_draft": objective.state == ObjectiveState.DRAFT,
        "is_active": objective.state == ObjectiveState.ACTIVE,
        "is_closed": objective.state == ObjectiveState.CLOSED,
        "status": objective_mark(standing),
        "meta": meta_words(objective, today),
        "facts": facts(standing, today),
        "status_why": explain.objective_status(standing),
        "will": objective_sentence(objective, key_results),
        "log": history(objective, today),
        "step": loop_step(objective),
        "needs_target": leads and needs_next_target(objective),
        "parent": parent_view(objective, user),
        "children": children_views(objective, user),
        "dependencies": dependencies_of(objective, user, today),
        "may_offer": objective.state in LIVE,
        "steps": steps_of(objective, now) if leads else [],
    }


def rows(standing: ObjectiveStanding, today: date, *, may_write: bool) -> list[RowView]:
    """Its key results, each with the work on it."""
    objective = standing.objective
    counts = KeyResult.objects.filter(objective=objective).with_work()
    names = ("pk", "work_all", "work_done", "in_the_way")
    work = {pk: Work(*found) for pk, *found in counts.order_by().values_list(*names)}
    return [
        row_view(
            row, objective, today, may_write=may_write, work=work.get(row.key_result.pk, Work())
        )
        for row in standing.key_results
    ]


def objective_mark(standing: ObjectiveStanding):
    """The status of an objective; a draft and a closed one say so."""
    objective = standing.objective
    return objective_state_mark(objective.state, objective.grade, standing.health)


def objective_state_mark(state: str, grade: Decimal | None, health: Health):
    """The same from its state, its grade (None: not closed) and its status."""
    if state == ObjectiveState.DRAFT:
        return figures.status_mark("not_started", word="Draft")
    if state == ObjectiveState.PARKED:
        return figures.status_mark("not_started", word="Parked")
    if grade is not None:
        words = grading.BAND_WORDS[grading.band(grade)]
        return figures.status_mark(grade_state(grade), f"{grade}, {words}", word="Closed")
    return health_mark(health)


def meta_words(objective: Objective, today: date) -> str:
    """`Committed · Alice Moreau · Q3 2026, 43 days left`."""
    parts = ["Committed" if objective.ambition == Ambition.COMMITTED else "Aspirational"]
    if objective.owner:
        parts.append(str(objective.owner))
    left = (objective.cycle.ends_on - today).days
    if objective.state == ObjectiveState.ACTIVE:
        until = f"{plural(left, 'day')} left" if left >= 0 else f"{plural(-left, 'day')} past"
        parts.append(f"{objective.cycle.name}, {until}")
    else:
        parts.append(objective.cycle.name)
    parts.append(Origin(objective.origin).label)
    if objective.level != Level.TEAM:
        parts.append(Level(objective.level).label.lower())
    if objective.is_private:
        parts.append("private")
    return " · ".join(parts)


def facts(standing: ObjectiveStanding, today: date) -> list[dict]:
    """The headline figures: term, value, the line below, and where each comes from."""
    objective = standing.objective
    mean, lowest = standing.confidence, standing.lowest_confidence
    return [
        _grade_or_progress(standing),
        {
            "term": "Expected today",
            "value": percent(standing.expected),
            "below": Ambition(objective.ambition).label,
            "why": explain.objective_expected(standing, today),
            "ident": "expected",
        },
        {
            "term": "Confidence",
            "value": number(mean.quantize(Decimal("0.1")) if mean is not None else None),
            "below": f"lowest {lowest}/10" if lowest is not None else "nobody has said yet",
            "why": explain.confidence(standing),
            "ident": "confidence",
        },
        _day(objective, today),
    ]


def _grade_or_progress(standing: ObjectiveStanding) -> dict:
    """The progress while it runs; the grade once it is closed."""
    if standing.objective.state == ObjectiveState.CLOSED:
        grade = standing.objective.grade
        words = "weighted mean of its key results, rounded once"
        return {"term": "Grade", "value": NO_VALUE if grade is None else grade, "below": words}
    return {
        "term": "Progress",
        "value": percent(standing.progress),
        "below": f"{percent(standing.expected)} expected today",
        "why": explain.objective_progress(standing),
        "ident": "progress",
    }


def _day(objective: Objective, today: date) -> dict:
    start = objective.begins_on
    length = (objective.cycle.ends_on - start).days + 1
    day = min(max((today - start).days + 1, 0), length)
    until = day_near(objective.cycle.ends_on, today)
    below = f"of {plural(length, 'day')}, until {until}"
    return {"term": "Day", "value": str(day), "below": below}


def loop_step(objective: Objective) -> int:
    """Where the KPI stands in the loop; 0 for an objective that answers no signal."""
    if not objective.signal_id:
        return 0
    return {ObjectiveState.DRAFT: 1, ObjectiveState.ACTIVE: 2}.get(objective.state, 3)


def needs_next_target(objective: Objective) -> bool:
    """Whether the choice of the KPI's next target is still owed."""
    if not objective.signal_id or objective.state != ObjectiveState.CLOSED:
        return False
    treatment = treatment_of(objective)
    return treatment is not None and treatment.ended_at is not None and not treatment.choice


def history(objective: Objective, today: date) -> list[HistoryLine]:
    """Everything that happened to the objective and its key results, newest first."""
    rows: QuerySet[ObjectiveEvent] = objective.events.select_related("actor", "key_result")
    zone = objective.team.organisation.zone
    return [_line(row, zone, today) for row in rows.order_by("-at", "-pk")[:LOG_LINES]]


def _line(row: ObjectiveEvent, zone, today: date) -> HistoryLine:
    tone, title = title_of(row)
    day = row.at.astimezone(zone).date()
    return HistoryLine(
        day, day_near(day, today), tone, title, text_of(row), row.reason, str(row.actor or "")
    )
