"""The example KPIs, and taking several of them at once."""

from decimal import Decimal

import pytest

from metrics.library import BY_KEY, EXAMPLES, GROUPS, IDEAS, idea_for
from metrics.models import Kpi, KpiEvent, Target
from tests.factories import make_kpi

KEYS = ("growth-customers", "retention-churn", "quality-nps", "finance-mrr")


def test_each_function_has_three_or_four_whole_examples_under_names_of_their_own():
    assert {one.group for one in EXAMPLES} == set(GROUPS) == set(IDEAS)
    assert len({one.name for one in EXAMPLES}) == len(EXAMPLES) == len(BY_KEY)
    for group in GROUPS:
        assert 3 <= sum(one.group == group for one in EXAMPLES) <= 4
    for one in EXAMPLES:
        assert one.definition.endswith(".")
        assert one.why.endswith(".")
        assert one.nature in Kpi.Nature.values
        assert len(one.unit) <= Kpi._meta.get_field("unit").max_length


def test_the_idea_is_that_of_the_function_most_kpis_come_from():
    assert idea_for({"Win rate", "Sales cycle", "Net Promoter Score"}) == IDEAS["sales"]
    assert idea_for({"Something of our own"}) == IDEAS["quality"]


def ticked(*keys, **targets):
    data = {f"target-{one.key}": str(one.target) for one in EXAMPLES}
    return data | {f"take-{key}": "on" for key in keys} | targets


def url(team):
    return f"/teams/{team.pk}/kpis/library/"


def test_four_are_taken_with_their_targets_and_everything_a_kpi_needs(client, team, alice):
    client.force_login(alice)
    response = client.post(url(team), ticked(*KEYS, **{"target-retention-churn": "6.5"}))
    assert response.status_code == 302
    assert response.url == team.get_absolute_url()
    kpis = {kpi.name: kpi for kpi in Kpi.objects.filter(team=team)}
    assert set(kpis) == {BY_KEY[key].name for key in KEYS}
    churn = kpis["Monthly churn rate"]
    assert (churn.direction, churn.unit, churn.owner) == ("lower_is_better", "%", alice)
    assert (churn.definition, churn.why) == (
        BY_KEY["retention-churn"].definition,
        BY_KEY["retention-churn"].why,
    )
    assert churn.source.kind == "manual"
    assert (churn.cadence.kind, churn.theme) == ("monthly", "retention")
    assert Target.objects.get(kpi=churn).value == Decimal("6.5")
    assert KpiEvent.objects.filter(kpi=churn, type="created", actor=alice).exists()


def test_one_mistake_takes_none_and_keeps_what_was_typed(client, team, alice):
    client.force_login(alice)
    sent = ticked(*KEYS, **{"target-quality-nps": "high", "target-finance-mrr": ""})
    response = client.post(url(team), sent)
    text = response.content.decode()
    assert response.status_code == 422
    assert not Kpi.objects.exists()
    assert 'value="high"' in text
    assert "Type a target for Monthly recurring revenue, or untick it." in text
    assert text.count("checked") == 4
    assert text.count('<details class="sect" open') == 4


def test_nothing_ticked_says_what_to_do_and_an_unticked_target_is_nobodys_business(
    client, team, alice
):
    client.force_login(alice)
    response = client.post(url(team), {"target-quality-nps": "high"})
    assert response.status_code == 422
    assert b"Tick the examples you want to watch" in response.content
    assert client.post(url(team), ticked("growth-signups", **{"target-quality-nps": "x"})).url


def test_the_same_form_twice_makes_them_once(client, team, alice):
    client.force_login(alice)
    for _ in range(2):
        assert client.post(url(team), ticked(*KEYS)).status_code == 302
    assert Kpi.objects.count() == 4


def test_what_the_team_has_is_not_offered(client, team, alice):
    make_kpi(team=team, name="Net Promoter Score")
    client.force_login(alice)
    response = client.get(url(team) + "?group=quality")
    assert b'name="take-quality-nps"' not in response.content
    assert b"on the scorecard" in response.content
    sent = client.post(url(team), ticked("quality-nps", "quality-defects"))
    assert sent.status_code == 302
    assert Kpi.objects.filter(team=team).count() == 2


@pytest.mark.parametrize("count", [0, 100])
def test_the_page_asks_for_no_more_with_many_kpis(
    client, team, alice, count, django_assert_num_queries
):
    for number in range(count):
        make_kpi(team=team, name=f"K {number}")
    client.force_login(alice)
    with django_assert_num_queries(7):
        client.get(url(team))
