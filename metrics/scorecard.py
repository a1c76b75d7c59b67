"""The scorecard: one row for each KPI of a team, from its state row, without replaying anything.

Strings are made here once and a row is one `format_html`: with 200 KPIs a template loop costs more
than everything else together (performance.md 4). The number of queries does not depend on how many
KPIs there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.figures import SparkPoint, delta, loop_mark, pips, sparkline, status_mark
from metrics.judging import EXCLUDED
from metrics.kinds import Direction
from metrics.kpi_page.evidence import edit_url
from metrics.kpi_page.history import History
from metrics.kpi_page.targets import TOTAL_OF, small_unit
from metrics.models import Kpi, Signal, Target, Treatment
from metrics.owed_values import owed_name, periods_owed
from metrics.periods import period_of, period_short_label
from metrics.querysets import KpiQuerySet
from metrics.replay import RECOVERING
from metrics.scorecard_facts import Shared, shared_facts, treatment_of
from metrics.sources import source_kind
from metrics.standpoint import (
    HAS_VALUE,
    OFF,
    ON,
    Standpoint,
    missing_essentials,
    standpoint,
)
from metrics.trend import change
from metrics.updates import Asked
from metrics.wording import (
    NBSP,
    day_near,
    names,
    number,
    period_noun,
    periods,
    quantity,
    target_sign,
)
from teams.guards import role_in
from teams.models import Team, User

SPARK_PERIODS = 12
NAMED_PERIODS = 3

_ROW = (
    '<tr role="row" id="kpi-{pk}"><th role="rowheader" scope="row">{name}'
    '<span class="sub" dir="auto">{who}</span></th>'
    '<td role="cell" class="n"><span class="big"><span class="num">{value}</span></span>'
    '<span class="sub">{period}</span></td>'
    '<td role="cell" class="soft num">{target}{band}</td>'
    '<td role="cell">{spark}</td>'
    '<td role="cell" class="opt">{change}</td>'
    '<td role="cell">{status}</td>'
    '<td role="cell" class="opt">{streak}</td>'
    '<td role="cell" class="resp">{response}</td></tr>'
)
_DASH = SafeString('<span class="muted">–</span>')


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One row and what the facts above the table count of it."""

    markup: SafeString
    name: str
    state: str
    asked: Asked | None
    has_target: bool
    undecided: Signal | None


def scorecard(team: Team, role: str | None, now: datetime) -> list[ScoreRow]:
    """The rows of the KPIs a person may see in a team that was opened to them, in its order.

    `role` is the person's in the team; a stranger, who has none, sees no private KPI.
    """
    kpis = list(scorecard_kpis(Kpi.objects.inside(team.pk, is_member=role is not None)))
    shared = shared_facts(team, kpis, role, now)
    return [_row(kpi, parse_recent(kpi.state.recent), shared) for kpi in kpis]


def scorecard_kpis(kpis: KpiQuerySet) -> KpiQuerySet:
    """With what a row reads."""
    # No defer(): putting it together costs more than the columns it saves.
    return kpis.select_related("state", "owner", "cadence", "source")


def load_row(kpi: Kpi, history: History, user: User, now: datetime) -> SafeString:
    """One row as the data say it now, before the next evaluation has written it down."""
    shared = shared_facts(kpi.team, [kpi], role_in(user, kpi.team), now)
    recent = as_judged(kpi, history)
    return _row(kpi, recent[-SPARK_PERIODS:], shared).markup


def as_judged(kpi: Kpi, history: History) -> list[RecentPeriod]:
    """Put the history's standing on the KPI's state in memory; return its judged periods."""
    kpi.state.is_stale = history.standing.is_stale
    kpi.state.phase = history.standing.state
    kpi.state.streak = history.standing.streak
    kpi.state.recovery = history.standing.recovery
    waiting = next((v.period for v in history.verdicts if v.streak is None), history.running)
    kpi.state.watermark_on = waiting.start if waiting else None
    return [
        RecentPeriod(
            v.period.start,
            v.status,
            v.value,
            v.rule.source.target if v.rule else None,
            v.rule.source.low if v.rule else None,
            v.rule.source.high if v.rule else None,
        )
        for v in history.verdicts
        if v.streak is not None
    ]


