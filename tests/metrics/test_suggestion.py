"""What a raise suggests (signals.md 12)."""

from datetime import date
from decimal import Decimal as D

import pytest

from metrics.kinds import Direction
from metrics.suggestion import aim_note, breached_bound, choose_cycle, draft, evidence_sentence

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE
QUARTERS = [
    (date(2026, 7, 1), date(2026, 9, 30)),
    (date(2026, 10, 1), date(2026, 12, 31)),
    (date(2027, 1, 1), date(2027, 3, 31)),
]


def make_draft(**over):
    facts = {
        "direction": HIGHER,
        "latest": D(38),
        "recovery": 2,
        "cadence": "monthly",
        "target": D(45),
    }
    return draft("NPS", **(facts | over))


def test_the_evidence_sentence_counts_judged_periods_only():
    statuses = [
        "on_target",
        "off_target",
        "missing",
        "near_target",
        "off_target",
        "excluded",
        "open",
    ]
    assert evidence_sentence("Churn", statuses, "monthly") == (
        "Churn was off target in 2 of the last 4 months"
    )
    assert (
        evidence_sentence("Plan", ["off_target"], "yearly")
        == "Plan was off target in the last year"
    )


def test_the_evidence_sentence_of_nothing_judged_says_so():
    # Periods that only count as off target, by a KPI's policy for missing ones.
    assert evidence_sentence("Churn", ["missing", "missing"], "monthly") == (
        "Churn has had no value for 2 months"
    )
    assert (
        evidence_sentence("Churn", ["missing"], "monthly") == "Churn has had no value for 1 month"
    )
    assert evidence_sentence("Churn", ["excluded"], "monthly") == ""


def test_the_evidence_sentence_of_what_is_over_does_not_call_it_the_last():
    statuses = ["off_target", "off_target", "on_target"]
    assert evidence_sentence("Churn", statuses, "monthly", is_over=True) == (
        "Churn was off target in 2 of 3 months"
    )
    assert evidence_sentence("Plan", ["off_target"], "yearly", is_over=True) == (
        "Plan was off target in one year"
    )


def test_the_evidence_sentence_never_counts_one_of_one_in_the_plural():
    assert evidence_sentence("Plan", ["near_target"], "yearly") == (
        "Plan was not off target in the last year"
    )


def test_the_draft_of_a_kpi_where_higher_is_better():
    result = make_draft()
    assert result.objective == "Bring NPS back to target"
    assert result.aim.text == "NPS rises from 38 to 45"
    assert (result.aim.start, result.aim.target, result.aim.operator) == (38, 45, "at_least")
    assert (result.hold.text, result.hold.periods) == (
        "NPS is on target for 2 consecutive months",
        2,
    )
    assert "NPS" in result.driver


def test_the_draft_of_a_kpi_where_lower_is_better():
    result = make_draft(direction=LOWER, latest=D("12.100"), target=D("8.5"), unit="%", recovery=1)
    assert result.aim.text == "NPS drops from 12.1 to 8.5\u00a0%"
    assert result.aim.operator == "at_most"
    assert result.hold.text == "NPS is on target for one month"


def test_a_draft_in_a_currency_names_it_before_both_numbers():
    result = make_draft(direction=LOWER, latest=D(210), target=D(180), unit="$")
    assert result.aim.text == "NPS drops from $210 to $180"


def test_a_value_that_is_already_there_is_held():
    assert make_draft(latest=D(45)).aim.text == "NPS holds at least 45"
    assert make_draft(direction=LOWER, latest=D(45)).aim.text == "NPS holds at most 45"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (39, (40, "at_least")),
        (61, (60, "at_most")),
        (40, (40, "at_least")),
        (60, (60, "at_most")),
        (50, (40, "at_least")),
        (51, (60, "at_most")),
    ],
)
def test_a_range_aims_at_the_breached_bound(value, expected):
    assert breached_bound(D(value), RANGE, low=D(40), high=D(60)) == expected


@pytest.mark.parametrize("direction", [LOWER, HIGHER, RANGE])
def test_there_is_no_draft_without_a_target(direction):
    with pytest.raises(ValueError, match=r"target|bounds"):
        make_draft(direction=direction, target=None)


@pytest.mark.parametrize(
    ("period_end", "expected"),
    [
        (date(2026, 9, 30), 0),
        (date(2026, 10, 1), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 3, 31), 2),
    ],
)
def test_the_cycle_is_the_first_that_ends_on_or_after_the_recovery(period_end, expected):
    assert choose_cycle([date(2026, 8, 31), period_end], 2, QUARTERS[::-1]) == QUARTERS[expected]


def test_no_cycle_is_chosen_beyond_what_is_known():
    assert choose_cycle([date(2027, 4, 1)], 1, QUARTERS) is None
    assert choose_cycle([date(2026, 8, 31)], 2, QUARTERS) is None
    assert choose_cycle([date(2026, 8, 31)], 1, []) is None


def test_a_key_result_short_of_the_kpis_target_is_asked_about():
    assert aim_note(D("44.9"), HIGHER, target=D(45)) == (
        "Aims for 44.9 while the KPI’s target is at least 45. Is that enough?"
    )
    assert aim_note(D(45), HIGHER, target=D(45)) == ""
    assert aim_note(D("8.6"), LOWER, target=D("8.5"), unit="%")
    assert aim_note(D("8.5"), LOWER, target=D("8.5")) == ""
    assert aim_note(D(61), RANGE, low=D(40), high=D(60))
    assert aim_note(D(60), RANGE, low=D(40), high=D(60)) == ""
    assert aim_note(D(1), HIGHER) == aim_note(D(1), LOWER) == aim_note(D(1), RANGE) == ""
