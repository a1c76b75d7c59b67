"""Somebody leaves: their open work goes to a named person, and then every way in is taken.

What is over keeps their name: closed objectives, check-ins, decisions, history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from metrics.actions.history import write_history as write_kpi_history
from metrics.models import Kpi, Signal
from objectives.actions.history import write_history
from objectives.models import Blocker, Initiative, KeyResult, Objective
from objectives.states import ENDED
from reviews.models import ReviewAction
from teams.actions import deactivate, set_role
from teams.actions.people import lock_organisation
from teams.guards import WRITERS
from teams.models import Membership, Team, User


class NobodyTakesOver(Exception):
    """There is open work and nobody was named for it; nothing was written."""


@dataclass(frozen=True)
class OpenWork:
    """What a person leaves behind that is not over."""

    kpis: QuerySet[Kpi]
    objectives: QuerySet[Objective]
    key_results: QuerySet[KeyResult]
    initiatives: QuerySet[Initiative]
    blockers: QuerySet[Blocker]
    actions: QuerySet[ReviewAction]
    decisions: QuerySet[Signal]
    led_alone: QuerySet[Team]

    def counts(self) -> list[tuple[int, str, str]]:
        """How much of each there is, with its words for one and for many; nothing is left out."""
        return [
            (self.kpis.count(), "KPI", "KPIs"),
            (self.objectives.count(), "objective", "objectives"),
            (self.key_results.count(), "key result", "key results"),
            (self.initiatives.count(), "initiative", "initiatives"),
            (self.blockers.count(), "blocker to remove", "blockers to remove"),
            (self.actions.count(), "action of a review", "actions of reviews"),
            (self.decisions.count(), "decision about a signal", "decisions about signals"),
            (self.led_alone.count(), "team led alone", "teams led alone"),
        ]

    def teams(self) -> set[int]:
        """The teams in which somebody has to write from now on."""
        by_key_result = (self.initiatives, self.blockers)
        return {
            *self.kpis.values_list("team", flat=True),
            *self.objectives.values_list("team", flat=True),
            *self.key_results.values_list("objective__team", flat=True),
            *self.actions.values_list("team", flat=True),
            *(
                pk
                for rows in by_key_result
                for pk in rows.values_list("key_result__objective__team", flat=True)
            ),
        }


def open_work(person: User) -> OpenWork:
    """What the person owns that is not over, in every team, private ones too."""
    live = ~Q(objective__state__in=ENDED)
    under = ~Q(key_result__objective__state__in=ENDED)
    owned = Kpi.objects.filter(owner=person)
    leads = Membership.objects.filter(role=Membership.Role.LEAD).exclude(user=person)
    others = leads.filter(user__is_active=True).values("team_id")
    led = Team.objects.led_by(person).in_use().exclude(pk__in=others)
    waiting = Signal.objects.filter(is_open=True, decided_at=None)
    return OpenWork(
        kpis=owned,
        objectives=Objective.objects.filter(owner=person).exclude(state__in=ENDED),
        key_results=KeyResult.objects.filter(live, owner=person, withdrawn_at=None),
        initiatives=Initiative.objects.filter(under, owner=person, done_at=None, deleted_at=None),
        blockers=Blocker.objects.filter(under, remover=person, resolved_at=None, deleted_at=None),
        actions=ReviewAction.objects.filter(owner=person, done_at=None, deleted_at=None),
        decisions=waiting.filter(Q(kpi__in=owned) | Q(kpi__team__in=led)),
        led_alone=led,
    )


@transaction.atomic
def leave(person: User, *, successor: User | None, actor: User, now: datetime) -> None:
    """Hand a person's open work to `successor` and take every way in from them, in one step.

    The successor becomes a member of the teams it lies in, and leads those the person led alone.
    Raises NobodyTakesOver when there is work and no successor, LastAdmin for the last
    administrator. Sent twice, it is done once.
    """
    lock_organisation(person.organisation_id)
    if User.objects.filter(pk=person.pk, left_at__isnull=False).exists():
        return
    work = open_work(person)
    if successor is not None:
        _hand_over(work, person, successor, actor, now)
    elif any(count for count, *_ in work.counts()):
        raise NobodyTakesOver
    deactivate(person, now=now, by=actor)


def _hand_over(work: OpenWork, person: User, to: User, actor: User, now: datetime) -> None:
    """Decisions follow: who may take them are the owner of the KPI and the leads of its team."""
    _join(work, to, actor)
    reason = f"{person} left; {to} took over."
    said = {"before": {"owner": person}, "after": {"owner": to}}
    for kpi in list(work.kpis.select_for_update(of=("self",), no_key=True).order_by("pk")):
        Kpi.objects.filter(pk=kpi.pk).update(owner=to, version=F("version") + 1)
        write_kpi_history(kpi, "handed_over", actor=actor, now=now, reason=reason, **said)
    # The rows under an objective first: they are found by who owned them.
    for key_result in list(work.key_results.select_related("objective")):
        write_history(
            key_result.objective,
            "handed_over",
            key_result=key_result,
            actor=actor,
            now=now,
            reason=reason,
            **said,
        )
    for objective in list(work.objectives):
        write_history(objective, "handed_over", actor=actor, now=now, reason=reason, **said)
    for rows in (work.key_results, work.objectives, work.initiatives, work.actions):
        rows.update(owner=to, version=F("version") + 1)
    work.blockers.update(remover=to, version=F("version") + 1)


def _join(work: OpenWork, to: User, actor: User) -> None:
    """Give the successor the roles that the work needs; what they have already stays."""
    led = set(work.led_alone.values_list("pk", flat=True))
    roles = dict(to.memberships.values_list("team_id", "role"))
    for team in Team.objects.filter(pk__in=led | work.teams()).order_by("pk"):
        if team.pk in led:
            set_role(to, team, Membership.Role.LEAD, by=actor)
        elif roles.get(team.pk) not in WRITERS:
            set_role(to, team, Membership.Role.MEMBER, by=actor)
