"""Taking the demo out of an organisation in one step: what it is about goes, its settings stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q, QuerySet

from metrics import models as metrics
from metrics import policies
from metrics.import_files import discard
from objectives import models as objectives
from reviews import models as reviews
from reviews.demo_story import PEOPLE
from teams.actions.organisation import note_organisation
from teams.models import (
    ChatHook,
    InboxAbout,
    InboxItem,
    Invitation,
    Membership,
    Organisation,
    OutboxMessage,
    Team,
    User,
)


class NotDemo(Exception):
    """The organisation holds no demo, or somebody removed it meanwhile; nothing was written."""


class Busy(Exception):
    """Something was written in the organisation at the same moment; nothing was removed."""


def remove_demo(organisation: Organisation, *, actor: User, now: datetime) -> None:
    """Remove every team with all that hangs on it, every message, and the demo's people.

    What stays: the organisation with its cadences, policies, coach rules and cycles that are not
    over; the actor; people who were invited, who belong to no team now. Rows are deleted by table,
    so that years of values take seconds. Raises NotDemo and Busy.
    """
    try:
        with transaction.atomic():
            _remove(organisation, actor, now)
    except (IntegrityError, ProtectedError) as error:
        raise Busy from error


def _remove(organisation: Organisation, actor: User, now: datetime) -> None:
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if fresh.demo_loaded_at is None:
        raise NotDemo
    teams = Team.objects.filter(organisation=fresh)
    note_organisation(fresh, "demo_removed", by=actor, before={"teams": teams.count()})
    files = list(
        metrics.ImportBatch.objects.filter(team__in=teams).values_list("stored_name", flat=True)
    )
    leaving = leaving_people(fresh, actor)
    for rows in going(fresh, leaving, fresh.today(now)):
        # By hand: the collector would load every row, and stop at what is protected and goes too.
        rows._raw_delete(rows.db)
    _name_somebody_else(fresh, leaving, actor)
    leaving.delete()
    for cadence in metrics.Cadence.objects.filter(organisation=fresh).exclude(policies=""):
        cadence.policies = _of_everybody(cadence.policies)
        cadence.save(update_fields=["policies"])
    Organisation.objects.filter(pk=fresh.pk).update(
        demo_loaded_at=None, first_steps_closed_at=None, pilot_since=None
    )
    transaction.on_commit(lambda: _discard(files))


def leaving_people(organisation: Organisation, actor: User) -> QuerySet[User]:
    """The demo's people but the actor."""
    emails = [email for _, _, email, _ in PEOPLE]
    return User.objects.filter(organisation=organisation, email__in=emails).exclude(pk=actor.pk)


def going(organisation: Organisation, leaving: QuerySet[User], today: date) -> Iterable[QuerySet]:
    """All rows that go, a table at a time, what hangs on others before them.

    The state of each KPI comes first: its lock waits for the evaluation that is under way.
    """
    people = User.objects.filter(organisation=organisation)
    teams = Team.objects.filter(organisation=organisation)
    kpis = metrics.Kpi.objects.filter(team__in=teams)
    sources = metrics.Source.objects.filter(team__in=teams)
    signals = metrics.Signal.objects.filter(Q(kpi__in=kpis) | Q(source__in=sources))
    goals = objectives.Objective.objects.filter(team__in=teams)
    key_results = objectives.KeyResult.objects.filter(objective__in=goals)
    looks = reviews.Review.objects.filter(team__in=teams)
    invited = Invitation.objects.filter(organisation=organisation).exclude(
        team=None, accepted_at=None
    )
    over = objectives.Cycle.objects.filter(organisation=organisation, ends_on__lt=today)
    yield metrics.KpiState.objects.filter(kpi__in=kpis)
    for rows in (reviews.GivenGrade, reviews.ObjectiveDecision, reviews.Learning):
        yield rows.objects.filter(review__in=looks)
    yield reviews.ReviewAction.objects.filter(team__in=teams)
    yield reviews.Outcome.objects.filter(objective__in=goals)
    yield looks
    yield reviews.ScorecardLink.objects.filter(organisation=organisation)
    talks = reviews.Conversation.objects.filter(first__in=people)
    yield reviews.ConversationNote.objects.filter(conversation__in=talks)
    yield talks
    yield reviews.SavedView.objects.filter(person__in=people)
    pilots = objectives.Pilot.objects.filter(organisation=organisation)
    yield objectives.PilotTeam.objects.filter(pilot__in=pilots)
    yield pilots
    yield objectives.LessonShown.objects.filter(person__in=people)
    yield from _going_goals(goals, key_results, people, over)
    yield from _going_kpis(kpis, sources, signals, teams)
    items = InboxItem.objects.filter(recipient__in=people)
    yield InboxAbout.objects.filter(item__in=items)
    yield items
    yield OutboxMessage.objects.filter(
        Q(recipient__in=people)
        | Q(invitation__in=invited)
        | Q(hook__in=ChatHook.objects.filter(organisation=organisation))
    )
    yield ChatHook.objects.filter(Q(team__in=teams) | Q(set_by__in=leaving))
    yield invited
    yield Membership.objects.filter(team__in=teams)
    yield teams


