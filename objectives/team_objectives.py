"""An objective on the team page: its title, its sum, and one row for each key result. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics.figures import confidence, confidence_line, rail
from metrics.kpi_page.targets import small_unit
from metrics.wording import NBSP, ago, percent, quantity
from objectives.kinds import CHANGES, Ambition, Health, KeyResultKind, Level, Origin
from objectives.models import Objective
from objectives.pages.objective_page import objective_mark
from objectives.pages.rows import status_of, value_mark
from objectives.standing import KeyResultStanding, ObjectiveStanding, follows, said_on
from objectives.states import ObjectiveState

CONFIDENCE_WEEKS = 8
CONFIDENCE_FALL = 2
CONFIDENCE_FALL_OVER = 4
_AMBITIONS = {Ambition.COMMITTED: "Committed", Ambition.ASPIRATIONAL: "Aspirational"}
_KR_ROW = (
    '<tr role="row" id="{}"><th role="rowheader" scope="row">'
    '<a href="/key-results/{}/" dir="auto">{}</a>'
    '<span class="sub" dir="auto">{}</span></th>'
    '<td role="cell" class="n"><span class="big"><span class="num">{}</span></span></td>'
    '<td role="cell" class="wide">{}</td>'
    '<td role="cell" class="opt"><span class="actions">{}{}</span></td>'
    '<td role="cell">{}</td>{}</tr>'
)
_ACT = (
    '<td role="cell" class="n"><a class="btn" data-kind="quiet"'
    ' href="/key-results/{}/check-in/?list=team">Update<span class="vh"> {}</span></a></td>'
)


class ObjectiveBlock(NamedTuple):
    """One objective as printed; `rows` is the body of its table, `may_update` its last column."""

    objective: Objective
    sub: str
    status: SafeString
    progress: str
    has_progress: bool
    expected: str
    rows: SafeString
    may_update: bool
    hint: str
    fall: str
    fall_url: str


def objective_block(
    standing: ObjectiveStanding, today: date, *, may_write: bool = False
) -> ObjectiveBlock:
    """Turn where an objective stands into what the team page prints."""
    objective = standing.objective
    may_update = may_write and objective.state == ObjectiveState.ACTIVE
    rows = [
        _key_result(row, today, may_update=may_update)
        for row in standing.key_results
        if row.key_result.withdrawn_at is None
    ]
    return ObjectiveBlock(
        objective,
        _sub(objective),
        objective_mark(standing),
        percent(standing.progress).partition(NBSP)[0],
        standing.progress is not None,
        f"{percent(standing.expected)} expected" if standing.expected is not None else "",
        format_html_join("", "{}", ((row,) for row in rows)),
        may_update,
        _hint(standing),
        *_fall(standing),
    )


def _sub(objective: Objective) -> str:
    owner = str(objective.owner) if objective.owner else "nobody yet"
    parts = [_AMBITIONS[Ambition(objective.ambition)], owner]
    parts.append(Origin(objective.origin).label)
    if objective.level != Level.TEAM:
        parts.append(Level(objective.level).label.lower())
    if objective.is_private:
        parts.append("private")
    if objective.why:
        parts.append(objective.why)
    return " · ".join(parts)


def _key_result(row: KeyResultStanding, today: date, *, may_update: bool) -> SafeString:
    key_result = row.key_result
    said = [one.confidence for one in row.check_ins][-CONFIDENCE_WEEKS:]
    return format_html(
        _KR_ROW,
        key_result.row_id,
        key_result.pk,
        key_result.title,
        _who(row, today),
        _now(row),
        _progress(row),
        confidence(row.confidence),
        confidence_line(said),
        status_of(row),
        format_html(_ACT, key_result.pk, key_result.title) if may_update else "",
    )


def _who(row: KeyResultStanding, today: date) -> str:
    owner = row.key_result.owner or row.key_result.objective.owner
    parts = [owner.short_name] if owner else []
    if follows(row.key_result):
        parts.append("follows its KPI")
    elif row.last is not None:
        parts.append(ago(said_on(row.last, row.key_result.objective), today))
    else:
        parts.append("no check-in yet")
    return " · ".join(parts)


def _now(row: KeyResultStanding) -> SafeString:
    if row.key_result.kind not in CHANGES:
        return value_mark(row)
    unit = row.key_result.unit
    return small_unit(quantity(row.value, unit), unit)


def _progress(row: KeyResultStanding) -> SafeString:
    if row.key_result.kind == KeyResultKind.OPEN:
        return format_html('<span class="muted s">{}</span>', "The driver is still to be named")
    ratio: Decimal | None = row.ratio
    text = percent(ratio)
    number, _, unit = text.partition(NBSP)
    small = format_html("<small>{}{}</small>", NBSP, unit) if unit else ""
    return format_html(
        '<span class="railrow">{}<span class="num">{}{}</span></span>',
        rail(ratio, row.expected),
        number,
        small,
    )


def _hint(standing: ObjectiveStanding) -> str:
    """Why an aspirational objective is on track with less than the plain pace."""
    stretch = standing.objective.ambition == Ambition.ASPIRATIONAL
    if not stretch or standing.health != Health.ON_TRACK or standing.expected is None:
        return ""
    return (
        "On track as a stretch: an aspirational objective is expected to reach 0.7, so today’s "
        f"pace is {percent(standing.expected)}."
    )


def _fall(standing: ObjectiveStanding) -> tuple[str, str]:
    """(a question about the confidence that fell most lately, where to add a blocker), or empty."""
    falls = []
    for row in standing.key_results:
        said = [one.confidence for one in row.check_ins][-CONFIDENCE_FALL_OVER:]
        if row.counts and said and max(said) - said[-1] >= CONFIDENCE_FALL:
            falls.append((said[-1] - max(said), max(said), said[-1], row.key_result))
    if not falls or standing.objective.state != ObjectiveState.ACTIVE:
        return "", ""
    _, before, now, key_result = min(falls, key=lambda fall: fall[0])
    text = (
        f"Confidence in “{key_result.title}” fell from {before} to {now}."
        f" What would make it a {before} again?"
    )
    return text, f"/key-results/{key_result.pk}/#blockers"
