"""One key result's row as it is printed: at rest, being edited, just saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics import figures
from metrics.evaluation import parse_recent
from metrics.figures import quantity_mark, status_mark
from metrics.kinds import PeriodStatus
from metrics.periods import period_of, period_short_label
from metrics.wording import NBSP, ago, leading, percent, points, quantity
from objectives import grading
from objectives.kinds import Health, KeyResultKind
from objectives.models import CheckIn, KeyResult, Objective
from objectives.standing import KeyResultStanding, follows, said_on

# What colours and names a status; the words are those of design README 4.
_MARKS = {
    Health.WITHDRAWN: ("informative", "Withdrawn"),
    Health.CLOSED: ("resolved", "Closed"),
}


class RowView(NamedTuple):
    """What `_kr_row.html` prints."""

    key_result: KeyResult
    root: str
    title: str
    sub: str
    now: SafeString
    now_sub: str
    rail: SafeString
    rail_sub: str
    confidence: SafeString
    line: SafeString
    status: SafeString
    check_in_url: str


def health_mark(health: Health, word: str = "") -> SafeString:
    """A status with its shape and word."""
    state, name = _MARKS.get(health, (str(health), ""))
    return status_mark(state, word=word or name)


def row_view(
    standing: KeyResultStanding, objective: Objective, today: date, *, may_write: bool
) -> RowView:
    """The row at rest; `check_in_url` is empty for people who may only read."""
    key_result = standing.key_result
    open_row = may_write and objective.state == "active" and key_result.withdrawn_at is None
    return RowView(
        key_result=key_result,
        root=key_result.row_id,
        title=key_result.title,
        sub=row_sub(standing, objective, today),
        now=value_mark(standing),
        now_sub=value_sub(standing, objective, today),
        rail=figures.rail(standing.ratio, standing.expected),
        rail_sub=rail_sub(standing),
        confidence=figures.confidence(standing.confidence),
        line=figures.confidence_line([c.confidence for c in standing.check_ins[-7:]]),
        status=status_of(standing),
        check_in_url=f"/key-results/{key_result.pk}/check-in/" if open_row else "",
    )


def status_of(standing: KeyResultStanding) -> SafeString:
    """The status; a key result that is open says what is missing, a graded one its grade."""
    key_result = standing.key_result
    if key_result.grade is not None:
        word = grading.BAND_WORDS[grading.band(key_result.grade)].capitalize()
        return status_mark(_grade_state(key_result.grade), word=f"{key_result.grade} {word}")
    if key_result.kind == KeyResultKind.OPEN and standing.health == Health.NO_DATA:
        return status_mark("not_started", word="Driver to be named")
    return health_mark(standing.health)


def _grade_state(grade: Decimal) -> str:
    return {"high": "on_track", "mid": "behind", "low": "at_risk"}[grading.band(grade)]


def value_mark(standing: KeyResultStanding) -> SafeString:
    """The value now; a hold shows its run of periods."""
    key_result = standing.key_result
    if key_result.kind == KeyResultKind.HOLD:
        run = "–" if standing.run is None else standing.run
        markup = '<span class="num">{}<small>/{}</small></span>'
        return format_html(markup, run, key_result.hold_periods)
    return quantity_mark(standing.value, key_result.unit)


def value_sub(standing: KeyResultStanding, objective: Objective, today: date) -> str:
    """How old the value is: the period of the KPI, or when it was last said."""
    if standing.key_result.kind == KeyResultKind.HOLD:
        return "in a row"
    if follows(standing.key_result):
        return _period_of_value(standing.key_result, objective)
    said = said_on(standing.last, objective)
    return ago(said, today) if said else ""


def _period_of_value(key_result: KeyResult, objective: Objective) -> str:
    """The period the KPI's latest value is of: `October 2026`."""
    recent = parse_recent(key_result.kpi.state.recent)
    counted = (p for p in reversed(recent) if p.value is not None)
    last = next((p for p in counted if p.status != PeriodStatus.EXCLUDED), None)
    if last is None or key_result.kpi.cadence is None:
        return "no value yet"
    month = objective.team.organisation.fiscal_start_month
    return period_short_label(period_of(last.on, key_result.kpi.cadence.kind, month), month)


def row_sub(standing: KeyResultStanding, objective: Objective, today: date) -> str:
    """Who owns it, what it follows, and a late start."""
    key_result = standing.key_result
    parts = [key_result.owner.short_name] if key_result.owner else []
    if follows(key_result):
        parts.append("follows the KPI")
    if standing.last is not None:
        parts.append(f"checked in {ago(said_on(standing.last, objective), today)}")
    elif standing.is_late_start and objective.state == "active":
        parts.append("no check-in yet, late start")
    if key_result.withdrawn_reason:
        parts.append(f"left out: {key_result.withdrawn_reason}")
    if key_result.grade_reason:
        parts.append(f"“{key_result.grade_reason}”")
    return " · ".join(parts)


def rail_sub(standing: KeyResultStanding) -> str:
    """`48 % · 37 % expected`, with what the clamped rail cannot show."""
    if standing.ratio is None:
        return "no progress to measure yet" if standing.key_result.kind != "open" else "open"
    text = percent(standing.ratio)
    if words := figures.rail_words(standing.progress.raw):
        text = f"{text}, {words}"
    if standing.expected is not None and standing.key_result.grade is None:
        text = f"{text} · {percent(standing.expected)} expected"
    return text


def saved_sub(standing: KeyResultStanding, before: KeyResultStanding) -> tuple[str, str]:
    """(what the value was, how far progress moved), for the row just saved."""
    was = (
        f"was {leading(before.value, before.key_result.unit)}"
        if before.value is not None
        else "first value"
    )
    if standing.ratio is None or before.ratio is None:
        return was, rail_sub(standing)
    moved = (standing.ratio - before.ratio) * 100
    if not moved:
        return was, f"{percent(standing.ratio)}, unchanged"
    way = "up" if moved > 0 else "down"
    size = points(moved.quantize(Decimal(1)), "%")
    return was, f"{percent(standing.ratio)}, {way} {size}"


class LiveResult(NamedTuple):
    """The result line of a row being edited."""

    words: str
    status: SafeString


def live_result(standing: KeyResultStanding, before: Decimal | None) -> LiveResult:
    """`41 → 43 is 48 % of the way, 37 % expected.`"""
    unit = standing.key_result.unit
    value = quantity(standing.value, unit)
    text = f"{leading(before, unit)} → {value}" if before is not None else value
    if standing.ratio is None:
        return LiveResult("Nothing is saved yet.", health_mark(standing.health))
    text = f"{text} is {percent(standing.ratio)} of the way"
    if standing.expected is not None:
        text = f"{text}, {percent(standing.expected)} expected"
    return LiveResult(f"{text}.", health_mark(standing.health))


def check_in_words(check_in: CheckIn, unit: str) -> str:
    """`45 NPS, confidence 6/10`."""
    value = f"{quantity(check_in.value, unit)}, " if check_in.value is not None else ""
    return f"{value}confidence{NBSP}{check_in.confidence}/10"
