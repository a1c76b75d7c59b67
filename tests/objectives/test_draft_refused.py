"""Every bad input of a draft has a sentence at its field with the remedy, and nothing is lost."""

from datetime import UTC, date, datetime
from html import escape

import pytest
import time_machine

from objectives.models import Objective
from tests.factories import (
    join,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
)
from tests.objectives.drafts import bare, change, problems_of, sent

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def refused(lead, team, *rows, **over):
    """The page of a form that was refused, with everything that was typed still in it."""
    data = sent(team, *rows, **over)
    answer = lead.post(f"/teams/{team.pk}/objectives/new/", data)
    assert answer.status_code == 422
    assert not Objective.objects.filter(title=data["title"]).exists()
    page = answer.content.decode()
    for form in answer.context["formset"].forms:
        assert escape(form["title"].value()) in page
    return answer


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        (change(target="38"), "target", "this is a KPI, not a key result. Make it a KPI"),
        (change(target="20"), "target", "Make it a decrease, or enter a target above the start."),
        (
            change(kind="decrease", target="52"),
            "target",
            "Make it an increase, or enter a target below the start.",
        ),
        (change(target=""), "target", "Where should it go? Enter the target."),
        (change(target="many"), "target", "many"),
        (change(title=""), "title", "Say what is measured. Or remove this key result."),
        (bare("at_most"), "target", "Enter the level to hold in every period."),
        (bare("range", low="6", high="4"), "high", "The upper bound must lie above the lower one."),
        (bare("range", low="6"), "high", "Enter the upper bound."),
        (bare("milestones"), "milestone-0-title", "Name at least one milestone."),
        (change(weight="-1"), "weight", "A weight is 0 or more; 0 counts for nothing."),
        (change(weight="1000"), "weight", "At most 999.99, with at most two decimals."),
        (change(weight="0.001"), "weight", "At most 999.99, with at most two decimals."),
        (change(title="x" * 301), "title", "At most 300 characters; this has 301. Shorten it."),
        (change(unit="x" * 21), "unit", "At most 20 characters; this has 21. Shorten it."),
        (change(kind="sideways"), "kind", "sideways"),
        (change(kpi="999999"), "kpi", "This is not a KPI of the team."),
        (
            change(**{"step-0-on": "2026-10-01", "step-0-value": "45"}),
            "step-0-on",
            "Q3 2026 runs from 1\xa0Jul 2026 to 30\xa0Sep 2026. Choose a day in it",
        ),
        (change(**{"step-0-on": "2026-08-31"}), "step-0-value", "How far by then?"),
        (change(**{"step-0-value": "45"}), "step-0-on", "By which day?"),
        (
            change(**{f"step-{n}-on": "2026-08-31" for n in (0, 1)})
            | {f"step-{n}-value": "45" for n in (0, 1)},
            "step-1-on",
            "There is already a step for this day.",
        ),
        (
            bare("milestones", **{"milestone-0-title": "A", "milestone-0-due_on": "2026-06-30"}),
            "milestone-0-due_on",
            "Choose a day in it",
        ),
        (
            bare("milestones", **{"milestone-0-title": "A", "milestone-0-weight": "0"}),
            "milestone-0-weight",
            "A milestone’s weight is above 0.",
        ),
        (
            bare("milestones", **{"milestone-0-due_on": "2026-08-31"}),
            "milestone-0-title",
            "Name what is done by then, or empty the day.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_key_result_that_cannot_be(lead, team, row, field, sentence):
    answer = refused(lead, team, row)
    assert sentence in problems_of(answer)[f"kr-0-{field}"]
    assert f'id="id_kr-0-{field}_error"' in answer.content.decode()


def test_everything_that_was_typed_stays_in_the_form(lead, team, bob):
    row = change(target="38", weight="3", owner=str(bob.pk), ambition="committed")
    row |= {"step-0-on": "2026-08-31", "step-0-value": "45"}
    answer = refused(lead, team, row, why="They leave in the first month.", rhythm="monthly")
    form = answer.context["formset"].forms[0]
    for name, value in row.items():
        part = form if not name.startswith("step") else form.steps[0]
        assert part[name.removeprefix("step-0-")].value() == value
    assert answer.context["form"]["why"].value() == "They leave in the first month."
    assert answer.context["form"]["rhythm"].value() == "monthly"


def test_start_equal_to_target_offers_a_kpi_with_its_fields_filled_in(lead, team):
    page = refused(lead, team, change(title="Keep NPS above 45", baseline="45", target="45"))
    url = page.context["rows"][0]["kpi_url"]
    assert f'href="{url.replace("&", "&amp;")}"' in page.content.decode()
    opened = lead.get(url)
    form, target = opened.context["form"], opened.context["target_form"]
    assert (form["name"].value(), form["direction"].value()) == ("NPS", "higher_is_better")
    assert (form["unit"].value(), target["value"].value()) == ("NPS", "45")


def test_a_target_on_the_other_side_is_turned_by_one_button(lead, team):
    page = refused(lead, team, change(target="20")).content.decode()
    assert 'name="kr-0-kind" value="decrease" formnovalidate' in page
    data = sent(team, change(target="20")) | {"kr-0-kind": ["increase", "decrease"]}
    answer = lead.post(f"/teams/{team.pk}/objectives/new/row/", data)
    form = answer.context["formset"].forms[0]
    assert (form["kind"].value(), form["target"].value()) == ("decrease", "20")
    assert not form.errors


def test_numbers_of_another_kind_are_never_in_the_way(lead, team):
    data = sent(team, bare("yes_no", target="many", low="x", hold_periods="-1"))
    assert lead.post(f"/teams/{team.pk}/objectives/new/", data).status_code == 302


# -- people, cycles, parents --------------------------------------------------------------------


def test_somebody_who_left_cannot_own_it(lead, team, bob):
    objective = make_objective(team=team, state="draft", owner=bob, title="Theirs")
    row = make_key_result(objective, owner=bob)
    bob.is_active = False
    bob.save()
    path = f"/objectives/{objective.pk}/edit/"
    assert "Bob Tanaka, left" in lead.get(path).content.decode()
    form = sent(team, change(owner=bob.pk, pk=row.pk), owner=bob.pk, version="1")
    answer = lead.post(path, form)
    assert answer.status_code == 422
    said = "Bob Tanaka is no longer in the team. Choose somebody else, or nobody yet."
    assert problems_of(answer) == {"owner": said, "kr-0-owner": said}
    assert answer.context["form"]["owner"].value() == str(bob.pk)


def test_a_stranger_cannot_own_it(lead, team, charlie):
    answer = refused(lead, team, change(owner=charlie.pk), owner=charlie.pk)
    assert "no longer in the team" in problems_of(answer)["owner"]
    assert "no longer in the team" in problems_of(answer)["kr-0-owner"]


def test_a_level_that_is_not_offered_is_refused(lead, team):
    team.parent = make_team(organisation=team.organisation)
    team.save()
    for level in ("company", "individual"):
        answer = refused(lead, team, change(), level=level)
        assert problems_of(answer)["level"] == "This level is not yours to choose. Choose another."


def test_an_individual_objective_is_somebodys(lead, team, alice):
    team.organisation.has_individual_goals = True
    team.organisation.save()
    answer = refused(lead, team, change(), level="individual")
    assert problems_of(answer)["owner"] == "Whose objective is it? Choose its owner."
    form = sent(team, change(), level="individual", owner=alice.pk)
    assert lead.post(f"/teams/{team.pk}/objectives/new/", form).status_code == 302
    assert Objective.objects.get().level == "individual"


def test_a_cycle_of_another_organisation_is_no_choice(lead, team):
    other = make_cycle(organisation=make_organisation(), name="Theirs")
    answer = refused(lead, team, change(), cycle=other.pk)
    assert "this cycle takes no new objectives" in problems_of(answer)["cycle"]


def parents(team):
    """Objectives nobody of `team` may be aligned to, by why."""
    foreign = make_team(organisation=make_organisation(name="Elsewhere"))
    hidden = make_team(organisation=team.organisation, is_private=True)
    sibling = make_team(organisation=team.organisation)
    return {
        "another organisation": make_objective(team=foreign),
        "a private team": make_objective(team=hidden),
        "a private objective": make_objective(team=sibling, is_private=True),
        "a closed one": make_objective(team=sibling, state="closed", closed_at=NOW),
    }


@pytest.mark.parametrize(
    "why", ["another organisation", "a private team", "a private objective", "a closed one"]
)
def test_a_parent_that_cannot_be_seen_or_ended_is_refused(lead, team, why):
    parent = parents(team)[why]
    answer = refused(lead, team, change(), title="Mine", parent=f"o{parent.pk}")
    assert "Choose another, or none." in problems_of(answer)["parent"]
    row = make_key_result(parent)
    answer = refused(lead, team, change(), title="Mine", parent=f"k{row.pk}")
    assert "Choose another, or none." in problems_of(answer)["parent"]


def test_a_parent_of_a_shorter_or_other_cycle_is_refused(lead, team):
    fields = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 31), "name": "Q4 2026"}
    later = make_cycle(organisation=team.organisation, **fields)
    parent = make_objective(team=team, cycle=later, title="Ship twice a day")
    answer = refused(lead, team, change(), title="Mine", parent=f"o{parent.pk}")
    said = problems_of(answer)["parent"]
    assert "“Ship twice a day” belongs to Q4 2026, which does not hold Q3 2026." in said


