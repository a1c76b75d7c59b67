"""The words of a message about a signal: true at the moment it is sent, whatever came since.

An event is dated to its period, but the message is read now: after an outage, a correction or a
pause the newest judged value may stand elsewhere than the event found it. So a sentence says what
was found in the past tense unless the newest judged period still shows it. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

from metrics.episodes import RELAXED, WITHDRAWN
from metrics.judging import OFF_TARGET, ON_TARGET
from metrics.signal_changes import DATA_CORRECTED, RESOLVED


class News(NamedTuple):
    """What a message is about.

    `length` is how long the latest span ran (`3 months`), `first` its first period as printed,
    `latest_status` that of the newest judged period, `decide_by` empty where no answer is asked.
    """

    type: str
    reason: str | None
    name: str
    length: str
    first: str
    severity: str
    latest_status: str
    decide_by: str = ""


def off_target_words(news: News) -> tuple[str, str]:
    """Subject and body about an off-target signal: the fact, its length, the next step."""
    name = news.name
    since = f"First off target: {news.first}. Severity: {news.severity}."
    asks = f"{since} Decision by {news.decide_by}." if news.decide_by else since
    match news.type:
        case "raised":
            has_been = "has been" if news.latest_status == OFF_TARGET else "was"
            return f"{name} {has_been} off target for {news.length}", asks
        case "reopened":
            return _reopened_subject(news), asks
        case "escalated":
            return f"{name}: severity is now {news.severity}", since
        case "reminder":
            return _reminder_subject(news), f"{since} The pause has ended."
        case "okr_closed_still_off":
            return f"{name} had not recovered when its OKR was closed", since
        case "resuggested":
            return f"{name} has not recovered since its OKR was closed", asks
        case "evidence_changed":
            return (
                f"{name}: the evidence of its signal changed",
                "The OKR stays. Does it still fit?",
            )
        case "resolved":
            return _resolved_subject(news), f"First off target: {news.first}."
        case "retracted":
            return (
                f"{name}: the signal was withdrawn",
                "Its values and targets as they are now do not show it.",
            )
    raise ValueError(f"no words for {news.type!r}")


def _reopened_subject(news: News) -> str:
    """A relapse is off target again; a recovery that vanished was none."""
    if news.reason == DATA_CORRECTED:
        return f"{news.name}: its recovery no longer holds"
    verb = "is" if news.latest_status == OFF_TARGET else "was"
    return f"{news.name} {verb} off target again"


def _reminder_subject(news: News) -> str:
    if news.latest_status == OFF_TARGET:
        return f"{news.name} is still off target"
    return f"{news.name} has not recovered yet"


def _resolved_subject(news: News) -> str:
    """Moved goalposts are never reported as a success (signals.md 7)."""
    if news.reason == RELAXED:
        return f"{news.name}: the signal ended as its target was relaxed"
    if news.reason == WITHDRAWN:
        return f"{news.name}: the signal ended with its target"
    verb = "is" if news.latest_status == ON_TARGET else "was"
    return f"{news.name} {verb} back on target after {news.length} off"


def missing_words(news: News) -> tuple[str, str]:
    """Subject and body about missing values; `first` is the first missing period."""
    if news.type == RESOLVED:
        return f"{news.name} has values again", ""
    if news.type == "retracted":
        return f"{news.name}: the signal of missing values was withdrawn", ""
    return f"{news.name}: values are missing", f"First missing: {news.first}."
