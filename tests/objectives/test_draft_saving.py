"""Saving a draft: created once, edited without losing rows, two editors side by side."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.models import Cycle, KeyResult, Objective
from tests.factories import (
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_team,
)
from tests.objectives.drafts import change, sent

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def new(team) -> str:
    return f"/teams/{team.pk}/objectives/new/"


# -- once ---------------------------------------------------------------------------------------


def test_the_form_brings_its_token_and_sent_twice_it_is_one_objective(lead, team):
    token = lead.get(new(team)).context["form"]["token"].value()
    data = sent(team, change(), token=str(token))
    first, again = lead.post(new(team), data), lead.post(new(team), data)
    objective = Objective.objects.get()
    assert first.url == again.url == f"/objectives/{objective.pk}/edit/"
    assert str(objective.form_token) == str(token)
    assert objective.events.count() == 1


def test_two_forms_are_two_objectives(lead, team):
    for _ in range(2):
        lead.post(new(team), sent(team, change(), token=str(uuid4())))
    assert list(Objective.objects.values_list("position", flat=True)) == [1, 2]


def test_the_form_changed_after_the_back_button_loses_nothing(lead, team):
    data = sent(team, change(), token=str(uuid4()))
    lead.post(new(team), data)
    answer = lead.post(new(team), data | {"title": "They stay because they want to"})
    assert answer.status_code == 409
    assert answer.context["both"] == [
        ("Objective", "Our customers love our onboarding", "They stay because they want to")
    ]
    page = answer.content.decode()
    assert "They stay because they want to</textarea>" in page
    objective = Objective.objects.get()
    assert objective.title == "Our customers love our onboarding"
    saved = data | {"title": "They stay because they want to", "version": objective.version}
    assert lead.post(f"/objectives/{objective.pk}/edit/", saved).status_code == 302
    objective.refresh_from_db()
    assert objective.title == "They stay because they want to"


def test_a_token_of_another_team_is_refused(lead, team):
    other = make_objective(team=make_team(organisation=team.organisation), form_token=uuid4())
    answer = lead.post(new(team), sent(team, change(), token=str(other.form_token)))
    assert answer.status_code == 422
    assert "Open the page again and repeat your entry." in answer.content.decode()
    assert Objective.objects.count() == 1


def test_a_second_lead_who_drafts_for_the_same_signal_sees_both_versions(lead, team):
    signal = make_signal(make_kpi(team=team, target=8))
    make_objective(team=team, state="draft", signal=signal, title="Theirs")
    data = sent(team, change(), title="Mine", version=signal.version)
    answer = lead.post(f"/signals/{signal.pk}/draft/", data)
    assert answer.status_code == 409
    assert ("Objective", "Theirs", "Mine") in answer.context["both"]
    assert "Mine</textarea>" in answer.content.decode()
    assert Objective.objects.get().title == "Theirs"


# -- editing ------------------------------------------------------------------------------------


@pytest.fixture
def draft(team, alice):
    objective = make_objective(team=team, state="draft", owner=alice, title="Mine")
    make_key_result(objective, title="First", unit="NPS")
    make_key_result(objective, title="Second", unit="NPS")
    return objective


def edit(lead, draft, *rows, version=1, **over):
    over = {"title": "Mine", "ambition": "committed", "owner": draft.owner_id} | over
    data = sent(draft.team, *rows, version=version, **over)
    return lead.post(f"/objectives/{draft.pk}/edit/", data)


def test_key_results_that_stay_keep_their_rows_in_any_order(lead, draft):
    first, second = draft.key_results.all()
    rows = (
        change(title="Second, better", pk=second.pk),
        change(title="New"),
        change(title="First", pk=first.pk),
    )
    assert edit(lead, draft, *rows).status_code == 302
    found = list(KeyResult.objects.order_by("position").values_list("position", "pk", "title"))
    assert found[0] == (1, second.pk, "Second, better")
    assert found[2] == (3, first.pk, "First")
    assert found[1][1] not in {first.pk, second.pk}


def test_a_key_result_left_out_goes_and_its_words_stay_in_the_history(lead, draft):
    first, _ = draft.key_results.all()
    assert edit(lead, draft, change(title="First", pk=first.pk)).status_code == 302
    assert list(KeyResult.objects.values_list("pk", flat=True)) == [first.pk]
    assert "Second" in draft.events.get().before["Key result 2"]


def test_a_key_result_that_something_is_aligned_to_is_withdrawn_with_a_reason(lead, draft):
    first, second = draft.key_results.all()
    child = make_objective(team=draft.team, parent_key_result=second)
    assert edit(lead, draft, change(title="First", pk=first.pk)).status_code == 302
    second.refresh_from_db()
    child.refresh_from_db()
    assert (second.withdrawn_reason, second.position) == ("Left out of the draft.", 2)
    assert child.parent_key_result == second
    page = lead.get(f"/objectives/{draft.pk}/edit/")
    assert [form["title"].value() for form in page.context["formset"].forms] == ["First"]


def test_the_row_of_another_objective_is_not_taken(lead, draft):
    theirs = make_key_result(make_objective(team=draft.team), title="Theirs")
    assert edit(lead, draft, change(title="Mine now", pk=theirs.pk)).status_code == 302
    theirs.refresh_from_db()
    assert theirs.title == "Theirs"
    assert draft.key_results.get().title == "Mine now"


def test_a_second_editor_sees_what_differs_and_keeps_the_entry(lead, draft):
    rows = [change(title=row.title, pk=row.pk) for row in draft.key_results.all()]
    edit(lead, draft, *rows, title="Theirs", why="They said why.")
    rows[0]["target"] = "60"
    answer = edit(lead, draft, *rows, title="Mine", version=1)
    assert answer.status_code == 409
    differing = {name: (theirs, mine) for name, theirs, mine in answer.context["both"]}
    assert differing["Objective"] == ("Theirs", "Mine")
    assert differing["Why"] == ("They said why.", "")
    assert "to 52" in differing["Key result 1"][0]
    assert "to 60" in differing["Key result 1"][1]
    assert answer.context["formset"].forms[0]["target"].value() == "60"
    assert edit(lead, draft, *rows, title="Mine", version=2).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Mine"


def test_the_same_form_sent_twice_is_one_edit(lead, draft):
    rows = [change(title=row.title, pk=row.pk) for row in draft.key_results.all()]
    for _ in range(2):
        assert edit(lead, draft, *rows, title="Better").status_code == 302
    draft.refresh_from_db()
    assert draft.version == 2
    assert draft.events.filter(type="edited").count() == 1


def test_a_draft_published_meanwhile_gives_the_entry_back(lead, draft):
    Objective.objects.filter(pk=draft.pk).update(
        state="active", published_at=NOW, starts_on=date(2026, 8, 18), version=2
    )
    answer = edit(lead, draft, change(title="Not lost"), title="Not lost either")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "No draft any more." in page
    assert "Not lost either</textarea>" in page
    assert f'action="/teams/{draft.team_id}/objectives/new/"' in page
    token = answer.context["form"]["token"].value()
    again = sent(draft.team, change(title="Not lost"), title="Not lost either", token=token)
    assert lead.post(new(draft.team), again).status_code == 302
    assert Objective.objects.count() == 2


def test_moving_to_another_cycle_puts_it_last(lead, draft):
    make_objective(team=draft.team, position=7)
    later = make_cycle(
        organisation=draft.team.organisation,
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
    )
    rows = [change(title=row.title, pk=row.pk) for row in draft.key_results.all()]
    edit(lead, draft, *rows, cycle=later.pk)
    draft.refresh_from_db()
    assert (draft.cycle, draft.position) == (later, 8)


# -- nothing saved ------------------------------------------------------------------------------


def test_opening_a_form_writes_nothing_even_without_cycles(lead, team):
    assert lead.get(new(team)).status_code == 200
    assert not Cycle.objects.exists()


def test_sending_a_form_makes_the_cycles_that_are_missing(lead, team):
    data = sent(team, change()) | {"cycle": ""}
    Cycle.objects.all().delete()
    answer = lead.post(new(team), data)
    assert answer.status_code == 422
    assert Cycle.objects.filter(state="active", kind="quarter").exists()


def test_another_kind_comes_back_as_its_row_alone(lead, team):
    row = change() | {"kind": "milestones"}
    path = f"{new(team)}row/"
    asked = sent(team, row, field="kr-0")
    answer = lead.post(path, asked, headers={"HX-Request": "true"})
    page = answer.content.decode().strip()
    assert page.startswith('<div class="lint" id="draft-kr-0">')
    assert 'name="kr-0-milestone-0-title"' in page
    assert 'type="hidden" name="kr-0-baseline" value="38"' in page
    whole = lead.post(path, asked).content.decode()
    assert "<html" in whole
    assert 'name="kr-0-milestone-0-title"' in whole
    assert not Objective.objects.exists()


def test_a_row_that_the_form_has_not_is_422(lead, team):
    asked = sent(team, change(), field="kr-7")
    answer = lead.post(f"{new(team)}row/", asked, headers={"HX-Request": "true"})
    assert answer.status_code == 422


def test_choosing_a_kpi_proposes_its_value_as_the_start(lead, team):
    kpi = make_kpi(team=team, target=8)
    kpi.state.latest_value = "12.1"
    kpi.state.save()
    row = change(baseline="", target="", unit="", kpi=kpi.pk)
    answer = lead.post(f"{new(team)}row/", sent(team, row, field="kr-0"))
    form = answer.context["formset"].forms[0]
    found = {name: form[name].value() for name in ("kind", "baseline", "unit")}
    assert found == {"kind": "decrease", "baseline": "12.1", "unit": "%"}
    typed = row | {"baseline": "13"}
    answer = lead.post(f"{new(team)}row/", sent(team, typed, field="kr-0"))
    assert answer.context["formset"].forms[0]["baseline"].value() == "13"


def test_one_more_row_judges_nothing_yet(lead, team):
    answer = lead.post(f"{new(team)}row/", sent(team, change(target="38"), add="1"))
    assert answer.context["formset"].total_form_count() == 2
    assert not any(form.errors for form in answer.context["formset"].forms)
    assert "autofocus" in answer.content.decode()


def test_a_link_can_say_what_the_form_opens_with(lead, team):
    top = make_objective(team=team, title="Top")
    asked = {"title": "Mine", "parent": f"o{top.pk}", "key_result": "NPS rises", "baseline": "38"}
    context = lead.get(new(team), asked).context
    assert context["form"]["title"].value() == "Mine"
    assert context["form"]["parent"].value() == f"o{top.pk}"
    assert context["formset"].forms[0]["baseline"].value() == "38"


def test_the_form_asks_the_database_as_often_for_many_parents(lead, team):
    make_objective(team=team)
    with CaptureQueriesContext(connection) as few:
        lead.get(new(team))
    for _ in range(30):
        make_key_result(make_objective(team=team))
    with CaptureQueriesContext(connection) as many:
        lead.get(new(team))
    assert len(many) == len(few)