def _going_goals(
    goals: QuerySet, key_results: QuerySet, people: QuerySet, over: QuerySet
) -> Iterable[QuerySet]:
    check_ins = objectives.CheckIn.objects.filter(key_result__in=key_results)
    yield objectives.Thanks.objects.filter(check_in__in=check_ins)
    yield check_ins
    for rows in (
        objectives.Checkpoint,
        objectives.Milestone,
        objectives.Revision,
        objectives.Initiative,
        objectives.Blocker,
    ):
        yield rows.objects.filter(key_result__in=key_results)
    yield objectives.WeekItem.objects.filter(person__in=people)
    yield objectives.WeekVisit.objects.filter(person__in=people)
    yield objectives.Dependency.objects.filter(objective__in=goals)
    yield objectives.ObjectiveEvent.objects.filter(objective__in=goals)
    yield key_results
    yield goals
    yield objectives.CycleEvent.objects.filter(cycle__in=over)
    yield over


def _going_kpis(
    kpis: QuerySet, sources: QuerySet, signals: QuerySet, teams: QuerySet
) -> Iterable[QuerySet]:
    yield metrics.Treatment.objects.filter(signal__in=signals)
    yield metrics.SignalEvent.objects.filter(signal__in=signals)
    yield signals
    for rows in (
        metrics.MeasurementRevision,
        metrics.Measurement,
        metrics.Exclusion,
        metrics.Target,
        metrics.CadenceChange,
        metrics.KpiPolicy,
        metrics.KpiEvent,
    ):
        yield rows.objects.filter(kpi__in=kpis)
    yield kpis
    yield metrics.ImportBatch.objects.filter(team__in=teams)
    yield sources
    yield metrics.Policy.objects.filter(team__in=teams)


def _name_somebody_else(organisation: Organisation, leaving: QuerySet[User], actor: User) -> None:
    """What stays no longer names people who go: nobody where that is allowed, else the actor."""
    metrics.Policy.objects.filter(author__in=leaving).update(author=None)
    objectives.CycleEvent.objects.filter(actor__in=leaving).update(actor=None)
    rules = objectives.RuleSetting.objects.filter(organisation=organisation)
    rules.filter(changed_by__in=leaving).update(changed_by=actor)
    Invitation.objects.filter(created_by__in=leaving).update(created_by=actor)


def _of_everybody(text: str) -> str:
    """The terms of a cadence without those of teams."""
    return policies.write([one for one in policies.read(text) if one.team_id is None])


def _discard(files: list[str]) -> None:
    """Uploads that waited, and who could sign in, which `run.py` prints at each start."""
    for name in files:
        discard(name)
    (settings.DATA_DIR / "demo-people.txt").unlink(missing_ok=True)
