"""The decision log: what the data raised and what people decided, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.models import Kpi, KpiEvent, SignalEvent
from metrics.own_words import own_moves
from metrics.periods import Period, period_label, period_of
from metrics.wording import day_near, target_sign


class LogLine(NamedTuple):
    """One dated decision: bold words, then the rest, then the reason, then who."""

    at: datetime
    day: date
    when: str
    tone: str
    title: str
    text: str
    reason: str
    actor: str


_SIGNAL_TITLES = {
    "raised": ("off", "Signal opened"),
    "recorded": ("ink", "Signal recorded"),
    "resolved": ("on", "Signal resolved"),
    "reopened": ("off", "Signal reopened"),
    "escalated": ("off", "Signal escalated"),
    "retracted": ("ink", "Signal withdrawn"),
    "evidence_changed": ("ink", "Evidence changed"),
    "reminder": ("ink", "Reminder"),
    "okr_closed_still_off": ("off", "OKR closed before the KPI recovered"),
    "resuggested": ("off", "OKR suggested again"),
    "acknowledged": ("ink", "Acknowledged"),
    "snoozed": ("ink", "Snoozed"),
    "unsnoozed": ("ink", "Snooze ended"),
    "accepted": ("ink", "Accepted for now"),
    "dismissed": ("ink", "Dismissed"),
    "treatment_began": ("okr", "OKR active"),
    "okr_drafted": ("okr", "OKR drafted"),
    "okr_linked": ("okr", "OKR active"),
    "treatment_ended": ("okr", "OKR closed"),
    "okr_closed": ("okr", "OKR closed"),
}
_KIND_WORDS = {"data_stale": "data stale", "special_cause": "special cause"}
_REASONS = {
    "recovered": "recovered",
    "standard_relaxed": "the target was relaxed",
    "standard_withdrawn": "the target was withdrawn",
    "data_corrected": "the data were corrected",
    "merged": "merged with another",
    "relapse": "off target again",
    "reported": "values came again",
}
_KPI_TITLES = {
    "created": "KPI created",
    "edited": "Definition edited",
    "target_set": "Target set",
    "target_revised": "Target revised",
    "target_withdrawn": "Target withdrawn",
    "cadence_changed": "Cadence changed",
    "policy_set": "Signal policy set",
    "policy_ended": "Signal policy follows the team",
    "value_corrected": "Value corrected",
    "value_withdrawn": "Value withdrawn",
    "period_excluded": "Period excluded",
    "exclusion_lifted": "Exclusion lifted",
    "limits_rebased": "Natural limits rebased",
    "from_key_result": "Made from a key result",
}
_FIELD_WORDS = {
    "is_private": "privacy",
    "starts_on": "start",
    "grace_days": "grace",
    "settle_days": "settling",
    "min_readings": "values needed",
    "nature": "kind",
    "theme": "what it tells of",
    "counterpart": "counter-metric",
    "natural_floor": "lowest value",
    "natural_ceiling": "highest value",
}


def decision_log(
    kpi: Kpi,
    signal_events: Iterable[SignalEvent],
    kpi_events: Iterable[KpiEvent],
    *,
    fiscal_month: int,
    zone: ZoneInfo,
    today: date,
) -> list[LogLine]:
    """Both histories in one list, newest first."""
    lines = [_signal_line(event, fiscal_month, zone, today) for event in signal_events]
    lines += [_kpi_line(kpi, event, fiscal_month, zone, today) for event in kpi_events]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _signal_line(event: SignalEvent, month: int, zone: ZoneInfo, today: date) -> LogLine:
    signal = event.signal
    tone, title = _SIGNAL_TITLES.get(event.type, ("ink", _spoken(event.type)))
    if kind := _KIND_WORDS.get(signal.kind):
        title = f"{title}, {kind}"
        tone = "idle" if tone == "off" else tone
    period = period_label(period_of(event.period_on, signal.cadence_kind, month), month)
    known = _REASONS.get(event.reason, "")
    text = f"{period}: {known}" if known else period
    reason = "" if known else event.reason
    return _line(event.at, tone, title, text, reason, event.actor, zone, today)


def _kpi_line(kpi: Kpi, event: KpiEvent, month: int, zone: ZoneInfo, today: date) -> LogLine:
    title = _KPI_TITLES.get(event.type, _spoken(event.type))
    text = _kpi_text(kpi, event, month, today)
    return _line(event.at, "ink", title, text, event.reason, event.actor, zone, today)


def _kpi_text(kpi: Kpi, event: KpiEvent, month: int, today: date) -> str:
    before, after = event.before, event.after
    if event.type == "edited":
        return ", ".join(_FIELD_WORDS.get(name, _spoken(name).lower()) for name in after)
    if "period" in after and "cadence" in after:
        period = period_of(date.fromisoformat(after["period"]), after["cadence"], month)
        return f"{_period_text(period, month)}{_moved(before.get('value'), after.get('value'))}"
    if event.type.startswith("target"):
        old, new = _target_text(kpi, before), _target_text(kpi, after)
        since = _since(after.get("effective_on"), today)
        moved = f"from {old} to {new}" if old and new else new
        return f"{moved} {since}".strip()
    if event.type in ("policy_set", "policy_ended"):
        moved = own_moves(before, after)
        return f"{moved}, {_since(after.get('effective_on'), today)}"
    if event.type == "cadence_changed":
        since = _since(after.get("effective_on"), today)
        return f"{after['cadence']} {since}"
    return _since(after["limits_from"], today) if "limits_from" in after else ""


def _period_text(period: Period, month: int) -> str:
    return period_label(period, month)


def _moved(old: str | None, new: str | None) -> str:
    if old is None and new is None:
        return ""
    return f": {old or '–'} → {new or 'no value'}"


def _target_text(kpi: Kpi, numbers: dict) -> str:
    """A target kept in a history row: `≤ 8.5 %`; empty where there was none."""
    known = {name: Decimal(numbers[name]) for name in ("value", "low", "high") if numbers.get(name)}
    if not known:
        return ""
    return target_sign(
        kpi.direction, known.get("value"), known.get("low"), known.get("high"), kpi.unit
    )


def _since(day: str | None, today: date) -> str:
    return f"from {day_near(date.fromisoformat(day), today)}" if day else ""


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _line(at, tone, title, text, reason, actor, zone, today) -> LogLine:
    day = at.astimezone(zone).date()
    when = day_near(day, today)
    return LogLine(at, day, when, tone, title, text, reason, str(actor) if actor else "")