def test_a_parent_below_itself_is_refused(lead, team):
    top = make_objective(team=team, state="draft", title="Top")
    middle = make_objective(team=team, title="Middle", parent_objective=top)
    low = make_objective(team=team, title="Low", parent_key_result=make_key_result(middle))
    path = f"/objectives/{top.pk}/edit/"
    assert f'value="o{low.pk}"' not in lead.get(path).content.decode()
    form = sent(team, change(), title="Top", version="1", parent=f"o{low.pk}")
    answer = lead.post(path, form)
    assert answer.status_code == 422
    assert "“Low” is itself aligned below this objective." in problems_of(answer)["parent"]


# -- many, long, hostile ------------------------------------------------------------------------


def test_more_than_five_key_results_are_advised_against_and_saved(lead, team):
    rows = [change(title=f"Renewals of plan {n} rise from 38 to 52") for n in range(6)]
    answer = lead.post(f"/teams/{team.pk}/objectives/new/", sent(team, *rows))
    objective = Objective.objects.get()
    assert objective.key_results.count() == 6
    page = lead.get(answer.url)
    assert "W14" in [hint.code for hint in page.context["title_hints"]]


def test_more_than_twelve_key_results_are_refused_and_all_of_them_stay(lead, team):
    rows = [change(title=f"Key result {n} rises") for n in range(13)]
    page = refused(lead, team, *rows).content.decode()
    assert "An objective has at most 12 key results. Remove some; 3 to 5 are best." in page
    assert "Key result 12 rises" in page


