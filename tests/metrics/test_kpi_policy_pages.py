"""The page of a KPI's own signal policy: what is in force and whose, preview, saving, refusals."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from metrics.actions.kpi_policies import set_kpi_policy
from metrics.actions.policies import fingerprint, set_policies
from metrics.models import Cadence, Kpi, KpiPolicy, Signal
from metrics.policies import Own, Terms
from tests.factories import NOW, make_cadence, make_kpi, make_target, make_value
from tests.metrics.test_policy_pages import HTMX

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 18)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team):
    monthly = make_cadence("monthly", organisation=team.organisation, name="Monthly", grace_days=5)
    kpi = make_kpi(
        team=team,
        cadence=monthly,
        name="Churn",
        target=40,
        direction="higher_is_better",
        starts_on=date(2025, 8, 1),
    )
    for at, value in enumerate([41, 41, 38, 38, 41, 41, 38, 38, 38, 41, 41, 41], start=7):
        make_value(kpi, date(2025 + at // 12, at % 12 + 1, 1), value)
    return kpi


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def url(kpi) -> str:
    return f"/kpis/{kpi.pk}/policy/"


def typed(kpi, **over) -> dict:
    """What the form sends when nothing is changed but this."""
    kpi.refresh_from_db()
    unchanged = {
        "max_gap": "1",
        "stale_after": "2",
        "months": "24",
        "effective_on": "2026-08-18",
        "reason": "Deals take long",
        "seen": fingerprint([kpi]),
    }
    return unchanged | over


def cells(page: str) -> dict[str, tuple[str, str]]:
    """The rules in force: what each says, and whose it is."""
    rows = re.findall(
        r'<th role="rowheader" scope="row">([^<]*)</th><td role="cell">([^<]*)</td>'
        r'<td role="cell"[^>]*>([^<]*)</td>',
        page,
    )
    return {term: (text, whose) for term, text, whose in rows}


def test_it_says_what_is_in_force_and_whose_it_is(lead, kpi, ada):
    rules = cells(lead.get(url(kpi)).text)
    assert rules["A signal opens"] == ("after 3 months off target in a row", "preset")
    assert rules["A value counts as missing"] == ("5 days after the period", "preset")
    assert rules["Time to answer"] == ("21 days", "preset")
    for team, patience in ((None, 4), (kpi.team, 5)):
        set_policies(
            kpi.team.organisation,
            {kpi.cadence_id: Terms(patience=patience, window_n=6, answer_days=9)},
            team=team,
            effective_on=TODAY,
            reason="Long deals",
            seen=fingerprint(Cadence.objects.all()),
            actor=ada,
            now=NOW,
        )
        page = lead.get(url(kpi)).text
        whose = "its team" if team else "the organisation"
        expected = (f"after {patience} of the last 6 months off target", whose)
        assert cells(page)["A signal opens"] == expected
        assert cells(page)["Time to answer"] == ("9 days", whose)
        assert cells(page)["It is stale"] == ("after 2 months missing", "preset")
        assert f"in force from 18\u00a0Aug, by {ada}: Long deals" in page
    kpi.patience = 2
    kpi.save()
    rules = cells(lead.get(url(kpi)).text)
    assert rules["A signal opens"] == ("after 2 months off target in a row", "this KPI")
    assert rules["It resolves"][1] == "its team"
    make_target(kpi, value=40, patience=1, effective_on=TODAY)
    rules = cells(lead.get(url(kpi)).text)
    assert rules["A signal opens"] == ("after 1 month off target in a row", "its target")


def test_saving_keeps_day_author_and_reason_and_the_past(lead, kpi, alice):
    wanted = typed(kpi, patience="2", window_n="4", near_policy="count", grace_days="9")
    answer = lead.post(url(kpi), wanted)
    assert answer.url == url(kpi)
    [row] = KpiPolicy.objects.all()
    assert (row.author, row.reason, row.effective_on) == (alice, "Deals take long", TODAY)
    assert row.own == Own(patience=2, window_k=2, window_n=4, near_policy="count", grace_days=9)
    page = lead.get(url(kpi)).text
    assert "Saved. In force from 18\u00a0Aug." in page
    assert cells(page)["A signal opens"] == ("after 2 of the last 4 months off target", "this KPI")
    assert "off target as its team → 2, of the last as its team → 4" in page
    assert "Deals take long" in page
    assert 'name="patience" value="2"' in page
    log = lead.get(f"/kpis/{kpi.pk}/").text
    assert "Signal policy set" in log
    assert "After 2 of the last 4 months off target." not in log  # July began before
    assert "After 3 months off target in a row." in log
    assert lead.post(url(kpi), wanted).status_code == 302
    assert KpiPolicy.objects.count() == 1


def test_changes_are_told_beside_what_holds_the_day_before_theirs(lead, kpi):
    for day, patience in (("2026-08-19", "2"), ("2026-08-18", "1")):
        kpi.refresh_from_db()
        data = typed(kpi, patience=patience, effective_on=day)
        page = lead.post(url(kpi), data, follow=True).text
    said = "It holds only until 18\u00a0Aug: something else is set from 19\u00a0Aug."
    assert said in page
    assert re.findall(r'<th scope="row">off target ([^<]*)</th>', page) == [
        "as its team → 1",
        "1 → 2",
    ]


def test_it_follows_the_team_again(lead, kpi):
    Kpi.objects.filter(pk=kpi.pk).update(patience=6)
    page = lead.get(url(kpi)).text
    assert "Follow the team again" in page
    assert "off target 6" in page
    assert "the beginning" in page
    answer = lead.post(url(kpi), typed(kpi, do="end", patience="nonsense"))
    assert answer.status_code == 302
    kpi.refresh_from_db()
    assert [kpi.own_on(day).patience for day in (TODAY - timedelta(days=1), TODAY)] == [6, None]
    page = lead.get(url(kpi)).text
    assert "Follows its team again: off target 6 → as its team" in page
    refused = lead.post(url(kpi), typed(kpi, do="end", reason=""))
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"patience": "0"}, "At least 1."),
        ({"patience": "two"}, "Type a whole number."),
        ({"grace_days": "367"}, "At most 366."),
        ({"grace_days": "-1"}, "At least 0."),
        ({"max_gap": ""}, "Type a number."),
        ({"settle_days": "2"}, "until a value counts as missing"),
        ({"grace_days": "1", "settle_days": "2"}, "until a value counts as missing"),
        ({"window_n": "3"}, "Say how many of them must be off target."),
        ({"patience": "3", "window_n": "2"}, "At least 3, as many as must be off target."),
        ({"near_policy": "maybe"}, "maybe"),
        ({"effective_on": "2026-08-17"}, "Choose today or a later day"),
        ({"effective_on": "soon"}, "Type a date as 2026-09-01."),
        ({"effective_on": ""}, "Choose a day."),
        ({"reason": ""}, "Say why"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(lead, kpi, wrong, sentence):
    answer = lead.post(url(kpi), typed(kpi, recovery="7") | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'name="recovery" value="7"' in answer.text
    assert not KpiPolicy.objects.exists()
    whole = re.findall(r' id="([^"]*)"', answer.text)
    assert len(whole) == len(set(whole))


def test_somebody_else_was_faster(lead, kpi, alice):
    mine = typed(kpi, patience="2", effective_on="2026-09-01")
    theirs = {"effective_on": TODAY, "reason": "First", "seen": mine["seen"]}
    set_kpi_policy(kpi, Own(patience=9), **theirs, actor=alice, now=NOW)
    answer = lead.post(url(kpi), mine)
    assert answer.status_code == 409
    assert "Changed meanwhile" in answer.text
    assert 'name="patience" value="2"' in answer.text
    assert "First" in answer.text
    assert KpiPolicy.objects.count() == 1
    seen = re.search(r'name="seen" value="([^"]*)"', answer.text)[1]
    assert lead.post(url(kpi), mine | {"seen": seen}).status_code == 302
    kpi.refresh_from_db()
    assert [kpi.own_on(day).patience for day in (TODAY, date(2026, 9, 1))] == [9, 2]


def test_the_preview_says_what_would_be_raised_and_when_values_are_due(lead, kpi):
    wanted = typed(kpi, patience="2", grace_days="9", do="preview", reason="")
    fragment = lead.post(url(kpi), wanted, **HTMX)
    html = fragment.text
    assert fragment.status_code == 200
    assert html.lstrip().startswith('<div class="policy-form" id="proposal">')
    assert '<span class="num hero">2</span>' in html
    assert "1 as the rules stood then. 1 would open earlier and 1 is new." in html
    assert "Would be raised" in html
    days = re.findall(r"<li>(\d+)\s", html)[:6]
    assert days == ["31", "9", "9", "9", "9", "9"]  # August began before, and is due on its last
    whole = lead.post(url(kpi), wanted)
    assert whole.status_code == 200
    assert '<span class="num hero">2</span>' in whole.text
    assert 'name="patience" value="2"' in whole.text
    assert not KpiPolicy.objects.exists()
    assert not Signal.objects.exists()
    fewer = lead.post(url(kpi), wanted | {"patience": "4"}, **HTMX).text
    assert "Would no longer be raised" in fewer


def test_a_preview_of_what_is_not_complete_says_so(lead, kpi):
    answer = lead.post(url(kpi), typed(kpi, patience="0", do="preview"), **HTMX)
    assert answer.status_code == 422
    assert "Off-target periods until a signal.</b> At least 1." in answer.text
    assert '<ol class="dates num">' in answer.text


def test_readers_see_it_without_the_form(client, kpi, bob, vera, charlie):
    for person in (bob, vera, charlie):
        client.force_login(person)
        page = client.get(url(kpi))
        assert page.status_code == 200
        assert "A signal opens" in page.text
        assert len(re.findall(r"<li>\d+\s", page.text)) == 6
        assert "<form method" not in page.text.split("<main", 1)[1]
        assert client.post(url(kpi), typed(kpi, patience="2")).status_code == 403
    assert not KpiPolicy.objects.exists()


def test_without_a_cadence_there_is_nothing_to_set(lead, team):
    kpi = make_kpi(team=team, cadence=None)
    page = lead.get(url(kpi))
    assert "It has no cadence yet" in page.text
    assert lead.post(url(kpi), typed(kpi, patience="2")).status_code == 422
    assert not KpiPolicy.objects.exists()


def test_a_private_kpi_does_not_exist_for_others(client, kpi, charlie):
    Kpi.objects.filter(pk=kpi.pk).update(is_private=True)
    client.force_login(charlie)
    assert client.get(url(kpi)).status_code == 404


def test_the_page_asks_the_same_with_any_history(lead, kpi, alice, django_assert_max_num_queries):
    counts = []
    for more in (1, 12):
        for n in range(more):
            kpi.refresh_from_db()
            set_kpi_policy(
                kpi,
                Own(patience=n + 2),
                effective_on=TODAY + timedelta(days=n + more),
                reason=f"Try {n}",
                seen=fingerprint([kpi]),
                actor=alice,
                now=NOW,
            )
        with django_assert_max_num_queries(60) as asked:
            lead.get(url(kpi))
            lead.post(url(kpi), typed(kpi, patience="2", do="preview"), **HTMX)
        counts.append(len(asked))
    assert counts[0] == counts[1]
