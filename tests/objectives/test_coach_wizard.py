"""OKR, KPI or neither? Every combination of answers, the examples of design and seeds."""

from decimal import Decimal as D
from itertools import product

import pytest

from objectives.coach.wizard import Answer, Cost, Guess, Horizon, State, guess, parts, verdict

# (state, cost, horizon) in the order of the questions, and what they point to.
POINTS_TO = {
    ("no", "fine", "none"): "kpi",
    ("no", "fine", "quarter"): "kpi",
    ("no", "fine", "years"): "kpi",
    ("no", "fine", "days"): "neither",
    ("no", "lose", "none"): "kpi",
    ("no", "lose", "quarter"): "okr",
    ("no", "lose", "years"): "breakthrough",
    ("no", "lose", "days"): "neither",
    ("yes", "fine", "none"): "kpi",
    ("yes", "fine", "quarter"): "okr",
    ("yes", "fine", "years"): "breakthrough",
    ("yes", "fine", "days"): "neither",
    ("yes", "lose", "none"): "okr",
    ("yes", "lose", "quarter"): "okr",
    ("yes", "lose", "years"): "breakthrough",
    ("yes", "lose", "days"): "neither",
}
AGREED = {
    ("no", "fine", "none"),
    ("no", "fine", "days"),
    ("yes", "fine", "days"),
    ("yes", "lose", "quarter"),
    ("yes", "lose", "years"),
}


def test_every_combination_of_answers_is_listed():
    assert set(POINTS_TO) == set(product(State, Cost, Horizon))


@pytest.mark.parametrize("answers", POINTS_TO)
def test_what_three_answers_point_to(answers):
    found = verdict("", *answers)
    assert found.answer == POINTS_TO[answers]
    assert (found.doubt == "") is (answers in AGREED)
    assert found.doubt == "" or found.doubt.endswith("?")
    assert found.why.endswith(".")
    assert "!" not in found.heading + found.why + found.doubt + found.label


@pytest.mark.parametrize(
    ("idea", "answers", "answer"),
    [
        ("Keep churn below 8 %", ("no", "fine", "none"), Answer.KPI),
        ("Close the books on time", ("no", "fine", "none"), Answer.KPI),
        ("keep things running well", ("no", "fine", "none"), Answer.KPI),
        (
            "Become the default tool for mid-market sales teams",
            ("yes", "lose", "quarter"),
            Answer.OKR,
        ),
        ("Onboarding NPS rises from 32 to 55", ("yes", "lose", "quarter"), Answer.KEY_RESULT),
        ("grow this revenue line 3x", ("yes", "lose", "quarter"), Answer.KEY_RESULT),
        ("Be present on three continents", ("yes", "lose", "years"), Answer.BREAKTHROUGH),
        ("Move the wiki to the new server", ("yes", "fine", "days"), Answer.NEITHER),
    ],
)
def test_the_examples_of_the_design_and_the_seeds(idea, answers, answer):
    found = verdict(idea, *answers)
    assert (found.answer, found.doubt) == (answer, "")


@pytest.mark.parametrize(
    ("idea", "guessed"),
    [
        ("Keep churn below 8 %", Guess("no", "fine", "none")),
        ("Close the books on time", Guess("no", "fine", "none")),
        ("Onboarding NPS rises from 32 to 55", Guess("yes", "lose", "quarter")),
        ("Increase revenue", Guess("yes", "lose", "quarter")),
        ("Be present on three continents", Guess("yes", "lose", "years")),
        ("Be the market leader by 2031", Guess("yes", "lose", "years")),
        ("Move the wiki to the new server", Guess("yes", "fine", "days")),
        ("Become the default tool", Guess("yes", "", "quarter")),
        ("Our customers love our onboarding", Guess()),
        ("", Guess()),
    ],
)
def test_answers_are_preselected_only_where_the_words_say_so(idea, guessed):
    assert guess(idea) == guessed


def test_keep_churn_below_8_percent_opens_as_a_kpi_of_at_most_8():
    found = verdict("Keep churn below 8 %", "no", "fine", "none")
    assert (found.heading, found.label, found.action) == ("A KPI", "Create this KPI", "create_kpi")
    kpi = found.kpi
    assert (kpi.name, kpi.direction, kpi.target, kpi.unit) == (
        *("Churn", "lower_is_better"),
        *(D(8), "%"),
    )
    assert kpi.cadence == "monthly"
    assert found.objective == ""


def test_an_objective_with_its_number_is_one_okr():
    idea = "become the default tool for mid-market sales teams + ARR $2M→$6M"
    found = verdict(idea, "yes", "lose", "quarter")
    assert found.answer == Answer.OKR
    assert found.objective == "become the default tool for mid-market sales teams"
    assert found.key_results == ("ARR $2M→$6M",)
    assert found.kpi is None


def test_doerrs_sentence_comes_apart():
    sentence = (
        "I will get people to visit my website as measured by (1) Increasing traffic from 5,000 "
        "to 10,000 by the end of the quarter and (2) creating 20 new pieces of SEO-friendly content"
    )
    objective, key_results = parts(sentence)
    assert objective == "I will get people to visit my website"
    assert key_results == (
        "Increasing traffic from 5,000 to 10,000 by the end of the quarter",
        "creating 20 new pieces of SEO-friendly content",
    )


def test_words_that_contradict_the_answers_are_named():
    kept = verdict("Keep our promises to every customer", "yes", "lose", "quarter")
    assert kept.doubt == "The words describe a level to hold. Would you watch it as a KPI?"
    task = verdict("Launch onboarding", "yes", "lose", "quarter")
    assert task.doubt == "It may be a task. What changes for people when it is done?"
    state = verdict("Build a repeatable enterprise sales motion", "yes", "lose", "quarter")
    assert state.doubt == ""


def test_neither_is_an_answer_with_a_next_step():
    found = verdict("Move the wiki to the new server", "yes", "fine", "days")
    assert (found.heading, found.action) == ("Neither", "keep_as_initiative")
    assert (found.objective, found.key_results, found.kpi) == ("", (), None)


@pytest.mark.parametrize(
    "answers", [("maybe", "fine", "none"), ("no", "", "none"), ("no", "fine", "x")]
)
def test_an_answer_that_does_not_exist_is_refused(answers):
    with pytest.raises(ValueError, match="is not a valid"):
        verdict("Keep churn below 8 %", *answers)