@pytest.mark.parametrize(("field", "most"), [("title", 300), ("why", 1000)], ids=["title", "why"])
def test_text_beyond_its_length_is_named_and_kept(lead, team, field, most):
    text = "x" * (most + 1)
    answer = refused(lead, team, change(), **{field: text})
    said = f"At most {most} characters; this has {most + 1}. Shorten it."
    assert problems_of(answer)[field] == said
    assert text in answer.content.decode()
    assert "maxlength" not in str(answer.context["form"][field])


def test_hostile_markup_is_shown_as_it_was_typed(lead, team):
    hostile = "<img src=x onerror=alert(1)>"
    rows = (change(title=hostile, target="38", unit="<b>"),)
    stones = bare("milestones", **{"milestone-0-title": hostile, "milestone-0-weight": "0"})
    page = refused(lead, team, *rows, stones, title=hostile, why=hostile).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    lead.post(f"/teams/{team.pk}/objectives/new/", sent(team, change(title=hostile), title=hostile))
    objective = Objective.objects.get()
    for path in (f"/objectives/{objective.pk}/edit/", f"/objectives/{objective.pk}/"):
        assert "<img src=x" not in lead.get(path).content.decode()


def test_a_private_kpi_asks_for_a_private_objective(lead, team):
    kpi = make_kpi(team=team, name="Runway", is_private=True)
    answer = refused(lead, team, change(kpi=kpi.pk))
    said = problems_of(answer)["kr-0-kpi"]
    assert said == "“Runway” is private. Make the objective private too, or measure by hand."
    form = sent(team, change(kpi=kpi.pk), is_private="on")
    assert lead.post(f"/teams/{team.pk}/objectives/new/", form).status_code == 302


def test_a_member_of_another_team_never_reaches_the_form(client, team, charlie):
    join(make_team(organisation=team.organisation), make_user("Zoe"), "lead")
    client.force_login(charlie)
    assert client.post(f"/teams/{team.pk}/objectives/new/row/", {}).status_code == 403
