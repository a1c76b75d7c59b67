from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives import grading, progress

tenths = st.integers(0, 10).map(lambda n: Decimal(n) / 10)
shares = st.decimals(0, 1, places=15)


@pytest.mark.parametrize(
    ("share", "grade"),
    [("0", "0"), ("0.049", "0.0"), ("0.05", "0.1"), ("0.35", "0.4"), ("0.65", "0.7"), ("1", "1")],
)
def test_a_suggestion_rounds_halves_up(share, grade):
    assert grading.suggested(Decimal(share)) == Decimal(grade)


@pytest.mark.parametrize(
    ("share", "band"),
    [("0.349", "low"), ("0.35", "mid"), ("0.649", "mid"), ("0.65", "high"), ("1", "high")],
)
def test_bands_are_those_of_the_rounded_grade_so_no_share_falls_between(share, band):
    assert grading.band(grading.suggested(Decimal(share))) == band


def test_churn_from_12_1_to_8_that_ends_at_8_41_is_graded_0_9_green():
    ratio = progress.change(Decimal("12.1"), Decimal(8), Decimal("8.41")).ratio
    assert ratio == Decimal("0.9")
    assert grading.band(grading.suggested(ratio)) == "high"


def test_grades_1_0_and_0_7_and_0_3_make_an_objective_of_0_7():
    parts = [(Decimal(1), Decimal(g)) for g in ("1.0", "0.7", "0.3")]
    assert grading.objective_grade(parts) == Decimal("0.7")


def test_an_objective_is_rounded_once_from_what_was_not_rounded():
    # 0.85 and 0.84 show as 0.9 and 0.8; their mean is 0.845, not 0.85.
    kept = [grading.unrounded(grading.suggested(s), s) for s in map(Decimal, ("0.85", "0.84"))]
    assert grading.objective_grade((Decimal(1), share) for share in kept) == Decimal("0.8")


def test_an_overridden_grade_counts_as_it_was_given():
    assert grading.unrounded(Decimal("0.5"), Decimal("0.7")) == Decimal("0.5")
    assert grading.unrounded(Decimal("0.5"), None) == Decimal("0.5")


def test_weights_count_and_nothing_weighed_is_no_grade():
    heavy = [(Decimal(3), Decimal(1)), (Decimal(1), Decimal(0))]
    assert grading.objective_grade(heavy) == Decimal("0.8")
    assert grading.objective_grade([(Decimal(0), Decimal(1))]) is None
    assert grading.objective_grade([]) is None


def test_the_half_of_a_repeating_quotient_is_still_a_half():
    third = Decimal(1) / 3
    parts = [(Decimal(1), third), (Decimal(1), third), (Decimal(1), Decimal("0.95") - 2 * third)]
    assert grading.objective_grade(parts) == Decimal("0.3")
    assert grading.rounded(3 * third - Decimal("0.05")) == Decimal("1.0")


def test_only_a_committed_objective_below_1_needs_a_sentence():
    assert grading.needs_explanation("committed", Decimal("0.9"))
    assert not grading.needs_explanation("committed", Decimal("1.0"))
    assert not grading.needs_explanation("aspirational", Decimal("0.3"))
    assert not grading.needs_explanation("committed", None)


@given(shares)
def test_a_suggestion_is_a_tenth_within_a_twentieth(share):
    grade = grading.suggested(share)
    assert grade in grading.SCALE
    assert abs(grade - share) <= Decimal("0.05")


@given(st.lists(st.tuples(tenths, tenths), min_size=1))
def test_an_objectives_grade_lies_between_its_lowest_and_highest(parts):
    total = grading.objective_grade(parts)
    weighed = [grade for weight, grade in parts if weight]
    if not weighed:
        assert total is None
    else:
        assert min(weighed) <= total <= max(weighed)
