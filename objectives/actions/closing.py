"""Closing an objective: grades, frozen figures, and the way back to watching the KPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from metrics.decisions import lock_kpi
from metrics.evaluation import replay_kpi
from metrics.kinds import PeriodStatus
from metrics.models import Kpi
from metrics.treatments import end_treatment
from objectives import grading
from objectives.actions.history import take_version, write_history
from objectives.kinds import CHANGES, KeyResultKind
from objectives.models import KeyResult, Objective
from objectives.standing import KeyResultStanding, objective_standing
from objectives.states import ObjectiveState, require_move
from teams.models import User


@dataclass(frozen=True, slots=True)
class Grade:
    """What a person decided about one key result: a grade in tenths, or left out with a reason."""

    grade: Decimal | None
    reason: str = ""
    is_left_out: bool = False


class NotGraded(ValueError):
    """Something is missing before the objective can be closed.

    `problems` maps a key result's id, or "note", to a sentence for the person.
    """

    def __init__(self, problems: dict[int | str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def missing_before_close(
    standings: tuple[KeyResultStanding, ...],
    grades: Mapping[int, Grade],
    *,
    ambition: str,
    note: str,
) -> dict[int | str, str]:
    """What stands in the way of closing: empty when nothing does."""
    problems: dict[int | str, str] = {}
    for row in standings:
        if row.key_result.withdrawn_at is None:
            sentence = _problem(row, grades.get(row.key_result.pk))
            if sentence:
                problems[row.key_result.pk] = sentence
    total = total_grade(standings, grades)
    if not problems and grading.needs_explanation(ambition, total) and not note.strip():
        problems["note"] = "A committed objective that ends below 1.0 needs a sentence."
    return problems


def _problem(row: KeyResultStanding, given: Grade | None) -> str:
    """The sentence for one key result, empty when it is graded as it must be."""
    suggestion = grading.suggested(row.final_ratio)
    if given is None or (given.grade is None and not given.is_left_out):
        return f"“{row.key_result.title}” is not graded yet."
    if given.is_left_out:
        return "" if given.reason.strip() else "Say why it is left out."
    if given.grade != suggestion and not given.reason.strip():
        if suggestion is None:
            return f"Say how you arrived at {given.grade}."
        return f"Say why {given.grade}: the suggestion is {suggestion}."
    return ""


def total_grade(
    standings: tuple[KeyResultStanding, ...], grades: Mapping[int, Grade]
) -> Decimal | None:
    """The objective's grade by what is graded so far; None while nothing is."""
    parts = []
    for row in standings:
        given = grades.get(row.key_result.pk)
        if row.key_result.withdrawn_at is None and given and given.grade is not None:
            share = grading.unrounded(given.grade, row.final_ratio)
            parts.append((row.key_result.weight, share))
    return grading.objective_grade(parts)


@transaction.atomic
def close_objective(
    objective: Objective,
    *,
    grades: Mapping[int, Grade],
    note: str = "",
    actor: User,
    now: datetime,
    version: int,
) -> Objective:
    """Grade every key result, freeze its figures, and end the treatment of the signal it answers.

    `grades` maps a key result's id to what was decided; `note` explains a committed objective that
    ends below 1.0. Raises NotGraded with what is missing, Changed when somebody else edited the
    objective, MoveRefused unless it is active. Figures are those of this moment: a KPI corrected
    later does not move them. Periods of a standard without a value are failures now. What a revised
    key result reached by its original target is kept in the history row as `original_<id>`.
    """
    if objective.signal_id:
        # In the order of the evaluation, before anything of the objective is locked.
        lock_kpi(objective.signal.kpi_id, now, author=actor)
    take_version(objective, version)
    _lock_key_results(objective)
    fresh = Objective.objects.with_parts().get(pk=objective.pk)
    require_move(fresh.state, ObjectiveState.CLOSED)
    standing = objective_standing(fresh, fresh.team.organisation.today(now))
    problems = missing_before_close(
        standing.key_results, grades, ambition=fresh.ambition, note=note
    )
    if problems:
        raise NotGraded(problems)
    total = total_grade(standing.key_results, grades)
    for row in standing.key_results:
        _freeze(row, grades.get(row.key_result.pk), now)
    fresh.state, fresh.closed_at = ObjectiveState.CLOSED, now
    fresh.grade, fresh.closing_note = total, note
    fresh.save(update_fields=["state", "closed_at", "grade", "closing_note"])
    write_history(
        fresh,
        "closed",
        actor=actor,
        now=now,
        reason=note,
        moved=(ObjectiveState.ACTIVE, ObjectiveState.CLOSED),
        after={"grade": total, **_by_original(standing.key_results)},
        told=({}, {"grades": {pk: asdict(given) for pk, given in sorted(grades.items())}}),
    )
    if fresh.signal_id:
        end_signal_treatment(fresh, standing.key_results, actor=actor, now=now)
    return fresh


