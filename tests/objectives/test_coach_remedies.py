"""One step applied to what was typed: the form comes back with it, and nothing is saved."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi, Signal
from objectives.actions import ensure_cycles
from objectives.models import Cycle, Initiative, KeyResult, Objective
from tests.factories import make_key_result, make_kpi, make_objective, make_value

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
STATE = "Our customers love our onboarding"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def churn(team, alice):
    """At most 8 %, 12.1 % today."""
    kpi = make_kpi(team=team, target=8, name="Churn rate", owner=alice)
    for month, value in ((5, "12.4"), (6, "12.6"), (7, "12.1")):
        make_value(kpi, date(2026, month, 1), Decimal(value))
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def sent(team, *rows: dict, **over) -> dict:
    """The form with these key results."""
    ensure_cycles(team.organisation, NOW)
    cycle = Cycle.objects.get(kind="quarter", starts_on=date(2026, 7, 1))
    data = {"title": STATE, "ambition": "committed", "cycle": str(cycle.pk), "version": "1"}
    data |= {"kr-TOTAL_FORMS": str(len(rows)), "kr-INITIAL_FORMS": "0"}
    for at, row in enumerate(rows):
        fields = {"title": "", "kind": "increase", "baseline": "", "target": "", "unit": ""} | row
        data |= {f"kr-{at}-{name}": value for name, value in fields.items()}
    return data | over


def step(client, team, remedy: str, *rows: dict, **over):
    """The form as a remedy leaves it."""
    data = sent(team, *rows, **over) | {"remedy": remedy}
    page = client.post(f"/teams/{team.pk}/objectives/new/remedy/", data)
    assert page.status_code == 200
    return page


def rows_of(page, *names: str) -> list:
    forms = page.context["formset"].forms
    found = [tuple(str(form[name].value() or "") for name in names) for form in forms]
    return [row[0] if len(names) == 1 else row for row in found]


def test_from_and_to_change_places_in_fields_and_words(lead, team):
    row = {"title": "NPS increases from 52 to 38", "baseline": "52", "target": "38"}
    page = step(lead, team, "swap_numbers:kr-0", row)
    assert rows_of(page, "title", "baseline", "target") == [
        ("NPS increases from 38 to 52", "38", "52")
    ]
    assert "From and to are swapped. Nothing else is saved yet." in page.content.decode()


def test_a_task_is_kept_as_an_initiative_and_saved_under_a_key_result(lead, team, alice):
    task = {"title": "Launch the new onboarding module"}
    result = {"title": "NPS rises from 38 to 52", "baseline": "38", "target": "52"}
    page = step(lead, team, "keep_as_initiative:kr-1", result, task)
    assert rows_of(page, "title") == ["NPS rises from 38 to 52"]
    assert page.context["hints"].initiatives == ("Launch the new onboarding module",)
    assert 'name="initiative" value="Launch the new onboarding module"' in page.content.decode()
    assert not Objective.objects.exists()

    form = sent(team, result, initiative="Launch the new onboarding module")
    assert lead.post(f"/teams/{team.pk}/objectives/new/", form).status_code == 302
    kept = Initiative.objects.get()
    assert (kept.title, kept.key_result.title) == (
        "Launch the new onboarding module",
        "NPS rises from 38 to 52",
    )
    objective = Objective.objects.get()
    path = f"/objectives/{objective.pk}/edit/"
    opened = lead.get(path)
    assert opened.context["hints"].initiatives == ("Launch the new onboarding module",)
    again = sent(team, result | {"pk": str(objective.key_results.get().pk)}, why="For them")
    assert lead.post(path, again | {"initiative": kept.title}).status_code == 302
    assert Initiative.objects.filter(deleted_at=None).count() == 1


def test_two_results_become_two_rows(lead, team):
    both = {"title": "launch the enterprise security tier and acquire 5 enterprise customers"}
    page = step(lead, team, "split_key_result:kr-0", both, {"title": "NPS from 3 to 5"})
    assert rows_of(page, "title") == [
        "launch the enterprise security tier",
        "Acquire 5 enterprise customers",
        "NPS from 3 to 5",
    ]


def test_the_baseline_is_to_be_found_first_and_the_aim_stays_in_the_words(lead, team):
    row = {"title": "Renewals for the sake of support", "target": "30", "unit": "%"}
    page = step(lead, team, "find_baseline:kr-0", row)
    assert rows_of(page, "title", "kind", "target") == [
        ("Renewals for the sake of support, to 30\N{NO-BREAK SPACE}%", "find_baseline", "")
    ]
    assert [h.code for h in page.context["hints"].fields["kr-0"] if h.tone == "near"] == []


def test_a_wish_becomes_a_skeleton_to_fill_in(lead, team):
    page = step(lead, team, "add_numbers:kr-0", {"title": "Increase revenue"})
    title, kind = rows_of(page, "title", "kind")[0]
    assert title.replace("\N{NO-BREAK SPACE}", " ") == "Revenue rises from … to … by 30 Sep 2026"
    assert kind == "increase"
    focused = page.context["formset"].forms[0].fields["baseline"].widget.attrs
    assert focused["autofocus"] is True


def test_it_starts_from_the_value_and_aims_for_the_target_of_its_kpi(lead, team, churn):
    row = {"title": "Churn rate reaches 9 %", "kind": "decrease", "target": "9", "unit": "%"}
    page = step(lead, team, "use_kpi_value:kr-0", row | {"kpi": str(churn.pk)})
    assert rows_of(page, "baseline", "target") == [("12.1", "9")]
    short = row | {"kpi": str(churn.pk), "baseline": "12.1"}
    page = step(lead, team, "match_kpi_target:kr-0", short)
    assert rows_of(page, "title", "target") == [("Churn rate reaches 8 %", "8")]


def test_a_number_moves_from_the_objective_to_a_key_result(lead, team):
    title = "Increase website traffic by 10% this quarter"
    page = step(lead, team, "move_number_to_key_result:title", {}, title=title)
    assert page.context["form"]["title"].value() == "Increase website traffic this quarter"
    assert rows_of(page, "title") == [title]


def test_the_last_of_six_is_kept_as_an_initiative(lead, team):
    rows = [
        {"title": f"NPS rises from {n} to 50", "baseline": str(n), "target": "50"} for n in range(6)
    ]
    page = step(lead, team, "park_key_result:title", *rows)
    assert len(rows_of(page, "title")) == 5
    assert page.context["hints"].initiatives == ("NPS rises from 5 to 50",)


def test_room_for_one_more(lead, team):
    objective = make_objective(team=team, state="draft", published_at=None, starts_on=None)
    data = sent(team, {"title": "NPS rises from 3 to 5", "baseline": "3", "target": "5"})
    path = f"/objectives/{objective.pk}/remedy/"
    page = lead.post(path, data | {"remedy": "add_key_result:title"})
    assert rows_of(page, "title") == ["NPS rises from 3 to 5", ""]


def test_a_level_to_hold_becomes_a_kpi_once_and_leaves_the_form(lead, team):
    row = {"title": "Keep churn below 8%"}
    other = {"title": "NPS rises from 38 to 52", "baseline": "38", "target": "52"}
    for _ in range(2):
        page = step(lead, team, "convert_to_kpi:kr-0", row, other)
        assert rows_of(page, "title") == ["NPS rises from 38 to 52"]
    kpi = Kpi.objects.get(team=team)
    assert (kpi.name, kpi.direction, kpi.unit) == ("Churn", "lower_is_better", "%")
    assert kpi.targets.get().value == 8
    assert (kpi.source, kpi.cadence, kpi.definition) == (None, None, "")
    assert not Objective.objects.exists()
    assert not KeyResult.objects.exists()


def test_a_step_that_no_longer_fits_leaves_everything_as_it_is(lead, team):
    row = {"title": "NPS rises from 38 to 52", "baseline": "38", "target": "52"}
    for remedy in ("swap_numbers:kr-0", "swap_numbers:kr-9", "nonsense:title", "", "x:__class__"):
        page = step(lead, team, remedy, row)
        assert rows_of(page, "title", "baseline", "target") == [tuple(row.values())]
        assert "That step no longer fits what stands here." in page.content.decode()


def test_a_remedy_in_the_draft_of_a_signal(lead, team, churn):
    signal = Signal.objects.get(kpi=churn, kind="off_target")
    row = {"title": "Launch a survey"}
    data = sent(team, row, {"title": "NPS from 3 to 5"}) | {"remedy": "keep_as_initiative:kr-0"}
    page = lead.post(f"/signals/{signal.pk}/draft/remedy/", data)
    assert rows_of(page, "title") == ["NPS from 3 to 5"]


def test_what_was_typed_elsewhere_is_kept(lead, team, bob):
    rows = [
        {"title": "Launch it"},
        {"title": "NPS", "weight": "2.5", "owner": str(bob.pk), "unit": "<b>"},
    ]
    page = step(lead, team, "keep_as_initiative:kr-0", *rows, why="Because <i>", rhythm="monthly")
    assert rows_of(page, "title", "weight", "owner", "unit") == [("NPS", "2.5", str(bob.pk), "<b>")]
    assert page.context["form"]["why"].value() == "Because <i>"
    assert page.context["form"]["rhythm"].value() == "monthly"
    assert "<i>" not in page.content.decode()


def test_each_hint_offers_one_step_as_a_button_of_the_form_or_a_link(lead, team):
    data = sent(team, {"title": "Launch it"}, title="Increase revenue")
    text = lead.post(
        f"/teams/{team.pk}/objectives/new/hints/", data | {"field": "kr-0"}
    ).content.decode()
    url = f"/teams/{team.pk}/objectives/new/remedy/"
    assert (
        f'name="remedy" value="keep_as_initiative:kr-0" formaction="{url}" formnovalidate' in text
    )
    title = lead.post(f"/teams/{team.pk}/objectives/new/hints/", data | {"field": "title"})
    assert '<a class="act" href="#id_why">Add why it matters</a>' in title.content.decode()


def test_a_saved_key_result_keeps_its_row_through_a_remedy(lead, team):
    objective = make_objective(team=team, state="draft", published_at=None, starts_on=None)
    make_key_result(objective, title="Launch it", kind="yes_no")
    stays = make_key_result(objective, title="NPS rises from 38 to 52")
    rows = [
        {"pk": str(row.pk), "title": row.title, "kind": row.kind, "baseline": "", "target": ""}
        for row in objective.key_results.all()
    ]
    data = sent(team, *rows) | {"remedy": "keep_as_initiative:kr-0"}
    page = lead.post(f"/objectives/{objective.pk}/remedy/", data)
    assert rows_of(page, "pk") == [str(stays.pk)]
    assert objective.key_results.count() == 2
