"""XmR limits, the three rules and assurance (signals.md 11)."""

from decimal import Decimal as D
from decimal import localcontext

import pytest

from metrics.kinds import Assurance, Direction
from metrics.special_cause import (
    assurance,
    assurance_note,
    natural_limits,
    special_causes,
    wide_ranges,
)

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE
# Mean 10, mean range 2 (12 values), so limits 4.68 and 15.32, half-way lines 7.34 and 12.66.
STEADY = [9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11]


def series(*values):
    return [None if value is None else D(str(value)) for value in values]


def marks(*after, direction=HIGHER, baseline=STEADY):
    whole = series(*baseline, *after)
    limits = natural_limits(whole)
    return [
        (m.position - len(baseline), m.rules, m.side, m.favour)
        for m in special_causes(whole, limits, direction)
    ]


def test_the_worked_example_of_signals_15():
    whole = series(20, 24, 20, 24, 20, 24, 33)
    limits = natural_limits(whole, baseline=6)
    assert (limits.mean, limits.mean_range) == (22, 4)
    assert (limits.lower, limits.upper) == (D("11.36"), D("32.64"))
    assert [(m.position, m.rules) for m in special_causes(whole, limits, HIGHER)] == [(6, (1,))]


def test_limits_of_the_nist_handbook_flow_rates():
    """NIST/SEMATECH e-Handbook 6.3.2.2: mean 50.81, mean range 1.8778, limits 45.8159 and 55.8041.

    The handbook divides by 1.128 where we multiply by 2.66, hence the third decimal.
    """
    flow = series(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
    limits = natural_limits(flow, baseline=10)
    assert limits.mean == D("50.81")
    assert round(limits.mean_range, 4) == D("1.8778")
    assert abs(limits.lower - D("45.8159")) < D("0.001")
    assert abs(limits.upper - D("55.8041")) < D("0.001")
    assert special_causes(flow, limits, HIGHER) == []


def test_limits_of_montgomerys_primer_viscosity():
    """Montgomery, Introduction to Statistical Quality Control: 33.52, 0.48, 32.24, 34.80, 1.57."""
    text = (
        "33.75 33.05 34.00 33.81 33.46 34.02 33.68 33.27 33.49 33.20 33.62 33.00 33.54 33.12 33.84"
    )
    limits = natural_limits(series(*text.split()), baseline=15)
    rounded = [round(x, 2) for x in (limits.mean, limits.mean_range, limits.lower, limits.upper)]
    assert rounded == [D("33.52"), D("0.48"), D("32.24"), D("34.80")]
    assert round(limits.upper_range, 2) == D("1.57")


@pytest.mark.parametrize(
    ("count", "drawn", "locked"), [(5, 0, 0), (6, 1, 0), (11, 1, 0), (12, 1, 1)]
)
def test_limits_are_on_trial_from_six_and_locked_from_twelve_values(count, drawn, locked):
    limits = natural_limits(series(*STEADY[:count]))
    assert (limits is not None) == bool(drawn)
    assert bool(limits and limits.is_locked) == bool(locked)


def test_later_values_do_not_move_locked_limits():
    assert natural_limits(series(*STEADY)) == natural_limits(series(*STEADY, 99, 0, 99))


def test_limits_on_trial_raise_nothing():
    whole = series(*STEADY[:10], 99)
    assert special_causes(whole, natural_limits(whole), HIGHER) == []
    assert special_causes(whole, None, HIGHER) == []


def test_a_moving_range_never_crosses_a_hole():
    limits = natural_limits(series(1, 2, None, 50, 51, None, 1, 2), baseline=6)
    assert limits.mean_range == 1


def test_values_that_are_never_neighbours_have_no_limits():
    assert natural_limits(series(1, None, 2, None, 3, None, 4, None, 5, None, 6)) is None


def test_holes_do_not_count_towards_the_baseline():
    limits = natural_limits(series(None, *STEADY[:11], None))
    assert not limits.is_locked
    assert natural_limits(series(None, *STEADY[:11], None, 11)).last == 13


def test_a_natural_floor_and_ceiling_cut_the_limits():
    limits = natural_limits(series(*STEADY), floor=D(5), ceiling=D(15))
    assert (limits.lower, limits.upper, limits.is_cut) == (5, 15, True)
    free = natural_limits(series(*STEADY), floor=D(0), ceiling=D(100))
    assert (free.lower, free.upper, free.is_cut) == (D("4.68"), D("15.32"), False)


def test_rule_one_is_strict():
    assert marks("15.32") == []
    assert marks("4.68") == []
    assert marks("15.33") == [(0, (1,), 1, 1)]
    assert marks("4.67") == [(0, (1,), -1, -1)]


def test_rule_two_needs_the_eighth_in_a_row_strictly_on_one_side():
    # The baseline ends above the mean with one value, so seven more make eight.
    assert marks(*[10.1] * 6) == []
    assert marks(*[10.1] * 7) == [(6, (2,), 1, 1)]
    assert marks(*[9.9] * 7) == []
    assert marks(*[9.9] * 8) == [(7, (2,), -1, -1)]
    assert marks(*[10.1] * 6, 10, *[10.1] * 7) == []


def test_every_value_after_the_eighth_still_completes_rule_two():
    assert [m[0] for m in marks(*[10.1] * 9)] == [6, 7, 8]


def test_a_hole_does_not_break_a_run():
    assert marks(*[10.1] * 3, None, *[10.1] * 4) == [(7, (2,), 1, 1)]


def test_rule_three_needs_three_of_four_strictly_beyond_half_way():
    assert marks(12.7, 12.7, 12.66) == []
    assert marks(12.7, 12.7, 12.67) == [(2, (3,), 1, 1)]
    assert marks(12.7, 12.7, 10, 12.7) == [(3, (3,), 1, 1)]
    assert marks(12.7, 10, 10, 12.7, 12.7) == []
    assert marks(12.7, 7.3, 12.7, 7.3) == []
    # It is the value itself that must lie beyond, so a quiet fourth completes nothing more.
    assert [m[0] for m in marks(12.7, 12.7, 12.7, 10)] == [2]


def test_a_run_may_begin_in_the_baseline_but_only_a_later_value_completes():
    baseline = [*STEADY[:9], 14, 14, 14]
    limits = natural_limits(series(*baseline))
    found = special_causes(series(*baseline, limits.upper - D("0.01")), limits, HIGHER)
    assert [(m.position, m.rules) for m in found] == [(12, (3,))]


def test_one_value_may_complete_several_rules():
    assert marks(13, 13, 16) == [(2, (1, 3), 1, 1)]


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [(HIGHER, 16, 1), (HIGHER, 4, -1), (LOWER, 16, -1), (LOWER, 4, 1), (RANGE, 16, 0)],
)
def test_side_and_direction_give_the_favour(direction, value, expected):
    assert marks(value, direction=direction)[0][3] == expected