def _lock_key_results(objective: Objective) -> None:
    """Wait for check-ins on their way: those that are kept count, later ones find it closed."""
    rows = KeyResult.objects.select_for_update(of=("self",), no_key=True)
    list(rows.filter(objective=objective).order_by("pk").values("pk"))


def _by_original(rows: tuple[KeyResultStanding, ...]) -> dict[str, Decimal]:
    """The progress 0..1 of each revised key result by what it went for at first."""
    return {
        f"original_{row.key_result.pk}": row.final_original
        for row in rows
        if row.counts and row.final_original is not None
    }


def _freeze(row: KeyResultStanding, given: Grade | None, now: datetime) -> None:
    """Write one key result's final figures and grade; one withdrawn before stays as it was."""
    key_result = row.key_result
    if key_result.withdrawn_at is not None or given is None:
        return
    key_result.final_value = row.value
    key_result.final_progress = row.final_ratio
    key_result.suggested_grade = grading.suggested(row.final_ratio)
    if given.is_left_out:
        key_result.withdrawn_at, key_result.withdrawn_reason = now, given.reason
    else:
        key_result.grade, key_result.grade_reason = given.grade, given.reason
    key_result.version += 1
    key_result.save(
        update_fields=[
            "final_value",
            "final_progress",
            "suggested_grade",
            "grade",
            "grade_reason",
            "withdrawn_at",
            "withdrawn_reason",
            "version",
        ]
    )


def end_signal_treatment(
    objective: Objective, rows: tuple[KeyResultStanding, ...], *, actor: User, now: datetime
) -> None:
    """Tell the KPI's side how it ended, with the values a next target is proposed from."""
    kpi = objective.signal.kpi
    outcome = outcome_of(objective, [row.key_result for row in rows])
    hold = next((r.key_result for r in rows if r.key_result.kind == KeyResultKind.HOLD), None)
    today = kpi.team.organisation.today(now)
    recovery = hold.hold_periods if hold else kpi.settings_on(today).recovery
    end_treatment(
        objective.signal,
        grade=objective.grade,
        final_value=outcome.final_value if outcome else None,
        values=_judged_values(kpi, now),
        recovery=recovery,
        actor=actor,
        now=now,
    )


def _judged_values(kpi: Kpi, now: datetime) -> list[Decimal]:
    """The KPI's judged values, oldest first, however long ago the last one came.

    Those of periods a person excluded are left out.
    """
    return [
        verdict.projected
        for verdict in replay_kpi(kpi, now).verdicts
        if verdict.value is not None and verdict.status != PeriodStatus.EXCLUDED
    ]


def outcome_of(objective: Objective, key_results: list[KeyResult]) -> KeyResult | None:
    """The key result that moves the KPI whose signal is answered; None without one."""
    return next(
        (
            row
            for row in key_results
            if row.kpi_id == objective.signal.kpi_id and row.kind in CHANGES
        ),
        None,
    )
