"""How firmly the coach's rules speak: decided by an administrator, kept with who and when."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from objectives.actions import ensure_cycles
from objectives.actions.coaching import StrictnessChanged, set_strictness
from objectives.coach.catalogue import RULES
from objectives.coach.policy import choices_of, may_ask_reason
from objectives.models import Cycle, Objective, ObjectiveEvent, RuleSetting
from tests.factories import make_key_result, make_objective

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
TASK = "Launch the new onboarding module"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def decide(organisation, ada):
    def decide_one(**modes: str) -> None:
        for code, mode in modes.items():
            RuleSetting.objects.update_or_create(
                organisation=organisation,
                code=code,
                defaults={"strictness": mode, "changed_by": ada, "changed_at": NOW},
            )

    return decide_one


def rules_form(**over) -> dict:
    data = dict.fromkeys(RULES, "advise") | {f"was_{code}": "advise" for code in RULES}
    return data | over


def test_everybody_reads_the_catalogue_and_only_an_administrator_decides(client, vera, ada):
    client.force_login(vera)
    text = client.get("/coach/rules/").content.decode()
    for code, rule in RULES.items():
        assert f'id="{code}"' in text
        assert rule.name in text
    assert "<select" not in text
    assert client.post("/coach/rules/", rules_form()).status_code == 403

    client.force_login(ada)
    assert client.get("/coach/rules/").content.decode().count("<select") == 25


def test_a_decision_is_kept_with_who_and_when(client, ada, organisation):
    client.force_login(ada)
    answer = client.post("/coach/rules/", rules_form(W1="reason", W8="off"))
    assert answer.status_code == 302
    rows = RuleSetting.objects.filter(organisation=organisation).order_by("code")
    assert [(row.code, row.strictness, row.changed_by) for row in rows] == [
        ("W1", "reason", ada),
        ("W8", "off", ada),
    ]
    page = client.get("/coach/rules/").content.decode()
    assert "Ada Berg, 18 Aug" in page.replace("\u00a0", " ")


def test_what_is_no_choice_is_refused_at_its_rule(client, ada):
    client.force_login(ada)
    answer = client.post("/coach/rules/", rules_form(W20="reason", W1="off"))
    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()
    assert not RuleSetting.objects.exists()


def test_two_administrators_at_once_see_each_others_choice(client, ada, decide):
    decide(W1="off")
    client.force_login(ada)
    answer = client.post("/coach/rules/", rules_form(W1="reason"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed meanwhile" in text
    assert "Now: Off" in text
    assert RuleSetting.objects.get().strictness == "off"
    again = client.post("/coach/rules/", rules_form(W1="reason", was_W1="off"))
    assert again.status_code == 302
    assert RuleSetting.objects.get().strictness == "reason"


def test_what_somebody_else_decided_stays_where_nothing_was_changed(organisation, ada, decide):
    decide(W2="off")
    form = dict.fromkeys(RULES, "advise")
    assert set_strictness(organisation, form, was=form, actor=ada, now=NOW) == []
    with pytest.raises(StrictnessChanged) as met:
        set_strictness(organisation, form | {"W2": "reason"}, was=form, actor=ada, now=NOW)
    assert met.value.current == {"W2": "off"}
    twice = form | {"W2": "off"}
    assert set_strictness(organisation, twice, was=form, actor=ada, now=NOW) == []


def test_only_what_is_said_of_a_draft_can_ask_for_a_reason():
    asking = [code for code in RULES if may_ask_reason(code)]
    assert asking == [*(f"W{n}" for n in range(1, 15)), "W16", "W23", "W25"]
    assert [value for value, _ in choices_of("W20")] == ["off", "advise"]


# -- in the draft form --------------------------------------------------------------------------


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def draft_form(team, **over) -> dict:
    ensure_cycles(team.organisation, NOW)
    data = {
        "title": "Our customers love our onboarding",
        "ambition": "committed",
        "cycle": str(Cycle.objects.get(kind="quarter", starts_on=date(2026, 7, 1)).pk),
        "version": "1",
        "kr-TOTAL_FORMS": "1",
        "kr-INITIAL_FORMS": "0",
        "kr-0-title": TASK,
        "kr-0-kind": "yes_no",
    }
    return data | over


def test_a_rule_that_is_off_is_silent_in_the_form_and_on_the_page(lead, team, decide):
    path = f"/teams/{team.pk}/objectives/new/hints/"
    typed = draft_form(team, field="kr-0")
    assert "This is a task" in lead.post(path, typed).content.decode()
    decide(W1="off")
    assert "This is a task" not in lead.post(path, typed).content.decode()


def test_saving_asks_for_the_reason_and_keeps_it_in_the_history(lead, team, alice, decide):
    decide(W1="reason")
    path = f"/teams/{team.pk}/objectives/new/"
    refused = lead.post(path, draft_form(team))
    text = refused.content.decode()
    assert refused.status_code == 422
    assert 'name="keep-kr-0-W1"' in text
    assert "Say why it stays, or change the text." in text
    assert TASK in text
    assert not Objective.objects.exists()

    saved = lead.post(path, draft_form(team, **{"keep-kr-0-W1": "The law asks for it by May"}))
    assert saved.status_code == 302
    event = ObjectiveEvent.objects.get(type="kept_against_advice")
    assert (event.reason, event.actor) == ("The law asks for it by May", alice)
    assert event.after == {"code": "W1", "text": TASK}


def test_a_reason_is_given_once_for_the_same_words(lead, team, decide):
    decide(W1="reason")
    reason = {"keep-kr-0-W1": "The law asks for it"}
    lead.post(f"/teams/{team.pk}/objectives/new/", draft_form(team, **reason))
    objective = Objective.objects.get()
    path = f"/objectives/{objective.pk}/edit/"
    assert 'value="The law asks for it"' in lead.get(path).content.decode()

    row = {"kr-0-pk": str(objective.key_results.get().pk)}
    assert lead.post(path, draft_form(team, why="For them", **row)).status_code == 302
    assert ObjectiveEvent.objects.filter(type="kept_against_advice").count() == 1
    objective.refresh_from_db()
    typed = draft_form(team, version=str(objective.version), **row)
    changed = lead.post(path, typed | {"kr-0-title": "Launch another module"})
    assert changed.status_code == 422


def test_publishing_what_was_saved_before_the_rule_asked_wants_the_reason_first(lead, team, decide):
    objective = make_objective(team=team, state="draft", published_at=None, starts_on=None)
    make_key_result(objective, title=TASK, kind="yes_no")
    decide(W1="reason")
    answer = lead.post(f"/objectives/{objective.pk}/publish/")
    assert answer.status_code == 422
    assert 'name="keep-kr-0-W1"' in answer.content.decode()
    objective.refresh_from_db()
    assert objective.state == "draft"
    decide(W1="advise")
    assert lead.post(f"/objectives/{objective.pk}/publish/").status_code == 302


def test_a_reason_of_markup_is_printed_not_run(lead, team, decide):
    decide(W1="reason")
    typed = draft_form(team, **{"keep-kr-0-W1": '"><script>x()</script>', "title": ""})
    assert (
        "<script>x()" not in lead.post(f"/teams/{team.pk}/objectives/new/", typed).content.decode()
    )
