"""What stands beside a field, what an administrator decides, and the words of the catalogue."""

from decimal import Decimal as D

import pytest

from objectives.coach import advice, policy
from objectives.coach.catalogue import RULES, About
from objectives.coach.facts import KeyResultText, Kind, KpiFacts, ObjectiveText, PastCycle
from objectives.coach.facts import PastObjective as Past

NPS = KpiFacts("Net Promoter Score", "higher_is_better", D(45), latest=D(38), key=7)
THREE = (KeyResultText("NPS rises from 38 to 52"),) * 3


def hints_of(title, **over):
    kr = KeyResultText(title, **over)
    return advice.hints_of_key_result(kr, advice.of_key_result(kr))


def texts(hints):
    return [f"{hint.tone} {hint.text} {hint.code}" for hint in hints]


def test_the_draft_of_the_design_gets_the_hints_of_the_design():
    linked = hints_of("Net Promoter Score rises from 38 to 52", kpi=NPS)
    assert texts(linked) == ["on Outcome with baseline. Aims above the KPI target of 45. W25"]
    plain = hints_of("Renewal rate rises from 82 to 90 %", baseline=D(82), target=D(90))
    assert texts(plain) == ["on Outcome with baseline. W1"]
    (open_,) = hints_of(
        "Proactive support named as primary renewal reason in exit surveys", target=D(30)
    )
    assert open_.text == "A target without a starting point. What is it today?"
    assert (open_.code, open_.remedy.label) == ("W8", "Find baseline first")
    (task,) = hints_of("Implement proactive health scoring for all accounts by week four")
    assert task.text == "This is a task, not a result. What changes for people when it is done?"
    assert (task.code, task.remedy.action) == ("W1", "keep_as_initiative")


def test_an_objective_that_describes_a_state_is_fine():
    objective = ObjectiveText("Become the most trusted partner", key_results=THREE)
    found = advice.of_objective(objective).objective
    hints = advice.hints_of_objective(objective, found)
    assert texts(hints) == ["on Describes a state, holds no number. W5"]


@pytest.mark.parametrize("title", ["", "   ", "\n"])
def test_nothing_is_said_while_nothing_is_written(title):
    objective = ObjectiveText(title, key_results=(KeyResultText(title),))
    advised = advice.of_objective(objective)
    assert (advised.objective, advised.key_results) == ((), ((),))
    assert advice.hints_of_objective(objective, ()) == ()
    assert hints_of(title) == ()


def test_a_known_value_is_offered_as_the_baseline():
    (hint,) = hints_of("Net Promoter Score reaches 52", kpi=NPS)
    assert hint.text == (
        "A target without a starting point. Net Promoter Score is 38 today: start there?"
    )
    assert (hint.remedy.action, hint.remedy.value) == ("use_kpi_value", D(38))


def test_an_aim_short_of_the_kpi_offers_the_kpis_target():
    (hint,) = hints_of("Net Promoter Score rises from 32 to 40", kpi=NPS)
    assert hint.text == "Aims for 40 while the KPI’s target is at least 45. Is that enough?"
    assert (hint.remedy.label, hint.remedy.value) == ("Aim for 45", D(45))


@pytest.mark.parametrize(("aim", "bound"), [("30", "40"), ("70", "60")])
def test_an_aim_outside_a_range_offers_its_nearer_bound(aim, bound):
    kpi = KpiFacts("Load", "in_range", low=D(40), high=D(60), unit="%")
    (hint,) = hints_of("Load", baseline=D(90), target=D(aim), kpi=kpi)
    assert (hint.code, hint.remedy.value) == ("W25", D(bound))


def test_lower_is_better_aims_below_and_at_the_target():
    kpi = KpiFacts("Churn", "lower_is_better", D(8), unit="%")
    (below,) = hints_of("Churn drops from 12 to 7 %", kpi=kpi)
    assert below.text == "Outcome with baseline. Aims below the KPI target of 8\u00a0%."
    (at,) = hints_of("Churn drops from 12 to 8 %", kpi=kpi)
    assert at.text == "Outcome with baseline. Aims at the KPI target of 8\u00a0%."


@pytest.mark.parametrize(
    ("title", "over", "code"),
    [
        ("NPS is on target for 3 consecutive months", {"kind": Kind.HOLD}, "W7"),
        ("NPS holds at least 45", {"kind": Kind.HOLD}, "W7"),
        ("Security audit passed", {"kind": Kind.YES_NO}, "W7"),
    ],
)
def test_kinds_without_a_way_are_fine(title, over, code):
    (hint,) = hints_of(title, **over)
    assert (hint.tone, hint.code) == ("on", code)


