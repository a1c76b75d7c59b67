"""The list of reviews: open ones first with what is missing, and what could be looked at now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate
from django.utils.timezone import localdate

from metrics.wording import day_year, plural
from objectives.models import Cycle, Objective
from objectives.states import ROLLED_UP, CycleState, ObjectiveState
from reviews.facts import title_of
from reviews.kinds import ReviewKind
from reviews.models import GivenGrade, ObjectiveDecision, Review
from teams.guards import WRITERS
from teams.models import Membership, Team, User

OPEN_SHOWN, CLOSED_SHOWN = 200, 50
MONTH = timedelta(days=31)


class ReviewRow(NamedTuple):
    """One review in the list; `waits` says what is missing, `hidden` how much is not shown."""

    url: str
    team: Team
    title: str
    when: str
    waits: str
    hidden: int


class Proposal(NamedTuple):
    """A look that a lead could open now, and why."""

    team: Team
    kind: str
    verb: str
    why: str


def list_context(user: User, now: datetime, *, team: str = "") -> dict:
    """What `review_list.html` prints; `team` is the id of the one it is about, or empty."""
    rows = Review.objects.visible_to(user).select_related("team", "cycle", "closed_by")
    chosen = None
    if team.isdecimal() and len(team) < 10:
        chosen = Team.objects.visible_to(user).filter(pk=int(team)).first()
        rows = rows.filter(team=int(team))
    today = user.organisation.today(now) if user.organisation_id else now.date()
    opened = rows.open().order_by("team__name", "cycle__starts_on", "-for_on", "pk")[:OPEN_SHOWN]
    closed = rows.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")[:CLOSED_SHOWN]
    mine = set(user.memberships.values_list("team_id", flat=True))
    return {
        "chosen": chosen,
        "open_rows": review_rows(list(opened), mine, today),
        "closed_rows": [_closed_row(row, user) for row in closed],
        "proposals": proposals(user, today, chosen),
    }


def owed_context(user: User) -> dict:
    """The open reviews of the teams a person writes for."""
    writes_for = user.memberships.filter(role__in=WRITERS).values("team_id")
    rows = Review.objects.visible_to(user).open().filter(team__in=writes_for)
    found = rows.select_related("team", "cycle").order_by("cycle__starts_on", "team__name", "pk")
    return {"rows": [(row, title_of(row)) for row in found[:OPEN_SHOWN]]}


def review_rows(reviews: Sequence[Review], mine: set[int], today: date) -> list[ReviewRow]:
    """Open reviews with what they lack, of what a member of the teams `mine` may see."""
    asked, hidden = _asked(reviews, mine)
    rows = []
    for review in reviews:
        key = (review.team_id, review.cycle_id)
        waits = ""
        if review.kind == ReviewKind.QUARTERLY:
            waits = waits_words(*asked["all"].get(key, (0, 0)), *_done(review, asked))
        since = f"open since {day_year(localdate(review.opened_at))}"
        count = 0 if review.team_id in mine else hidden.get(key, 0)
        rows.append(
            ReviewRow(review.get_absolute_url(), review.team, title_of(review), since, waits, count)
        )
    return rows


def _done(review: Review, asked: dict) -> tuple[int, int]:
    return asked["grades"].get(review.pk, 0), asked["decisions"].get(review.pk, 0)


def waits_words(key_results: int, objectives: int, graded: int, decided: int) -> str:
    """`2 of 6 to grade, 1 of 2 to decide`; what remains."""
    parts = []
    if graded < key_results:
        parts.append(f"{key_results - graded} of {key_results} to grade")
    if decided < objectives:
        parts.append(f"{objectives - decided} of {objectives} to decide")
    return ", ".join(parts) or "everything is graded and decided"


def _asked(reviews: Sequence[Review], mine: set[int]) -> tuple[dict, dict]:
    """What is to be graded and decided of each team and cycle, and what was; private ones of
    other teams are left out and counted apart. Four queries at any number of reviews."""
    teams, cycles = {row.team_id for row in reviews}, {row.cycle_id for row in reviews}
    here = Q(team__in=teams, cycle__in=cycles, state__in=ROLLED_UP)
    seen = Q(is_private=False) | Q(team__in=mine)
    to_grade = Count(
        "key_results",
        filter=Q(key_results__withdrawn_at=None, key_results__grade=None, state="active"),
    )
    rows = Objective.objects.filter(here, seen).order_by().values("team_id", "cycle_id")
    counted = rows.annotate(grades=to_grade, decisions=Count("pk", distinct=True))
    every = {
        (row["team_id"], row["cycle_id"]): (row["grades"], row["decisions"]) for row in counted
    }
    unseen = Objective.objects.filter(here).exclude(seen).order_by()
    hidden = unseen.values("team_id", "cycle_id").annotate(count=Count("pk"))
    return {
        "all": every,
        "grades": _by_review(GivenGrade, "key_result__objective", reviews, mine, graded=True),
        "decisions": _by_review(ObjectiveDecision, "objective", reviews, mine, graded=False),
    }, {(row["team_id"], row["cycle_id"]): row["count"] for row in hidden}


def _by_review(model, path: str, reviews, mine: set[int], *, graded: bool) -> dict[int, int]:
    """How many rows that count each review has, of objectives that may be seen."""
    seen = Q(**{f"{path}__is_private": False}) | Q(**{f"{path}__team__in": mine})
    if graded:
        counts = Q(grade__isnull=False) | Q(is_left_out=True)
        counts &= Q(key_result__withdrawn_at=None, key_result__objective__state="active")
    else:
        counts = ~Q(decision="") & Q(objective__state__in=ROLLED_UP)
    rows = model.objects.filter(seen, counts, review__in=[row.pk for row in reviews])
    return dict(
        rows.order_by().values("review_id").annotate(n=Count("pk")).values_list("review_id", "n")
    )


def _closed_row(review: Review, user: User) -> ReviewRow:
    when = f"closed {day_year(localdate(review.closed_at))} by {review.closed_by}"
    return ReviewRow(review.get_absolute_url(), review.team, title_of(review), when, "", 0)


# -- what could be looked at now -----------------------------------------------------------------


def running_cycle(team: Team, today: date) -> Cycle | None:
    """The cycle with objectives of the team that holds today, the shortest one first."""
    worked = Objective.objects.filter(team=team, state=ObjectiveState.ACTIVE)
    rows = Cycle.objects.filter(
        pk__in=worked.values("cycle_id"), starts_on__lte=today, ends_on__gte=today
    )
    return min(rows, key=lambda one: (one.ends_on - one.starts_on, one.pk), default=None)


def is_half_over(cycle: Cycle, today: date) -> bool:
    """True from the day on which half of the cycle's days are past."""
    return (today - cycle.starts_on) * 2 >= cycle.ends_on - cycle.starts_on