def test_a_constant_baseline_makes_any_change_a_special_cause():
    assert marks(10, baseline=[10] * 12) == []
    assert marks("10.01", baseline=[10] * 12) == [(0, (1,), 1, 1)]


@pytest.mark.parametrize(
    ("baseline", "edge"),
    [
        # Mean 31/12, mean range 7/3: neither has an end, but the upper limit is 8.79 exactly.
        ((1, 3, 3, 0, 3, None, 6, 1, 4, 8, None, 1, 1, 0), "8.79"),
        ((9, 8, None, 3, 2, None, 4, 6, None, 8, 2, None, 0, 3, None, 4, 1), "11.26"),
    ],
)
def test_a_value_on_a_limit_whose_parts_have_no_end_is_inside(baseline, edge):
    whole = series(*baseline, None, edge)
    limits = natural_limits(whole)
    assert limits.upper == D(edge)
    assert special_causes(whole, limits, HIGHER) == []
    mirrored = [value and -value for value in whole]
    assert special_causes(mirrored, natural_limits(mirrored), HIGHER) == []


def test_a_half_way_line_that_has_an_end_is_that_number():
    pairs = (7, 5, None, 6, 6, None, 8, 2, None, 8, 2, None, 3, 3, None, 0, 2)
    assert natural_limits(series(*pairs)).half_upper == D("7.88")
    steady = natural_limits(series(*STEADY))
    assert (steady.half_lower, steady.half_upper) == (D("7.34"), D("12.66"))


