"""The sentence "We will … as measured by …": every kind of key result in words."""

from decimal import Decimal

import pytest

from objectives.pages.measures import Measure, measure_words, objective_sentence, will_sentence
from tests.factories import make_key_result, make_kpi, make_objective

D = Decimal


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure("NPS rises from 38 to 52", "increase", D(38), D(52)), "NPS 38 → 52"),
        (Measure("Reach 50 reviews", "increase", None, D(50)), "Reach 50 reviews → 50"),
        (
            Measure("Price falls from $9 to $7", "decrease", D(9), D(7), unit="$"),
            "Price $9 → $7",
        ),
        (
            Measure("Keep churn below 8%", "at_most", target=D(8), unit="%", period="month"),
            "churn at most 8 % in every month",
        ),
        (
            Measure("x", "at_least", target=D(45), period="quarter", kpi="Net Promoter Score"),
            "Net Promoter Score at least 45 in every quarter",
        ),
        (
            Measure("Temperature stays in range", "range", low=D(4), high=D(6), unit="°C"),
            "Temperature between 4 and 6 °C in every period",
        ),
        (Measure("Certificate is granted", "yes_no"), "Certificate is granted (yes or no)"),
        (Measure("Tier is sold", "milestones", milestone_count=3), "Tier is sold (3 milestones)"),
        (
            Measure("x", "hold", hold_periods=2, period="month", kpi="Churn rate"),
            "hold Churn rate on target for 2 months in a row",
        ),
        (
            Measure("x", "hold", hold_periods=1, period="quarter", kpi="Churn rate"),
            "hold Churn rate on target for 1 quarter",
        ),
        (
            Measure("Share of calls answered", "find_baseline"),
            "Share of calls answered (its baseline first)",
        ),
        (Measure("A driver", "open"), "A driver"),
    ],
    ids=lambda value: value.kind if isinstance(value, Measure) else None,
)
def test_every_kind_is_said_in_words(measure, words):
    assert measure_words(measure).replace("\xa0", " ") == words


def test_the_sentence_begins_in_the_middle_of_one():
    will, measured = will_sentence("Keep our customers.", ["NPS 38 → 52", "3 milestones"])
    assert f"We will {will}, as measured by {measured}." == (
        "We will keep our customers, as measured by NPS 38 → 52 and 3 milestones."
    )
    assert will_sentence("X", [])[1] == "key results still to be named"


def test_an_acronym_that_begins_a_title_keeps_its_capitals():
    assert will_sentence("NPS stays our pride", [])[0] == "NPS stays our pride"


def test_a_saved_objective_says_the_periods_of_its_kpi(team):
    kpi = make_kpi(team=team, name="Churn rate", cadence="weekly", target=8)
    objective = make_objective(team=team, title="Keep them")
    rows = [
        make_key_result(objective, kind="at_most", target=D(8), unit="%", kpi=kpi),
        make_key_result(objective, title="NPS stays above 45", kind="at_least", target=D(45)),
        make_key_result(objective, withdrawn_at=objective.created_at, withdrawn_reason="No."),
    ]
    assert objective_sentence(objective, rows)[1].replace("\xa0", " ") == (
        "Churn rate at most 8 % in every week and NPS at least 45 in every week"
    )


@pytest.mark.parametrize(
    ("title", "will"),
    [
        ("Our customers love our onboarding", "see that our customers love our onboarding"),
        ("New customers feel at home.", "see that new customers feel at home"),
        ("NPS stays where it is", "NPS stays where it is"),
        ("Become the default tool", "become the default tool"),
        ("Newly hired people stay", "newly hired people stay"),
    ],
)
def test_a_title_that_names_a_state_is_something_we_will_see(title, will):
    assert will_sentence(title, ["NPS"])[0] == will