@pytest.mark.parametrize("kind", [Kind.MILESTONES, Kind.FIND_BASELINE])
def test_kinds_that_need_no_number_are_not_asked_for_one(kind):
    assert hints_of("Satisfaction of new customers", kind=kind) == ()


def test_a_task_with_numbers_in_its_fields_is_no_task_but_output_stays_output():
    numbers = {"baseline": D(0), "target": D(20)}
    assert [hint.code for hint in hints_of("Implement health scoring", **numbers)] == ["W1"]
    assert hints_of("Implement health scoring", **numbers)[0].tone == "on"
    assert [hint.code for hint in hints_of("Publish SEO articles", **numbers)] == ["W2"]


def test_a_why_answers_what_a_bare_movement_lacks():
    found = advice.of_objective(ObjectiveText("Increase revenue", key_results=THREE))
    assert [hint.code for hint in found.objective] == ["W6"]
    why = "so that support can be free for schools"
    found = advice.of_objective(ObjectiveText("Increase revenue", why, key_results=THREE))
    assert found.objective == ()


@pytest.mark.parametrize(
    "title",
    [
        "Drive growth",
        "Drive more sales",
        "More revenue",
        "Improve customer satisfaction",
        "Grow market share in Germany",
        "Reduce the churn rate",
    ],
)
def test_a_metric_that_moves_is_bare(title):
    found = advice.of_objective(ObjectiveText(title, key_results=THREE)).objective
    assert [hint.code for hint in found] == ["W6"]


@pytest.mark.parametrize(
    "title",
    [
        "Increase revenue so that support stays free",
        "Reduce churn by building the muscle we lack",
        "Grow our customers' confidence in the product",
        "Increase sales to become independent",
        "Improve onboarding",
        "Get people to visit my website",
        "Win the trust of new customers",
    ],
)
def test_a_movement_with_a_purpose_or_of_something_else_is_not_bare(title):
    found = advice.of_objective(ObjectiveText(title, key_results=THREE)).objective
    assert "W6" not in [hint.code for hint in found]


@pytest.mark.parametrize(
    ("title", "fires"),
    [
        ("NPS rises from 38 to 52 and churn drops from 12 to 8", True),
        ("Reduce cycle time & increase win rate", True),
        ("Ship the app and train all managers", True),
        ("Renewal and expansion rate improves from 82 to 90", False),
        ("Increase signups and support tickets solved from 5 to 9", False),
        ("Churn drops from 12% to 8% and stays there", False),
        ("adopting new marketing strategies and tools", False),
        ("Sales and marketing reach 40 leads", False),
        ("and", False),
    ],
)
def test_two_results_are_told_from_two_nouns(title, fires):
    found = advice.of_key_result(KeyResultText(title))
    assert ("W12" in [hint.code for hint in found]) is fires


@pytest.mark.parametrize(
    ("title", "code", "fires"),
    [
        ("Implement SSO for 200 accounts", "W1", True),
        ("Roll out the portal to 100 % of accounts", "W1", True),
        ("Launch onboarding so that retention reaches 92%", "W1", False),
        ("Build $2M of pipeline", "W1", False),
        ("Launch the beta to gain the first paying 40 users", "W1", False),
        ("Launch the beta to gain all of the first paying 40", "W1", True),
        ("Ship 3 features", "W2", True),
        ("Hold 5 customer workshops", "W2", True),
        ("Run 12 experiments", "W2", True),
        ("Hold NPS above 45", "W2", False),
        ("Send 100 invoices", "W2", False),
        ("Hold NPS above 45", "W3", True),
        ("NPS stays above 45", "W3", True),
        ("Maintain 99.9 % uptime", "W3", True),
        ("Hold 5 customer workshops", "W3", False),
        ("Keep customers happy", "W3", False),
        ("Pay invoices on time", "W4", True),
        ("Answer tickets daily", "W4", True),
        ("Invoices paid on time rise from 80 to 95 %", "W4", False),
        ("Improve NPS to 52", "W13", False),
        ("Help 50 customers migrate", "W13", True),
        ("Win 5 customers", "W8", False),
        ("Run 3 pilots with customers", "W2", True),
        ("Train 30 managers in feedback", "W2", True),
        ("Present results at 3 conferences", "W2", True),
        ("Launch events bring 300 leads", "W2", False),
        ("Support teams solve 40% of tickets", "W13", False),
        ("Maintain 99.9% uptime and reduce costs by 10%", "W12", True),
        ("Churn reaches 5", "W8", True),
        ("Conversion above 5 %", "W8", True),
    ],
)
def test_neighbours_of_the_examples(title, code, fires):
    found = advice.of_key_result(KeyResultText(title))
    assert (code in [hint.code for hint in found]) is fires


