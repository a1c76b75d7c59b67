"""Opening reviews: by the calendar when a cycle goes into closing, or by a lead's hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from objectives.models import Cycle, Objective
from objectives.states import ROLLED_UP, CycleState
from reviews.kinds import ReviewKind
from reviews.models import Review
from teams.actions import audit
from teams.chat import chat_row, hooks_of_teams
from teams.models import Membership, Organisation, OutboxMessage, Team, User
from teams.outbox import channels, queue_messages
from teams.sight import about

# A cycle without days for late updates is closed by the job that would have found it closing.
_JUST_CLOSED = timedelta(days=2)


def open_due_reviews(organisation: Organisation, now: datetime) -> int:
    """Open the review of every team with objectives in a cycle that is closing; how many it opened.

    Each team and cycle has one, so it is safe to repeat.
    """
    just = Q(state=CycleState.CLOSED, closed_at__gte=now - _JUST_CLOSED)
    cycles = Cycle.objects.of(organisation).filter(Q(state=CycleState.CLOSING) | just)
    opened = 0
    for cycle in cycles:
        for team in _waiting_teams(cycle):
            _, is_new = open_review(
                team, cycle, ReviewKind.QUARTERLY, for_on=cycle.starts_on, actor=None, now=now
            )
            opened += is_new
    return opened


def _waiting_teams(cycle: Cycle) -> Iterable[Team]:
    """The teams with objectives in the cycle whose review is not there yet."""
    worked = Objective.objects.filter(cycle=cycle, state__in=ROLLED_UP).order_by()
    there = Review.objects.filter(cycle=cycle, kind=ReviewKind.QUARTERLY).order_by()
    teams = Team.objects.filter(pk__in=worked.values("team_id"))
    return teams.exclude(pk__in=there.values("team_id"))


@transaction.atomic
def open_review(
    team: Team, cycle: Cycle, kind: str, *, for_on: date, actor: User | None, now: datetime
) -> tuple[Review, bool]:
    """The team's review of that kind for that day, and whether it is new.

    `actor` None: the calendar opened it. Leads and owners of the cycle's objectives are told once,
    the one who opened it is not.
    """
    review, is_new = Review.objects.get_or_create(
        team=team,
        cycle=cycle,
        kind=kind,
        for_on=for_on,
        defaults={"opened_at": now, "opened_by": actor},
    )
    if is_new:
        audit.record("review_opened", "review", review, by=actor, team=team)
        _tell(review, actor, now)
    return review, is_new


def first_day_of(kind: str, cycle: Cycle, today: date) -> date:
    """The first day a review of that kind looks at, when it is opened today."""
    if kind == ReviewKind.MONTHLY:
        return max(today.replace(day=1), cycle.starts_on)
    return cycle.starts_on


def _tell(review: Review, actor: User | None, now: datetime) -> None:
    owned = Objective.objects.filter(
        team=review.team_id, cycle=review.cycle_id, state__in=ROLLED_UP
    ).order_by()
    leads = Membership.objects.filter(team=review.team_id, role=Membership.Role.LEAD)
    people = User.objects.filter(
        Q(pk__in=leads.values("user_id")) | Q(pk__in=owned.values("owner_id")), is_active=True
    )
    key = f"review:{review.pk}:opened"
    subject = f"{review.team}, {review.cycle}: the {review.get_kind_display()} is open"
    words = {
        "run": key[:64],
        "topic": "review",
        "subject": subject[:300],
        "body": "KPIs first, then grades, decisions and what was learned.",
        "link": review.get_absolute_url(),
        "about": about(review.team),
    }
    rows = [
        OutboxMessage(
            event_key=key, recipient_id=pk, channel=channel, created_at=now, due_at=now, **words
        )
        for pk in sorted(set(people.values_list("pk", flat=True)) - {actor.pk if actor else None})
        for channel in channels()
    ]
    hooks = hooks_of_teams({review.team_id})[review.team_id]
    queue_messages([*rows, *(chat_row(hook, key, now=now, **words) for hook in hooks)])
