"""From a signal to a draft, from a draft to an active objective."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from metrics.decisions import require_undecided_since
from metrics.models import Signal
from metrics.treatments import begin_treatment
from objectives.actions.check_ins import note_latest
from objectives.actions.cycles import as_replaced
from objectives.actions.draft_rows import write_key_results
from objectives.actions.drafted import ObjectiveDraft, differences, said, stored_draft
from objectives.actions.history import Changed, take_version, write_history
from objectives.actions.kept import keep_said
from objectives.actions.ordering import next_position
from objectives.actions.parents import lock_tree, require_parent
from objectives.kinds import CHANGES, Level
from objectives.models import KeyResult, Objective
from objectives.pilots import outside_words, require_in_pilot
from objectives.states import MoveRefused, ObjectiveState, require_move
from teams.models import Team, User


class PublishRefused(ValueError):
    """The draft cannot be published as it stands; the text says what is missing."""


class NothingToPublish(PublishRefused):
    """An objective needs at least one key result before it is published."""


def draft_objective_from_signal(
    signal: Signal, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    """Create the draft that answers a signal, once however often it is submitted (signals.md 12).

    Returns the draft or active objective that answers it already, whoever wrote it. `version` is
    the signal's when the form was opened; raises metrics.decisions.Decided when it was decided
    otherwise since then, CycleReplaced, PermissionDenied while a pilot runs without the team. The
    unique constraint is what makes it once; the look before only saves the attempt.
    """
    if (standing := Objective.objects.live().filter(signal=signal).first()) is not None:
        return standing
    try:
        with as_replaced(draft.cycle):
            return _create_for_signal(signal, draft, actor=actor, now=now, version=version)
    except IntegrityError:
        return Objective.objects.live().get(signal=signal)


@transaction.atomic
def _create_for_signal(
    signal: Signal, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    require_undecided_since(signal, version)
    more = {"signal": signal, "is_private": draft.is_private or signal.kpi.is_private}
    return _create(signal.kpi.team, draft, actor=actor, now=now, **more)


def create_objective(
    team: Team,
    draft: ObjectiveDraft,
    *,
    actor: User,
    now: datetime,
    token: UUID | None = None,
) -> Objective:
    """Create a draft that answers no signal; the same `token` again returns the one that is there.

    The unique constraint is what makes it once; the look before only saves the attempt. Raises
    ParentRefused where it cannot be aligned so, CycleReplaced, PermissionDenied while a pilot runs
    without the team.
    """
    if token is not None and (again := _made_by(team, token)) is not None:
        return again
    try:
        with as_replaced(draft.cycle):
            return _create_free(team, draft, actor=actor, now=now, token=token)
    except IntegrityError:
        # The same form sent twice at once: its twin won, and that is the answer.
        if token is not None and (twin := _made_by(team, token)) is not None:
            return twin
        raise


def _made_by(team: Team, token: UUID) -> Objective | None:
    return Objective.objects.filter(form_token=token, team=team).first()


@transaction.atomic
def _create_free(
    team: Team, draft: ObjectiveDraft, *, actor: User, now: datetime, token: UUID | None
) -> Objective:
    more = {"form_token": token, "is_private": draft.is_private}
    return _create(team, draft, actor=actor, now=now, **more)


def _create(team: Team, draft: ObjectiveDraft, *, actor: User, now: datetime, **more) -> Objective:
    require_in_pilot(team)
    require_parent(None, team.organisation, draft.cycle, draft.parent)
    objective = Objective.objects.create(
        team=team,
        position=next_position(team.pk),
        created_at=now,
        created_by=actor,
        **_columns(draft) | more,
    )
    write_key_results(objective, draft, now)
    keep_said(objective, draft.kept, draft.initiatives, actor=actor, now=now)
    moved = ("", ObjectiveState.DRAFT)
    write_history(
        objective,
        "drafted",
        actor=actor,
        now=now,
        moved=moved,
        after=said(draft),
        told=({}, _parent_told(draft)),
    )
    return objective


def _columns(draft: ObjectiveDraft) -> dict:
    parent = draft.parent
    return {
        "cycle": draft.cycle,
        "owner": draft.owner,
        "title": draft.title,
        "why": draft.why,
        "ambition": draft.ambition,
        "level": draft.level,
        "origin": draft.origin,
        "rhythm": draft.rhythm,
        "is_private": draft.is_private,
        "parent_objective": parent if isinstance(parent, Objective) else None,
        "parent_key_result": parent if isinstance(parent, KeyResult) else None,
    }


def edit_draft(
    objective: Objective, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    """Replace what a draft says; key results that stay keep their rows.

    Saying again what it says already changes nothing, so the same form sent twice is one edit.
    Raises Changed when somebody else said otherwise meanwhile, MoveRefused once it is published,
    ParentRefused where it cannot be aligned so, CycleReplaced.
    """
    try:
        with as_replaced(draft.cycle):
            return _edit(objective, draft, actor=actor, now=now, version=version)
    except Changed as found:
        current = found.current
        if current.state != ObjectiveState.DRAFT or differences(stored_draft(current), draft):
            raise
        return current


@transaction.atomic
def _edit(
    objective: Objective, draft: ObjectiveDraft, *, actor: User, now: datetime, version: int
) -> Objective:
    if draft.parent is not None:
        lock_tree(objective.team.organisation)
    take_version(objective, version)
    objective.refresh_from_db()
    if objective.state != ObjectiveState.DRAFT:
        raise MoveRefused("Only a draft is edited this way.")
    require_parent(objective.pk, objective.team.organisation, draft.cycle, draft.parent)
    stood = stored_draft(objective)
    columns = _columns(draft)
    columns["is_private"] = draft.is_private or _is_of_private_kpi(objective)
    if draft.cycle != objective.cycle:
        columns["position"] = next_position(objective.team_id)
    for name, value in columns.items():
        setattr(objective, name, value)
    objective.save(update_fields=[*columns])
    write_key_results(objective, draft, now)
    keep_said(objective, draft.kept, draft.initiatives, actor=actor, now=now)
    write_history(
        objective,
        "edited",
        actor=actor,
        now=now,
        before=said(stood),
        after=said(draft),
        told=(_parent_told(stood), _parent_told(draft)),
    )
    return objective


def _parent_told(draft: ObjectiveDraft) -> dict:
    """What it is aligned to, for the audit record, which does not name what is private."""
    return {"Aligned to": draft.parent or ""}


def _is_of_private_kpi(objective: Objective) -> bool:
    return objective.signal_id is not None and objective.signal.kpi.is_private


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
    changes nothing. Raises Changed, MoveRefused or PublishRefused; metrics.decisions.Decided when
    the signal was answered otherwise meanwhile.
    """
    objective.refresh_from_db()
    if objective.state == ObjectiveState.ACTIVE:
        return objective
    require_move(objective.state, ObjectiveState.ACTIVE)
    _require_publishable(objective, now)
    if objective.signal_id:
        answer_signal(objective, actor=actor, now=now, version=signal_version)
    take_version(objective, version)
    objective.state, objective.published_at = ObjectiveState.ACTIVE, now
    objective.starts_on = _first_day(objective, now)
    objective.save(update_fields=["state", "published_at", "starts_on"])
    for key_result in objective.key_results.filter(withdrawn_at=None):
        key_result.objective = objective
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


def _require_publishable(objective: Objective, now: datetime) -> None:
    """Raise PublishRefused while something is missing that its readers would miss."""
    organisation, cycle = objective.team.organisation, objective.cycle
    if not objective.key_results.filter(withdrawn_at=None).exists():
        raise NothingToPublish("Name at least one key result first.")
    if objective.level == Level.INDIVIDUAL and not organisation.has_individual_goals:
        raise PublishRefused(
            "Individual objectives are switched off here. Make it an objective of the team, or ask"
            " an administrator."
        )
    if cycle.ends_on < organisation.today(now):
        raise PublishRefused(f"{cycle} is over. Choose a cycle that runs or is to come.")
    if outside := outside_words(objective.team):
        raise PublishRefused(outside)


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
