"""What the page of a review says, as plain data: printed while it is open, kept once it is closed.

Everything is text, a number or a list, so that it can be stored as it is. Private things are in it,
marked; `seen_by` takes them out for people outside the team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from metrics.wording import day_year, percent, plural
from objectives.actions import Grade
from objectives.kinds import KeyResultKind
from objectives.models import Objective
from objectives.pages.rows import value_words
from objectives.standing import KeyResultStanding, ObjectiveStanding, objective_standing
from objectives.states import ROLLED_UP, ObjectiveState
from reviews import endings
from reviews.endings import Said
from reviews.kinds import ReviewKind
from reviews.kpi_quarter import kpis_of, unnamed_words
from reviews.models import GivenGrade, Learning, ObjectiveDecision, Review, ReviewAction


@dataclass(frozen=True, slots=True)
class Material:
    """A review with what was entered in it, by key result and objective id, and where things stand.

    `earlier` are the team's actions of earlier reviews that are open, or were done in this one.
    """

    review: Review
    today: date
    standings: Sequence[ObjectiveStanding]
    grades: Mapping[int, GivenGrade]
    decisions: Mapping[int, ObjectiveDecision]
    learnings: Sequence[Learning]
    actions: Sequence[ReviewAction]
    earlier: Sequence[ReviewAction]

    def given(self) -> dict[int, Grade]:
        """The grades by key result; of objectives closed before, those they were closed with."""
        found = {
            pk: Grade(row.grade, row.reason, is_left_out=row.is_left_out)
            for pk, row in self.grades.items()
        }
        for standing in self.standings:
            if standing.objective.state == ObjectiveState.CLOSED:
                for row in standing.key_results:
                    if row.key_result.grade is not None:
                        found[row.key_result.pk] = _closed_grade(row)
        return found

    def said(self, objective_id: int) -> Said:
        """What was said of an objective; nothing without a row."""
        row = self.decisions.get(objective_id)
        if row is None:
            return Said()
        return Said(row.decision, row.explanation, row.root_cause, row.why_again)


def _closed_grade(row: KeyResultStanding) -> Grade:
    return Grade(row.key_result.grade, row.key_result.grade_reason)


def load_material(review: Review, now: datetime) -> Material:
    """Everything of a review but its KPIs. A fixed number of queries."""
    today = review.team.organisation.today(now)
    objectives = (
        Objective.objects.of_team(review.team_id)
        .filter(cycle=review.cycle_id, state__in=ROLLED_UP)
        .with_parts()
    )
    actions = ReviewAction.objects.filter(team=review.team_id, deleted_at=None).select_related(
        "owner", "review"
    )
    rows = list(actions.order_by("due_on", "pk"))
    return Material(
        review,
        today,
        [objective_standing(one, today) for one in objectives],
        {row.key_result_id: row for row in review.grades.select_related("changed_by")},
        {row.objective_id: row for row in review.decisions.select_related("changed_by")},
        list(review.learnings.filter(deleted_at=None).select_related("author")),
        [row for row in rows if row.review_id == review.pk],
        [row for row in rows if row.review_id != review.pk and _returns(row, review)],
    )


def _returns(row: ReviewAction, review: Review) -> bool:
    """True for an action of an earlier review that was open when this one began."""
    earlier = (row.review.opened_at, row.review_id) < (review.opened_at, review.pk)
    return earlier and (row.done_at is None or row.done_at >= review.opened_at)


def review_facts(material: Material, now: datetime, *, with_kpis: bool = True) -> dict:
    """The page of a review as plain data, private things included and marked.

    Without KPIs it is what people enter, which is asked for every few seconds.
    """
    review = material.review
    return {
        "team": review.team.name,
        "cycle": review.cycle.name,
        "kind": review.kind,
        "title": title_of(review),
        "on": day_year(review.team.organisation.today(review.closed_at or now)),
        "kpis": kpis_of(review.team, review.cycle, now) if with_kpis else [],
        "objectives": [objective_facts(material, one) for one in material.standings],
        "learnings": [_learning_facts(row) for row in material.learnings],
        "actions": [action_facts(row, material.today) for row in material.actions],
        "earlier": [action_facts(row, material.today) for row in material.earlier],
    }


def title_of(review: Review) -> str:
    """`Review of Q2 2026`."""
    if review.kind == ReviewKind.MID_CYCLE:
        return f"Mid-cycle look at {review.cycle}"
    if review.kind == ReviewKind.MONTHLY:
        return f"Look at {review.for_on:%B %Y}"
    return f"Review of {review.cycle}"


def objective_facts(material: Material, standing: ObjectiveStanding) -> dict:
    """One objective with its key results, what was said of it and what it still lacks."""
    objective, given = standing.objective, material.given()
    row = material.decisions.get(objective.pk)
    is_closed = objective.state == ObjectiveState.CLOSED
    grade = objective.grade if is_closed else endings.preview(standing, given)
    is_graded = material.review.kind == ReviewKind.QUARTERLY
    missing = endings.missing_of(standing, given, material.said(objective.pk)) if is_graded else []
    explanation = row.explanation if row else ""
    rows = [key_result_facts(one, material.grades, given) for one in standing.key_results]
    return {
        "id": objective.pk,
        "title": objective.title,
        "is_private": objective.is_private,
        "is_closed": is_closed,
        "ambition": objective.ambition,
        "grade": _text(grade),
        "ending": endings.ending_words(objective.ambition, grade),
        "progress": percent(standing.progress),
        "health": standing.health.label,
        "asks_explanation": endings.needs_explanation(objective.ambition, grade),
        "asks_root_cause": endings.needs_root_cause(grade),
        "explanation": explanation or (objective.closing_note if is_closed else ""),
        "root_cause": row.root_cause if row else "",
        "decision": row.decision if row else "",
        "note": row.note if row else "",
        "why_again": row.why_again if row else "",
        "follow_up": row.follow_up_id if row else None,
        "answers": objective.signal.kpi.name
        if objective.signal_id and not _is_hidden(objective)
        else "",
        "has_signal": objective.signal_id is not None,
        "by": _name(row.changed_by) if row else "",
        "key_results": rows,
        "has_grades": is_closed or all(one["grade"] or one["is_left_out"] for one in rows),
        "missing": [{"sentence": one.sentence, "anchor": one.anchor} for one in missing],
    }


def _is_hidden(objective: Objective) -> bool:
    """True when an open objective answers the signal of a private KPI: its name stays out."""
    return objective.signal.kpi.is_private and not objective.is_private


def key_result_facts(
    standing: KeyResultStanding, rows: Mapping[int, GivenGrade], given: Mapping[int, Grade]
) -> dict:
    """One key result: how it ended, what is suggested and what was given."""
    key_result = standing.key_result
    row, choice = rows.get(key_result.pk), given.get(key_result.pk)
    suggested = endings.suggestion(standing)
    is_left_out = row is not None and row.is_left_out
    return {
        "id": key_result.pk,
        "title": key_result.title,
        "final": final_words(standing),
        "progress": percent(standing.final_ratio),
        "weight": str(key_result.weight),
        "suggested": _text(suggested),
        "grade": _text(choice.grade) if choice else "",
        "reason": choice.reason if choice else key_result.withdrawn_reason,
        "is_left_out": is_left_out,
        "is_withdrawn": key_result.withdrawn_at is not None and not is_left_out,
        "note": _note(standing, suggested),
        "by": _name(row.changed_by) if row else "",
    }


def final_words(standing: KeyResultStanding) -> str:
    """The value it ended with: `8.41 %`, `3 of 4 steps`, `2 of 3 in a row`."""
    key_result = standing.key_result
    if key_result.kind == KeyResultKind.MILESTONES:
        steps = list(key_result.milestones.all())
        return f"{sum(step.done_at is not None for step in steps)} of {plural(len(steps), 'step')}"
    if key_result.kind == KeyResultKind.HOLD and standing.run is not None:
        return f"{standing.run} of {key_result.hold_periods} in a row"
    return value_words(standing.value, key_result)


def _note(standing: KeyResultStanding, suggested: Decimal | None) -> str:
    """What is worth knowing of a suggestion; empty where it is plain progress."""
    if suggested is None:
        return "No progress to suggest from: grade it with a reason, or leave it out."
    words = []
    if standing.kept is not None and standing.kept.missing:
        words.append(
            f"{plural(standing.kept.missing, 'period')} without a value counted as not met."
        )
    if standing.final_original is not None:
        words.append(f"By the original target {percent(standing.final_original)}.")
    return " ".join(words)


def _learning_facts(row: Learning) -> dict:
    return {
        "id": row.pk,
        "text": row.text,
        "by": _name(row.author),
        "author": row.author_id,
        "version": row.version,
    }


def action_facts(row: ReviewAction, today: date) -> dict:
    """One action: whose, by when, and whether that day is past."""
    return {
        "id": row.pk,
        "what": row.what,
        "owner": _name(row.owner) if row.owner_id else "",
        "due": day_year(row.due_on) if row.due_on else "",
        "is_past": bool(row.due_on and row.due_on < today and row.done_at is None),
        "is_done": row.done_at is not None,
        "version": row.version,
    }


def _name(person) -> str:
    return str(person) if person.is_active else f"{person} (left)"


def _text(grade: Decimal | None) -> str:
    """A grade as it is printed: `0.7`, `1.0`; empty for None."""
    return "" if grade is None else f"{grade:.1f}"


def seen_by(facts: dict, *, is_member: bool) -> dict:
    """The facts for a person: outside the team private things are only counted.

    Those of a closed review are `frozen.frozen_facts`, so that what was made private since is not
    named by what was not either.
    """
    shown = dict(facts)
    for name in ("kpis", "objectives"):
        rows = facts.get(name, [])
        shown[name] = [
            row if is_member else _unnamed(row)
            for row in rows
            if is_member or not row["is_private"]
        ]
        shown[f"hidden_{name}"] = len(rows) - len(shown[name])
    return shown


def _unnamed(row: dict) -> dict:
    """A row without the name of the private KPI it answers, or of private OKRs that answer it."""
    if row.get("answers_private"):
        return row | {"answers": ""}
    if any(one.get("is_unnamed") for one in row.get("signals", ())):
        signals = [
            one | {"words": unnamed_words(one["words"])} if one.get("is_unnamed") else one
            for one in row["signals"]
        ]
        return row | {"signals": signals}
    return row
