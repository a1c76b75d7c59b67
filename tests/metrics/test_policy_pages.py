"""The page of cadences and signal policy: previews, saving, scopes, what is refused."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from metrics.actions.policies import BeganAlready, PoliciesChanged, fingerprint, set_policies
from metrics.evaluation import evaluate_due, evaluate_kpis
from metrics.models import Cadence, KpiState, Policy, Signal
from metrics.policies import Terms
from tests.factories import make_cadence, make_kpi, make_team, make_user, make_value
from tests.metrics.weeks import after, put, week, weekly_kpi

pytestmark = pytest.mark.django_db
PAGE = "/organisation/cadences/"
OSLO = ZoneInfo("Europe/Oslo")
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def weekly(organisation):
    return make_cadence("weekly", organisation=organisation, name="Weekly", grace_days=3)


@pytest.fixture
def monthly(organisation):
    return make_cadence("monthly", organisation=organisation, name="Monthly", grace_days=5)


def opened(client, page: str = PAGE) -> dict:
    """What the page's form would send if nothing were changed."""
    html = client.get(page).content.decode()
    form = html[html.index('<form method="post" action="' + page.split("?")[0]) :]
    form = form[: form.index("</form>")]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if 'type="radio"' not in tag or "checked" in tag:
            data[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    for name, text in re.findall(
        r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        data[name] = text.strip()
    return data


def far_from_now() -> date:
    return date(2099, 9, 1)


def test_an_administrator_sees_the_terms_and_six_due_dates(admin, weekly, monthly, team):
    make_kpi(team=team, cadence=monthly)
    page = admin.get(PAGE).content.decode()
    assert page.count('<ol class="dates num">') == 2
    assert len(re.findall(r"<li>[^<]*</li>", page[page.index('id="cadences"') :])) >= 12
    assert "1 KPI<" in page
    assert "0 KPIs" in page
    assert 'aria-label="Admin"' in page
    assert re.search(r'href="/organisation/cadences/" aria-current="page"', page)


def test_saving_writes_who_and_why_and_only_what_differs(admin, ada, weekly, monthly):
    data = opened(admin) | {
        f"c{monthly.pk}-patience": "2",
        f"c{monthly.pk}-due_days": "5",
        "effective_on": "2099-09-01",
        "reason": "Three months was too late for churn",
    }
    answer = admin.post(PAGE, data | {"do": "save"})
    assert (answer.status_code, answer.url) == (302, PAGE)
    [row] = Policy.objects.all()
    assert (row.cadence, row.patience, row.due_days, row.author) == (monthly, 2, 5, ada)
    assert row.reason == "Three months was too late for churn"
    monthly.refresh_from_db()
    assert monthly.terms_on(date(2099, 8, 31), None).patience == 3
    assert monthly.terms_on(date(2099, 9, 1), None).wait_days == 10
    page = admin.get(PAGE).content.decode()
    assert "off target 3 → 2" in page
    assert "due day last day → 5th of next month" in page


def test_changes_are_told_beside_what_holds_the_day_before_theirs(admin, monthly):
    data = opened(admin) | {"reason": "Why"}
    for day, patience in (("2099-09-10", "2"), ("2099-09-09", "1"), ("2099-09-20", "3")):
        data |= {"seen": opened(admin)["seen"], "effective_on": day}
        page = admin.post(PAGE, data | {f"c{monthly.pk}-patience": patience}, follow=True)
        until = "Monthly only until 9\u00a0Sep 2099: other terms are set from 10\u00a0Sep 2099."
        assert (until in page.text) == (patience == "1")
    assert re.findall(r"off target (\d → \d)", page.text) == ["2 → 3", "3 → 1", "1 → 2"]


def test_a_team_s_terms_are_told_beside_those_it_followed_before(admin, monthly, team):
    page = f"{PAGE}?team={team.pk}"
    everybody = opened(admin) | {"reason": "Why", f"c{monthly.pk}-patience": "4"}
    own = {"reason": "Ours", f"c{monthly.pk}-patience": "5"}
    admin.post(page, opened(admin, page) | own | {"effective_on": "2099-09-10"})
    seen = opened(admin)["seen"]
    admin.post(PAGE, everybody | {"seen": seen, "effective_on": "2099-09-05"})
    assert "off target 4 → 5" in admin.get(page).text
    ended = opened(admin, page) | own | {"do": "end", "effective_on": "2099-09-12"}
    assert "Follows the organisation again" in admin.post(page, ended, follow=True).text


def test_the_same_sent_twice_is_one_effect(admin, monthly):
    data = opened(admin) | {
        f"c{monthly.pk}-patience": "2",
        "effective_on": "2099-09-01",
        "reason": "Once",
    }
    for _ in range(2):
        assert admin.post(PAGE, data).status_code == 302
    assert Policy.objects.count() == 1


def test_somebody_else_was_faster(admin, ada, organisation, monthly, weekly):
    data = opened(admin)
    set_policies(
        organisation,
        {weekly.pk: Terms(patience=9)},
        team=None,
        effective_on=far_from_now(),
        reason="First",
        seen=fingerprint(Cadence.objects.all()),
        actor=ada,
        now=datetime.now(UTC),
    )
    data |= {f"c{monthly.pk}-patience": "2", "effective_on": "2099-09-01", "reason": "Second"}
    answer = admin.post(PAGE, data)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Changed meanwhile" in page
    assert 'value="Second"' in page
    assert Policy.objects.count() == 1
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    assert admin.post(PAGE, data | {"seen": seen}).status_code == 302
    monthly.refresh_from_db()
    assert monthly.terms_on(far_from_now(), None).patience == 2


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("patience", "0", "At least 1."),
        ("patience", "two", "Type a whole number."),
        ("grace_days", "367", "At most 366."),
        ("grace_days", "-1", "At least 0."),
        ("settle_days", "9", "At most 5: until a value counts as missing."),
        ("window_n", "2", "At least 3, as many as must be off target."),
        ("recovery", "", "Type a number."),
        ("due_days", "999", "999"),
    ],
)
def test_a_wrong_number_is_named_with_its_row_and_nothing_is_saved(
    admin, weekly, monthly, field, typed, sentence
):
    data = opened(admin) | {"reason": "Typed with care", "effective_on": "2099-09-01"}
    data |= {f"c{monthly.pk}-{field}": typed, f"c{weekly.pk}-patience": "2"}
    answer = admin.post(PAGE, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<b>Monthly: " in page
    assert sentence in page
    assert 'value="Typed with care"' in page
    assert not Policy.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"effective_on": "2020-01-01"}, "Choose today or a later day"),
        ({"effective_on": ""}, "Choose a day."),
        ({"effective_on": "tomorrow"}, "Type a date as 2026-09-01."),
        ({"reason": ""}, "Say why"),
        ({"all-days_off": "2026-12-24\n24.12."}, "Line 2, “24.12.”, is not a date"),
        ({"all-country": "XX"}, "XX"),
        ({"all-fast_pct": "50", "all-fast_patience": ""}, "A fast lane has both"),
        ({"all-tolerance_pct": "-1"}, "greater than or equal to 0"),
        ({"all-due_hour": "25"}, "25"),
        ({"all-time_zone": "Europe/Atlantis"}, "Choose a time zone of the list"),
    ],
)
def test_what_is_common_is_refused_at_its_field(admin, monthly, typed, sentence):
    data = opened(admin) | {f"c{monthly.pk}-patience": "2", "reason": "Why"} | typed
    answer = admin.post(PAGE, data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Policy.objects.exists()


def test_the_due_hour_goes_by_the_clock_that_is_chosen(admin, monthly):
    data = opened(admin) | {"all-time_zone": "Asia/Tokyo", "reason": "The books close there"}
    assert admin.post(PAGE, data).status_code == 302
    assert set(Policy.objects.values_list("time_zone", flat=True)) == {"Asia/Tokyo"}
    monthly.refresh_from_db()
    assert monthly.terms_on(_today() + timedelta(days=60), None).time_zone == "Asia/Tokyo"
    page = admin.get(PAGE).content.decode()
    assert '<option value="Asia/Tokyo" selected>' in page
    assert "clock of the organisation → Asia/Tokyo" in page


def test_a_day_that_is_over_is_refused_by_the_action_too(organisation, ada, monthly):
    known = {"team": None, "reason": "", "actor": ada, "now": datetime(2026, 8, 18, 9, tzinfo=UTC)}
    wanted, seen = {monthly.pk: Terms(patience=2)}, fingerprint([monthly])
    with pytest.raises(BeganAlready):
        set_policies(organisation, wanted, effective_on=date(2026, 8, 17), seen=seen, **known)
    with pytest.raises(PoliciesChanged):
        set_policies(organisation, wanted, effective_on=date(2026, 8, 18), seen="old", **known)
    assert set_policies(organisation, wanted, effective_on=date(2026, 8, 18), seen=seen, **known)


def test_the_due_dates_follow_what_is_typed(admin, monthly):
    data = opened(admin) | {f"c{monthly.pk}-due_days": "5", "effective_on": "2020-01-01"}
    fragment = admin.post(PAGE, data | {"do": "dates", "effective_on": _tomorrow()}, **HTMX)
    html = fragment.content.decode()
    assert fragment.status_code == 200
    assert html.lstrip().startswith('<table role="table" class="ledger stack cad" id="cadences">')
    days = re.findall(r"<li>(\d+)\s", html)
    assert days[1:] == ["5"] * 5
    whole = admin.post(PAGE, data | {"do": "preview", "effective_on": _tomorrow()})
    assert re.findall(r"<li>(\d+)\s", whole.content.decode())[1:6] == ["5"] * 5


def _today() -> date:
    """The day it is in the organisation, which is ahead of UTC."""
    return timezone.localdate(timezone=OSLO)


def _tomorrow() -> str:
    return (_today() + timedelta(days=1)).isoformat()


def monthly_story(team, monthly, values: str) -> object:
    """A KPI whose last values are these months; at least 40 is on target."""
    today = _today()
    kpi = make_kpi(
        team=team,
        cadence=monthly,
        target=40,
        direction="higher_is_better",
        starts_on=date(today.year - 2, 1, 1),
        name="Churn",
    )
    texts = values.split()
    for back, text in enumerate(reversed(texts), start=1):
        number = today.year * 12 + today.month - 1 - back
        make_value(kpi, date(number // 12, number % 12 + 1, 1), text)
    return kpi


def test_the_replay_says_what_would_open_and_what_would_not(admin, organisation, monthly):
    team = make_team(organisation=organisation)
    monthly_story(team, monthly, "41 41 38 38 41 41 38 38 38 38 41 41")
    data = opened(admin) | {f"c{monthly.pk}-patience": "2", "do": "preview"}
    data[f"c{monthly.pk}-grace_days"] = "0"
    fragment = admin.post(PAGE, data, **HTMX)
    html = fragment.content.decode()
    assert fragment.status_code == 200
    assert '<div class="sim" id="preview"' in html
    assert '<span class="num hero">2</span>' in html
    assert "1 as the rules stood then. 1 would open earlier and 1 is new." in html
    assert "Would be raised" in html
    assert ">Churn</a>" in html
    assert html.count("◇") == 3  # two months and the legend
    assert not Policy.objects.exists()
    assert not Signal.objects.exists()
    # Without htmx the same stands on the whole page, and what was typed stays.
    whole = admin.post(PAGE, data).content.decode()
    assert '<span class="num hero">2</span>' in whole
    assert re.search(rf'name="c{monthly.pk}-patience" value="2"', whole)


def test_numbers_that_are_not_complete_are_said_in_place_of_the_replay(admin, monthly):
    data = opened(admin) | {f"c{monthly.pk}-patience": "", "do": "preview"}
    fragment = admin.post(PAGE, data, **HTMX)
    assert fragment.status_code == 422
    assert "Monthly: off target" in fragment.content.decode()


def test_kpis_of_private_teams_are_replayed_for_their_members_only(admin, organisation, monthly):
    team = make_team(organisation=organisation, is_private=True)
    monthly_story(team, monthly, "38 38 38 38")
    data = opened(admin) | {f"c{monthly.pk}-patience": "2", "do": "preview"}
    assert "Churn" not in admin.post(PAGE, data, **HTMX).content.decode()
    assert admin.get(f"{PAGE}?team={team.pk}").status_code == 404


@pytest.mark.parametrize("text", ["0", "x", "99999999999999999999", "²"])
def test_a_team_that_does_not_exist_is_not_found(admin, monthly, text):
    assert admin.get(PAGE, {"team": text}).status_code == 404


def test_a_team_has_terms_of_its_own_until_it_follows_again(admin, organisation, monthly):
    team = make_team(organisation=organisation, name="Sales")
    page = f"{PAGE}?team={team.pk}"
    data = opened(admin, page) | {
        f"c{monthly.pk}-patience": "6",
        "effective_on": "2099-09-01",
        "reason": "Long deals",
    }
    assert admin.post(page, data).url == page
    monthly.refresh_from_db()
    assert monthly.terms_on(date(2099, 9, 1), team.pk).patience == 6
    assert monthly.terms_on(date(2099, 9, 1), None).patience == 3
    assert "Sales</a>" in admin.get(PAGE).content.decode()
    seen = fingerprint(Cadence.objects.all())
    end = {"do": "end", "effective_on": "2099-10-01", "reason": "Over", "seen": seen}
    assert admin.post(page, opened(admin, page) | end).status_code == 302
    monthly.refresh_from_db()
    assert monthly.terms_on(date(2099, 9, 30), team.pk).patience == 6
    assert monthly.terms_on(date(2099, 10, 1), team.pk).patience == 3
    assert "Follows the organisation again" in admin.get(page).content.decode()


def test_the_evaluation_counts_each_week_by_the_terms_of_its_first_day(organisation, ada):
    team = make_team(organisation=organisation)
    other = make_team(organisation=organisation)
    kpi = weekly_kpi(team=team, patience=6, recovery=1)
    same = weekly_kpi(team=other, patience=6, recovery=1)
    same.cadence = kpi.cadence
    same.save()
    for one in (kpi, same):
        put(one, "38 38")
        evaluate_kpis([one.pk], after(2))
    set_policies(
        organisation,
        {kpi.cadence_id: Terms(patience=3, recovery=1)},
        team=team,
        effective_on=week(4),
        reason="Earlier",
        seen=fingerprint(Cadence.objects.all()),
        actor=ada,
        now=after(2),
    )
    assert KpiState.objects.get(kpi=kpi).due_at == after(2)
    for number in (3, 4, 5):
        for one in (kpi, same):
            put(one, "38", number)
            evaluate_kpis([one.pk], after(number))
    # Three weeks are off after the third, but that one still has the rule of six.
    [signal] = Signal.objects.all()
    assert (signal.kpi, signal.raised_on) == (kpi, week(4))
    checkpoint = KpiState.objects.get(kpi=kpi).checkpoint
    KpiState.objects.update(checkpoint="")
    evaluate_due(after(5), worker="test")
    evaluate_kpis([kpi.pk], after(5))
    assert KpiState.objects.get(kpi=kpi).checkpoint == checkpoint


def test_an_answer_is_asked_for_within_the_days_of_the_terms(organisation, ada):
    kpi = weekly_kpi(team=make_team(organisation=organisation), patience=1)
    set_policies(
        organisation,
        {kpi.cadence_id: Terms(patience=1, answer_days=3)},
        team=None,
        effective_on=week(1),
        reason="Sooner",
        seen=fingerprint(Cadence.objects.all()),
        actor=ada,
        now=after(0),
    )
    put(kpi, "38")
    evaluate_kpis([kpi.pk], after(1))
    assert Signal.objects.get().decide_by == date(2026, 6, 11)


def test_the_page_and_the_replay_ask_the_same_at_any_size(
    admin, organisation, monthly, django_assert_max_num_queries
):
    team = make_team(organisation=organisation)
    monthly_story(team, monthly, "38 38 38 41")
    data = opened(admin) | {f"c{monthly.pk}-patience": "2", "do": "preview"}
    counts = []
    for more in (0, 12):
        for n in range(more):
            kpi = make_kpi(team=team, cadence=monthly, target=Decimal(40), name=f"More {n}")
            make_value(kpi, date(2026, 1, 1), 50)
        with django_assert_max_num_queries(60) as asked:
            admin.get(PAGE)
            admin.post(PAGE, data, **HTMX)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_only_administrators_may(client, organisation, monthly):
    member = make_user("Bob", organisation=organisation)
    client.force_login(member)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"do": "preview"}).status_code == 403
    assert client.post(f"{PAGE}new/", {"name": "x", "kind": "daily"}).status_code == 403


def test_the_near_band_of_the_terms_is_printed_where_a_target_states_none(
    admin, ada, organisation, monthly
):
    team = make_team(organisation=organisation)
    kpi = monthly_story(team, monthly, "38 41")
    set_policies(
        organisation,
        {monthly.pk: Terms(tolerance_pct=Decimal(10))},
        team=None,
        effective_on=_today(),
        reason="Noise",
        seen=fingerprint([monthly]),
        actor=ada,
        now=timezone.now(),
    )
    assert "band 10\u00a0%" in admin.get(f"/teams/{team.pk}/").content.decode()
    assert "10 % of the target" in admin.get(f"/kpis/{kpi.pk}/policy/").content.decode()
