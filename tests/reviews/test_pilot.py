"""A pilot: one team and one cycle, the others wait, then it is widened."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from objectives.actions import (
    ObjectiveDraft,
    PublishRefused,
    create_objective,
    draft_objective_from_signal,
    publish_objective,
)
from objectives.actions.copies import copy_objective
from objectives.actions.pilots import PilotOver, PilotTeamEnded, begin_pilot, end_pilot, widen_pilot
from objectives.models import Objective, Pilot
from objectives.pilots import running_pilot
from reviews.actions.closing import close_review
from reviews.actions.ending_teams import archive_team, merge_teams
from reviews.models import ObjectiveDecision
from teams.actions import TeamInUse
from teams.models import AuditEvent
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_signal,
    make_team,
    make_user,
)

PAGE = "/organisation/pilot/"
TOLD = "tries OKRs first"


@pytest.fixture
def cycle(organisation):
    return make_cycle(
        organisation=organisation,
        name="Launch",
        starts_on=date(2026, 1, 1),
        ends_on=date(2099, 12, 31),
    )


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def pilot(organisation, team, cycle, ada):
    """Customer Success pilots; Platform, which Charlie leads, does not."""
    begun = begin_pilot(organisation, team, cycle, actor=ada, now=NOW)
    team.organisation.refresh_from_db()
    return begun


def test_an_administrator_names_a_team_and_a_cycle(admin, team, cycle, organisation):
    page = admin.get(PAGE)
    assert cycle in page.context["form"].fields["cycle"].queryset
    refused = admin.post(PAGE, {"team": "", "cycle": "0"})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Choose the team that begins." in text
    assert "Choose a cycle of the list." in text
    sent = {"team": team.pk, "cycle": cycle.pk}
    assert admin.post(PAGE, sent).url == PAGE
    assert admin.post(PAGE, sent).url == PAGE
    begun = Pilot.objects.get()
    assert list(begun.teams.all()) == [team]
    organisation.refresh_from_db()
    assert organisation.pilot_since is not None
    assert "What to look at" in admin.get(PAGE).content.decode()


def test_another_team_reads_and_begins_no_objective(client, pilot, charlie, team):
    other = charlie.teams.get()
    running = make_objective(team=other)
    row = make_key_result(running)
    draft = make_objective(team=other, state="draft")
    client.force_login(charlie)
    page = client.get(f"/teams/{other.pk}/").content.decode()
    assert f"{team.name} {TOLD}" in page
    assert f"/teams/{other.pk}/objectives/new/" not in page
    for path in ("", "row/", "hints/", "remedy/"):
        assert client.post(f"/teams/{other.pk}/objectives/new/{path}").status_code == 403
    refused = client.get(f"/teams/{other.pk}/objectives/new/")
    assert refused.status_code == 403
    assert TOLD in refused.content.decode()
    assert client.get(f"/objectives/{running.pk}/").status_code == 200
    assert client.get(f"/objectives/{running.pk}/copy/").status_code == 403
    assert client.get(f"/key-results/{row.pk}/check-in/").status_code == 200
    assert client.get(f"/objectives/{draft.pk}/edit/").status_code == 200
    assert client.get(f"/teams/{other.pk}/kpis/new/").status_code == 200


def test_a_draft_is_saved_and_not_published_outside(client, pilot, charlie):
    other = charlie.teams.get()
    draft = make_objective(team=other, state="draft", published_at=None, starts_on=None)
    make_key_result(draft)
    make_key_result(draft)
    client.force_login(charlie)
    answer = client.post(f"/objectives/{draft.pk}/publish/", follow=True)
    assert "Saved, not published." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_signal_outside_has_every_answer_but_the_okr(client, pilot, charlie):
    other = charlie.teams.get()
    signal = make_signal(make_kpi(team=other, target=8, owner=charlie))
    client.force_login(charlie)
    page = client.get(f"/signals/{signal.pk}/")
    keys = [answer.key for answer in page.context["answers"]]
    assert keys == ["accept", "data", "target", "dismiss"]
    assert TOLD in page.content.decode()
    assert client.get(f"/signals/{signal.pk}/?answer=accept").context["form"] is not None
    for path in ("draft", "publish"):
        assert client.post(f"/signals/{signal.pk}/{path}/").status_code == 403
    assert not Objective.objects.filter(signal=signal).exists()


def test_the_pilots_own_team_is_told_nothing(client, pilot, alice, team):
    client.force_login(alice)
    assert TOLD not in client.get(f"/teams/{team.pk}/").content.decode()
    assert client.get(f"/teams/{team.pk}/objectives/new/").status_code == 200


def test_a_private_pilot_is_not_named(client, pilot, charlie, team):
    team.is_private = True
    team.save(update_fields=["is_private"])
    client.force_login(charlie)
    page = client.get(f"/teams/{charlie.teams.get().pk}/").content.decode()
    assert f"Another team {TOLD}" in page
    assert team.name not in page


def test_its_page_counts_objectives_updates_and_grades(admin, pilot, team, cycle, alice):
    open_one = make_objective(team=team, cycle=cycle)
    make_check_in(make_key_result(open_one, owner=alice), alice)
    make_objective(team=team, cycle=cycle, state="closed", closed_at=NOW, grade="0.6")
    page = admin.get(PAGE)
    (row,) = page.context["rows"]
    assert (row.objectives, row.closed, row.grade) == (2, 1, "0.6")
    looks = page.context["looks"]
    assert [one.is_so for one in looks] == [True, looks[1].is_so, False]
    assert looks[0].stands == "1 of 1"


def test_it_is_widened_to_some_and_then_to_all(admin, client, pilot, charlie, organisation):
    third = make_team(organisation=organisation, name="Sales")
    lead = join(third, make_user("Lea", organisation=organisation), "lead")
    other = charlie.teams.get()
    empty = admin.post(f"{PAGE}widen/")
    assert empty.status_code == 422
    assert "Tick the teams that begin too." in empty.content.decode()
    assert admin.post(f"{PAGE}widen/", {"teams": [other.pk]}).url == PAGE
    client.force_login(charlie)
    assert client.get(f"/teams/{other.pk}/objectives/new/").status_code == 200
    client.force_login(lead)
    refused = client.get(f"/teams/{third.pk}/objectives/new/")
    assert refused.status_code == 403
    assert "2 teams try OKRs first" in refused.content.decode()
    client.force_login(pilot.begun_by)
    assert client.post(f"{PAGE}end/").url == PAGE
    assert client.post(f"{PAGE}end/").url == PAGE
    client.force_login(lead)
    assert client.get(f"/teams/{third.pk}/objectives/new/").status_code == 200
    organisation.refresh_from_db()
    assert running_pilot(organisation) is None


def test_what_ended_meanwhile_is_said(pilot, ada):
    end_pilot(pilot, actor=ada, now=NOW)
    with pytest.raises(PilotOver):
        end_pilot(pilot, actor=ada, now=NOW)


@pytest.mark.parametrize("count", [2, 40])
def test_the_page_asks_the_same_of_many_teams(
    admin, pilot, organisation, cycle, count, django_assert_num_queries
):
    for _ in range(count):
        made = make_team(organisation=organisation)
        make_key_result(make_objective(team=made, cycle=cycle))
        pilot.members.create(team=made, added_at=NOW)
        make_team(organisation=organisation)
    with django_assert_num_queries(15):
        admin.get(PAGE)


@pytest.mark.parametrize("is_piloted", [False, True])
def test_a_team_page_asks_more_only_while_a_pilot_runs(
    client, request, team, alice, is_piloted, django_assert_num_queries
):
    client.force_login(alice)
    with_pilot = 2 if is_piloted else 0
    if is_piloted:
        request.getfixturevalue("pilot")
    client.get(f"/teams/{team.pk}/")
    with django_assert_num_queries(8 + with_pilot):
        client.get(f"/teams/{team.pk}/")


# -- the actions ask themselves -------------------------------------------------------------------


def draft_of(cycle, person) -> ObjectiveDraft:
    return ObjectiveDraft("Renewals", "committed", person, cycle, [])


def by_hand(team, cycle, person):
    return create_objective(team, draft_of(cycle, person), actor=person, now=NOW)


def from_a_signal(team, cycle, person):
    signal = make_signal(make_kpi(team=team, target=8, owner=person))
    draft, version = draft_of(cycle, person), signal.version
    return draft_objective_from_signal(signal, draft, actor=person, now=NOW, version=version)


def as_a_copy(team, cycle, person):
    old = make_objective(team=team)
    said = {"why_again": "", "token": uuid4(), "actor": person, "now": NOW}
    return copy_objective(old, cycle, [], **said)


BEGIN = [by_hand, from_a_signal, as_a_copy]


@pytest.mark.parametrize("begin", BEGIN)
def test_no_action_begins_an_objective_outside_the_pilot(pilot, team, alice, charlie, cycle, begin):
    other = charlie.teams.get()
    count = Objective.objects.filter(cycle=cycle).count()
    with pytest.raises(PermissionDenied, match=TOLD):
        begin(other, cycle, charlie)
    assert Objective.objects.filter(cycle=cycle).count() == count
    assert begin(team, cycle, alice).state == "draft"


@pytest.mark.parametrize("begin", BEGIN)
def test_control_without_a_pilot_every_team_begins(charlie, cycle, begin):
    assert begin(charlie.teams.get(), cycle, charlie).state == "draft"


def test_a_draft_outside_is_not_made_active_by_its_action(pilot, charlie, cycle):
    draft = make_objective(team=charlie.teams.get(), cycle=cycle, state="draft")
    make_key_result(draft)
    with pytest.raises(PublishRefused, match=TOLD):
        publish_objective(draft, actor=charlie, now=NOW, version=draft.version)


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_review_outside_closes_and_drafts_nothing(pilot, team, alice, charlie, cycle, is_inside):
    mine, lead = (team, alice) if is_inside else (charlie.teams.get(), charlie)
    past = make_cycle(
        organisation=mine.organisation,
        name="Before",
        starts_on=date(2025, 10, 1),
        ends_on=date(2025, 12, 31),
        state="closing",
    )
    closed = make_objective(
        team=mine, cycle=past, state="closed", closed_at=NOW, grade="0.6", starts_on=past.starts_on
    )
    review = make_review(team=mine, cycle=past)
    said = {"explanation": "Too few people", "root_cause": "people", "why_again": "It goes on"}
    ObjectiveDecision.objects.create(
        review=review, objective=closed, decision="keep", changed_at=NOW, changed_by=lead, **said
    )
    assert close_review(review, actor=lead, now=NOW).closed_at == NOW
    assert Objective.objects.filter(copied_from=closed).exists() == is_inside


# -- teams of the pilot that end ------------------------------------------------------------------


def test_the_pilot_follows_a_team_that_is_merged(pilot, team, ada, alice, organisation, cycle):
    into = make_team(organisation=organisation, name="Customers")
    merge_teams(team, into, actor=ada, now=NOW)
    assert list(pilot.teams.all()) == [into]
    assert AuditEvent.objects.filter(verb="pilot_followed", kind="organisation").count() == 1
    into.refresh_from_db()
    assert by_hand(into, cycle, alice).state == "draft"


def test_two_teams_of_the_pilot_that_merge_are_one_of_it(pilot, team, ada, charlie):
    into = charlie.teams.get()
    widen_pilot(pilot, [into], actor=ada, now=NOW)
    merge_teams(team, into, actor=ada, now=NOW)
    assert list(pilot.teams.all()) == [into]


def test_a_merge_outside_leaves_the_pilot_as_it_is(pilot, team, ada, charlie, organisation):
    merge_teams(charlie.teams.get(), make_team(organisation=organisation), actor=ada, now=NOW)
    assert list(pilot.teams.all()) == [team]


def test_the_only_team_of_the_pilot_is_not_archived(pilot, team, ada, admin, charlie):
    with pytest.raises(TeamInUse, match="The pilot runs with this team alone"):
        archive_team(team, now=NOW, by=ada)
    page = admin.post(f"/organisation/teams/{team.pk}/archive/", follow=True).content.decode()
    assert "Widen the pilot or end it first." in page
    widen_pilot(pilot, [charlie.teams.get()], actor=ada, now=NOW)
    archive_team(team, now=NOW, by=ada)
    team.refresh_from_db()
    assert team.archived_at == NOW


def test_a_team_that_is_archived_is_not_counted_among_those_that_try(
    pilot, team, ada, charlie, client, organisation
):
    widen_pilot(pilot, [charlie.teams.get()], actor=ada, now=NOW)
    archive_team(team, now=NOW, by=ada)
    third = make_team(organisation=organisation, name="Sales")
    client.force_login(join(third, make_user("Lea", organisation=organisation), "lead"))
    refused = client.get(f"/teams/{third.pk}/objectives/new/").content.decode()
    assert f"Platform {TOLD}" in refused


def test_no_pilot_begins_with_a_team_that_was_archived(organisation, team, cycle, ada):
    archive_team(team, now=NOW)
    with pytest.raises(PilotTeamEnded):
        begin_pilot(organisation, team, cycle, actor=ada, now=NOW)
    assert not Pilot.objects.exists()
