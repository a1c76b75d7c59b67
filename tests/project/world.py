"""The objects the access table asks about: one set in an open team, one in a private team."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from teams.actions.calendars import make_feed
from teams.links import invitation_secret
from teams.mails import unsubscribe_path
from tests.factories import (
    NOW,
    join,
    make_blocker,
    make_cadence,
    make_check_in,
    make_closed_objective,
    make_conversation,
    make_dependency,
    make_import,
    make_initiative,
    make_invitation,
    make_key_result,
    make_kpi,
    make_learning,
    make_milestone,
    make_objective,
    make_organisation,
    make_review,
    make_review_action,
    make_saved_view,
    make_scorecard_link,
    make_signal,
    make_stuck_message,
    make_team,
    make_user,
    make_value,
)


def make_people(team) -> dict:
    """One person for each role of the access table, seen from `team`."""
    organisation = team.organisation
    other = make_team(organisation=organisation)
    foreign_team = make_team(organisation=make_organisation(name="Elsewhere"))
    return {
        "anonymous": None,
        "foreign": join(
            foreign_team, make_user("Fay", organisation=foreign_team.organisation), "lead"
        ),
        "stranger": join(other, make_user("Charlie", organisation=organisation), "lead"),
        "viewer": join(team, make_user("Vera", organisation=organisation), "viewer"),
        "member": join(team, make_user("Bob", organisation=organisation), "member"),
        "lead": join(team, make_user("Alice", organisation=organisation), "lead"),
        "admin": make_user("Ada", organisation=organisation, is_org_admin=True),
    }


def make_world(*, private: bool) -> tuple[dict, dict]:
    """People by role, and what fills the braces of a path: {team}, {kpi}, {day}, {signal} …"""
    team = make_team(organisation=make_organisation(demo_loaded_at=NOW), is_private=private)
    people = make_people(team)
    kpi = make_kpi(team=team, target=8, owner=people["lead"])
    for month in range(1, 8):
        make_value(kpi, date(2026, month, 1), Decimal("12.1"))
    places = {"team": team.pk, "kpi": kpi.pk, "day": "2026-07-01"}
    today = team.organisation.today(timezone.now())
    places["monday"] = (today - timedelta(days=today.weekday())).isoformat()
    places["import"] = make_import(kpi).pk
    signal = make_signal(kpi)
    places["signal"] = signal.pk
    objective = make_objective(team=team)
    places["objective"] = objective.pk
    places["cycle"] = objective.cycle_id
    key_result = make_key_result(objective)
    places["key_result"] = key_result.pk
    places["check_in"] = make_check_in(key_result, people["lead"]).pk
    places["milestone"] = make_milestone(key_result).pk
    places["initiative"] = make_initiative(key_result).pk
    places["blocker"] = make_blocker(key_result).pk
    places["draft"] = make_objective(team=team, state="draft").pk
    places["closed"] = make_closed_objective(kpi).pk
    places["parked"] = make_objective(team=team, state="parked").pk
    places["withdrawn"] = make_objective(
        team=team, state="withdrawn", withdrawn_from="draft", closed_at=NOW
    ).pk
    other = people["stranger"].teams.get()
    theirs = make_objective(team=other)
    places["asked_of_us"] = make_dependency(theirs, team, people["stranger"]).pk
    places["asked_by_us"] = make_dependency(objective, other, people["lead"]).pk
    review = make_review(team=team, cycle=objective.cycle)
    places["review"] = review.pk
    places["learning"] = make_learning(review, people["member"]).pk
    places["action"] = make_review_action(review, people["member"]).pk
    link, places["secret"] = make_scorecard_link(team, objective.cycle, people["lead"])
    places["link"] = link.pk
    places["view"] = make_saved_view(people["lead"]).pk
    places["conversation"] = make_conversation(people["member"], people["lead"]).pk
    colleague = make_user("Dana", organisation=team.organisation)
    empty = make_team(organisation=team.organisation, is_private=True)
    places["abandoned"] = empty.pk
    invited = make_invitation(people["admin"])
    places["invitation"] = invited.pk
    places["cadence"] = make_cadence("weekly", organisation=team.organisation, name="Spare").pk
    places["invitation_secret"] = invitation_secret(invited.nonce)
    places["colleague"] = join(team, colleague, "member").pk
    places["stuck_message"] = make_stuck_message(people["member"]).pk
    places["calendar"] = make_feed(people["member"], NOW)
    places["unsubscribe"] = unsubscribe_path(people["member"]).split("/")[2]
    return people, places
