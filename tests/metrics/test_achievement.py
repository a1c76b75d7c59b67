"""The share of a target that was reached."""

from decimal import Decimal

import pytest

from metrics.achievement import achievement

D = Decimal
HIGHER, LOWER, RANGE = "higher_is_better", "lower_is_better", "in_range"


@pytest.mark.parametrize(
    ("value", "target", "direction", "share"),
    [
        ("96", "100", HIGHER, "0.96"),
        ("120", "100", HIGHER, "1.2"),
        ("100", "100", HIGHER, "1"),
        ("0", "100", HIGHER, "0"),
        ("100", "100", LOWER, "1"),
        ("50", "100", LOWER, "1.5"),
        ("150", "100", LOWER, "0.5"),
        ("250", "100", LOWER, "-0.5"),
        ("0", "100", LOWER, "2"),
        ("0.7", "0.8", HIGHER, "0.875"),
    ],
)
def test_the_share_is_exact(value, target, direction, share):
    assert achievement(D(value), D(target), direction) == D(share)


@pytest.mark.parametrize(
    ("value", "target", "direction"),
    [
        (None, D(1), HIGHER),
        (D(1), None, HIGHER),
        (D(1), D(0), HIGHER),
        (D(1), D(0), LOWER),
        (D(1), D(-1), LOWER),
        (D("-0.1"), D(1), HIGHER),
        (D(50), D(60), RANGE),
    ],
)
def test_it_says_nothing_where_a_ratio_means_nothing(value, target, direction):
    assert achievement(value, target, direction) is None
