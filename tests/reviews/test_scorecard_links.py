"""Public links of scorecards: who makes and revokes them, and what the page shows to anybody."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from metrics.evaluation.recent import LETTER_OF
from metrics.kinds import PeriodStatus
from reviews.models import ScorecardLink
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_scorecard_link,
    make_target,
    make_team,
    make_user,
)

pytestmark = [pytest.mark.django_db]
LINKS = "/scorecard-links/"
ARABIC = "عملاؤنا يحبون بدايتهم معنا"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cycle(organisation):
    return make_cycle(organisation=organisation)


def judged(kpi, *periods):
    """Each period is its first day, status and value; the target was 8."""
    kpi.state.recent = " ".join(
        f"{day}{LETTER_OF[status]}{value}/8" for day, status, value in periods
    )
    kpi.state.save()
    make_target(kpi, value=Decimal(8))
    return kpi


def shared(team, cycle, author, /, **over):
    _, secret = make_scorecard_link(team, cycle, author, **over)
    return f"/scorecard/{secret}/"


def without_token(answer):
    lines = answer.content.decode().splitlines()
    return "".join(line for line in lines if "X-CSRFToken" not in line)


def text_of(path):
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_lead_makes_a_link_whose_secret_is_shown_once_and_kept_only_as_its_hash(
    client, team, alice, cycle
):
    client.force_login(alice)
    text = client.post(
        LINKS, {"team": team.pk, "cycle": cycle.pk, "token": uuid4()}
    ).content.decode()
    link = ScorecardLink.objects.get()
    path = "/scorecard/" + text.split("/scorecard/")[1].split("/")[0] + "/"
    secret = path.split("/")[2]
    assert len(secret) == 43
    assert link.secret_hash == sha256(secret.encode()).hexdigest()
    assert secret.startswith(link.prefix)
    assert (link.team, link.cycle, link.created_by) == (team, cycle, alice)
    assert team.name in text_of(path)
    again = client.get(LINKS).content.decode()
    assert secret not in again
    assert f"{link.prefix}…" in again


def test_the_same_form_twice_is_one_link_with_one_address(client, team, alice, cycle):
    client.force_login(alice)
    fields = {"team": team.pk, "cycle": cycle.pk, "token": uuid4()}
    first, second = (client.post(LINKS, fields).content.decode() for _ in range(2))
    assert ScorecardLink.objects.count() == 1
    address = first.split('readonly value="')[1].split('"')[0]
    assert address in second


def test_two_people_with_one_token_have_two_secrets(client, team, alice, ada, cycle):
    token = uuid4()
    for person in (alice, ada):
        client.force_login(person)
        where = team.pk if person == alice else ""
        client.post(LINKS, {"team": where, "cycle": cycle.pk, "token": token})
    assert ScorecardLink.objects.values("secret_hash").distinct().count() == 2


def test_an_administrator_shares_the_organisation_and_a_lead_may_not(client, alice, ada, cycle):
    fields = {"team": "", "cycle": cycle.pk, "token": uuid4()}
    client.force_login(alice)
    answer = client.post(LINKS, fields)
    assert answer.status_code == 422
    assert "Choose the team." in answer.content.decode()
    client.force_login(ada)
    assert client.post(LINKS, fields).status_code == 200
    assert ScorecardLink.objects.get().team is None


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_who_leads_nothing_makes_no_link(client, request, team, cycle, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(LINKS).status_code == 403
    answer = client.post(LINKS, {"team": team.pk, "cycle": cycle.pk, "token": uuid4()})
    assert answer.status_code == 403
    assert not ScorecardLink.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"team": 0}, "Choose a team you lead."),
        ({"team": "other"}, "Choose a team you lead."),
        ({"cycle": 999999}, "Choose a known cycle."),
        ({"cycle": ""}, "Choose the cycle."),
        ({"token": "x"}, ""),
    ],
)
def test_a_link_that_cannot_be_says_why(client, team, alice, charlie, cycle, fields, sentence):
    other = charlie.teams.get().pk
    typed = {"team": team.pk, "cycle": cycle.pk, "token": uuid4()} | fields
    typed["team"] = other if typed["team"] == "other" else typed["team"]
    client.force_login(alice)
    answer = client.post(LINKS, typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ScorecardLink.objects.exists()


def test_a_private_team_is_not_offered(client, organisation, cycle):
    secret = make_team(organisation=organisation, is_private=True)
    lead = join(secret, make_user("Lea", organisation=organisation), "lead")
    client.force_login(lead)
    answer = client.post(LINKS, {"team": secret.pk, "cycle": cycle.pk, "token": uuid4()})
    assert answer.status_code == 422


def test_a_revoked_an_unknown_and_a_malformed_address_are_answered_alike(
    client, team, alice, cycle
):
    path = shared(team, cycle, alice)
    link = ScorecardLink.objects.get()
    client.force_login(alice)
    for _ in range(2):
        client.post(f"{LINKS}{link.pk}/revoke/")
    link.refresh_from_db()
    assert (link.revoked_by, link.revoked_at) == (alice, NOW)
    answers = [
        Client().get(one) for one in (path, "/scorecard/never-made/", f"/scorecard/{'é' * 300}/")
    ]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({without_token(one) for one in answers}) == 1
    assert "revoked" in client.get(LINKS).content.decode()


def test_a_form_sent_again_after_the_link_was_revoked_opens_nothing(client, team, alice, cycle):
    client.force_login(alice)
    fields = {"team": team.pk, "cycle": cycle.pk, "token": uuid4()}
    client.post(LINKS, fields)
    client.post(f"{LINKS}{ScorecardLink.objects.get().pk}/revoke/")
    answer = client.post(LINKS, fields)
    assert "/scorecard/" not in answer.content.decode()
    assert ScorecardLink.objects.live().count() == 0


def test_a_lead_of_another_team_cannot_revoke_and_an_administrator_can(
    client, team, alice, charlie, ada, cycle
):
    shared(team, cycle, alice)
    link = ScorecardLink.objects.get()
    client.force_login(charlie)
    assert client.post(f"{LINKS}{link.pk}/revoke/").status_code == 404
    assert link.prefix not in client.get(LINKS).content.decode()
    client.force_login(ada)
    assert client.post(f"{LINKS}{link.pk}/revoke/").status_code == 302


def test_an_administrator_of_elsewhere_sees_no_link(client, team, alice, cycle):
    shared(team, cycle, alice)
    elsewhere = make_organisation(name="Elsewhere")
    client.force_login(make_user("Eve", organisation=elsewhere, is_org_admin=True))
    assert "secret" not in client.get(LINKS).content.decode()
    assert client.post(f"{LINKS}{ScorecardLink.objects.get().pk}/revoke/").status_code == 404


def test_anybody_sees_kpis_and_objectives_and_no_person_or_way_into_the_app(
    client, team, alice, bob, cycle
):
    kpi = make_kpi(team=team, name="Churn rate", owner=bob)
    judged(kpi, ("2026-07-01", PeriodStatus.OFF_TARGET, "12.1"))
    objective = make_objective(team=team, owner=bob)
    make_check_in(make_key_result(objective, owner=bob), alice, value=Decimal(45), note="By Bob")
    make_objective(team=team, state="draft", title="A draft")
    path = shared(team, cycle, alice)
    text = text_of(path)
    for said in (team.name, "Churn rate", "Off target", "≤\u00a08", "Jul", objective.title, "50"):
        assert said in text
    for kept in ("Bob", "Alice", "A draft", "<a ", "<form", "<script", "hx-"):
        assert kept not in text
    client.force_login(alice)
    assert "Alice" not in client.get(path).content.decode()


def test_the_page_is_neither_kept_nor_indexed_nor_told_to_others(team, alice, cycle):
    answer = Client().get(shared(team, cycle, alice))
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert 'name="robots" content="noindex' in answer.content.decode()
    assert Client().post(shared(team, cycle, alice)).status_code == 405


def test_private_things_are_only_counted(team, alice, cycle):
    kpi = make_kpi(team=team, name="Burn", is_private=True)
    judged(kpi, ("2026-07-01", PeriodStatus.ON_TARGET, "77.7"))
    hidden = make_objective(team=team, title="Buy a rival", is_private=True)
    make_check_in(make_key_result(hidden), alice, value=Decimal(52))
    text = text_of(shared(team, cycle, alice))
    assert '<span class="num">2</span> hidden' in text
    for kept in ("Burn", "77.7", "Buy a rival", "100"):
        assert kept not in text
    assert "What there is, is private." in text


def test_the_organisations_page_counts_a_private_team_and_names_the_others(
    organisation, team, ada, cycle
):
    secret = make_team(organisation=organisation, name="Acquisition", is_private=True)
    make_objective(team=secret, title="Buy a rival")
    make_kpi(team=secret, name="Offers")
    make_objective(team=team)
    text = text_of(shared(team, cycle, ada, team=None))
    assert organisation.name in text
    assert team.name in text
    assert '<span class="num">2</span> hidden' in text
    for kept in ("Acquisition", "Buy a rival", "Offers"):
        assert kept not in text


def test_a_team_made_private_later_is_named_no_more(team, alice, cycle):
    make_objective(team=team, title="Buy a rival")
    path = shared(team, cycle, alice)
    team.is_private = True
    team.save()
    text = text_of(path)
    assert team.name not in text
    assert "Buy a rival" not in text
    assert '<span class="num">1</span> hidden' in text


def test_only_the_links_team_and_cycle_are_shown(organisation, team, alice, charlie, cycle):
    later = make_cycle(
        organisation=organisation,
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
    )
    make_objective(team=team, title="Of another cycle", cycle=later)
    make_objective(team=charlie.teams.get(), title="Of another team")
    make_objective(team=team, title="Of this one")
    text = text_of(shared(team, cycle, alice))
    assert "Of this one" in text
    assert "Of another" not in text
    assert "</span> hidden" not in text


def test_nothing_at_all_long_and_arabic_names_are_readable(organisation, alice, cycle):
    long = make_team(organisation=organisation, name="n" * 200)
    assert "No KPI and no objective in this cycle yet." in text_of(shared(long, cycle, alice))
    make_objective(team=long, title=ARABIC)
    make_kpi(team=long, name="k" * 200)
    text = text_of(shared(long, cycle, alice))
    assert ARABIC in text
    assert "k" * 200 in text


def test_a_link_outlives_the_person_who_made_it(team, alice, cycle):
    path = shared(team, cycle, alice)
    alice.is_active = False
    alice.save()
    assert Client().get(path).status_code == 200


def fill(organisation, count, at):
    for number in range(count):
        other = make_team(organisation=organisation, name=f"Filler {at + number:04}")
        judged(make_kpi(team=other), ("2026-07-01", PeriodStatus.ON_TARGET, "7"))
        make_key_result(make_objective(team=other))


def test_the_page_costs_the_same_queries_with_3_and_with_60_teams(
    organisation, team, ada, cycle, django_assert_num_queries
):
    fill(organisation, 3, 0)
    path = shared(team, cycle, ada, team=None)
    Client().get(path)
    with django_assert_num_queries(12):
        Client().get(path)
    fill(organisation, 57, 3)
    with django_assert_num_queries(12):
        text = Client().get(path).content.decode()
    assert "Page 1 of 2" in text


def test_the_list_costs_the_same_queries_with_2_and_with_30_links(
    client, team, alice, cycle, django_assert_num_queries
):
    client.force_login(alice)
    for _ in range(2):
        shared(team, cycle, alice)
    client.get(LINKS)
    with django_assert_num_queries(9):
        client.get(LINKS)
    for _ in range(28):
        shared(team, cycle, alice)
    with django_assert_num_queries(9):
        client.get(LINKS)
