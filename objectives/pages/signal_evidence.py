"""The evidence side of the signal page: value, figure, periods, and what else is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString

from metrics import figures
from metrics.figures import SparkPoint, quantity_mark, status_mark
from metrics.kinds import Assurance, SignalKind
from metrics.kpi_page import drawing
from metrics.kpi_page.evidence import short_label
from metrics.kpi_page.history import History
from metrics.kpi_page.loading import Place
from metrics.kpi_page.targets import difference, latest_rule, sign, words
from metrics.models import (
    MeasurementRevision,
    Signal,
)
from metrics.replay import Verdict
from metrics.special_cause import assurance, assurance_note
from metrics.standpoint import HAS_VALUE
from metrics.wording import day_near, leading, number, periods, plural, quantity, signed

SHOWN = 12
OFF, ON, MISSING, EXCLUDED = "off_target", "on_target", "missing", "excluded"
_SEVERITY_WORDS = {
    "minor": "Minor.",
    "major": "Major.",
    "critical": "Critical.",
}


class PeriodLine(NamedTuple):
    """One period of the evidence, as printed; `counts` says what it does to the signal."""

    label: str
    value: str
    target: str
    difference: str
    status: SafeString


class Fact(NamedTuple):
    """One line under the table: an icon, a bold beginning, the rest."""

    icon: str
    lead: str
    text: str


class Story(NamedTuple):
    """The evidence side as printed."""

    value: SafeString
    caption: str
    spark: SafeString
    rows: list[PeriodLine]
    facts: list[Fact]


def story(signal: Signal, history: History, place: Place) -> Story:
    """The evidence side: latest value, its figure, the periods, and what else is known."""
    kpi, verdicts = signal.kpi, history.verdicts
    counted = (v for v in reversed(verdicts) if v.value is not None and v.status in HAS_VALUE)
    latest = next(counted, verdicts[-1])
    caption = f"{place.name(latest.period)}, target {words(latest.rule, kpi.direction, kpi.unit)}"
    return Story(
        quantity_mark(latest.value, kpi.unit),
        caption,
        spark(signal, verdicts),
        period_lines(signal, verdicts, place),
        facts(signal, history, place),
    )


def spark(signal: Signal, verdicts: Sequence[Verdict]) -> SafeString:
    """The last twelve periods, wide."""
    kpi = signal.kpi
    points = []
    for verdict in verdicts[-SHOWN:]:
        source = verdict.rule.source if verdict.rule else None
        bounds = (source.target, source.low, source.high) if source else (None, None, None)
        points.append(SparkPoint(verdict.value, verdict.status, *bounds))
    state = "off" if signal.is_open and signal.kind == SignalKind.OFF_TARGET else "on"
    return figures.sparkline(
        kpi.name,
        points,
        direction=kpi.direction,
        state=state,
        unit=kpi.unit,
        width=440,
        height=110,
    )


def period_lines(signal: Signal, verdicts: Sequence[Verdict], place: Place) -> list[PeriodLine]:
    """The periods of the episode and the two before it, newest first, with what each counts."""
    first = next(
        (i for i, v in enumerate(verdicts) if v.period.start >= signal.first_off_on), len(verdicts)
    )
    shown = verdicts[max(first - 2, len(verdicts) - SHOWN, 0) :]
    counts = counted(signal, verdicts)
    lines, newer = [], None
    for verdict in reversed(shown):
        lines.append(
            PeriodLine(
                short_label(verdict.period, newer, place.fiscal_month),
                number(verdict.value),
                sign(verdict.rule, signal.kpi.direction),
                signed(difference(verdict.value, verdict.rule)),
                status_mark(verdict.status, counts.get(verdict.period.start, "")),
            )
        )
        newer = verdict.period
    return lines


def counted(signal: Signal, verdicts: Sequence[Verdict]) -> dict:
    """What each period counts, by its first day: `2 of 3`, or `1 of 2` towards the end."""
    found: dict = {}
    if signal.kind != SignalKind.OFF_TARGET:
        return found
    off = on = 0
    for verdict in verdicts:
        if verdict.period.start < signal.first_off_on or verdict.rule is None:
            continue
        if verdict.status == OFF:
            off, on = off + 1, 0
            found[verdict.period.start] = f"{off} of {verdict.rule.patience}"
        elif verdict.status == ON:
            off, on = 0 if verdict.period.start < signal.raised_on else off, on + 1
            if verdict.period.start > signal.raised_on:
                found[verdict.period.start] = f"{on} of {verdict.rule.recovery}"
    return found


def facts(signal: Signal, history: History, place: Place) -> list[Fact]:
    """Severity, noise, holes, corrections and earlier signals, each one line."""
    inside = [v for v in history.verdicts if v.period.start >= signal.first_off_on]
    found = [_severity(signal, inside), _noise(signal, history), _holes(inside, place)]
    found.append(_corrections(signal, place))
    found.append(_before(signal, place))
    return [fact for fact in found if fact is not None]


def _severity(signal: Signal, inside: Sequence[Verdict]) -> Fact | None:
    if signal.kind != SignalKind.OFF_TARGET:
        return None
    off = len([v for v in inside if v.status == OFF])
    text = f"{periods(off, signal.cadence_kind)} off target since it began." if off else ""
    return Fact("scale", _SEVERITY_WORDS[signal.severity], text)


def _noise(signal: Signal, history: History) -> Fact | None:
    """Whether the streak is more than noise, by the natural limits (signals.md 11)."""
    kpi, verdicts = signal.kpi, history.verdicts
    found, rule = drawing.noise(kpi, verdicts), latest_rule(verdicts)
    if found.limits is None or rule is None:
        return None
    limits, source = found.limits, rule.source
    edges = (
        f"Natural limits {leading(limits.lower, kpi.unit, 1)}"
        f" to {quantity(limits.upper, kpi.unit, 1)}."
    )
    marked = {verdicts[found.start + mark.position].period.start for mark in found.causes}
    if any(is_inside(signal, start) for start in marked):
        return Fact("activity", "Real shift.", f"{edges} More than noise.")
    if not limits.is_locked:
        return Fact("activity", "Limits on trial.", f"{edges} They hold after 12 values.")
    bounds = {"target": source.target, "low": source.low, "high": source.high}
    verdict = assurance(limits, kpi.direction, **bounds)
    note = assurance_note(verdict, is_off=signal.is_open, has_shift=bool(marked))
    lead = "May be noise." if verdict == Assurance.HIT_OR_MISS and not marked else "Limits."
    return Fact("activity", lead, f"{edges} {note}")


def is_inside(signal: Signal, start: date) -> bool:
    """Is the period one of those between the signal's first and its last?"""
    return signal.first_off_on <= start and (signal.ended_on is None or start <= signal.ended_on)


