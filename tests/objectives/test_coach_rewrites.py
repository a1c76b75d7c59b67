"""Titles rewritten by a remedy: swapped, without numbers, split, with another aim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.coach.rewrites import halves, swapped, with_aim, without_numbers


@pytest.mark.parametrize(
    ("title", "after"),
    [
        ("Churn decreases from 8 to 12", "Churn decreases from 12 to 8"),
        ("NPS 45→38 by Q3", "NPS 38→45 by Q3"),
        ("Grow ARR from $6M to $2M", "Grow ARR from $2M to $6M"),
        ("NPS above 45", "NPS above 45"),
        ("", ""),
    ],
)
def test_the_ends_of_a_way_change_places(title, after):
    assert swapped(title) == after


@pytest.mark.parametrize(
    ("title", "after"),
    [
        ("Increase website traffic by 10% this quarter", "Increase website traffic this quarter"),
        ("grow this revenue line 3x", "grow this revenue line"),
        ("reduce churn by 50 percent", "reduce churn"),
        ("Increase traffic from 5,000 to 10,000 by Q3", "Increase traffic by Q3"),
        ("Our customers love our onboarding", "Our customers love our onboarding"),
        ("İstanbul'da 10% artış", "İstanbul'da 10% artış"),
    ],
)
def test_numbers_leave_with_what_leads_to_them(title, after):
    assert without_numbers(title) == after


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        (
            "launch the enterprise security tier and acquire 5 enterprise customers",
            ("launch the enterprise security tier", "Acquire 5 enterprise customers"),
        ),
        (
            "Retention improves and churn drops from 3 to 2 %",
            ("Retention improves", "Churn drops from 3 to 2 %"),
        ),
        ("adopting new marketing strategies and tools", None),
        ("Renewal rate improves from 82% to 90%", None),
    ],
)
def test_two_results_become_two(title, parts):
    assert halves(title) == parts


def test_the_last_number_is_the_aim():
    assert with_aim("NPS rises from 32 to 40", "45") == "NPS rises from 32 to 45"
    assert with_aim("Churn reaches 9 % by Q3", "8") == "Churn reaches 8 % by Q3"
    assert with_aim("Grow ARR to $2M", "6000000") == "Grow ARR to $6000000"
    assert with_aim("NPS rises", "45") == "NPS rises"


@given(st.text(max_size=80))
def test_any_text_can_be_rewritten(text):
    assert swapped(swapped(text)) == text
    assert len(without_numbers(text)) <= len(text)
    halves(text)
    with_aim(text, "1")
