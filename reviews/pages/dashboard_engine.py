"""The engine lens as printed: what is off target and what is done, and the wall of KPIs. Pure.

Rows are built with `format_html`: a wall has many, and a template loop costs more than the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import SparkPoint, loop_mark, sparkline, status_mark
from metrics.figures.fragments import numbers_only, pixel
from metrics.kpi_page.targets import small_unit
from metrics.models import Signal
from metrics.standpoint import NEAR, OFF, ON, SPARK_STATES
from metrics.wording import closed_words, day_near, percent, periods, quantity, target_sign
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.links import Link
from reviews.dashboards.scope import Scope
from reviews.pages.dashboard_goals import goal_mark
from reviews.pages.dashboard_words import due_clock

_OFF_ROW = (
    '<tr role="row"><th role="rowheader" scope="row"><a href="{}" dir="auto">{}</a>'
    '<span class="sub" dir="auto">{}</span></th>'
    '<td role="cell" class="n"><b><span class="num">{}</span></b><span class="sub num">{}</span>'
    '</td><td role="cell">{}</td><td role="cell" class="opt">{}</td>'
    '<td role="cell" class="wide">{}</td></tr>'
)
_WALL = (
    '<li><h3><a href="{}" dir="auto">{}</a></h3><p class="num"><span class="num">{}</span>'
    '<span class="s muted">{}</span></p>{}{}{}</li>'
)
_DASH = SafeString('<span class="muted s">–</span>')
_BAR = 84
_ORDER = {OFF: 0, "stale": 1, NEAR: 2, ON: 3, "no_data": 4, "informative": 5}


def worst_first(kpis: Iterable[KpiFact]) -> list[KpiFact]:
    """Off target first, those off for longest before the others."""
    return sorted(kpis, key=lambda one: (_ORDER[one.state], -one.days, one.name, one.pk))


def off_rows(
    kpis: Sequence[KpiFact],
    teams: Mapping[int, str],
    signals: Mapping[int, SignalFact],
    links: Mapping[int, list[Link]],
    scope: Scope,
) -> list[SafeString]:
    """The rows of "Off target, and what is being done"; `signals` are the open ones by KPI."""
    longest = max((one.days for one in kpis), default=1)
    return [
        format_html(
            _OFF_ROW,
            kpi.url,
            kpi.name,
            _where(kpi, teams),
            small_unit(quantity(kpi.latest, kpi.unit), kpi.unit),
            target_text(kpi),
            _duration(kpi, longest),
            _loop(signals.get(kpi.pk), _answer(links.get(kpi.pk, ()))),
            _being_done(kpi, signals.get(kpi.pk), _answer(links.get(kpi.pk, ())), scope),
        )
        for kpi in kpis
    ]


def _where(kpi: KpiFact, teams: Mapping[int, str]) -> str:
    return f"{teams.get(kpi.team_id, '')} · {kpi.owner or 'nobody yet'}"


def target_text(kpi: KpiFact) -> str:
    """The target in force: `≥ 45`; `no target` without one."""
    if kpi.target is None:
        return "no target"
    one = kpi.target
    return target_sign(kpi.direction, one.value, one.low, one.high, kpi.unit)


def _duration(kpi: KpiFact, longest: int) -> SafeString:
    width = pixel(max(_BAR * kpi.days / max(longest, 1), 4))
    svg = numbers_only(
        f'<svg width="{_BAR}" height="8" aria-hidden="true"><rect width="{_BAR}" height="8" rx="2" '
        f'class="track"/><rect width="{width}" height="8" rx="2" class="fill"/></svg>'
    )
    return format_html('<span class="dur">{}<span class="num">{}</span></span>', svg, kpi.age)


def _answer(links: Iterable[Link]) -> Link | None:
    """The objective that is worked on for a KPI: one that answers its signal before others."""
    active = [one for one in links if one.objective.state == ObjectiveState.ACTIVE]
    return min(active, key=lambda one: not one.answers, default=None)


def _loop(signal: SignalFact | None, answer: Link | None) -> SafeString:
    if answer is not None or (signal and signal.is_treated):
        return loop_mark(2)
    if signal is None:
        return _DASH
    return loop_mark(3 if signal.was_treated else 1)


def _being_done(
    kpi: KpiFact, signal: SignalFact | None, answer: Link | None, scope: Scope
) -> SafeString:
    """The objective that fixes it with where that stands, else what was decided, else the clock."""
    if answer is not None:
        one = answer.objective
        how = f"{percent(one.progress)}, {percent(one.expected)} expected"
        return format_html(
            '<a href="{}" dir="auto">{}</a><span class="sub">{}<span class="num">{}</span></span>',
            one.url,
            one.title,
            goal_mark(one),
            how,
        )
    if signal is None:
        words = f"Signal after {periods(kpi.patience, kpi.kind)} off" if kpi.patience else "–"
        return format_html('<span class="muted">{}</span>', words)
    words, below = signal_words(signal, scope)
    return format_html('<a href="{}"><b>{}</b></a>{}', signal.url, words, below)


def signal_words(signal: SignalFact, scope: Scope) -> tuple[str, SafeString]:
    """What was decided about a signal, and the clock of one that waits."""
    if signal.is_treated or signal.was_treated:
        return signal.treatment or "A private OKR", _closed(signal, scope)
    if signal.accepted_until is not None:
        return f"Accepted until {day_near(signal.accepted_until, scope.on)}", SafeString("")
    if signal.decision:
        label = str(Signal.Decision(signal.decision).label)
        return label[0].upper() + label[1:], SafeString("")
    if not signal.is_undecided:
        return "Snoozed", SafeString("")
    if signal.decide_by is None:
        return "No answer yet", SafeString("")
    return "No answer yet", format_html('<span class="sub">{}</span>', due_clock(signal, scope))


def _closed(signal: SignalFact, scope: Scope) -> SafeString:
    """How the OKR that answered a signal ended; nothing while it runs."""
    if signal.closed_at is None:
        return SafeString("")
    words = closed_words(scope.organisation.today(signal.closed_at), signal.grade, scope.on)
    return format_html('<span class="sub">{}</span>', words)


def wall(kpis: Sequence[KpiFact], links: Mapping[int, list[Link]]) -> list[SafeString]:
    """The items of the KPI wall, with the objective tied to each."""
    return [
        format_html(
            _WALL,
            kpi.url,
            kpi.name,
            small_unit(quantity(kpi.latest, kpi.unit), kpi.unit),
            target_text(kpi),
            _spark(kpi),
            status_mark(kpi.state, kpi.age),
            _tied(links.get(kpi.pk, ())),
        )
        for kpi in kpis
    ]


def _spark(kpi: KpiFact) -> SafeString:
    history = kpi.history
    if not history:
        return SafeString("")
    points = [SparkPoint(one.value, one.status, one.target, one.low, one.high) for one in history]
    return sparkline(
        kpi.name,
        points,
        direction=kpi.direction,
        state=SPARK_STATES[kpi.state],
        unit=kpi.unit,
        band=kpi.target.tolerance if kpi.target else None,
        width=200,
        height=44,
    )


def _tied(links: Iterable[Link]) -> SafeString:
    answer = _answer(links)
    if answer is None:
        return SafeString("")
    objective = answer.objective
    return format_html(
        '<span class="s clip">{}<a href="{}" dir="auto">{}</a></span>',
        "Answered by " if answer.answers else "Moved by ",
        objective.url,
        objective.title,
    )
