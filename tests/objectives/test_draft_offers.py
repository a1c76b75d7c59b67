"""What a draft form offers: cycles in their order, levels, people and what to align to."""

from datetime import date

import pytest

from objectives.actions import ensure_cycles
from objectives.pages import draft_offers as offers
from tests.factories import (
    NOW,
    join,
    make_cycle,
    make_key_result,
    make_objective,
    make_team,
    make_user,
)

TODAY = date(2026, 8, 18)


def names(organisation, keep=None) -> list[str]:
    return [label for _, label in offers.offered_cycles(organisation, TODAY, keep).values()]


def test_the_running_quarter_comes_first_then_those_ahead_years_and_own_dates(organisation):
    ensure_cycles(organisation, NOW, ahead=1)
    make_cycle(
        organisation=organisation,
        kind="custom",
        name="Launch",
        starts_on=date(2026, 8, 1),
        ends_on=date(2026, 11, 15),
    )
    assert [name.replace("\xa0", " ") for name in names(organisation)] == [
        "Q3 2026, 43 days left",
        "Q4 2026, from 1 Oct",
        "2026, 135 days left",
        "2027, from 1 Jan 2027",
        "Launch, 89 days left",
    ]


def test_a_draft_keeps_its_cycle_though_it_is_over(team):
    ensure_cycles(team.organisation, NOW, ahead=0)
    over = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "name": "Q2 2026"}
    cycle = make_cycle(organisation=team.organisation, **over)
    cycle.state = "closing"
    cycle.save()
    keep = make_objective(team=team, cycle=cycle, state="draft")
    assert "Q2 2026, over" in names(team.organisation, keep)
    assert "Q2 2026, over" not in names(team.organisation)


@pytest.mark.parametrize(
    ("admin", "top", "individual", "offered"),
    [
        (False, False, False, ["team"]),
        (False, True, False, ["company", "team"]),
        (True, False, False, ["company", "team"]),
        (False, False, True, ["team", "individual"]),
    ],
)
def test_who_is_offered_which_level(organisation, admin, top, individual, offered):
    organisation.has_individual_goals = individual
    parent = None if top else make_team(organisation=organisation)
    team = make_team(organisation=organisation, parent=parent)
    user = make_user(organisation=organisation, is_org_admin=admin)
    assert [key for key, _ in offers.levels(team, user, None)] == offered
    keep = make_objective(team=team, level="individual", state="draft")
    assert "individual" in [key for key, _ in offers.levels(team, user, keep)]


def test_parents_stand_under_their_teams_the_nearest_first(organisation, alice, team):
    other = make_team(organisation=organisation, name="Aardvark")
    theirs = make_objective(team=other, title="Theirs")
    own = make_objective(team=team, title="Own")
    company = make_objective(team=other, title="Company", level="company")
    row = make_key_result(own, title="A key result")
    make_key_result(own, title="Gone", withdrawn_at=NOW, withdrawn_reason="No.")
    make_objective(team=team, title="Parked", state="parked")
    found = offers.draft_offers(team, alice, TODAY)
    assert found.parent_groups == [
        (
            "Aardvark",
            [(f"o{company.pk}", "Company (Q3 2026)"), (f"o{theirs.pk}", "Theirs (Q3 2026)")],
        ),
        (team.name, [(f"o{own.pk}", "Own (Q3 2026)"), (f"k{row.pk}", "– A key result")]),
    ]


def test_of_very_many_the_nearest_are_offered_and_the_one_that_is_held(
    organisation, alice, team, monkeypatch
):
    monkeypatch.setattr(offers, "MOST_PARENTS", 3)
    other = make_team(organisation=organisation, name="Zebra")
    held = [make_objective(team=other, title=f"Z{n}") for n in range(5)][-1]
    own = make_objective(team=team, title="Own")
    keep = make_objective(team=team, state="draft", parent_objective=held)
    found = offers.draft_offers(team, alice, TODAY, keep)
    assert found.is_cut
    assert {f"o{own.pk}", f"o{held.pk}"} <= found.parents.keys()
    assert len(found.parents) == 3


def test_owners_are_active_people_of_the_team_in_its_organisation(team, alice):
    gone = join(team, make_user("Bob Tanaka", organisation=team.organisation, is_active=False))
    moved = join(team, make_user("Cleo Park", organisation=make_team().organisation))
    found = offers.members(team)
    assert found == [alice]
    assert gone not in found
    assert moved not in found
