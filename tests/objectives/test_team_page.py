"""The team page: facts, scorecard and objectives, at a cost that does not grow with the KPIs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.due import mark_due
from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Treatment
from objectives.models import CheckIn, Cycle, KeyResult, Objective
from tests.factories import NOW, join, make_exclusion, make_kpi, make_target, make_team, make_value

NAME = "<b onmouseover=x()>معدل</b> " + "n" * 160


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def fill(kpi, *values):
    """Values of the months up to July 2026; None leaves one out."""
    for back, value in enumerate(reversed(values)):
        if value is not None:
            make_value(kpi, date(2026, 7 - back, 1), value)
    evaluate_kpis([kpi.pk], NOW)


@pytest.fixture
def nps(team, bob):
    kpi = make_kpi(
        team=team,
        name="Net Promoter Score",
        unit="",
        direction="higher_is_better",
        owner=bob,
        starts_on=date(2026, 2, 1),
    )
    make_target(kpi, value=Decimal(45), tolerance=Decimal(2))
    fill(kpi, 47, 46, 45, 42, 40, 38)
    return kpi


def page(client, team, person):
    client.force_login(person)
    return client.get(f"/teams/{team.pk}/").text.replace("\u00a0", " ")


def test_a_row_says_value_target_change_status_streak_and_response(client, team, nps, vera):
    text = page(client, team, vera)

    assert f'<tr role="row" id="kpi-{nps.pk}">' in text
    assert "Bob · monthly" in text
    assert "≥ 45" in text
    assert "band 2" in text
    assert "−2" in text
    assert "worse" in text
    assert 'Off target <span class="age">3 months</span>' in text
    assert '<span class="num">3/3</span>' in text
    assert "Step 1 of 3" in text
    signal = Signal.objects.get(kpi=nps, kind="off_target")
    assert f'href="/signals/{signal.pk}/"' in text
    assert "Decide by" in text
    assert "last 6 periods from 47 to 38" in text


def test_the_facts_count_what_the_person_may_see(client, team, nps, vera, charlie):
    fill(make_kpi(team=team, target="8", is_private=True), 7, 7)

    inside = page(client, team, vera)
    outside = page(client, team, charlie)

    assert '<dd class="num">1 <small>of 2</small></dd>' in inside
    assert '<dd class="num">0 <small>of 1</small></dd>' in outside
    assert "1 off target" in outside


def test_a_private_kpi_is_absent_for_strangers(client, team, charlie):
    kpi = make_kpi(team=team, name="Secret margin", target="8", is_private=True)
    fill(kpi, 9, 9, 9)

    text = page(client, team, charlie)

    assert "Secret margin" not in text
    assert "No KPI yet" in text
    signals = text.split("Signals to decide</dt>")[1][:40]
    assert '<dd class="num">0</dd>' in signals


def test_a_private_team_does_not_exist_for_strangers(client, team, charlie, vera):
    team.is_private = True
    team.save()
    client.force_login(charlie)

    assert client.get(f"/teams/{team.pk}/").status_code == 404
    assert "Customer Success" not in client.get("/teams/").text
    client.force_login(vera)
    assert "Customer Success" in client.get("/teams/").text


def test_missing_periods_are_offered_to_those_who_write(client, team, bob, vera):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 3, 1))
    fill(kpi, 7, 7, None, None, None)

    writes, reads = page(client, team, bob), page(client, team, vera)

    assert "Fill May, June, July" in writes
    assert f'hx-get="/kpis/{kpi.pk}/values/fill/"' in writes
    assert "May, June and July missing" in reads
    assert "values/fill" not in reads
    assert 'Stale <span class="age">3 months missing</span>' in writes


def test_a_value_that_is_due_is_named(client, team, bob):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 5, 1), grace_days=30)
    fill(kpi, 7, 7, None)

    text = page(client, team, bob)

    assert "July value due" in text
    assert f'hx-get="/kpis/{kpi.pk}/values/2026-07-01/edit/"' in text


def test_values_of_a_file_are_not_asked_of_people(client, team, bob):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 5, 1))
    kpi.source.kind = "csv_upload"
    kpi.source.save()
    fill(kpi, 7, None, None)

    text = page(client, team, bob)

    assert "June and July missing" in text
    assert "values/fill" not in text


def test_an_okr_stands_beside_the_true_status_and_a_private_one_unnamed(
    client, team, nps, vera, charlie
):
    signal = Signal.objects.get(kpi=nps, kind="off_target")
    Treatment.objects.create(
        signal=signal,
        team=team,
        title="Secret plan",
        url="/objectives/9/",
        is_private=True,
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        began_at=NOW,
    )

    inside, outside = page(client, team, vera), page(client, team, charlie)

    assert "Being addressed until 30 Sep" in inside
    assert "Off target" in inside
    assert "/objectives/9/" in inside
    assert "/objectives/9/" not in outside
    assert "Secret plan" not in inside + outside


def test_a_metric_is_informative_and_says_what_is_missing(client, team, vera):
    fill(make_kpi(team=team), 7, 7)

    text = page(client, team, vera)

    assert "Informative" in text
    assert "1 without a target" in text


def test_names_are_printed_not_run(client, team, vera):
    kpi = make_kpi(team=team, name=NAME, unit="<i>", target="8")
    fill(kpi, 7, 9)

    text = page(client, team, vera)

    assert "<b onmouseover" not in text
    assert "<i>" not in text
    assert "&lt;b onmouseover=x()&gt;معدل" in text


def test_a_team_without_anything_says_what_belongs_here(client, team, alice, vera):
    lead, viewer = page(client, team, alice), page(client, team, vera)

    assert "No KPI yet" in lead
    assert "No objective this quarter" in lead
    assert f'href="/teams/{team.pk}/kpis/new/"' in lead
    assert "kpis/new" not in viewer


def make_objective(team, owner, **over):
    cycle, _ = Cycle.objects.get_or_create(
        organisation=team.organisation,
        name="Q3 2026",
        defaults={"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30)},
    )
    fields = {
        "team": team,
        "cycle": cycle,
        "owner": owner,
        "title": "Customers love our onboarding",
        "state": "active",
        "starts_on": date(2026, 7, 1),
        "published_at": NOW,
        "created_at": NOW,
    }
    objective = Objective.objects.create(**fields | over)
    row = KeyResult.objects.create(
        objective=objective,
        position=1,
        title="Onboarding NPS rises from 32 to 55",
        baseline=Decimal(32),
        target=Decimal(55),
        owner=owner,
    )
    CheckIn.objects.create(
        key_result=row,
        value=Decimal(41),
        confidence=4,
        author=owner,
        made_at=NOW - timedelta(days=4),
        due_on=date(2026, 8, 14),
        token=uuid4(),
    )
    return objective


def test_objectives_of_the_cycle_stand_with_their_rails(client, team, alice, vera):
    objective = make_objective(team, alice)

    text = page(client, team, vera)

    assert f'href="/objectives/{objective.pk}/"' in text
    assert "39 % done" in text
    assert "53 % expected" in text
    assert "4 days ago" in text
    assert "Lowest confidence" in text
    assert "Objectives for Q3 2026" in text


def test_those_who_write_update_a_key_result_from_the_team_and_come_back_to_its_row(
    client, team, alice, bob, vera
):
    [row] = make_objective(team, alice).key_results.all()
    url = f"/key-results/{row.pk}/check-in/?list=team"

    text = page(client, team, bob)

    assert f'href="{url}"' in text
    assert f'<tr role="row" id="{row.row_id}">' in text
    assert 'name="list" value="team"' in client.get(url).text
    assert url not in page(client, team, vera)


def test_a_private_objective_is_absent_for_strangers(client, team, alice, charlie):
    make_objective(team, alice, is_private=True, title="Secret merger")

    text = page(client, team, charlie)

    assert "Secret merger" not in text
    assert "Onboarding NPS" not in text
    assert "No objective this quarter" in text


def test_the_list_names_the_teams_one_may_see_and_ones_role(client, team, alice, charlie):
    make_kpi(team=team)
    make_kpi(team=team, is_private=True)
    client.force_login(charlie)
    text = client.get("/teams/").text
    assert "Customer Success" in text
    assert "1 KPI<" in text
    assert "you are lead" in text

    client.force_login(alice)
    assert "2 KPIs" in client.get("/teams/").text


def test_teams_of_another_organisation_do_not_exist(client, alice):
    foreign = make_team(name="Foreign")
    client.force_login(alice)

    assert client.get(f"/teams/{foreign.pk}/").status_code == 404
    assert "Foreign" not in client.get("/teams/").text


def test_only_reading_is_answered(client, team, alice):
    client.force_login(alice)

    assert client.post(f"/teams/{team.pk}/").status_code == 405
    assert client.post("/teams/").status_code == 405


def queries_of(client, team, person):
    client.force_login(person)
    client.get(f"/teams/{team.pk}/")
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"/teams/{team.pk}/").status_code == 200
    return len(found)


def test_the_number_of_queries_is_the_same_at_6_and_at_200_kpis(client, team, alice, bob):
    make_objective(team, alice)
    cadence = make_kpi(team=team, target="8", owner=alice).cadence
    counts = []
    for size in (6, 200):
        for position in range(team.kpis.count(), size):
            kpi = make_kpi(team=team, target="8", cadence=cadence, owner=bob, position=position)
            if position % 40 == 1:
                fill(kpi, 9, 9, 9)
        counts.append(queries_of(client, team, bob))

    assert counts[0] == counts[1]
    assert counts[0] <= 22


def test_a_sub_team_of_a_private_team_does_not_name_it(client, team, charlie, organisation):
    hidden = make_team(organisation=organisation, name="Hidden parent", is_private=True)
    child = make_team(organisation=organisation, name="Child", parent=hidden)
    join(child, charlie, "viewer")
    client.force_login(charlie)

    assert "Hidden parent" not in client.get("/teams/").text


def test_updates_on_time_are_counted_for_the_last_judged_period(client, team, bob):
    in_time, late = datetime(2026, 8, 2, tzinfo=UTC), datetime(2026, 8, 9, tzinfo=UTC)
    july = date(2026, 7, 1)
    for came in (in_time, late, in_time):
        kpi = make_kpi(team=team, target="8", starts_on=july, grace_days=5)
        make_value(kpi, july, 7, recorded_at=came)
        evaluate_kpis([kpi.pk], NOW)
    make_exclusion(kpi, july)
    mark_due([kpi.pk], NOW, dirty_from=july)
    evaluate_kpis([kpi.pk], NOW)
    # One that never reported, and one whose first period still runs.
    silent = make_kpi(team=team, target="8", starts_on=july)
    evaluate_kpis([silent.pk], NOW)
    make_kpi(team=team, target="8", starts_on=date(2026, 8, 1))

    fact = page(client, team, bob).split("<dt>Updates on time</dt>")[1].split("</div>")[0]

    assert "33 <small>%</small>" in fact
    assert "1 of 3 for the last period" in fact


def test_nothing_is_on_time_or_late_before_a_value_was_due(client, team, bob):
    make_kpi(team=team, target="8", starts_on=date(2026, 8, 1))

    text = page(client, team, bob)

    assert "none was due yet" in text
    assert "Values present" not in text
