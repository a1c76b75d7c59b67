"""Closing a review: objectives closed, outcomes frozen, what goes on drafted; all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from metrics.decisions import lock_kpi
from objectives.actions import Grade, close_objective, ensure_cycles
from objectives.actions.copies import Carried, copy_objective
from objectives.kinds import CHANGES
from objectives.models import Cycle, Objective
from objectives.pilots import outside_words
from objectives.standing import KeyResultStanding, ObjectiveStanding
from objectives.states import OPEN_CYCLES, ObjectiveState
from reviews import endings
from reviews.actions.entries import claim, note_review
from reviews.endings import Missing
from reviews.facts import Material, load_material, review_facts
from reviews.kinds import Decision, ReviewKind
from reviews.models import ObjectiveDecision, Outcome, Review
from teams.faults import fault
from teams.models import User

_FOLLOW_UPS = uuid5(NAMESPACE_URL, "okrkpi-review-follow-up")


class NotReady(ValueError):
    """Something is missing before the review can be closed; `missing` says what and where."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__("; ".join(one.sentence for one in missing))
        self.missing = missing


@transaction.atomic
def close_review(review: Review, *, actor: User, now: datetime) -> Review:
    """Close every objective with its grades, freeze the page, and draft what goes on.

    Raises NotReady with what is missing, ReviewClosed when somebody closed it first. Figures are
    those of this moment: what is corrected later moves nothing here. A monthly or mid-cycle look
    grades nothing and only freezes its page.
    """
    _lock_kpis(review, actor, now)
    claim(review)
    if review.kind == ReviewKind.QUARTERLY:
        _close_objectives(load_material(review, now), actor, now)
    fault("review.before_freeze")
    fresh = Review.objects.select_related("team__organisation", "cycle").get(pk=review.pk)
    fresh.closed_at, fresh.closed_by = now, actor
    fresh.frozen = review_facts(load_material(fresh, now), now)
    fresh.save(update_fields=["closed_at", "closed_by", "frozen"])
    note_review(fresh, "review_closed", str(fresh), by=actor)
    return fresh


def _lock_kpis(review: Review, actor: User, now: datetime) -> None:
    """Lock the KPIs whose signals are answered, in the order of their ids, before anything else.

    Closing an objective locks its KPI before the objective; several in one transaction must not
    wait in a circle with another close or the evaluation.
    """
    answered = Objective.objects.active().filter(
        team=review.team_id, cycle=review.cycle_id, signal__isnull=False
    )
    ids = answered.order_by().values_list("signal__kpi_id", flat=True)
    for pk in sorted(set(ids)):
        lock_kpi(pk, now, author=actor)


def missing_in(material: Material) -> list[Missing]:
    """What holds the closing of a review, in the order of the page."""
    given = material.given()
    return [
        one
        for standing in material.standings
        for one in endings.missing_of(standing, given, material.said(standing.objective.pk))
    ]


def _close_objectives(material: Material, actor: User, now: datetime) -> None:
    if missing := missing_in(material):
        raise NotReady(missing)
    given = material.given()
    following = None if outside_words(material.review.team) else _next_cycle(material.review, now)
    for standing in material.standings:
        objective = standing.objective
        row = material.decisions[objective.pk]
        grade = objective.grade
        if objective.state == ObjectiveState.ACTIVE:
            closed = close_objective(
                objective,
                grades=given,
                note=row.explanation,
                actor=actor,
                now=now,
                version=objective.version,
            )
            grade = closed.grade
        _write_outcome(material, standing, row, grade, actor, now)
        if row.decision != Decision.DROP:
            _follow_up(material.review, standing, row, following, actor, now)


def _write_outcome(
    material: Material,
    standing: ObjectiveStanding,
    row: ObjectiveDecision,
    grade: Decimal | None,
    actor: User,
    now: datetime,
) -> None:
    """Freeze how an objective ended, with what it was computed from; one written before stays."""
    given = material.given()
    facts = {
        "title": standing.objective.title,
        "ambition": standing.objective.ambition,
        "progress": _text(standing.progress),
        "decision": row.decision,
        "note": row.note,
        "explanation": row.explanation,
        "root_cause": row.root_cause,
        "closed_by": str(actor),
        "key_results": [
            _key_result_facts(one, given.get(one.key_result.pk), material)
            for one in standing.key_results
        ],
    }
    Outcome.objects.get_or_create(
        objective=standing.objective,
        defaults={"review": material.review, "grade": grade, "facts": facts, "at": now},
    )


def _key_result_facts(one: KeyResultStanding, given: Grade | None, material: Material) -> dict:
    """What one key result's grade was computed from; numbers as text, None where there was none."""
    key_result = one.key_result
    who = material.grades.get(key_result.pk)
    numbers = ("baseline", "target", "low", "high", "original_baseline", "original_target")
    kept = one.kept
    return {
        "id": key_result.pk,
        "title": key_result.title,
        "kind": key_result.kind,
        "unit": key_result.unit,
        "weight": _text(key_result.weight),
        **{name: _text(getattr(key_result, name)) for name in numbers},
        "value": _text(one.value),
        "progress": _text(one.final_ratio),
        "progress_by_original": _text(one.final_original),
        "check_ins": len(one.check_ins),
        "periods": None if kept is None else [kept.met, kept.judged, kept.missing],
        "suggested": _text(endings.suggestion(one)),
        "grade": _text(given.grade) if given else None,
        "reason": given.reason if given else key_result.withdrawn_reason,
        "is_left_out": bool(given and given.is_left_out),
        "is_withdrawn": not one.counts,
        "by": str(who.changed_by) if who else "",
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _next_cycle(review: Review, now: datetime) -> Cycle | None:
    """The cycle what goes on is drafted for: the next of its kind that takes drafts, or any."""
    organisation = review.team.organisation
    ensure_cycles(organisation, now)
    rows = Cycle.objects.of(organisation).filter(
        state__in=OPEN_CYCLES, starts_on__gt=review.cycle.starts_on
    )
    return rows.filter(kind=review.cycle.kind).first() or rows.first()


def _follow_up(
    review: Review,
    standing: ObjectiveStanding,
    row: ObjectiveDecision,
    cycle: Cycle | None,
    actor: User,
    now: datetime,
) -> None:
    """Draft the objective again, once however often it is closed, and note the draft.

    Without a `cycle` there is none to draft for, or the team waits while a pilot runs.
    """
    if cycle is None:
        return
    row.follow_up = copy_objective(
        standing.objective,
        cycle,
        [_carried(one) for one in standing.key_results if _goes_on(one)],
        why_again=row.why_again,
        token=_token(review, standing.objective),
        actor=actor,
        now=now,
    )
    row.version += 1
    row.save(update_fields=["follow_up", "version"])


def _goes_on(one: KeyResultStanding) -> bool:
    """True for a key result with some way left: a new draft starts where it stands."""
    return one.counts and not (one.progress is not None and one.progress.ratio >= 1)


def _carried(one: KeyResultStanding) -> Carried:
    key_result = one.key_result
    start = one.value if one.value is not None else key_result.baseline
    changes = key_result.kind in CHANGES
    return Carried(key_result, start if changes else None, key_result.target if changes else None)


def _token(review: Review, objective: Objective) -> UUID:
    return uuid5(_FOLLOW_UPS, f"{review.pk}:{objective.pk}")