def _holes(inside: Sequence[Verdict], place: Place) -> Fact | None:
    """Periods without a value or taken out of the judging since it began."""
    empty = [place.name(v.period) for v in inside if v.status == MISSING]
    out = [place.name(v.period) for v in inside if v.status == EXCLUDED]
    parts = []
    if empty:
        parts.append(f"no value for {', '.join(empty)}")
    if out:
        parts.append(f"{', '.join(out)} excluded")
    text = "; ".join(parts)
    return Fact("clock-question", "Holes:", f"{text}.") if parts else None


def _corrections(signal: Signal, place: Place) -> Fact | None:
    """Values of the episode that were corrected, and when last."""
    rows = MeasurementRevision.objects.filter(kpi=signal.kpi, day__gte=signal.first_off_on)
    days = list(rows.order_by("-replaced_at").values_list("replaced_at", flat=True))
    if not days:
        return None
    last = day_near(days[0].astimezone(place.zone).date(), place.today)
    text = f"{plural(len(days), 'value')} since it began, last on {last}."
    return Fact("database", "Corrected:", text)


def _before(signal: Signal, place: Place) -> Fact:
    """Earlier signals of the same kind on this KPI."""
    rows = Signal.objects.standing().filter(kpi=signal.kpi, kind=signal.kind)
    earlier = rows.filter(raised_on__lt=signal.raised_on).order_by("-raised_on")
    found = list(earlier.values_list("raised_on", "is_open")[:50])
    if not found:
        return Fact("history", "Before:", "no earlier signal on this KPI.")
    last = day_near(found[0][0], place.today)
    text = f"{plural(len(found), 'earlier signal')}, the last raised for the period of {last}."
    return Fact("history", "Before:", text)
