"""The page "OKR, KPI or neither?": the address is the question, the next step opens prefilled."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import time_machine

from objectives.actions import ensure_cycles
from objectives.models import Cycle
from tests.factories import join, make_team

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
CHANGE = {"state": "yes", "cost": "lose", "horizon": "quarter"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def ask(client, idea: str = "", *, htmx: bool = False, **answers):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.get(f"/start/?{urlencode({'idea': idea} | answers)}", headers=headers)


def buttons(page) -> list[tuple[str, str]]:
    return [(button.label, button.url) for button in page.context["sorted"].buttons]


def test_the_words_preselect_the_answers_and_a_standard_opens_as_a_kpi(lead, team):
    page = ask(lead, "Keep churn below 8 %")
    text = page.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert page.context["sorted"].verdict.heading == "A KPI"
    assert text.count(" checked") == 3
    assert "at most 8 %" in text
    (first, url), (second, instead) = buttons(page)
    assert (first, second) == ("Create this KPI", "Write it as an OKR instead")
    form = lead.get(url).context
    assert str(form["form"]["name"].value()) == "Churn"
    assert str(form["form"]["direction"].value()) == "lower_is_better"
    assert str(form["target_form"]["value"].value()) == "8"
    row = lead.get(instead).context["formset"].forms[0]
    assert row["title"].value() == "Keep churn below 8 %"


def test_an_okr_opens_with_its_words_and_numbers(lead, team):
    idea = "become the default tool for mid-market sales teams + ARR $2M→$6M"
    page = ask(lead, idea, **CHANGE)
    assert page.context["sorted"].verdict.heading == "An OKR"
    form = lead.get(buttons(page)[0][1]).context
    assert form["form"]["title"].value() == "become the default tool for mid-market sales teams"
    row = form["formset"].forms[0]
    assert [str(row[name].value()) for name in ("title", "baseline", "target", "kind")] == [
        *("ARR $2M→$6M", "2000000", "6000000", "increase")
    ]


def test_several_key_results_open_as_several_rows(lead, team):
    idea = "Our customers love us; NPS from 38 to 52; Renewals from 82% to 90%; Calls from 9 to 5"
    page = ask(lead, idea, **CHANGE)
    forms = lead.get(buttons(page)[0][1]).context["formset"].forms
    titles = ["NPS from 38 to 52", "Renewals from 82% to 90%", "Calls from 9 to 5"]
    assert [row["title"].value() for row in forms] == titles


def test_neither_is_an_answer(lead, team):
    page = ask(lead, "Move the wiki to the new server")
    assert page.context["sorted"].verdict.heading == "Neither"
    assert buttons(page) == [("See the key results it could help", f"/teams/{team.pk}/#dest")]


def test_too_large_for_a_quarter_is_a_breakthrough(lead, team):
    page = ask(lead, "Be present on three continents")
    assert page.context["sorted"].verdict.heading == "An annual breakthrough"
    label, url = buttons(page)[0]
    assert label == "Write it as a goal of the year"
    assert url == f"/teams/{team.pk}/objectives/new/?title=Be+present+on+three+continents"
    ensure_cycles(team.organisation, NOW)
    opened = lead.get(buttons(ask(lead, "Be present on three continents"))[0][1])
    year = Cycle.objects.get(kind="year", starts_on__year=2026)
    assert str(opened.context["form"]["cycle"].value()) == str(year.pk)


def test_what_was_guessed_is_guessed_anew_and_what_was_chosen_stays(lead, team):
    guessed = {"state": "no", "cost": "fine", "horizon": "none", "guessed": "no:fine:none"}
    page = ask(lead, "Onboarding NPS rises from 32 to 55", **guessed)
    assert page.context["form"].answers() == ("yes", "lose", "quarter")
    chosen = guessed | {"cost": "lose"}
    page = ask(lead, "Keep churn below 8 %", **chosen)
    assert page.context["form"].answers() == ("no", "lose", "none")


def test_the_fragment_is_the_verdict_and_the_questions(lead, team):
    text = ask(lead, "Keep churn below 8 %", htmx=True).content.decode()
    assert text.strip().startswith('<section class="verdict" id="verdict"')
    assert text.count("hx-swap-oob") == 1
    assert "<html" not in text


def test_nothing_is_sorted_before_there_are_three_answers(lead, team):
    for page in (ask(lead), ask(lead, "Our customers love us"), ask(lead, state="x", cost="<b>")):
        assert page.context["sorted"] is None
        assert "Nothing sorted yet" in page.content.decode()


def test_too_long_an_idea_is_refused_and_kept(lead, team):
    page = ask(lead, "x" * 1001)
    assert page.status_code == 422
    assert "this has 1001. Shorten it." in page.content.decode()
    assert "x" * 1001 in page.content.decode()


def test_markup_in_an_idea_is_printed(lead, team):
    text = ask(lead, "<script>x()</script> 5 %", **CHANGE).content.decode()
    assert "<script>x()" not in text


def test_who_leads_no_team_is_told_who_does(client, vera):
    client.force_login(vera)
    page = ask(client, "Keep churn below 8 %")
    assert buttons(page) == []
    assert "A lead of a team writes it down." in page.content.decode()


def test_who_leads_two_teams_chooses(lead, team, alice, organisation):
    join(make_team(organisation=organisation, name="Board"), alice, "lead")
    page = ask(lead, "Keep churn below 8 %", team=str(team.pk))
    assert '<select id="team" name="team">' in page.content.decode()
    assert buttons(page)[0][1].startswith(f"/teams/{team.pk}/")


def test_others_are_sorted_by_the_same_rules(lead, team):
    words = [one["words"] for one in ask(lead).context["others"]]
    assert words == ["OKR", "KPI", "Key result", "Breakthrough, a year or more", "Neither: a task"]


def test_first_steps_name_what_comes_next(lead, team, bob):
    steps = ask(lead).context["steps"]
    assert [(step["label"], step["state"]) for step in steps] == [
        ("Team", "done"),
        ("KPIs", "now"),
        ("One objective", ""),
        ("First update", ""),
    ]


def test_an_example_opens_the_form_of_a_kpi(lead, team):
    example = ask(lead).context["examples"][1]
    form = lead.get(example["url"]).context["form"]
    assert (form["name"].value(), form["unit"].value()) == ("Monthly churn rate", "%")
