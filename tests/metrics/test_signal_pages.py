"""The signals list and the signal page with its answers, as people and forms meet them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Target, Treatment
from teams.models import Heartbeat
from tests.factories import join, make_kpi, make_signal, make_team, make_user
from tests.metrics.signal_forms import churn_off_target, post, signed_in

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, alice):
    return churn_off_target(team, alice)


@pytest.fixture
def signal(kpi):
    evaluate_kpis([kpi.pk], NOW - timedelta(days=12))
    return Signal.objects.get(kpi=kpi)


# -- the list -----------------------------------------------------------------------------------


def test_the_empty_list_says_when_the_last_check_ran(client, bob):
    Heartbeat.objects.create(name="evaluate", at=NOW - timedelta(hours=2))
    page = signed_in(client, bob).get("/signals/").content.decode()
    assert "No signals" in page
    assert "The last check ran at 09:00." in page


def test_the_empty_list_says_when_no_check_has_run(client, bob):
    assert "No check has run yet." in signed_in(client, bob).get("/signals/").content.decode()


def test_overdue_decisions_come_first_with_their_clock(client, team, bob):
    for name, by in (("Late", 17), ("Soon", 20), ("Later", 30)):
        make_signal(make_kpi(team=team, name=name, target=8), decide_by=date(2026, 8, by))
    page = signed_in(client, bob).get("/signals/").content.decode()
    assert page.index("Late<") < page.index("Soon<") < page.index("Later<")
    assert '<b class="num">1</b> day past' in page
    assert "3 wait for a decision." in page


def test_every_signal_stands_in_one_section(client, team, bob):
    def make(name, **over):
        phase = over.pop("phase", "raised")
        kpi = make_kpi(team=team, name=name, target=8)
        kpi.state.phase = phase
        kpi.state.save()
        return make_signal(kpi, **over)

    make("To decide")
    make("Addressed", decision="data")
    make("Snoozed", snoozed_until=NOW + timedelta(days=3))
    make("Accepted", decision="accept", accepted_until=date(2026, 9, 30))
    make("Dismissed", decision="dismiss")
    make("Recovering", decision="okr", phase="recovering")
    make("Silent", kind="data_stale")
    make("Resolved", is_open=False, resolved_at=NOW, ended_on=date(2026, 7, 1))
    make("Long ago", is_open=False, resolved_at=NOW - timedelta(days=91))
    make("Withdrawn", retracted_at=NOW)
    context = signed_in(client, bob).get("/signals/").context
    found = {s.title: {row.title for row in s.rows} for s in context["sections"]}
    assert found == {
        "Needs a decision": {"To decide"},
        "Being addressed": {"Addressed"},
        "Accepted, snoozed or dismissed": {"Snoozed", "Accepted", "Dismissed"},
        "Recovering": {"Recovering"},
        "Data missing": {"Silent"},
        "Resolved": {"Resolved"},
    }


def test_a_private_kpi_is_in_no_list_and_no_count_of_a_stranger(client, team, charlie):
    make_signal(make_kpi(team=team, target=8, is_private=True))
    context = signed_in(client, charlie).get("/signals/").context
    assert context["total"] == 0


def test_a_private_okr_is_not_named_to_a_stranger(client, signal, team, alice, charlie):
    Treatment.objects.create(
        signal=signal,
        team=team,
        title="Secret plan",
        url="/objectives/1/",
        is_private=True,
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        began_at=NOW,
    )
    Signal.objects.filter(pk=signal.pk).update(decision="okr", decided_by=alice, decided_at=NOW)
    signed_in(client, charlie)
    for path in ("/signals/", f"/signals/{signal.pk}/"):
        assert "Secret plan" not in client.get(path).content.decode()
    signed_in(client, alice)
    assert "Secret plan" in client.get("/signals/").content.decode()


def fill(team, count):
    for _ in range(count):
        make_signal(make_kpi(team=team, target=8), decide_by=date(2026, 9, 1))


def test_the_list_costs_the_same_queries_at_10_and_at_1000(
    client, team, bob, django_assert_num_queries
):
    signed_in(client, bob)
    fill(team, 10)
    with django_assert_num_queries(7):
        client.get("/signals/")
    kpi = make_kpi(team=team, target=8)
    signals = [
        Signal(
            kpi=kpi,
            kind="off_target",
            cadence_kind="monthly",
            is_open=False,
            first_off_on=date(2026, 5, 1),
            raised_on=date(2026, 7, 1),
            opened_at=NOW,
            resolved_at=NOW,
        )
        for _ in range(990)
    ]
    Signal.objects.bulk_create(signals)
    with django_assert_num_queries(7):
        page = client.get("/signals/?page=2")
    assert sum(len(s.rows) for s in page.context["sections"]) == 50
    assert page.context["total"] == 1000


@pytest.mark.parametrize(
    ("asked", "number"), [("", 1), ("2", 2), ("3", 3), ("99", 3), ("0", 3), ("-1", 3), ("x", 1)]
)
def test_the_pages_hold_every_signal_once_in_the_order_of_urgency(client, team, bob, asked, number):
    names = []
    for n in range(110):
        kpi = make_kpi(team=team, name=f"Signal {n:03}", target=8)
        days = [None, date(2026, 9, 1), date(2026, 8, 19)][n % 3]
        opened = NOW - timedelta(hours=n // 5)
        make_signal(kpi, decide_by=days, opened_at=opened, decision="data" if n % 7 == 0 else "")
        names.append((n % 7 == 0, days or date.max, n // 5, -n, f"Signal {n:03}"))

    page = signed_in(client, bob).get(f"/signals/?page={asked}").context
    found = [row.title for section in page["sections"] for row in section.rows]

    assert page["page"].number == number
    assert found == [one[-1] for one in sorted(names)][(number - 1) * 50 : number * 50]
    assert [section.count for section in page["sections"]] == (
        [94] if number == 1 else [94, 16] if number == 2 else [16]
    )


# -- the page -----------------------------------------------------------------------------------


def test_the_page_shows_the_evidence(client, signal, bob):
    page = signed_in(client, bob).get(f"/signals/{signal.pk}/").content.decode()
    assert "Monthly churn rate was off target in 3 of the last 3 months." in page
    for text in ("12.1", "≤\xa08", "3 of 3", "no earlier signal", "Signal opened"):
        assert text in page


def test_a_viewer_sees_the_evidence_but_no_answers(client, signal, vera):
    page = signed_in(client, vera).get(f"/signals/{signal.pk}/").content.decode()
    assert "What is your answer?" not in page
    assert "A lead of Customer Success decides" in page


def test_the_answers_are_one_fragment_for_htmx(client, signal, alice):
    path = f"/signals/{signal.pk}/?answer=dismiss"
    page = signed_in(client, alice).get(path, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="answer">')
    assert "Silent until the episode ends" in page
    assert "<html" not in page


def test_the_page_costs_a_fixed_number_of_queries(
    client, signal, kpi, alice, django_assert_max_num_queries
):
    signed_in(client, alice)
    with django_assert_max_num_queries(30):
        client.get(f"/signals/{signal.pk}/")


def test_acknowledging_leaves_the_answer_owed(client, signal, alice):
    signed_in(client, alice)
    assert client.post(f"/signals/{signal.pk}/acknowledge/").status_code == 302
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    assert "Seen by Alice Moreau. An answer is still owed." in page


def test_accepting_from_the_form_is_shown_with_reason_and_date(client, signal, alice):
    answer = {"level": "12.5", "until": "2026-09-30", "reason": "Price change."}
    assert post(signed_in(client, alice), signal, "accept", **answer).status_code == 302
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    assert "Accepted for now, up to 12.5\xa0% until 30\xa0Sep" in page
    assert "“Price change.”" in page


@pytest.mark.parametrize(
    ("answer", "data", "problem"),
    [
        ("accept", {"level": "8o", "until": "2026-09-30", "reason": "x"}, "8o"),
        ("accept", {"level": "9", "until": "2026-08-18", "reason": "x"}, "A day after today."),
        ("snooze", {"until": "2026-08-01", "reason": "x"}, "A day after today."),
        ("dismiss", {"reason": ""}, "This field is required."),
        ("fix-data", {"reason": " "}, "This field is required."),
        ("revise-target", {"value": "", "effective_on": "2026-09-01", "reason": "x"}, "required"),
    ],
)
def test_an_incomplete_answer_is_422_with_what_was_typed(
    client, signal, alice, answer, data, problem
):
    response = post(signed_in(client, alice), signal, answer, **data)
    assert response.status_code == 422
    page = response.content.decode()
    assert problem in page
    assert 'aria-invalid="true"' in page
    signal.refresh_from_db()
    assert (signal.decision, signal.snoozed_until) == ("", None)


def test_snoozing_is_until_the_beginning_of_the_local_day(client, signal, alice):
    post(signed_in(client, alice), signal, "snooze", until="2026-08-25", reason="Holidays.")
    signal.refresh_from_db()
    assert signal.snoozed_until == datetime(2026, 8, 24, 22, 0, tzinfo=UTC)


def test_revising_the_target_shows_its_effects_before_saving(client, signal, alice):
    data = {"value": "13", "effective_on": "2026-05-01", "reason": "New market."}
    signed_in(client, alice)
    response = post(client, signal, "revise-target", preview="1", **data)
    assert response.status_code == 200
    assert "What this changes" in response.content.decode()
    assert "New market." in response.content.decode()
    assert Target.objects.count() == 1
    assert post(client, signal, "revise-target", **data).status_code == 302
    assert Target.objects.get(value=13).reason == "New market."


def test_the_second_to_decide_sees_what_was_decided_and_keeps_the_entry(
    client, signal, alice, team
):
    post(signed_in(client, alice), signal, "dismiss", reason="Release freeze.")
    other = join(team, make_user("Ann Lee", organisation=team.organisation), "lead")
    signed_in(client, other)
    response = post(client, signal, "fix-data", reason="Export ran twice.")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Decided meanwhile." in page
    assert "Release freeze." in page
    assert "Export ran twice." in page
    signal.refresh_from_db()
    assert signal.decision == "dismiss"
    again = post(client, signal, "fix-data", reason="Export ran twice.")
    assert again.status_code == 302


def test_only_leads_decide_and_strangers_see_nothing_private(client, signal, bob, vera, charlie):
    for user in (bob, vera, charlie):
        assert post(signed_in(client, user), signal, "dismiss", reason="x").status_code == 403
    team = make_team(organisation=signal.kpi.team.organisation, is_private=True)
    hidden = make_signal(make_kpi(team=team, target=8))
    assert client.get(f"/signals/{hidden.pk}/").status_code == 404
    assert post(client, hidden, "dismiss", reason="x").status_code == 404
    assert client.get(f"/signals/{signal.pk}/dismiss/").status_code == 405


def test_a_signal_of_missing_data_asks_for_no_decision(client, kpi, alice):
    silent = make_signal(kpi, kind="data_stale")
    signed_in(client, alice)
    page = client.get(f"/signals/{silent.pk}/").content.decode()
    assert "What is your answer?" not in page
    assert post(client, silent, "dismiss", reason="x").status_code == 404


def test_a_source_that_fell_silent_has_a_page(client, kpi, alice):
    silent = Signal.objects.create(
        source=kpi.source,
        kind="data_stale",
        cadence_kind="monthly",
        first_off_on=date(2026, 6, 1),
        raised_on=date(2026, 7, 1),
        opened_at=NOW,
    )
    signed_in(client, alice)
    assert kpi.source.name in client.get(f"/signals/{silent.pk}/").content.decode()
    assert kpi.source.name in client.get("/signals/").content.decode()
