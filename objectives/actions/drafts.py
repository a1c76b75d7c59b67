"""From a signal to a draft, from a draft to an active objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from metrics.decisions import require_undecided_since
from metrics.models import Kpi, Signal
from metrics.treatments import begin_treatment
from objectives.actions.check_ins import note_latest
from objectives.actions.cycles import cycle_holding
from objectives.actions.history import take_version, write_history
from objectives.kinds import CHANGES, change_kind
from objectives.models import KeyResult, Objective
from objectives.states import MoveRefused, ObjectiveState, require_move
from teams.models import Team, User


class NothingToPublish(ValueError):
    """An objective needs at least one key result before it is published."""


@dataclass(frozen=True, slots=True)
class KeyResultDraft:
    """One key result as it was typed; numbers are in `unit`. Without a kind they decide."""

    title: str
    kind: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str = ""
    kpi: Kpi | None = None
    kpi_follows: bool = False
    hold_periods: int | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class ObjectiveDraft:
    """An objective as it was typed; `cycle_on` is the first day of its quarter."""

    title: str
    ambition: str
    owner: User | None
    cycle_on: date
    key_results: Sequence[KeyResultDraft]
    why: str = ""
    is_private: bool = False


def draft_objective_from_signal(
    signal: Signal, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    """Create the draft that answers a signal, once however often it is submitted (signals.md 12).

    Returns the draft or active objective that answers it already, whoever wrote it. `version` is
    the signal's when the form was opened; raises metrics.decisions.Decided when it was decided
    otherwise since then. The unique constraint is what makes it once; the look before only saves
    the attempt.
    """
    if (standing := Objective.objects.live().filter(signal=signal).first()) is not None:
        return standing
    try:
        return _create_for_signal(signal, draft, actor=actor, now=now, version=version)
    except IntegrityError:
        return Objective.objects.live().get(signal=signal)


@transaction.atomic
def _create_for_signal(
    signal: Signal, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    require_undecided_since(signal, version)
    is_private = draft.is_private or signal.kpi.is_private
    return _create(signal.kpi.team, draft, signal, actor=actor, now=now, is_private=is_private)


@transaction.atomic
def create_objective(team: Team, draft: ObjectiveDraft, *, actor: User, now: datetime) -> Objective:
    """Create a draft that answers no signal."""
    return _create(team, draft, None, actor=actor, now=now, is_private=draft.is_private)


def _create(
    team: Team,
    draft: ObjectiveDraft,
    signal: Signal | None,
    *,
    actor: User,
    now: datetime,
    is_private: bool,
) -> Objective:
    objective = Objective.objects.create(
        team=team,
        cycle=cycle_holding(team.organisation, draft.cycle_on),
        owner=draft.owner,
        title=draft.title,
        why=draft.why,
        ambition=draft.ambition,
        signal=signal,
        is_private=is_private,
        created_at=now,
        created_by=actor,
    )
    _add_key_results(objective, draft)
    write_history(
        objective,
        "drafted",
        actor=actor,
        now=now,
        moved=("", ObjectiveState.DRAFT),
        after=_said(draft),
    )
    return objective


def _add_key_results(objective: Objective, draft: ObjectiveDraft) -> None:
    KeyResult.objects.bulk_create(
        KeyResult(
            objective=objective,
            position=position,
            title=row.title,
            kind=row.kind or change_kind(row.baseline, row.target, _direction(row)),
            baseline=row.baseline,
            target=row.target,
            unit=row.unit,
            kpi=row.kpi,
            kpi_follows=row.kpi_follows,
            hold_periods=row.hold_periods,
            weight=row.weight,
            owner=draft.owner,
        )
        for position, row in enumerate(draft.key_results, start=1)
    )


def _direction(row: KeyResultDraft) -> str:
    return row.kpi.direction if row.kpi else ""


def _said(draft: ObjectiveDraft) -> dict:
    """The draft as the history keeps it."""
    return {
        "title": draft.title,
        "ambition": draft.ambition,
        "owner": draft.owner,
        "cycle_on": draft.cycle_on,
        "key_results": "; ".join(row.title for row in draft.key_results),
    }


@transaction.atomic
def edit_draft(
    objective: Objective, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    """Replace what a draft says. Raises Changed when somebody else did, MoveRefused once it is
    published: nobody has checked in on a draft, so its key results may be written anew."""
    take_version(objective, version)
    objective.refresh_from_db()
    if objective.state != ObjectiveState.DRAFT:
        raise MoveRefused("Only a draft is edited this way.")
    before = {"title": objective.title, "ambition": objective.ambition, "owner": objective.owner}
    objective.title, objective.why = draft.title, draft.why
    objective.ambition, objective.owner = draft.ambition, draft.owner
    objective.cycle = cycle_holding(objective.team.organisation, draft.cycle_on)
    objective.save(update_fields=["title", "why", "ambition", "owner", "cycle"])
    objective.key_results.all().delete()
    _add_key_results(objective, draft)
    write_history(objective, "edited", actor=actor, now=now, before=before, after=_said(draft))
    return objective


@transaction.atomic
def publish_objective(
    objective: Objective,
    *,
    actor: User,
    now: datetime,
    version: int,
    signal_version: int | None = None,
) -> Objective:
    """Make a draft active and answer its signal with it; the KPI then shows "being addressed".

    `signal_version` is the signal's when the page was opened. Publishing what is active already
    changes nothing. Raises Changed, MoveRefused or NothingToPublish; metrics.decisions.Decided when
    the signal was answered otherwise meanwhile.
    """
    objective.refresh_from_db()
    if objective.state == ObjectiveState.ACTIVE:
        return objective
    require_move(objective.state, ObjectiveState.ACTIVE)
    if not objective.key_results.exists():
        raise NothingToPublish("Name at least one key result first.")
    if objective.signal_id:
        answer_signal(objective, actor=actor, now=now, version=signal_version)
    take_version(objective, version)
    objective.state, objective.published_at = ObjectiveState.ACTIVE, now
    objective.starts_on = _first_day(objective, now)
    objective.save(update_fields=["state", "published_at", "starts_on"])
    for key_result in objective.key_results.all():
        note_latest(key_result)
    write_history(
        objective,
        "published",
        actor=actor,
        now=now,
        moved=(ObjectiveState.DRAFT, ObjectiveState.ACTIVE),
    )
    objective.version = version + 1
    return objective


def _first_day(objective: Objective, now: datetime) -> date:
    """The day its pace is reckoned from: nobody is behind on the day they begin."""
    today = objective.team.organisation.today(now)
    cycle = objective.cycle
    return min(max(cycle.starts_on, today), cycle.ends_on)


def answer_signal(objective: Objective, *, actor: User, now: datetime, version: int | None) -> None:
    """Tell the KPI's side that the signal is answered by this objective."""
    outcome = objective.key_results.filter(kpi=objective.signal.kpi, kind__in=CHANGES).first()
    begin_treatment(
        objective.signal,
        title=objective.title,
        url=objective.get_absolute_url(),
        is_private=objective.is_private,
        baseline=outcome.baseline if outcome else None,
        target=outcome.target if outcome else None,
        starts_on=objective.starts_on or _first_day(objective, now),
        ends_on=objective.cycle.ends_on,
        actor=actor,
        now=now,
        version=objective.signal.version if version is None else version,
    )


@transaction.atomic
def withdraw_draft(
    objective: Objective, *, reason: str, actor: User, now: datetime, version: int
) -> Objective:
    """Give up a draft, with a reason; its signal waits for another answer."""
    take_version(objective, version)
    objective.refresh_from_db()
    if objective.state != ObjectiveState.DRAFT:
        raise MoveRefused("Only a draft is given up this way; an active objective is closed.")
    objective.state, objective.closed_at = ObjectiveState.WITHDRAWN, now
    objective.withdrawn_from = ObjectiveState.DRAFT
    objective.save(update_fields=["state", "closed_at", "withdrawn_from"])
    write_history(
        objective,
        "withdrawn",
        actor=actor,
        now=now,
        reason=reason,
        moved=(ObjectiveState.DRAFT, ObjectiveState.WITHDRAWN),
    )
    return objective