def test_the_wrong_way_offers_to_swap_and_no_way_to_make_a_kpi():
    (swap,) = hints_of("Churn decreases from 8 to 12")
    assert (swap.remedy.action, swap.text) == (
        "swap_numbers",
        "Goes the other way: lower is better here. Are from and to swapped?",
    )
    (same,) = hints_of("NPS from 45 to 45")
    assert same.remedy.action == "convert_to_kpi"


def test_rules_switched_off_do_not_speak_and_uncover_what_they_covered():
    kr = KeyResultText("Launch the new onboarding module")
    off = policy.switched_off({"W1": "off", "W2": "advise", "W3": "reason"})
    assert off == {"W1"}
    hints = advice.hints_of_key_result(kr, advice.of_key_result(kr, off=off))
    assert [hint.code for hint in hints] == ["W7"]
    assert advice.of_objective(ObjectiveText("x", key_results=()), off=set(RULES)).objective == ()


def test_a_reason_is_wanted_for_warnings_that_ask_for_one_and_never_for_notes():
    modes = {"W1": "reason", "W7": "advise", "W14": "reason"}
    launch = advice.of_key_result(KeyResultText("Launch it"))
    assert policy.reasons_wanted([*launch, *launch], modes) == ("W1",)
    two = advice.of_objective(ObjectiveText("A state", key_results=THREE[:2])).objective
    six = advice.of_objective(ObjectiveText("A state", key_results=THREE * 2)).objective
    assert policy.reasons_wanted(two, modes) == ()
    assert policy.reasons_wanted(six, modes) == ("W14",)


def test_holding_a_kpi_on_target_restates_nothing():
    held = KeyResultText("Churn rate is on target for 2 months", kind=Kind.HOLD)
    drop = KeyResultText("Churn rate drops from 12 to 8 %")
    title = "Bring Churn rate back to target"
    assert advice.of_key_result(held, title) == ()
    assert [hint.code for hint in advice.of_key_result(drop, title)] == ["W11"]


def test_what_is_won_counts_from_zero():
    (hint,) = hints_of("Close 5 enterprise deals in Q3")
    assert (hint.tone, hint.code, hint.text) == ("on", "W8", "An outcome, counted from zero.")


def test_an_objective_that_keeps_what_is_there_is_a_note_and_a_routine_a_warning():
    for title, level in (("Keep customers at heart", "note"), ("Run payroll", "warn")):
        (hint,) = advice.of_objective(ObjectiveText(title, key_results=THREE)).objective
        assert (hint.code, hint.level) == ("W4", level)


def test_at_most_two_hints_the_most_useful_first():
    past = [PastCycle((Past("Increase website traffic by 12%"),))]
    title = "Increase website traffic by 10% this quarter"
    objective = ObjectiveText(title, parent_title=title, depth=5)
    found = advice.of_objective(objective, past).objective
    assert [hint.code for hint in found] == ["W6", "W5", "W16", "W23", "W14"]
    hints = advice.hints_of_objective(objective, found)
    assert [hint.code for hint in hints] == ["W6", "W5"]


def test_every_rule_says_what_it_is_why_it_matters_and_what_helps():
    assert list(RULES) == [f"W{number}" for number in range(1, 26)]
    for code, rule in RULES.items():
        assert rule.code == code
        assert set(rule.about) <= set(About)
        assert rule.reason.endswith(".")
        assert rule.reason.count(". ") == 0
        assert rule.fires != rule.quiet
        assert rule.remedy.label[0].isupper()
        assert rule.remedy.action.replace("_", "").islower()
        for text in (rule.name, rule.reason, rule.fires, rule.quiet, rule.remedy.label):
            assert text.strip()
            assert "!" not in text


def test_the_examples_of_the_catalogue_fire_and_stay_quiet():
    for code in ("W1", "W2", "W3", "W4", "W7", "W8", "W10", "W12", "W13"):
        rule = RULES[code]
        fired = [hint.code for hint in advice.of_key_result(KeyResultText(rule.fires))]
        quiet = [hint.code for hint in advice.of_key_result(KeyResultText(rule.quiet))]
        assert (code in fired, code in quiet) == (True, False)
    for code in ("W5", "W6"):
        rule = RULES[code]
        for text, fires in ((rule.fires, True), (rule.quiet, False)):
            found = advice.of_objective(ObjectiveText(text, key_results=THREE)).objective
            assert (code in [hint.code for hint in found]) is fires
