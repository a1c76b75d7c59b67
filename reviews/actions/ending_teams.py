"""A team ends: archived when nothing in it is open, or merged into another one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, Q

from metrics.actions.history import write_history as write_kpi_history
from metrics.models import ImportBatch, Kpi, Source, Treatment
from objectives.actions.history import write_history
from objectives.actions.pilots import is_last_in_pilot, move_in_pilot
from objectives.models import Dependency, Objective
from objectives.states import DependencyState, ObjectiveState
from reviews.models import Review, ReviewAction
from teams.actions import TeamInUse, close_team, set_role
from teams.actions.people import lock_organisation
from teams.actions.tree import require_no_subteams
from teams.models import Membership, Team, User

OPEN = (ObjectiveState.DRAFT, ObjectiveState.PARKED, ObjectiveState.ACTIVE)
RANK = [Membership.Role.VIEWER, Membership.Role.MEMBER, Membership.Role.LEAD]


@transaction.atomic
def archive_team(team: Team, *, now: datetime, by: User | None = None) -> None:
    """Take a team in which nothing is open out of every list. Raises TeamInUse; again, nothing."""
    lock_organisation(team.organisation_id)
    fresh = Team.objects.get(pk=team.pk)
    if fresh.archived_at is not None:
        return
    require_no_subteams(fresh)
    if is_last_in_pilot(fresh):
        raise TeamInUse("The pilot runs with this team alone. Widen the pilot or end it first.")
    _require_no_review(fresh)
    if count := Objective.objects.filter(team=fresh, state__in=OPEN).count():
        raise TeamInUse(
            f"{_many(count, 'objective')} of it {'is' if count == 1 else 'are'} open. "
            "Close or withdraw them, or merge the team into another one."
        )
    if count := Kpi.objects.filter(team=fresh).count():
        raise TeamInUse(
            f"It watches {_many(count, 'KPI')}. "
            "Merge it into the team that watches them from now on."
        )
    close_team(fresh, into=None, now=now, by=by)


@transaction.atomic
def merge_teams(team: Team, into: Team, *, actor: User, now: datetime) -> None:
    """Let another team take over what a team does: KPIs, open objectives, sub-teams, people.

    What is over stays readable where it was. Raises TeamInUse; sent twice, it is done once.
    """
    lock_organisation(team.organisation_id)
    both = {one.pk: one for one in Team.objects.filter(pk__in=[team.pk, into.pk])}
    team, into = both[team.pk], both[into.pk]
    if team.archived_at is not None and team.merged_into_id == into.pk:
        return
    _require_mergeable(team, into)
    _move_kpis(team, into, actor, now)
    _move_goals(team, into, actor, now)
    _move_people(team, into, actor)
    move_in_pilot(team, into, actor=actor, now=now)
    if _stands_under(into, team):
        Team.objects.filter(pk=into.pk).update(parent=team.parent_id)
    team.children.exclude(pk=into.pk).update(parent=into)
    close_team(team, into=into, now=now, by=actor)


def _require_mergeable(team: Team, into: Team) -> None:
    if team.pk == into.pk or into.archived_at or team.archived_at:
        raise TeamInUse("Choose another team that is not archived.")
    if team.is_private and not into.is_private:
        raise TeamInUse(f"{team} is private and {into} is open: all would see what is private now.")
    _require_no_review(team)
    names = Kpi.objects.filter(team=into).values("name")
    clash = Kpi.objects.filter(team=team, name__in=names).values_list("name", flat=True).first()
    if clash:
        raise TeamInUse(f"Both teams have a KPI “{clash}”. Rename one of them first.")


def _require_no_review(team: Team) -> None:
    count = Review.objects.filter(team=team, closed_at=None).count()
    if count:
        raise TeamInUse(f"{_many(count, 'review')} of it {'is' if count == 1 else 'are'} open. "
                        "Close it on the page of reviews first.")  # fmt: skip


def _stands_under(team: Team, ancestor: Team) -> bool:
    here = team.parent
    while here is not None and here.pk != ancestor.pk:
        here = here.parent
    return here is not None


def _move_kpis(team: Team, into: Team, actor: User, now: datetime) -> None:
    """KPIs with their sources; a source whose name is taken says where it came from."""
    taken = set(Source.objects.filter(team=into).values_list("name", flat=True))
    for source in Source.objects.filter(team=team):
        name = f"{source.name} ({team.name})"[:120] if source.name in taken else source.name
        Source.objects.filter(pk=source.pk).update(team=into, name=name)
    last = Kpi.objects.filter(team=into).aggregate(last=Max("position"))["last"] or 0
    kpis = Kpi.objects.filter(team=team)
    for kpi in kpis.select_for_update(of=("self",), no_key=True).order_by("pk"):
        _say(write_kpi_history, kpi, team, into, actor, now)
    Treatment.objects.filter(signal__kpi__team=team).update(team=into)
    ImportBatch.objects.filter(team=team).update(team=into)
    kpis.update(team=into, position=F("position") + last + 1, version=F("version") + 1)


def _move_goals(team: Team, into: Team, actor: User, now: datetime) -> None:
    """Objectives that are open, or whose next target waits; with what they ask of each other."""
    waiting = Q(state=ObjectiveState.CLOSED, signal__treatment__choice="")
    moving = Objective.objects.filter(Q(state__in=OPEN) | waiting, team=team)
    ids = list(moving.values_list("pk", flat=True))
    rows = Objective.objects.filter(pk__in=ids)
    for objective in rows.all():
        _say(write_history, objective, team, into, actor, now)
    last = Objective.objects.filter(team=into).aggregate(last=Max("position"))["last"] or 0
    rows.update(team=into, position=F("position") + last + 1, version=F("version") + 1)
    asked = Dependency.objects.filter(team=team)
    asked.filter(state__in=[DependencyState.ASKED, DependencyState.CONFIRMED]).update(team=into)
    ReviewAction.objects.filter(team=team, done_at=None, deleted_at=None).update(team=into)


def _say(write, row, team: Team, into: Team, actor: User, now: datetime) -> None:
    # The team it belongs to from now on says who may read of the move in the audit record.
    row.team = into
    write(
        row,
        "moved",
        actor=actor,
        now=now,
        reason=f"{team} was merged into {into}.",
        before={"team": team},
        after={"team": into},
    )


def _move_people(team: Team, into: Team, actor: User) -> None:
    """Everybody has the higher of their two roles."""
    there = dict(into.memberships.values_list("user_id", "role"))
    for held in team.memberships.select_related("user").order_by("user_id"):
        if held.user_id not in there or RANK.index(held.role) > RANK.index(there[held.user_id]):
            set_role(held.user, into, held.role, by=actor)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
