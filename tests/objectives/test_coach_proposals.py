"""Conversions between key result and KPI, and rewrites "from X to Y by date", as values."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.coach import advice
from objectives.coach.facts import KeyResultText, Kind, KpiFacts
from objectives.coach.proposals import (
    KpiProposal,
    key_result_from_kpi,
    key_result_rewritten,
    kpi_from_key_result,
    rewrite,
    subject,
)

END = date(2026, 9, 30)
HIGHER, LOWER = "higher_is_better", "lower_is_better"
CHURN = KpiFacts("Churn rate", LOWER, D(8), unit="%", latest=D("12.1"))


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("title", "kpi"),
    [
        ("Maintain NPS above 45", KpiProposal("NPS", HIGHER, D(45), "")),
        ("Keep churn below 8%", KpiProposal("Churn", LOWER, D(8), "%")),
        ("NPS above 45 maintained monthly", KpiProposal("NPS", HIGHER, D(45), "")),
        (
            "At least 3 deployments per week",
            KpiProposal("Deployments per week", HIGHER, D(3), "", "weekly"),
        ),
        ("CAC below $180 per customer", KpiProposal("CAC", LOWER, D(180), "$")),
        (
            "Churn rate drops from 12% to 8% by end of Q3",
            KpiProposal("Churn rate", LOWER, D(8), "%"),
        ),
        (
            "Reduce average sales cycle from 90 to 60 days",
            KpiProposal("Average sales cycle", LOWER, D(60), "days"),
        ),
        ("90-day retention reaches 95%", KpiProposal("90-day retention", "", D(95), "%")),
        ("Close the books on time", KpiProposal("Close the books on time", "", None, "")),
        ("٤٥", KpiProposal("٤٥", "", D(45), "")),
    ],
)
def test_a_key_result_becomes_a_kpi(title, kpi):
    assert kpi_from_key_result(KeyResultText(title)) == kpi


def test_the_fields_and_the_kpi_of_a_key_result_count_more_than_its_words():
    kr = KeyResultText("Fewer leavers, 10%", target=D(8), unit="%", kpi=CHURN)
    assert kpi_from_key_result(kr) == KpiProposal("Churn rate", LOWER, D(8), "%")
    typed = KeyResultText("Load", kind=Kind.AT_MOST, target=D(60), unit="%")
    assert kpi_from_key_result(typed) == KpiProposal("Load", LOWER, D(60), "%")


def test_a_conversion_is_offered_in_a_sentence_with_what_is_still_to_be_asked():
    kpi = kpi_from_key_result(KeyResultText("Keep churn below 8%"))
    assert plain(kpi.sentence) == "Watch Churn as a KPI: at most 8 %, looked at monthly?"
    lines = [(line.label, plain(line.text), line.is_open) for line in kpi.essentials]
    assert lines == [
        ("What", "Churn", False),
        ("Target", "at most 8 %", False),
        ("Source", "Where does the number come from?", True),
        ("Cadence", "Monthly, suggested", True),
    ]
    bare = kpi_from_key_result(KeyResultText("90-day retention reaches 95%"))
    assert bare.sentence == "Watch 90-day retention as a KPI, looked at monthly?"
    assert bare.essentials[1].is_open
    back = key_result_from_kpi(CHURN)
    assert plain(back.sentence) == ("Change it by a key result: Churn rate drops from 12.1 to 8 %?")


def test_a_kpi_off_target_becomes_a_key_result_back_to_its_target():
    found = key_result_from_kpi(CHURN, END)
    assert plain(found.title) == "Churn rate drops from 12.1 to 8 % by 30 Sep 2026"
    assert (found.kind, found.baseline, found.target) == (Kind.CHANGE, D("12.1"), D(8))
    assert found.missing == ()


def test_a_kpi_on_target_asks_how_far_to_go():
    on_target = KpiFacts("NPS", HIGHER, D(45), latest=D(47))
    found = key_result_from_kpi(on_target)
    assert (found.title, found.missing) == ("NPS rises from 47 to …", ("target",))
    assert key_result_from_kpi(on_target, target=D(52)).title == "NPS rises from 47 to 52"


@pytest.mark.parametrize("direction", [HIGHER, LOWER])
def test_a_kpi_exactly_on_its_target_is_on_target(direction):
    kpi = KpiFacts("NPS", direction, D(45), latest=D(45))
    assert key_result_from_kpi(kpi).missing == ("target",)


def test_a_kpi_without_value_or_target_asks_for_both():
    found = key_result_from_kpi(KpiFacts("NPS"))
    assert (found.title, found.missing) == ("NPS moves from … to …", ("baseline", "target"))


@pytest.mark.parametrize(
    ("latest", "target"), [("30", D(40)), ("70", D(60)), ("50", None), ("40", None), (None, None)]
)
def test_a_range_is_entered_at_its_nearer_bound(latest, target):
    kpi = KpiFacts("Load", "in_range", low=D(40), high=D(60), latest=latest and D(latest))
    assert key_result_from_kpi(kpi).target == target


def test_there_and_back_keeps_name_target_and_unit():
    proposal = kpi_from_key_result(KeyResultText("Churn rate drops from 12% to 8%"))
    kpi = KpiFacts(
        proposal.name, proposal.direction, proposal.target, unit=proposal.unit, latest=D(12)
    )
    found = key_result_from_kpi(kpi)
    assert plain(found.title) == "Churn rate drops from 12 to 8 %"
    assert kpi_from_key_result(KeyResultText(found.title)) == proposal


@pytest.mark.parametrize(
    ("kr", "title"),
    [
        (KeyResultText("Achieve 80% forecast accuracy"), "Forecast accuracy moves from … to 80 %"),
        (KeyResultText("NPS above 50"), "NPS rises from … to 50"),
        (KeyResultText("Lower it to 8 %", kpi=CHURN), "Churn rate drops from 12.1 to 8 %"),
        (KeyResultText("NPS", baseline=D(38), target=D(52)), "NPS rises from 38 to 52"),
        (KeyResultText("grow ARR from $2M to $6M"), "ARR rises from $2,000,000 to $6,000,000"),
        (KeyResultText("Increase revenue"), "Revenue rises from … to …"),
        (KeyResultText("!?"), "!? moves from … to …"),
    ],
)
def test_a_key_result_is_rewritten_from_what_is_known(kr, title):
    assert plain(key_result_rewritten(kr).title) == title


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Keep churn below 8%", "churn"),
        ("Increase the number of verified reviews from 5 to 50", "number of verified reviews"),
        ("Net Promoter Score rises from 38 to 52", "Net Promoter Score"),
        ("80% of at-risk accounts called", "at-risk accounts called"),
        ("Below 12% annually", ""),
        ("", ""),
    ],
)
def test_what_a_title_is_about_in_its_own_spelling(title, about):
    assert subject(title) == about


whole = st.integers(0, 10**6).map(D) | st.decimals(0, 1000, places=2)


@given(whole, whole, st.sampled_from(["", "%", "days", "$"]))
def test_a_rewritten_key_result_has_nothing_left_to_ask(start, end, unit):
    if start == end:
        return
    text = rewrite("Net Promoter Score", start, end, unit=unit, by=END)
    found = advice.of_key_result(KeyResultText(text), "Our customers love us", has_cycle=False)
    assert found == ()


@given(whole, whole)
def test_conversion_of_a_rewritten_key_result_finds_its_numbers_again(start, end):
    if start == end:
        return
    kpi = kpi_from_key_result(KeyResultText(rewrite("Churn", start, end, unit="%", by=END)))
    assert kpi == KpiProposal("Churn", HIGHER if end > start else LOWER, end, "%")
