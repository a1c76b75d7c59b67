"""The grade of a span (signals.md 10)."""

from decimal import Decimal

import pytest

from metrics.severity import grade, highest, median


@pytest.mark.parametrize(
    ("misses", "expected"),
    [([], None), (["0.3"], "0.3"), (["0.1", "0.5", "0.2"], "0.2"), (["0.25", "0.275"], "0.2625")],
)
def test_the_median_is_the_middle_or_the_mean_of_the_middle_two(misses, expected):
    assert median([Decimal(one) for one in misses]) == (expected and Decimal(expected))


@pytest.mark.parametrize(
    ("misses", "off_periods", "patience", "options", "expected"),
    [
        (["0.1999"], 3, 3, {}, "minor"),
        (["0.20"], 3, 3, {}, "major"),
        (["0.4999"], 3, 3, {}, "major"),
        (["0.50"], 3, 3, {}, "critical"),
        (["0.01"], 5, 3, {}, "minor"),
        (["0.01"], 6, 3, {}, "major"),
        (["0.01"], 8, 3, {}, "major"),
        (["0.01"], 9, 3, {}, "critical"),
        ([], 5, 3, {}, "minor"),
        ([], 6, 3, {}, "major"),
        (["0.01"], 1, 3, {"relapse": True}, "major"),
        (["0.01"], 1, 3, {"fast": True}, "critical"),
        (["0.1", "0.1", "9"], 3, 3, {}, "minor"),
    ],
)
def test_miss_duration_relapse_and_fast_lane_make_the_grade(
    misses, off_periods, patience, options, expected
):
    options = {"fast": False, "relapse": False, **options}
    numbers = [Decimal(one) for one in misses]
    assert grade(numbers, off_periods, patience, **options) == expected


def test_the_graver_grade_is_kept():
    assert highest(None, "minor") == "minor"
    assert highest("major", "minor") == "major"
    assert highest("major", "critical") == "critical"
