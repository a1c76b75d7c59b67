"""What removing the demo takes away and leaves, counted before anybody decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from metrics.models import Kpi, Measurement, MeasurementRevision, Signal, Target
from objectives.models import CheckIn, Initiative, Objective
from reviews.actions.demo_removal import leaving_people
from reviews.demo_story import PEOPLE
from reviews.models import ConversationNote, Learning, Review
from teams.models import OutboxMessage, Team, User


class Count(NamedTuple):
    """So many of something."""

    number: int
    words: str


def demo_context(user: User) -> dict:
    """The context of `demo.html`: what people added since, what goes, what stays."""
    organisation = user.organisation
    since = organisation.demo_loaded_at
    leaving = leaving_people(organisation, user)
    people = User.objects.filter(organisation=organisation).exclude(pk__in=leaving)
    return {
        "since": since,
        "own": _counted(_own(organisation.pk, since)),
        "goes": _counted(_all(organisation.pk))
        + _counted([(leaving, "demo person", "demo people")]),
        "staying": list(people.order_by("name", "pk")[:12]),
        "staying_more": max(0, people.count() - 12),
        "is_demo_admin": user.email in {email for _, _, email, _ in PEOPLE},
    }


def _counted(rows: Iterable[tuple[QuerySet, str, str]]) -> list[Count]:
    """How many there are of each that there is."""
    found = [(row.count(), one, many) for row, one, many in rows]
    return [Count(number, one if number == 1 else many) for number, one, many in found if number]


def _all(organisation_id: int) -> list[tuple[QuerySet, str, str]]:
    by_team = {"team__organisation": organisation_id}
    return [
        (Team.objects.filter(organisation=organisation_id), "team", "teams"),
        (Kpi.objects.filter(**by_team), "KPI", "KPIs"),
        (Measurement.objects.filter(kpi__team__organisation=organisation_id), "value", "values"),
        (Signal.objects.filter(_of_signal(organisation_id)), "signal", "signals"),
        (Objective.objects.filter(**by_team), "objective", "objectives"),
        (_check_ins(organisation_id), "check-in", "check-ins"),
        (Review.objects.filter(**by_team), "review", "reviews"),
        (
            OutboxMessage.objects.filter(recipient__organisation=organisation_id),
            "message",
            "messages",
        ),
    ]


def _own(organisation_id: int, since: datetime) -> list[tuple[QuerySet, str, str]]:
    """What people made after the demo was loaded; the jobs' own work is not theirs."""
    by_team = {"team__organisation": organisation_id}
    made = {"created_at__gt": since}
    kpi = {"kpi__team__organisation": organisation_id}
    recorded = {"recorded_at__gt": since, "author__isnull": False}
    return [
        (Team.objects.filter(organisation=organisation_id, **made), "team", "teams"),
        (Kpi.objects.filter(**by_team, **made), "KPI", "KPIs"),
        (Measurement.objects.filter(**kpi, **recorded), "value", "values"),
        (
            MeasurementRevision.objects.filter(**kpi, replaced_at__gt=since),
            "corrected value",
            "corrected values",
        ),
        (Target.objects.filter(**kpi, **made), "target", "targets"),
        (
            Signal.objects.filter(_of_signal(organisation_id), decided_at__gt=since),
            "decision about a signal",
            "decisions about signals",
        ),
        (Objective.objects.filter(**by_team, **made), "objective", "objectives"),
        (_check_ins(organisation_id).filter(made_at__gt=since), "check-in", "check-ins"),
        (
            Initiative.objects.filter(
                key_result__objective__team__organisation=organisation_id, **made
            ),
            "initiative",
            "initiatives",
        ),
        (Review.objects.filter(**by_team, closed_at__gt=since), "closed review", "closed reviews"),
        (
            Learning.objects.filter(review__team__organisation=organisation_id, **made),
            "learning",
            "learnings",
        ),
        (
            ConversationNote.objects.filter(author__organisation=organisation_id, **made),
            "note of a conversation",
            "notes of conversations",
        ),
    ]


def _of_signal(organisation_id: int) -> Q:
    return Q(kpi__team__organisation=organisation_id) | Q(
        source__team__organisation=organisation_id
    )


def _check_ins(organisation_id: int) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(key_result__objective__team__organisation=organisation_id)
