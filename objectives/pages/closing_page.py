"""The grading page: one scale for each key result, with the suggestion from its progress."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.http import QueryDict
from django.utils.safestring import SafeString

from metrics.wording import percent, plural, quantity
from objectives import grading
from objectives.actions import Grade
from objectives.forms import ClosingForm, GradeForm
from objectives.kinds import CHANGES
from objectives.models import Objective
from objectives.pages.rows import value_mark
from objectives.standing import KeyResultStanding, objective_standing


class ScaleStep(NamedTuple):
    """One radio of the grade scale."""

    value: str
    label: str
    band: str
    is_suggested: bool
    is_checked: bool


class GradeRow(NamedTuple):
    """One key result on the grading page."""

    standing: KeyResultStanding
    title: str
    final: SafeString
    note: str
    form: GradeForm
    scale: list[ScaleStep]
    suggested: Decimal | None
    is_out: bool


def closing_context(objective: Objective, now: datetime, data: QueryDict | None = None) -> dict:
    """What `objective_close.html` prints; `data` is what was typed."""
    today = objective.team.organisation.today(now)
    standing = objective_standing(objective, today)
    rows = [
        grade_row(row, data) for row in standing.key_results if row.key_result.withdrawn_at is None
    ]
    form = ClosingForm(data, initial={"version": objective.version})
    return {
        "objective": objective,
        "team": objective.team,
        "rows": rows,
        "form": form,
        "grade": preview(rows),
        "ambition": "Committed" if objective.ambition == "committed" else "Aspirational",
        "is_committed": objective.ambition == "committed",
        "problems": {},
    }


def grade_row(standing: KeyResultStanding, data: QueryDict | None) -> GradeRow:
    """One key result with its scale; what progress suggests is chosen to begin with."""
    key_result = standing.key_result
    suggested = grading.suggested(standing.final_ratio)
    initial = {"grade": _text(suggested)}
    form = GradeForm(data, prefix=f"g{key_result.pk}", initial=initial)
    chosen = form["grade"].value()
    return GradeRow(
        standing,
        key_result.title,
        value_mark(standing),
        _note(standing, suggested),
        form,
        [_step(grade, suggested, chosen) for grade in grading.SCALE],
        suggested,
        chosen == GradeForm.OUT,
    )


def _text(grade: Decimal | None) -> str:
    """A grade as its radio says it: `0`, `0.1` … `1`, as `grading.SCALE` writes them."""
    return "" if grade is None else next(str(step) for step in grading.SCALE if step == grade)


def _step(grade: Decimal, suggested: Decimal | None, chosen: str | None) -> ScaleStep:
    label = "1.0" if grade == 1 else f".{int(grade * 10)}"
    is_chosen = chosen not in (None, "", GradeForm.OUT) and chosen == str(grade)
    return ScaleStep(str(grade), label, grading.band(grade), grade == suggested, is_chosen)


def _note(standing: KeyResultStanding, suggested: Decimal | None) -> str:
    """Where the suggestion comes from."""
    key_result = standing.key_result
    if suggested is None:
        return "No progress to suggest from: grade it with a reason, or leave it out."
    done = f"{percent(standing.final_ratio)} of the way, suggested {suggested}."
    if standing.kept is not None and standing.kept.missing:
        missing = plural(standing.kept.missing, "period")
        done = f"{done} {missing} without a value counted as not met."
    if standing.final_original is not None:
        done = f"{done} By the original target {percent(standing.final_original)}."
    if key_result.kind in CHANGES and key_result.baseline is not None:
        start = quantity(key_result.baseline, key_result.unit)
        goal = quantity(key_result.target, key_result.unit)
        return f"From {start} to {goal}: {done}"
    return done


def given_grades(rows: list[GradeRow]) -> dict[int, Grade]:
    """What was decided, by the key result's id."""
    return {row.standing.key_result.pk: row.form.given() for row in rows}


def preview(rows: list[GradeRow]) -> Decimal | None:
    """The objective's grade if the suggestions were kept."""
    parts = [
        (row.standing.key_result.weight, row.standing.final_ratio)
        for row in rows
        if row.standing.final_ratio is not None
    ]
    return grading.objective_grade(parts)