def test_limits_are_the_same_whatever_the_context_of_the_thread():
    whole = series(*["100000000000.1", "0.000000000000001", "7"] * 4)
    with localcontext() as context:
        context.prec = 3
        narrow = natural_limits(whole)
        marked = special_causes(whole, narrow, HIGHER)
    assert narrow == natural_limits(whole)
    assert marked == special_causes(whole, narrow, HIGHER)


def test_decimals_never_become_floats():
    limits = natural_limits(series(*["0.1", "0.2"] * 6))
    assert (limits.mean, limits.mean_range) == (D("0.15"), D("0.1"))
    assert limits.upper == D("0.416")


def test_wide_ranges_lie_strictly_above_the_upper_range_limit():
    whole = series(*STEADY, 11, D("17.536"), D("11"), None, 99)
    assert wide_ranges(whole, natural_limits(whole)) == []
    whole = series(*STEADY, 11, D("17.537"))
    assert wide_ranges(whole, natural_limits(whole)) == [13]
    assert wide_ranges(whole, None) == []


@pytest.mark.parametrize(
    ("direction", "target", "expected"),
    [
        (LOWER, "15.32", "capable"),
        (LOWER, "15.31", "hit_or_miss"),
        (LOWER, "4.68", "hit_or_miss"),
        (LOWER, "4.67", "incapable"),
        (HIGHER, "4.68", "capable"),
        (HIGHER, "4.69", "hit_or_miss"),
        (HIGHER, "15.32", "hit_or_miss"),
        (HIGHER, "15.33", "incapable"),
        (LOWER, None, "unknown"),
        (HIGHER, None, "unknown"),
    ],
)
def test_assurance_against_one_target(direction, target, expected):
    limits = natural_limits(series(*STEADY))
    assert assurance(limits, direction, target=target and D(target)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("4.68", "15.32", "capable"),
        ("4.69", "20", "hit_or_miss"),
        ("0", "4.67", "incapable"),
        ("0", "4.68", "hit_or_miss"),
        ("15.33", "20", "incapable"),
        (None, "20", "unknown"),
    ],
)
def test_assurance_against_a_range(low, high, expected):
    limits = natural_limits(series(*STEADY))
    assert assurance(limits, RANGE, low=low and D(low), high=D(high)) == expected


def test_assurance_is_unknown_on_trial():
    assert assurance(natural_limits(series(*STEADY[:11])), LOWER, target=D(99)) == "unknown"
    assert assurance(None, LOWER, target=D(99)) == Assurance.UNKNOWN


def test_every_known_assurance_has_a_note():
    assert [bool(assurance_note(verdict)) for verdict in Assurance] == [False, True, True, True]


@pytest.mark.parametrize("verdict", list(Assurance))
def test_beside_a_shift_nothing_is_called_chance(verdict):
    note = assurance_note(verdict, has_shift=True)
    assert "chance" not in note
    assert bool(note) == (verdict != Assurance.UNKNOWN)


def test_without_a_streak_no_streak_is_spoken_of():
    notes = [assurance_note(verdict, is_off=False) for verdict in Assurance]
    assert not any("streak" in note or "what changed" in note for note in notes)
    assert "the streak may be chance" in assurance_note(Assurance.HIT_OR_MISS)
