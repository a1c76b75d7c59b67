"""The kinds of messages a person can switch, each by how far it may come to them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import TextChoices


class Reach(TextChoices):
    """How far a kind of message comes to a person."""

    MAIL = "mail", "inbox and mail"
    INBOX = "inbox", "inbox only"
    NOT = "not", "not at all"


class MessageKind(NamedTuple):
    """A kind people know by its label; its messages have one of the topics."""

    name: str
    label: str
    topics: frozenset[str]


def _kind(name: str, label: str, *topics: str) -> MessageKind:
    return MessageKind(name, label, frozenset(topics or [name]))


# Topics of reminders, and of a signal about values that do not come.
DUE, OVERDUE, MISSING = "due", "overdue", "missing"
REMINDERS = frozenset({DUE, OVERDUE})
KINDS = (
    _kind(
        "signals",
        "A KPI needs an answer",
        *("raised", "reopened", "reminder", "resuggested"),
        *("okr_closed_still_off", "evidence_changed"),
    ),
    _kind("escalated", "A signal became more severe"),
    _kind("resolved", "A KPI is back on target, or has values again", "resolved", "retracted"),
    _kind(MISSING, "Values of a KPI or a source are missing"),
    _kind("decision", "A decision is past its day"),
    _kind(DUE, "Values and check-ins that are due"),
    _kind(OVERDUE, "Values and check-ins past their due day"),
    _kind("review", "A review is open"),
    _kind("dependency", "Another team asks or answers"),
    _kind("mention", "Somebody mentions you"),
    _kind("thanks", "Somebody thanks you"),
)
REACHES = list(Reach)  # from the farthest
KIND_OF_TOPIC = {topic: kind.name for kind in KINDS for topic in kind.topics}


def reach_of(topic: str, chosen: dict[str, str]) -> str:
    """How far a message comes; a topic that is of no kind cannot be switched."""
    kind = KIND_OF_TOPIC.get(topic)
    return Reach.MAIL if kind is None else chosen.get(kind, Reach.MAIL)


def farthest(topics: Collection[str], chosen: dict[str, str]) -> str:
    """The topic of a message about several: which comes farthest; of equals the last by name."""
    return min(sorted(topics, reverse=True), key=lambda one: REACHES.index(reach_of(one, chosen)))
