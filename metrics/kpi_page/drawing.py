"""The chart of the KPI page and the sentence that stands for it, from what was judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from metrics.charts import ChartPoint, Span, kpi_figure
from metrics.kpi_page.targets import latest_rule, tolerance, total_words, words
from metrics.models import Kpi, Signal, Treatment
from metrics.periods import period_label
from metrics.replay import Verdict
from metrics.special_cause import Limits, Mark, assurance, assurance_note, special_causes
from metrics.special_cause import natural_limits as limits_of
from metrics.standpoint import HAS_VALUE, OFF
from metrics.wording import leading, number, periods, quantity

SHOWN_PERIODS = 160


class Noise(NamedTuple):
    """What is signal and what is noise: limits, marks (positions in `start`'s series), verdict."""

    start: int
    limits: Limits | None
    causes: list[Mark]


def noise(kpi: Kpi, verdicts: Sequence[Verdict]) -> Noise:
    """The natural limits since the start or the last rebase, and what lies outside them.

    A change of cadence begins a new chart: values of weeks and of months do not compare. A running
    total has no natural limits: it grows until its window ends.
    """
    if total_words(latest_rule(verdicts)):
        return Noise(len(verdicts), None, [])
    start = _cadence_begins(verdicts)
    if kpi.limits_from is not None:
        later = (i for i, v in enumerate(verdicts) if v.period.start >= kpi.limits_from)
        start = max(start, next(later, len(verdicts)))
    series = [v.value if v.status != "excluded" else None for v in verdicts[start:]]
    limits = limits_of(series, floor=kpi.natural_floor, ceiling=kpi.natural_ceiling)
    return Noise(start, limits, special_causes(series, limits, kpi.direction))


def _cadence_begins(verdicts: Sequence[Verdict]) -> int:
    """Where the periods of the newest cadence begin."""
    kinds = [v.period.cadence for v in verdicts]
    return next((i + 1 for i in range(len(kinds) - 2, -1, -1) if kinds[i] != kinds[-1]), 0)


def noise_sentence(kpi: Kpi, verdicts: Sequence[Verdict], found: Noise, month: int) -> str:
    """What the limits say in one or two sentences; empty while there are none."""
    limits = found.limits
    if limits is None:
        return ""
    places = _places(verdicts)
    edges = (
        f"{leading(limits.lower, kpi.unit, places)} to {quantity(limits.upper, kpi.unit, places)}"
    )
    if not limits.is_locked:
        return f"Natural limits on trial, {edges}: they hold after 12 values."
    if found.causes:
        marked = [verdicts[found.start + mark.position].period for mark in found.causes]
        first, last = (period_label(period, month) for period in (marked[0], marked[-1]))
        which = first if first == last else f"{first} to {last}"
        count = periods(len(marked), marked[0].cadence)
        verb = "shows" if len(marked) == 1 else "show"
        return f"Natural limits {edges}: {count} ({which}) {verb} a real shift, not noise."
    text = f"Natural limits {edges}: no value since the baseline is more than noise."
    rule = latest_rule(verdicts)
    if rule is None:
        return text
    source = rule.source
    verdict = assurance(
        limits, kpi.direction, target=source.target, low=source.low, high=source.high
    )
    note = assurance_note(verdict, is_off=_is_off(verdicts))
    return f"{text} {note}".strip()


def _is_off(verdicts: Sequence[Verdict]) -> bool:
    """Is the newest period that has a value off target?"""
    return next((v.status for v in reversed(verdicts) if v.status in HAS_VALUE), "") == OFF


def _places(verdicts: Sequence[Verdict]) -> int:
    """The decimals the newest values were typed with, at most four."""
    exponents = [v.value.normalize().as_tuple().exponent for v in verdicts[-12:] if v.value]
    return min(4, max([0, *(-exponent for exponent in exponents)]))


def figure(
    kpi: Kpi,
    verdicts: Sequence[Verdict],
    signals: Sequence[Signal],
    treatments: Sequence[Treatment],
    found: Noise,
    *,
    until: date,
    zone,
) -> dict:
    """The plotly figure of the last periods."""
    skipped = max(0, len(verdicts) - SHOWN_PERIODS)
    shown = verdicts[skipped:]
    shift = found.start - skipped
    causes = [replace(mark, position=mark.position + shift) for mark in found.causes]
    begins = verdicts[found.start].period.start if found.start < len(verdicts) else None
    return kpi_figure(
        kpi.name,
        [_point(verdict) for verdict in shown],
        direction=kpi.direction,
        cadence=shown[-1].period.cadence,
        unit=kpi.unit,
        until=until,
        off_spans=[span for signal in signals for span in _off_span(signal, shown)],
        okr_spans=[_okr_span(one, zone) for one in treatments],
        limits=found.limits,
        limits_from=max(begins, shown[0].period.start) if begins else None,
        causes=[mark for mark in causes if mark.position >= 0],
        aim="due" if total_words(latest_rule(shown)) else "target",
    )


def _point(verdict: Verdict) -> ChartPoint:
    period, rule = verdict.period, verdict.rule
    if rule is None:
        return ChartPoint(period.start, period.end, verdict.value, verdict.status)
    source = rule.source
    return ChartPoint(
        period.start,
        period.end,
        verdict.value,
        verdict.status,
        source.target,
        source.low,
        source.high,
        tolerance(rule),
    )


def _off_span(signal: Signal, verdicts: Sequence[Verdict]) -> list[Span]:
    """From the first off-target period of a signal to its last."""
    off = [
        v.period
        for v in verdicts
        if v.status == OFF
        and v.period.start >= signal.first_off_on
        and (signal.ended_on is None or v.period.start <= signal.ended_on)
    ]
    if not off:
        return []
    label = f"Off target, {periods(len(off), off[0].cadence)}"
    return [Span(off[0].start, off[-1].end, label)]


def _okr_span(treatment: Treatment, zone) -> Span:
    if treatment.ended_at is None:
        return Span(treatment.starts_on, treatment.ends_on, "OKR")
    ended = max(treatment.ended_at.astimezone(zone).date(), treatment.starts_on)
    label = "OKR" if treatment.grade is None else f"OKR, graded {number(treatment.grade, 1)}"
    return Span(treatment.starts_on, ended, label)


def figure_words(kpi: Kpi, verdicts: Sequence[Verdict], month: int) -> str:
    """The chart in words, for people who do not see it."""
    shown = [v for v in verdicts[-SHOWN_PERIODS:] if v.value is not None]
    if not shown:
        return f"{kpi.name}: no values yet."
    first, last = shown[0], shown[-1]
    levels = [v.value for v in shown]
    text = (
        f"{kpi.name} from {period_label(first.period, month)} to "
        f"{period_label(last.period, month)}: from {quantity(first.value, kpi.unit)} to "
        f"{quantity(last.value, kpi.unit)}, between {leading(min(levels), kpi.unit)} and "
        f"{quantity(max(levels), kpi.unit)}."
    )
    if last.rule is not None:
        off = sum(v.status == OFF for v in shown)
        text += f" Target {words(last.rule, kpi.direction, kpi.unit)}, off target in {off} of "
        text += f"{periods(len(shown), last.period.cadence)}."
    return f"{text} Values are in the evidence table below."