def _row(kpi: Kpi, recent: list[RecentPeriod], shared: Shared) -> ScoreRow:
    shown = recent[-SPARK_PERIODS:]
    target = shared.targets.get(kpi.pk)
    kind = kpi.cadence.kind if kpi.cadence else None
    missing = missing_essentials(kpi, has_target=target is not None)
    at = standpoint(
        [one.status for one in recent],
        kind,
        is_stale=kpi.state.is_stale,
        is_judged=not missing,
    )
    if at.state in (OFF, "near_target"):
        at = at._replace(age=_age(kpi, recent, at, shared))
    latest = next((one for one in reversed(recent) if one.value is not None), None)
    response, has_link = _response(kpi, recent, shared)
    name = format_html('<a href="/kpis/{}/" dir="auto">{}</a>', kpi.pk, kpi.name)
    markup = format_html(
        _ROW,
        pk=kpi.pk,
        # The link that app.js focuses after a save: the one to the next value, else the KPI.
        name=name if has_link else format_html('<span class="row-act">{}</span>', name),
        who=_who(kpi, kind),
        value=small_unit(quantity(latest.value if latest else None, kpi.unit), kpi.unit),
        period=_period_name(latest, kind, shared) if latest and kind else "",
        target=_target_text(kpi, target),
        band=_band(kpi, target, shared.today),
        spark=score_spark(kpi, shown, at, target) if shown else _DASH,
        # A running total only grows, and falls when its window ends: no change to speak of.
        change=_DASH if target is not None and target.accumulates else _change(kpi, shown),
        status=status_mark(at.state, at.age),
        streak=_streak(kpi, target, shared.today),
        response=response,
    )
    signal = shared.signals.get(kpi.pk)
    waits = signal if signal is not None and is_undecided(signal, shared.now) else None
    return ScoreRow(markup, kpi.name, at.state, _asked(kpi, recent), target is not None, waits)


def _asked(kpi: Kpi, recent: list[RecentPeriod]) -> Asked | None:
    """The newest judged period whose value was asked for; an excluded one's was not."""
    start = next((one.on for one in reversed(recent) if one.status != EXCLUDED), None)
    if kpi.cadence is None or start is None:
        return None
    return Asked(kpi.pk, start, kpi.cadence.kind, kpi.settings_on(start).grace_days)


def is_undecided(signal: Signal, now: datetime) -> bool:
    """As `SignalQuerySet.undecided` asks the database."""
    is_snoozed = signal.snoozed_until is not None and signal.snoozed_until > now
    return signal.is_open and not signal.decision and not is_snoozed


def _who(kpi: Kpi, kind: str | None) -> str:
    owner = kpi.owner.short_name if kpi.owner else "nobody yet"
    parts = [owner, kind or "no cadence"]
    return " · ".join([*parts, "private"] if kpi.is_private else parts)


def _period_name(latest: RecentPeriod, kind: str, shared: Shared) -> str:
    month = shared.organisation.fiscal_start_month
    return period_short_label(period_of(latest.on, kind, month), month)


def _target_text(kpi: Kpi, target: Target | None) -> str:
    if target is None:
        return "no target"
    return target_sign(kpi.direction, target.value, target.low, target.high, kpi.unit)


def _band(kpi: Kpi, target: Target | None, today: date) -> SafeString:
    if target is None:
        return SafeString("")
    if target.accumulates:
        text = TOTAL_OF[target.accumulates]
    elif target.tolerance_pct:
        text = f"band {number(target.tolerance_pct)}{NBSP}%"
    elif target.tolerance:
        text = f"band {number(target.tolerance)}"
    elif band := _band_of_terms(kpi, target, today):
        text = f"band {number(band)}{NBSP}%"
    else:
        return SafeString("")
    return format_html('<span class="sub">{}</span>', text)


def _band_of_terms(kpi: Kpi, target: Target, today: date) -> Decimal | None:
    """The near band in per cent that the cadence's terms give a target that states none."""
    states_one = target.tolerance is not None or target.tolerance_pct is not None
    if states_one or kpi.cadence is None or not kpi.cadence.policies:
        return None
    return kpi.settings_on(today).tolerance_pct


def score_spark(
    kpi: Kpi, shown: list[RecentPeriod], at: Standpoint, target: Target | None
) -> SafeString:
    points_of = [SparkPoint(one.value, one.status, one.target, one.low, one.high) for one in shown]
    band = target.tolerance if target is not None else None
    return sparkline(
        kpi.name,
        points_of,
        direction=kpi.direction,
        state=at.spark,
        unit=kpi.unit,
        band=band,
    )


def _change(kpi: Kpi, shown: list[RecentPeriod]) -> SafeString:
    if len(shown) < 2:
        return _DASH
    last = shown[-1]
    low, high = (last.low, last.high) if kpi.direction == Direction.RANGE else (None, None)
    moved = change(
        [one.value for one in shown[-2:]], kpi.direction, unit=kpi.unit, low=low, high=high
    )
    return _DASH if moved is None else delta(moved.difference, moved.favour, kpi.unit)


def _age(kpi: Kpi, recent: list[RecentPeriod], at: Standpoint, shared: Shared) -> str:
    """The age of a status: what the recent periods say, or more where all of them have it."""
    judged = [one for one in recent if one.status in HAS_VALUE]
    since = kpi.state.status_since
    if since is None or since >= judged[0].on or any(one.status != at.state for one in judged):
        return at.age
    kind, month = kpi.cadence.kind, shared.organisation.fiscal_start_month
    count, period = 0, period_of(since, kind, month)
    while period.start <= judged[-1].on:
        count, period = count + 1, period_of(period.end, kind, month)
    return periods(count, kind)


