"""The objective page: what it stands at, its key results, its history."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from metrics import figures
from metrics.wording import day_near, number, percent, plural
from objectives import grading
from objectives.kinds import Ambition, KeyResultKind
from objectives.models import Objective, ObjectiveEvent
from objectives.pages.happenings import text_of, title_of
from objectives.pages.measures import objective_sentence
from objectives.pages.next_target_page import treatment_of
from objectives.pages.rows import health_mark, row_view
from objectives.standing import ObjectiveStanding, objective_standing
from objectives.states import ObjectiveState
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
        "rows": [
            row_view(row, objective, today, may_write=role in WRITERS)
            for row in standing.key_results
        ],
        "may_lead": leads,
        "is_draft": objective.state == ObjectiveState.DRAFT,
        "is_active": objective.state == ObjectiveState.ACTIVE,
        "is_closed": objective.state == ObjectiveState.CLOSED,
        "status": objective_mark(standing),
        "meta": meta_words(objective, today),
        "numbers": numbers(standing, today),
        "progress_words": progress_words(standing, today),
        "will": objective_sentence(objective, key_results),
        "log": history(objective, today),
        "step": loop_step(objective),
        "needs_target": leads and needs_next_target(objective),
    }


def objective_mark(standing: ObjectiveStanding):
    """The status of an objective; a draft and a closed one say so."""
    objective = standing.objective
    if objective.state == ObjectiveState.DRAFT:
        return figures.status_mark("not_started", word="Draft")
    if objective.grade is not None:
        words = grading.BAND_WORDS[grading.band(objective.grade)]
        return figures.status_mark("resolved", f"{objective.grade}, {words}", word="Closed")
    return health_mark(standing.health)


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
    if objective.is_private:
        parts.append("private")
    return " · ".join(parts)


class Numbers(NamedTuple):
    """The headline figures as printed."""

    progress: str
    expected: str
    confidence: str
    lowest: str
    days: str
    of_days: str


def numbers(standing: ObjectiveStanding, today: date) -> Numbers:
    """Progress, what is expected, confidence, and the day of the cycle."""
    objective = standing.objective
    start = objective.starts_on or objective.cycle.starts_on
    length = (objective.cycle.ends_on - start).days + 1
    day = min(max((today - start).days + 1, 0), length)
    mean = standing.confidence
    lowest = standing.lowest_confidence
    return Numbers(
        percent(standing.progress),
        percent(standing.expected),
        number(mean.quantize(Decimal("0.1")) if mean is not None else None),
        f"lowest {lowest}/10" if lowest is not None else "nobody has said yet",
        str(day),
        f"of {plural(length, 'day')}, until {day_near(objective.cycle.ends_on, today)}",
    )


def progress_words(standing: ObjectiveStanding, today: date) -> list[str]:
    """Where the progress and the expected pace come from, for the popover."""
    objective = standing.objective
    parts = [
        f"{percent(row.ratio)} (weight {number(row.key_result.weight)})"
        for row in standing.key_results
        if row.ratio is not None and row.key_result.withdrawn_at is None
    ]
    start = objective.starts_on or objective.cycle.starts_on
    span = (objective.cycle.ends_on - start).days
    gone = min(max((today - start).days, 0), span)
    lines = [f"Weighted mean of its key results: {', '.join(parts)}."] if parts else []
    lines.append(f"{gone} of {plural(span, 'day')} have gone by since {day_near(start, today)}.")
    if objective.ambition == Ambition.ASPIRATIONAL:
        lines.append("As a stretch it is expected at 0.7 of that.")
    skipped = [r for r in standing.key_results if r.key_result.kind == KeyResultKind.OPEN]
    if skipped:
        lines.append("A key result without a measure counts for nothing yet.")
    return lines


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
