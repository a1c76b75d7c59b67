"""The key result page: where it stands, its chart, everything said and done about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from metrics.wording import NO_VALUE, day_near, leading, number, percent, quantity, target_words
from objectives import explain
from objectives.actions.key_results import UNDO_TIME
from objectives.charts import Pace, figure_words, key_result_figure
from objectives.kinds import CHANGES, STANDARDS, Ambition, KeyResultKind
from objectives.models import KeyResult, Revision
from objectives.pages import check_in_history
from objectives.pages.check_in_page import today_of
from objectives.pages.happenings import differences_of
from objectives.pages.rows import row_view, status_of, value_mark
from objectives.pages.work_page import blockers_context, initiatives_context
from objectives.standing import KeyResultStanding, key_result_standing
from objectives.states import ObjectiveState
from teams.guards import WRITERS, role_in
from teams.models import Membership, User

_DIRECTIONS = {
    KeyResultKind.AT_LEAST: "higher_is_better",
    KeyResultKind.AT_MOST: "lower_is_better",
    KeyResultKind.RANGE: "in_range",
}


class RevisionLine(NamedTuple):
    """One revision as printed, newest first."""

    day: date
    when: str
    what: str
    reason: str
    who: str


class Step(NamedTuple):
    """One step of a phased key result: by when it should be where, and how much of the way."""

    by: str
    value: str
    share: str
    is_past: bool


def key_result_page(key_result: KeyResult, user: User, now: datetime) -> dict:
    """What `key_result_detail.html` prints; it comes `with_parts()` and its objective."""
    objective = key_result.objective
    today = today_of(key_result, now)
    standing = key_result_standing(key_result, objective, today)
    role = role_in(user, objective.team_id)
    writes, is_active = role in WRITERS, objective.state == ObjectiveState.ACTIVE
    leads = role == Membership.Role.LEAD and is_active
    context = {
        "key_result": key_result,
        "objective": objective,
        "team": objective.team,
        "row": row_view(standing, objective, today, may_write=writes),
        "sentence": aim_words(key_result, objective.cycle.ends_on, today),
        "facts": facts(standing, today),
        "may_write": writes and is_active,
        "may_revise": leads and key_result.withdrawn_at is None,
        "may_restore": leads
        and key_result.withdrawn_at is not None
        and now - key_result.withdrawn_at <= UNDO_TIME,
        "steps": steps(key_result, today),
        "milestones": list(key_result.milestones.all()),
        "revisions": revisions(key_result, today),
    }
    context |= evidence(key_result, standing, user, now, may_write=writes and is_active)
    context |= initiatives_context(key_result, now, may_write=writes and is_active)
    return context | blockers_context(key_result, now, may_write=writes and is_active)


def evidence(
    key_result: KeyResult,
    standing: KeyResultStanding,
    user: User,
    now: datetime,
    *,
    may_write: bool,
) -> dict:
    """What `_key_result_evidence.html` prints: the chart and the same figures as a table."""
    rows = check_in_history.told(key_result, today_of(key_result, now))
    points = check_in_history.chart_points(key_result, rows)
    objective = key_result.objective
    today = today_of(key_result, now)
    figure = key_result_figure(
        points,
        pace_line(key_result),
        starts_on=objective.begins_on,
        ends_on=objective.cycle.ends_on,
        today=today,
    )
    return {
        "key_result": key_result,
        "chart": figure,
        "chart_id": f"fig-kr-{key_result.pk}",
        "chart_words": figure_words(key_result.title, points, standing.expected),
        "lines": check_in_history.lines(key_result, rows, user, now, may_write=may_write),
    }


def pace_line(key_result: KeyResult) -> list[Pace]:
    """The corners of the expected pace: first day, each step, last day; none without a pace."""
    objective = key_result.objective
    first, last = objective.begins_on, objective.cycle.ends_on
    days = {first, last, *(step.on for step in key_result.checkpoints.all())}
    shares = [
        (day, key_result_standing(key_result, objective, day).expected)
        for day in sorted(days)
        if first <= day <= last
    ]
    return [Pace(day, share) for day, share in shares if share is not None]


def aim_words(key_result: KeyResult, ends_on: date, today: date) -> str:
    """What it goes for in a sentence: `From 38 to 52 NPS by 30 Sep.`"""
    unit, until = key_result.unit, day_near(ends_on, today)
    if key_result.kind in CHANGES:
        start = "a start to be found" if key_result.baseline is None else ""
        start = start or number(key_result.baseline)
        return f"From {start} to {quantity(key_result.target, unit)} by {until}."
    if key_result.kind in STANDARDS:
        direction = _DIRECTIONS[KeyResultKind(key_result.kind)]
        words = target_words(direction, key_result.target, key_result.low, key_result.high, unit)
        return f"{words.capitalize()} in every period until {until}."
    if key_result.kind == KeyResultKind.HOLD:
        return f"On target for {key_result.hold_periods} periods of its KPI in a row by {until}."
    return {
        KeyResultKind.YES_NO: f"So by {until}, or not.",
        KeyResultKind.MILESTONES: f"Every step done by {until}.",
        KeyResultKind.FIND_BASELINE: f"Find where it stands; a target follows. By {until}.",
        KeyResultKind.OPEN: "What drives the result is still to be named.",
    }[KeyResultKind(key_result.kind)]


def facts(standing: KeyResultStanding, today: date) -> list[dict]:
    """The headline figures: term, value, the line below, and where each comes from."""
    objective = standing.key_result.objective
    original = standing.original
    below = ""
    if original is not None:
        below = f"{percent(original.ratio)} of the original target"
    confidence = NO_VALUE if standing.confidence is None else f"{standing.confidence}/10"
    ambition = Ambition(standing.key_result.ambition or objective.ambition).label
    return [
        {"term": "Now", "value": value_mark(standing), "below": _was(standing)},
        {
            "term": "Progress",
            "value": percent(standing.ratio),
            "below": below,
            "why": explain.key_result_progress(standing, today),
            "ident": "progress",
        },
        {
            "term": "Expected today",
            "value": percent(standing.expected),
            "below": ambition,
            "why": explain.expected(standing, objective, today),
            "ident": "expected",
        },
        {
            "term": "Status",
            "value": status_of(standing),
            "below": f"confidence {confidence}",
            "why": explain.status(standing, objective, today),
            "ident": "status",
        },
    ]


def _was(standing: KeyResultStanding) -> str:
    row = standing.key_result
    if row.kind in CHANGES and row.baseline is not None:
        return f"from {leading(row.baseline, row.unit)} to {quantity(row.target, row.unit)}"
    return f"weight {number(row.weight)}" if row.weight != 1 else ""


def steps(key_result: KeyResult, today: date) -> list[Step]:
    """The steps of a phased key result."""
    rows = key_result.checkpoints.all()
    objective = key_result.objective
    return [
        Step(
            day_near(row.on, today),
            quantity(row.value, key_result.unit),
            percent(key_result_standing(key_result, objective, row.on).expected),
            row.on < today,
        )
        for row in rows
    ]


def revisions(key_result: KeyResult, today: date) -> list[RevisionLine]:
    """What it went for before, and why that changed; newest first."""
    rows = key_result.revisions.select_related("actor").order_by("-at", "-pk")
    return [_revision(row, key_result, today) for row in rows]


def _revision(row: Revision, key_result: KeyResult, today: date) -> RevisionLine:
    day = key_result.objective.team.organisation.today(row.at)
    what = ", ".join(differences_of(row.before, row.after))
    return RevisionLine(day, day_near(day, today), what, row.reason, str(row.actor))