def patience_of(kpi: Kpi, target: Target, today: date) -> int:
    if target.patience is not None:
        return target.patience
    return kpi.settings_on(today).patience


def _recovery(kpi: Kpi, target: Target, today: date) -> int:
    if target.recovery is not None:
        return target.recovery
    return kpi.settings_on(today).recovery


def _streak(kpi: Kpi, target: Target | None, today: date) -> SafeString:
    state = kpi.state
    if target is None or kpi.cadence is None:
        return _DASH
    if state.phase == RECOVERING:
        return pips(state.recovery, _recovery(kpi, target, today), recovering=True)
    return pips(state.streak, patience_of(kpi, target, today)) if state.streak else _DASH


def _response(kpi: Kpi, recent: list[RecentPeriod], shared: Shared) -> tuple[SafeString, bool]:
    """What is being done and what comes next; whether the row itself offers a value to enter."""
    parts = [part for part in (_answer(kpi, shared),) if part]
    due = _due(kpi, recent, shared)
    if due:
        parts.append(due)
    elif not parts and kpi.state.streak and (target := shared.targets.get(kpi.pk)):
        patience = patience_of(kpi, target, shared.today)
        words = f"Signal after {periods(patience, kpi.cadence.kind)}"
        parts.append(format_html('<span class="s muted">{}</span>', words))
    return SafeString(" ".join(map(conditional_escape, parts))), bool(due) and "row-act" in due


def _answer(kpi: Kpi, shared: Shared) -> SafeString | None:
    """The loop mark and the link to the answer; nothing where nothing signalled."""
    signal = shared.signals.get(kpi.pk)
    if signal is None:
        return None
    treatment = treatment_of(signal)
    step = 1 if treatment is None else 2 if treatment.ended_at is None else 3
    url, text = _answer_link(kpi, signal, treatment, shared)
    return format_html('{}<a class="s" href="{}">{}</a>', loop_mark(step), url, text)


def _answer_link(
    kpi: Kpi, signal: Signal, treatment: Treatment | None, shared: Shared
) -> tuple[str, str]:
    page = f"/signals/{signal.pk}/"
    target = shared.targets.get(kpi.pk)
    if signal.is_open and kpi.state.phase == RECOVERING and target is not None:
        good = f"{_recovery(kpi, target, shared.today)} good {period_noun(kpi.cadence.kind)}s"
        return page, f"Recovering, {kpi.state.recovery} of {good}"
    if treatment is not None and treatment.ended_at is None:
        is_hidden = treatment.is_private and not shared.is_member
        until = day_near(treatment.ends_on, shared.today)
        return page if is_hidden else treatment.url, f"Being addressed until {until}"
    if not signal.is_open:
        return page, "Resolved, watched again"
    if signal.accepted_until is not None:
        return page, f"Accepted until {day_near(signal.accepted_until, shared.today)}"
    if signal.decision == Signal.Decision.OKR and treatment is not None:
        ended = shared.organisation.today(treatment.ended_at)
        return page, f"OKR closed on {day_near(ended, shared.today)}"
    if signal.decision:
        label = Signal.Decision(signal.decision).label
        return page, label[0].upper() + label[1:]
    if signal.decide_by is not None:
        return page, f"Decide by {day_near(signal.decide_by, shared.today)}"
    return page, "Decide"


def _due(kpi: Kpi, recent: list[RecentPeriod], shared: Shared) -> SafeString | None:
    """The values that are missing or due, as a link for those who may type them."""
    month = shared.organisation.fiscal_start_month
    missed = periods_owed(kpi, recent, month, shared.today)
    if not missed:
        return None
    labels = [owed_name(period, month, shared.today) for period in missed]
    typed = source_kind(kpi.source.kind if kpi.source else None).IS_TYPED
    if not (shared.may_write and typed):
        words = (
            f"{names(labels)} missing"
            if len(missed) <= NAMED_PERIODS
            else (f"{periods(len(missed), kpi.cadence.kind)} missing")
        )
        return format_html('<span class="s muted">{}</span>', words)
    if len(missed) == 1:
        url = edit_url(kpi, missed[0].start)
        words = f"{labels[0]} value due"
    else:
        url = f"/kpis/{kpi.pk}/values/fill/"
        few = len(missed) <= NAMED_PERIODS
        words = f"Fill {', '.join(labels)}" if few else f"Fill {len(missed)}"
    return format_html(
        '<span class="row-act"><a class="s" href="{0}" hx-get="{0}" hx-target="#kpi-{1}" '
        'hx-swap="outerHTML">{2}<span class="vh"> of {3}</span></a></span>',
        url,
        kpi.pk,
        words,
        kpi.name,
    )


def counted(rows: Sequence[ScoreRow]) -> dict[str, int]:
    """How many KPIs there are, and are on target, off target and stale."""
    judged = [row for row in rows if row.has_target]
    return {
        "kpis": len(rows),
        "on_target": sum(row.state == ON for row in judged),
        "off_target": sum(row.state == OFF for row in judged),
        "stale": sum(row.state == "stale" for row in judged),
    }