def proposals(user: User, today: date, chosen: Team | None = None) -> list[Proposal]:
    """The looks the leads of teams could open: mid-cycle after half of it, monthly after 31 days.

    Three queries at any number of teams.
    """
    teams = Team.objects.filter(
        memberships__user=user,
        memberships__role=Membership.Role.LEAD,
        organisation_id=user.organisation_id,
    )
    if chosen is not None:
        teams = teams.filter(pk=chosen.pk)
    cycles = _running(teams, today)
    looks = Review.objects.filter(team__in=[team.pk for team in cycles])
    last = dict(looks.order_by().values_list("team").annotate(at=Max(TruncDate("opened_at"))))
    mid = set(looks.filter(kind=ReviewKind.MID_CYCLE).values_list("team_id", "cycle_id"))
    found = []
    for team, cycle in cycles.items():
        if is_half_over(cycle, today) and (team.pk, cycle.pk) not in mid:
            why = f"Half of {cycle} is over, and it was not looked at as a whole yet."
            found.append(Proposal(team, ReviewKind.MID_CYCLE, "Open a mid-cycle look", why))
        seen_on = max(last.get(team.pk) or cycle.starts_on, cycle.starts_on)
        if today - seen_on > MONTH:
            why = f"Not looked at for {plural((today - seen_on).days, 'day')}."
            found.append(Proposal(team, ReviewKind.MONTHLY, "Open a monthly look", why))
    return found


def _running(teams, today: date) -> dict[Team, Cycle]:
    """The shortest running cycle in which each team has active objectives."""
    rows = Objective.objects.filter(
        team__in=teams,
        state=ObjectiveState.ACTIVE,
        cycle__starts_on__lte=today,
        cycle__ends_on__gte=today,
        cycle__state=CycleState.ACTIVE,
    ).select_related("team", "cycle")
    found: dict[Team, Cycle] = {}
    for one in sorted(rows, key=lambda row: (row.team.name, row.team_id)):
        held = found.get(one.team)
        length = one.cycle.ends_on - one.cycle.starts_on
        if held is None or length < held.ends_on - held.starts_on:
            found[one.team] = one.cycle
    return found
