"""The arithmetic of goals against a naive model of product.md 2 in fractions, on random input."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

from hypothesis import assume, given
from hypothesis import strategies as st

from objectives import grading, pace, progress, rollup, status
from objectives.kinds import Health

# Quotients of Decimals are cut at 28 digits.
NOISE = Fraction(1, 10**20)
START = date(2026, 7, 1)

numbers = st.decimals(min_value=-10_000, max_value=10_000, places=3)
shares = st.decimals(0, 1, places=6)
weights = st.decimals(0, 100, places=2)
weighed = st.lists(st.tuples(weights, st.none() | shares), max_size=8)
aims = st.one_of(
    st.tuples(st.sampled_from(["at_least", "at_most"]), numbers).map(
        lambda parts: progress.Aim(*parts)
    ),
    st.tuples(numbers, numbers).map(
        lambda ends: progress.Aim("range", low=min(ends), high=max(ends) + 1)
    ),
)
periods = st.lists(st.none() | numbers, max_size=20)


def near(ours, naive):
    return abs(Fraction(ours) - naive) <= NOISE


def clamp(share):
    return max(Fraction(0), min(Fraction(1), share))


# -- progress ----------------------------------------------------------------------------------


@given(numbers, numbers, numbers)
def test_progress_is_that_of_the_naive_model(baseline, target, value):
    assume(baseline != target)
    found = progress.change(baseline, target, value)
    b, t, v = map(Fraction, (baseline, target, value))
    assert near(found.ratio, clamp((v - b) / (t - b)))
    assert (found.raw < 0) == ((v - b) * (t - b) < 0)
    # Beyond the target is kept as it is, to say "exceeded".
    assert (found.raw > 1) <= ((v - t) * (t - b) > 0)


@given(numbers, numbers, numbers, st.sampled_from([Decimal(2), Decimal("0.5"), Decimal(-3)]))
def test_another_unit_or_the_mirror_image_is_the_same_progress(baseline, target, value, factor):
    assume(baseline != target)
    first = progress.change(baseline, target, value)
    second = progress.change(baseline * factor, target * factor, value * factor)
    assert near(second.raw, Fraction(first.raw))


@given(aims, periods)
def test_a_standard_is_that_of_the_naive_model(aim, values):
    known = [value for value in values if value is not None]
    low = {"at_least": aim.target, "range": aim.low}.get(aim.kind, Decimal("-Infinity"))
    high = {"at_most": aim.target, "range": aim.high}.get(aim.kind, Decimal("Infinity"))
    met = len([value for value in known if low <= value <= high])
    found = progress.kept(aim, values)
    assert found == (met, len(known), len(values) - len(known))
    assert (found.progress is None) == (not known)
    assert (found.at_grading is None) == (not values)
    if known:
        assert near(found.progress.ratio, Fraction(met, len(known)))
        assert 0 <= found.at_grading.ratio <= found.progress.ratio <= 1
        assert near(found.at_grading.ratio, Fraction(met, len(values)))


@given(aims, periods, numbers)
def test_a_mirrored_standard_is_kept_alike(aim, values, shift):
    mirror = {"at_least": "at_most", "at_most": "at_least", "range": "range"}[aim.kind]
    ends = [None if end is None else shift - end for end in (aim.target, aim.high, aim.low)]
    other = progress.Aim(mirror, *ends)
    turned = [None if value is None else shift - value for value in values]
    assert progress.kept(aim, values) == progress.kept(other, turned)


@given(aims, periods, numbers)
def test_one_more_period_that_meets_it_never_lowers_a_standard(aim, values, value):
    before, after = progress.kept(aim, values), progress.kept(aim, [*values, value])
    if before.progress and aim.is_met(value):
        assert after.progress.ratio >= before.progress.ratio
        assert after.at_grading.ratio >= before.at_grading.ratio


@given(st.lists(st.tuples(st.decimals("0.01", 100, places=2), st.booleans()), max_size=8))
def test_milestones_are_those_of_the_naive_model_and_one_more_done_never_lowers_them(steps):
    found = progress.milestones(steps)
    if not steps:
        assert found is None
        return
    total = sum(Fraction(weight) for weight, _ in steps)
    done = sum(Fraction(weight) for weight, is_done in steps if is_done)
    assert near(found.ratio, done / total)
    assert 0 <= found.ratio <= 1
    more = progress.milestones([*steps[:-1], (steps[-1][0], True)])
    assert more.ratio >= found.ratio


# -- pace --------------------------------------------------------------------------------------

paths = st.lists(
    st.tuples(st.integers(1, 89), numbers), max_size=5, unique_by=lambda point: point[0]
)


def on(day):
    return START + timedelta(days=day)


def phased(day, baseline, target, steps):
    points = [(on(step), value) for step, value in steps]
    return pace.phased(on(day), (START, baseline), (on(90), target), points)


@given(st.integers(-10, 100), numbers, numbers, paths)
def test_a_phased_pace_is_that_of_the_naive_model(day, baseline, target, steps):
    assume(baseline != target)
    b, t = Fraction(baseline), Fraction(target)
    points = [(0, b), *sorted((step, Fraction(value)) for step, value in steps), (90, t)]
    at = min(max(day, 0), 90)
    (x0, y0), (x1, y1) = next((one, two) for one, two in pairwise(points) if one[0] <= at <= two[0])
    path = y0 + (y1 - y0) * Fraction(at - x0, x1 - x0)
    assert near(phased(day, baseline, target, steps), clamp((path - b) / (t - b)))


@given(numbers, numbers, paths)
def test_a_phased_pace_is_0_first_1_last_and_passes_through_its_steps(baseline, target, steps):
    assume(baseline != target)
    assert phased(0, baseline, target, steps) == 0
    assert phased(90, baseline, target, steps) == 1
    for step, value in steps:
        share = progress.change(baseline, target, value).ratio
        assert near(phased(step, baseline, target, steps), Fraction(share))


@given(st.integers(0, 90), st.integers(0, 90), numbers, numbers, paths)
def test_a_path_that_never_turns_back_is_a_pace_that_never_does(one, other, start, end, steps):
    assume(start != end)
    way = sorted(min(max(value, min(start, end)), max(start, end)) for _, value in steps)
    values = way if end > start else way[::-1]
    rising = list(zip(sorted(step for step, _ in steps), values, strict=True))
    first, second = sorted((one, other))
    noise = Decimal("1e-20")
    assert phased(first, start, end, rising) <= phased(second, start, end, rising) + noise


@given(st.integers(0, 90), numbers, numbers, paths)
def test_a_mirrored_path_is_the_same_pace(day, baseline, target, steps):
    assume(baseline != target)
    mirrored = [(step, -value) for step, value in steps]
    assert phased(day, baseline, target, steps) == phased(day, -baseline, -target, mirrored)


@given(st.integers(-10, 100), st.sampled_from(["committed", "aspirational"]))
def test_what_is_expected_never_passes_the_score_of_its_ambition(day, ambition):
    share = pace.expected(pace.elapsed(on(day), START, on(90)), ambition)
    assert 0 <= share <= pace.EXPECTED_SCORE[ambition] == pace.of_standard(ambition)


# -- status ------------------------------------------------------------------------------------


@given(shares, shares, st.sampled_from([Fraction(1), Fraction(7, 10)]))
def test_a_band_is_that_of_the_naive_model(gone, ratio, score):
    behind = score * Fraction(gone) - Fraction(ratio)
    limits = [(Fraction(1, 10), Health.ON_TRACK), (Fraction(1, 4), Health.BEHIND)]
    naive = next((health for most, health in limits if behind <= most), Health.AT_RISK)
    expected = Decimal(score.numerator) / score.denominator * gone
    assert status.band(pace.gap(expected, ratio)) == naive


# -- roll-up -----------------------------------------------------------------------------------


@given(weighed)
def test_a_roll_up_is_that_of_the_naive_model_and_between_its_ends(parts):
    counted = [(Fraction(w), Fraction(p)) for w, p in parts if p is not None and w]
    found = rollup.objective_progress(parts)
    if not counted:
        assert found is None
        return
    assert near(found, sum(w * p for w, p in counted) / sum(w for w, _ in counted))
    ends = [share for _, share in counted]
    assert min(ends) - NOISE <= Fraction(found) <= max(ends) + NOISE


@given(weighed, st.decimals("0.01", 50, places=2))
def test_scaling_every_weight_changes_nothing(parts, factor):
    first = rollup.objective_progress(parts)
    second = rollup.objective_progress((weight * factor, share) for weight, share in parts)
    assert (first is None) == (second is None)
    assert first is None or near(second, Fraction(first))


@given(weighed, st.none() | shares)
def test_weight_0_is_as_if_it_were_not_there(parts, share):
    more = [*parts, (Decimal(0), share)]
    assert rollup.objective_progress(more) == rollup.objective_progress(parts)


@given(weighed, st.integers(0, 7), shares)
def test_more_progress_of_one_never_lowers_the_whole(parts, index, share):
    assume(index < len(parts) and parts[index][1] is not None)
    weight, before = parts[index]
    more = [*parts]
    more[index] = (weight, max(before, share))
    first, second = rollup.objective_progress(parts), rollup.objective_progress(more)
    assert (first is None) == (second is None)
    assert first is None or Fraction(first) <= Fraction(second) + NOISE


@given(st.lists(st.none() | shares, max_size=8))
def test_a_team_counts_each_objective_once(objectives):
    known = [Fraction(share) for share in objectives if share is not None]
    found = rollup.team_progress(objectives)
    assert (found is None) == (not known)
    assert found is None or near(found, sum(known) / len(known))


WORST_FIRST = ["at_risk", "stale", "behind", "on_track", "not_started"]


@given(st.lists(st.sampled_from(WORST_FIRST), min_size=1, max_size=6))
def test_the_worst_child_is_that_of_the_order_of_product_md(children):
    naive = min(children, key=WORST_FIRST.index)
    assert rollup.worst(map(Health, children)) == naive
    assert rollup.worst(map(Health, reversed(children))) == naive


@given(st.lists(st.sampled_from(list(Health)), max_size=6), st.sampled_from(list(Health)))
def test_one_more_child_never_makes_a_status_better(children, child):
    ranks = [*rollup.SEVERITY, None]
    first, second = rollup.worst(children), rollup.worst([*children, child])
    assert ranks.index(second) <= ranks.index(first)


# -- grade -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(weights, shares), max_size=8))
def test_a_grade_is_the_unrounded_mean_rounded_half_up_once(parts):
    total = sum(Fraction(weight) for weight, _ in parts)
    found = grading.objective_grade(parts)
    if not total:
        assert found is None
        return
    mean = sum(Fraction(weight) * Fraction(share) for weight, share in parts) / total
    assert Fraction(found) == Fraction(floor(mean * 10 + Fraction(1, 2)), 10)
