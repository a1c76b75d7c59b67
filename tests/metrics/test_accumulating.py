"""Targets for the total of a quarter or a year: the running total against its due share."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.accumulating import run_up, window_start
from metrics.judging import Target, compile_targets
from metrics.periods import timeline
from metrics.replay import OFF_KIND, Settings, replay

D = Decimal
YEAR = date(2026, 1, 1)


def judged(series, *targets, direction="higher_is_better", start=YEAR, out=(), cadence="monthly"):
    """The verdicts of the months from January 2026 on; "·" is no value."""
    line = timeline(start, cadence)
    texts = series.split()
    periods = line.closed(start, date(2028, 1, 1))[: len(texts)]
    values = {p.start: D(t) for p, t in zip(periods, texts, strict=True) if t != "·"}
    excluded = {periods[at].start for at in out}
    history = compile_targets(direction, targets, patience=2, recovery=1)
    today = periods[-1].end
    paced, totals = run_up(history, line, values, excluded, today)
    settings = Settings(reopen_window=0)
    return replay(settings, line, paced, totals, excluded, today, want_verdicts=True)


def said(series, *targets, **options):
    found = judged(series, *targets, **options).verdicts
    return [(str(v.value), str(v.rule.source.target), v.status) for v in found if v.rule]


A_YEAR = Target(YEAR, target=D(1200), over="yearly")


def test_the_total_is_compared_with_the_share_of_the_days():
    assert said("100 90 120", A_YEAR) == [
        ("100", "101.92", "off_target"),
        ("190", "193.97", "off_target"),
        ("310", "295.89", "on_target"),
    ]


def test_the_whole_target_is_due_at_the_end_and_the_next_window_begins_at_zero():
    last, first = said("100 " * 12 + "150", A_YEAR)[-2:]
    assert last == ("1200", "1200", "on_target")
    assert first == ("150", "101.92", "on_target")


def test_a_budget_is_off_when_more_is_spent_than_is_due():
    budget = Target(YEAR, target=D(900), tolerance=D(10), over="quarterly")
    assert [v[2] for v in said("310 290 310", budget, direction="lower_is_better")] == [
        "on_target",
        "near_target",
        "near_target",
    ]


def test_exactly_the_share_is_on_target_where_the_share_has_no_end():
    third = Target(YEAR, target=D(365), over="yearly")
    assert said("31 28", third) == [("31", "31", "on_target"), ("59", "59", "on_target")]
    endless = Target(YEAR, target=D(100), over="yearly")
    (_, due, _), *_ = said("1", endless)
    assert due == "8.493"
    assert said("8.49315068493150", endless)[0][2] == "off_target"
    assert said("8.49315068493151", endless)[0][2] == "on_target"


def test_a_missing_month_adds_nothing_but_its_days_have_passed():
    found = judged("100 · 200", A_YEAR).verdicts
    assert [v.status for v in found] == ["off_target", "missing", "on_target"]
    assert [v.value for v in found] == [D(100), None, D(300)]
    assert found[2].rule.source.target == D("295.89")


def test_an_excluded_month_counts_neither_with_its_value_nor_with_its_days():
    found = judged("102 5 110", A_YEAR, out=[1]).verdicts
    assert [v.status for v in found] == ["on_target", "excluded", "on_target"]
    assert (found[2].value, found[2].rule.source.target) == (D(212), D("203.84"))


def test_a_kpi_that_starts_inside_the_window_owes_the_days_from_then_on():
    assert said("100", A_YEAR, start=date(2026, 8, 1)) == [("100", "101.92", "off_target")]


def test_weeks_belong_to_the_quarter_they_begin_in():
    target = Target(date(2026, 3, 1), target=D(130), over="quarterly")
    weeks = said("10 " * 14, target, start=date(2026, 3, 30), cadence="weekly")
    # The week of 30 March begins in the first quarter, which owes the share of one week of it.
    assert weeks[0][:2] == ("10", "10")
    assert weeks[1][:2] == ("10", "10")
    assert weeks[13][:2] == ("130", "130")


def test_a_target_that_begins_inside_the_window_finds_the_total_since_its_beginning():
    later = Target(date(2026, 3, 1), target=D(1200), over="yearly")
    assert said("100 90 120", later) == [("310", "295.89", "on_target")]


def test_a_raise_under_the_same_target_recovers_and_is_not_called_relaxed():
    budget = Target(YEAR, target=D(1200), over="yearly")
    result = judged("110 110 20 20", budget, direction="lower_is_better")
    (episode,) = result.episodes
    assert episode.kind == OFF_KIND
    assert [(s.raised.month, s.ended.month, s.reason) for s in episode.spans] == [
        (2, 3, "recovered")
    ]


def test_a_larger_budget_is_a_relaxed_target():
    small = Target(YEAR, target=D(1200), over="yearly")
    large = Target(date(2026, 3, 1), target=D(2400), over="yearly")
    (episode,) = judged("110 110 110", small, large, direction="lower_is_better").episodes
    assert episode.spans[0].reason == "standard_relaxed"


def test_the_value_of_the_period_itself_and_the_projection_stay_known():
    verdict = judged("100 90 120", A_YEAR).verdicts[-1]
    assert verdict.own == D(120)
    assert verdict.projected == D("1257.22")
    plain = judged("100", Target(YEAR, target=D(5))).verdicts[-1]
    assert (plain.own, plain.projected, plain.value) == (D(100), D(100), D(100))


@pytest.mark.parametrize(
    ("day", "kind", "month", "first"),
    [
        (date(2026, 8, 9), "quarterly", 1, date(2026, 7, 1)),
        (date(2026, 8, 9), "yearly", 4, date(2026, 4, 1)),
        (date(2026, 2, 9), "yearly", 4, date(2025, 4, 1)),
    ],
)
def test_windows_are_those_of_the_fiscal_year(day, kind, month, first):
    assert window_start(day, kind, month) == first
