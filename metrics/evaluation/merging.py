"""What a signal that takes in others inherits from them: the OKR, with the answer it was."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from metrics.evaluation.transitions import Transition
from metrics.models import Signal, Treatment

# The answer of a person, and the quiet that ends when an OKR answers.
_ANSWER = (
    "decision",
    "decided_at",
    "decided_by_id",
    "decision_reason",
    "decide_by",
    "acknowledged_at",
    "acknowledged_by_id",
)
_QUIET = {"snoozed_until": None, "accepted_level": None, "accepted_until": None}


def hand_over(transitions: Sequence[Transition]) -> None:
    """Move the OKRs of merged signals to the signals that take their place.

    A running one stays the answer. An objective knows the signal it was drafted from; from there
    `metrics.treatments` follows `merged_into`.
    """
    for one in transitions:
        if one.signal.heir_of is not None and one.row is not None:
            if one.signal.okr_closed_on is None:
                _copy_answer(one.signal.heir_of, one.row.id)
            _swap_treatments(one.signal.heir_of, one.row.id)


def _copy_answer(merged_id: int, kept_id: int) -> None:
    answer = Signal.objects.values(*_ANSWER).get(pk=merged_id)
    Signal.objects.filter(pk=kept_id).update(**answer, **_QUIET, version=F("version") + 1)


def _swap_treatments(merged_id: int, kept_id: int) -> None:
    """The kept signal's own earlier OKR, if it had one, goes to the merged signal.

    No two rows may name one signal, so it waits under a number no signal has; both databases look
    at foreign keys when the transaction ends.
    """
    Treatment.objects.filter(signal_id=kept_id).update(signal_id=-kept_id)
    Treatment.objects.filter(signal_id=merged_id).update(signal_id=kept_id)
    Treatment.objects.filter(signal_id=-kept_id).update(signal_id=merged_id)
