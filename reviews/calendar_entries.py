"""What stands in a person's calendar: what they owe and when, ends of cycles, reviews.

The same questions as anywhere: only teams they write for owe them something, only teams they belong
to have a review for them, so leaving a team takes its entries along. The number of queries does not
depend on how much there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from metrics.due_dates import next_due_dates
from metrics.kinds import CadenceKind
from metrics.models import Kpi
from metrics.periods import period_short_label
from metrics.wording import plural
from objectives import rhythm
from objectives.models import Cycle, KeyResult, Objective
from objectives.states import ROLLED_UP, CycleState, ObjectiveState
from reviews.models import Review, ReviewAction
from teams.guards import WRITERS
from teams.models import Membership, User

DAY = timedelta(days=1)
BACK, AHEAD = timedelta(days=31), timedelta(days=92)
SHOWN_VALUES = {CadenceKind.DAILY: 14, CadenceKind.WEEKLY: 13}
FEW = 4


class Entry(NamedTuple):
    """One entry: a whole day of the organisation's calendar, or a moment in UTC.

    `uid` stays the same while the entry means the same thing.
    """

    uid: str
    on: date | datetime
    summary: str
    lines: tuple[str, ...]
    link: str


def entries_of(user: User, now: datetime) -> list[Entry]:
    """The calendar of a person, who comes with their organisation, in order of days."""
    today = user.organisation.today(now)
    roles = dict(user.memberships.values_list("team_id", "role"))
    writes = {team for team, role in roles.items() if role in WRITERS}
    belongs = {team for team, role in roles.items() if role != Membership.Role.VIEWER}
    found = [
        *_check_ins(user, writes, today),
        *_values(user, writes, today),
        *_cycles_and_reviews(user, belongs, today),
        *_actions(user, belongs),
    ]
    return sorted(found, key=lambda one: (_day(one.on), one.uid))


def _day(on: date | datetime) -> date:
    return on.date() if isinstance(on, datetime) else on


def _check_ins(user: User, writes: set[int], today: date) -> Iterator[Entry]:
    """One entry for each due day, of every key result whose check-in the person owes."""
    rows = KeyResult.objects.filter(
        Q(owner=user) | Q(owner=None, objective__owner=user),
        next_due_on__isnull=False,
        withdrawn_at=None,
        objective__state=ObjectiveState.ACTIVE,
        objective__team__in=writes,
    ).select_related("objective__cycle")
    due: dict[date, list[str]] = defaultdict(list)
    weekday = user.organisation.check_in_weekday
    for one in rows.order_by("objective__pk", "position", "pk"):
        day = one.next_due_on
        last = min(one.objective.cycle.ends_on, today + AHEAD)
        while day is not None:
            due[day].append(one.title)
            day = rhythm.first_owed(day + DAY, last, one.objective.rhythm, weekday)
    for day, titles in due.items():
        verb = "is" if len(titles) == 1 else "are"
        summary = f"{plural(len(titles), 'check-in')} {verb} due"
        yield Entry(f"check-ins-{day}", day, summary, tuple(titles), "/my-week/")


def _values(user: User, writes: set[int], today: date) -> Iterator[Entry]:
    """One entry for each moment at which values of the person's KPIs are due."""
    rows = Kpi.objects.filter(owner=user, team__in=writes, cadence__isnull=False)
    month, zone = user.organisation.fiscal_start_month, user.organisation.zone
    lists: dict[tuple, list] = {}
    due: dict[datetime, list[str]] = defaultdict(list)
    for kpi in rows.select_related("cadence").order_by("team", "position", "pk"):
        key = kpi.cadence_id, kpi.team_id, kpi.first_own, kpi.policies
        if key not in lists:
            kind = kpi.cadence.kind
            lists[key] = next_due_dates(
                kind,
                kpi.due_terms_on,
                *(today, zone, month, SHOWN_VALUES.get(kind, FEW)),
            )
        for one in lists[key]:
            if one.period.last_day >= kpi.starts_on:
                due[one.at].append(f"{kpi.name}, {period_short_label(one.period, month)}")
    for at, names in due.items():
        verb = "is" if len(names) == 1 else "are"
        summary = f"{plural(len(names), 'value')} {verb} due"
        yield Entry(f"values-{at:%Y%m%dT%H%M%SZ}", at, summary, tuple(names), "/my-week/")


def _cycles_and_reviews(user: User, belongs: set[int], today: date) -> Iterator[Entry]:
    cycles = Cycle.objects.of(user.organisation).filter(
        ends_on__gte=today - BACK, starts_on__lte=today + AHEAD
    )
    known = [cycle for cycle in cycles if cycle.state != CycleState.CLOSED]
    for cycle in known:
        summary = f"{cycle.name} ends"
        yield Entry(f"cycle-{cycle.pk}-ends", cycle.ends_on, summary, (), cycle.get_absolute_url())
    yield from _reviews(user, belongs, known)


def _reviews(user: User, belongs: set[int], cycles: Iterable[Cycle]) -> Iterator[Entry]:
    """The day on which each team's review of a cycle opens, and the reviews that are open."""
    by_id = {cycle.pk: cycle for cycle in cycles}
    teams = Objective.objects.filter(
        cycle__in=by_id, team__in=belongs, state__in=ROLLED_UP
    ).order_by()
    open_ones = Review.objects.filter(team__in=belongs, closed_at=None)
    opened: dict[tuple, Review] = {}
    for review in open_ones.select_related("team", "cycle"):
        opened[review.team_id, review.cycle_id] = review
        day = review.opened_at.astimezone(user.organisation.zone).date()
        summary = f"{review.team}: {review.get_kind_display()}, {review.cycle}"
        link = review.get_absolute_url()
        yield Entry(f"review-{review.pk}", day, summary, ("It is open.",), link)
    for pk, name, cycle_id in teams.values_list("team", "team__name", "cycle").distinct():
        cycle = by_id[cycle_id]
        if (pk, cycle_id) not in opened:
            uid = f"review-of-{pk}-{cycle_id}"
            summary = f"The review of {name} opens: {cycle}"
            yield Entry(uid, cycle.ends_on + DAY, summary, (), f"/reviews/?team={pk}")


def _actions(user: User, belongs: set[int]) -> Iterator[Entry]:
    """What the person took on in a review, with a day."""
    rows = ReviewAction.objects.filter(
        owner=user, team__in=belongs, due_on__isnull=False, done_at=None, deleted_at=None
    )
    for one in rows.order_by("due_on", "pk"):
        yield Entry(f"action-{one.pk}", one.due_on, one.what, (), f"/reviews/{one.review_id}/")
