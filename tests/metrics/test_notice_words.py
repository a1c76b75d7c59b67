"""Messages about signals say what is true when they are sent (signals.md 7 to 10)."""

import pytest

from metrics.evaluation.notice_words import News, missing_words, off_target_words

OFF, NEAR, ON, MISSING = "off_target", "near_target", "on_target", "missing"


def news(kind, *, status=OFF, reason=None, by="27 Aug"):
    return News(kind, reason, "Churn", "3 months", "FY2027-Q1", "minor", status, by)


@pytest.mark.parametrize(
    ("kind", "status", "reason", "subject"),
    [
        ("raised", OFF, None, "Churn has been off target for 3 months"),
        ("raised", ON, None, "Churn was off target for 3 months"),
        ("raised", NEAR, None, "Churn was off target for 3 months"),
        ("raised", MISSING, None, "Churn was off target for 3 months"),
        ("reopened", OFF, "relapse", "Churn is off target again"),
        ("reopened", ON, "relapse", "Churn was off target again"),
        ("reopened", ON, "data_corrected", "Churn: its recovery no longer holds"),
        ("reminder", OFF, None, "Churn is still off target"),
        ("reminder", NEAR, None, "Churn has not recovered yet"),
        ("okr_closed_still_off", NEAR, None, "Churn had not recovered when its OKR was closed"),
        ("okr_closed_still_off", OFF, None, "Churn had not recovered when its OKR was closed"),
        ("resuggested", ON, None, "Churn has not recovered since its OKR was closed"),
        ("resolved", ON, "recovered", "Churn is back on target after 3 months off"),
        ("resolved", OFF, "recovered", "Churn was back on target after 3 months off"),
        ("resolved", ON, "standard_relaxed", "Churn: the signal ended as its target was relaxed"),
        ("resolved", "no_target", "standard_withdrawn", "Churn: the signal ended with its target"),
        ("evidence_changed", ON, "data_corrected", "Churn: the evidence of its signal changed"),
        ("retracted", ON, "data_corrected", "Churn: the signal was withdrawn"),
        ("escalated", OFF, None, "Churn: severity is now minor"),
    ],
)
def test_the_subject_claims_no_more_than_the_newest_period_shows(kind, status, reason, subject):
    assert off_target_words(news(kind, status=status, reason=reason))[0] == subject


def test_a_decision_is_asked_only_where_one_is_owed():
    asked = off_target_words(news("raised"))[1]
    assert asked == "First off target: FY2027-Q1. Severity: minor. Decision by 27 Aug."
    treated = off_target_words(news("raised", by=""))[1]
    assert treated == "First off target: FY2027-Q1. Severity: minor."


def test_an_event_without_words_is_an_error():
    with pytest.raises(ValueError, match="recorded"):
        off_target_words(news("recorded"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("raised", ("Churn: values are missing", "First missing: FY2027-Q1.")),
        ("reopened", ("Churn: values are missing", "First missing: FY2027-Q1.")),
        ("resolved", ("Churn has values again", "")),
        ("retracted", ("Churn: the signal of missing values was withdrawn", "")),
    ],
)
def test_missing_values_end_with_values_or_are_withdrawn(kind, words):
    assert missing_words(news(kind)) == words
