"""Reads the off-target signals of a dashboard, as they stood at its moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from metrics.decisions import ACCEPTED, DATA_FIX, DISMISSED, SNOOZED, TARGET_REVISED
from metrics.kinds import SignalKind
from metrics.models import Signal, SignalEvent
from metrics.treatments import OKR_STARTED
from reviews.dashboards.facts import SignalFact
from reviews.dashboards.scope import Scope

ANSWERS = {
    ACCEPTED: Signal.Decision.ACCEPT,
    DATA_FIX: Signal.Decision.DATA,
    TARGET_REVISED: Signal.Decision.TARGET,
    DISMISSED: Signal.Decision.DISMISS,
    OKR_STARTED: Signal.Decision.OKR,
}
_COLUMNS = (
    *("pk", "kpi_id", "kpi__team_id", "kpi__name", "kpi__owner__name", "kpi__owner__is_active"),
    *("opened_at", "decide_by", "is_open", "resolved_at", "decision", "decided_at"),
    *("snoozed_until", "accepted_until"),
    *("treatment__title", "treatment__url", "treatment__is_private", "treatment__team_id"),
    *("treatment__team__is_private", "treatment__began_at", "treatment__ended_at"),
    "treatment__grade",
)


class Said(NamedTuple):
    """One thing a person did about a signal."""

    type: str
    at: datetime
    until: datetime | None = None


def read_signals(
    scope: Scope, since: datetime, leads: dict[int, str], member_of: frozenset[int]
) -> list[SignalFact]:
    """The signals open at the moment, and those opened since `since`; the longest due first."""
    rows = Signal.objects.visible_to(scope.user).filter(
        Q(retracted_at=None) | Q(retracted_at__gt=scope.moment),
        Q(is_open=True) | Q(resolved_at__gt=scope.moment) | Q(opened_at__gte=since),
        scope.within("kpi__team"),
        kind=SignalKind.OFF_TARGET,
        opened_at__lte=scope.moment,
    )
    events = _events(rows, scope.moment)
    found = [
        _fact(row, events.get(row.pk, ()), scope, leads, member_of)
        for row in rows.order_by().values_list(*_COLUMNS, named=True)
    ]
    return sorted(found, key=lambda one: (one.decide_by is None, one.decide_by or date.max, one.pk))


def _events(rows, moment: datetime) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    events = SignalEvent.objects.filter(
        signal__in=rows.order_by().values("pk"), type__in=[*ANSWERS, SNOOZED], at__lte=moment
    )
    for signal_id, kind, at, data in events.order_by("at", "pk").values_list(
        "signal_id", "type", "at", "data"
    ):
        until = parse_datetime(data["until"]) if kind == SNOOZED and data.get("until") else None
        found[signal_id].append(Said(kind, at, until))
    return found


def decision_then(events: Sequence[Said], moment: datetime) -> tuple[str, bool]:
    """(the decision that stood, whether it was snoozed) by what people did until the moment."""
    if not events:
        return "", False
    last = events[-1]
    if last.type == SNOOZED:
        return "", last.until is not None and last.until > moment
    return ANSWERS[last.type], False


def first_answer(events: Sequence[Said], decided_at: datetime | None, moment: datetime):
    """When the first decision was made, by the log, else by the row; None if it was after."""
    found = [one.at for one in events if one.type in ANSWERS]
    if decided_at is not None and decided_at <= moment:
        found.append(decided_at)
    return min(found, default=None)


def _fact(row, events, scope: Scope, leads, member_of) -> SignalFact:
    moment = scope.moment
    is_open = row.is_open if row.resolved_at is None else row.resolved_at > moment
    snoozed = row.snoozed_until is not None and row.snoozed_until > moment
    decision = row.decision
    first = first_answer(events, row.decided_at, moment)
    if scope.is_past:
        decision, snoozed = decision_then(events, moment)
        if not events and first is not None:
            decision = row.decision
    answered = row.treatment__began_at is not None and row.treatment__began_at <= moment
    hidden = answered and (
        (row.treatment__is_private or row.treatment__team__is_private)
        and row.treatment__team_id not in member_of
    )
    ended = row.treatment__ended_at if answered else None
    closed_at = ended if ended is not None and ended <= moment else None
    return SignalFact(
        row.pk,
        row.kpi_id,
        row.kpi__team_id,
        row.kpi__name,
        (row.kpi__owner__name if row.kpi__owner__is_active else "")
        or leads.get(row.kpi__team_id, ""),
        row.opened_at,
        row.decide_by,
        first,
        is_open,
        is_open and not decision and not snoozed,
        decision,
        row.accepted_until if decision == Signal.Decision.ACCEPT else None,
        row.treatment__title if answered and not hidden else "",
        row.treatment__url if answered and not hidden else "",
        hidden,
        closed_at,
        row.treatment__grade if closed_at is not None and not hidden else None,
    )
