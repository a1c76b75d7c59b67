"""The row of a KPI in a list of what somebody owes: at rest, and just saved.

As the scorecard's row, but for a list of many teams' KPIs. Strings are made here once and a row is
one `format_html` (performance.md 4). The list decides where its values are typed: see `Urls`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.evaluation.recent import RecentPeriod
from metrics.figures import icon, quantity_mark, status_mark
from metrics.models import Kpi, Target
from metrics.owed_values import due_words, owed_name
from metrics.periods import Period, period_label, period_of, period_short_label
from metrics.scorecard import SPARK_PERIODS, score_spark
from metrics.sources import source_kind
from metrics.standpoint import OFF, missing_essentials, standpoint
from metrics.wording import names, periods

NAMED_PERIODS = 3

_ROW = (
    '<li class="row" id="kpi-{pk}"{state}>{lens}'
    '<div class="row-what"><a href="/kpis/{pk}/" dir="auto">{name}</a>'
    '<span class="sub">{sub}</span></div>'
    '<div class="row-now"><span class="big">{value}</span><span class="sub">{period}</span></div>'
    '<div class="row-fig">{spark}</div>'
    '<div class="row-conf">{status}</div>'
    '<div class="row-act">{act}</div></li>'
)
_IN_PLACE = (
    '<a class="btn"{quiet} href="{url}" hx-get="{url}" hx-target="#kpi-{pk}" hx-swap="outerHTML">'
    '{verb}<span class="vh"> {what}</span></a>'
)


class Urls(NamedTuple):
    """Where a list types the values of one KPI: `edit` of a period, `fill` of several."""

    edit: str
    fill: str


class ListedValue(NamedTuple):
    """One KPI as a list shows it; `owed` are the periods it asks for, oldest first."""

    kpi: Kpi
    recent: Sequence[RecentPeriod]
    target: Target | None
    owed: Sequence[Period]
    fiscal_month: int
    today: date


def is_typed(kpi: Kpi) -> bool:
    """Whether people type its values; those of a file are uploaded."""
    return source_kind(kpi.source.kind if kpi.source else None).IS_TYPED


def owed_row(one: ListedValue, urls: Urls) -> SafeString:
    """The row that asks for the value of one period, or of several."""
    return _row(one, sub=owed_words(one), lens=_gauge(), act=_action(one, urls))


def saved_row(one: ListedValue, was: Decimal | None, urls: Urls) -> SafeString:
    """The row just after a value was saved; `was` is the one before it, None if there was none."""
    lens = format_html(
        '<span class="row-lens" data-tone="on">{}<span class="vh">Saved</span></span>',
        icon("s-check"),
    )
    before = "first value" if was is None else format_html("was {}", quantity_mark(was))
    act = _edit(one, urls)
    return _row(one, sub="Saved just now", lens=lens, act=act, below=before, saved=True)


def full_row(one: ListedValue, urls: Urls) -> SafeString:
    """The row of a KPI that waits for nothing; its last value can be edited."""
    return _row(one, sub="All values are in", lens=_gauge(), act=_edit(one, urls))


def _edit(one: ListedValue, urls: Urls) -> SafeString:
    return format_html(
        _IN_PLACE,
        quiet=SafeString(' data-kind="quiet"'),
        url=urls.edit,
        pk=one.kpi.pk,
        verb="Edit",
        what=one.kpi.name,
    )


def _row(
    one: ListedValue,
    *,
    sub: str,
    lens: SafeString,
    act: SafeString,
    below: str | SafeString | None = None,
    saved: bool = False,
) -> SafeString:
    kpi, shown = one.kpi, list(one.recent[-SPARK_PERIODS:])
    missing = missing_essentials(kpi, has_target=one.target is not None)
    at = standpoint(
        [period.status for period in one.recent],
        kpi.cadence.kind if kpi.cadence else None,
        is_stale=kpi.state.is_stale,
        is_judged=not missing,
    )
    latest = next((p for p in reversed(one.recent) if p.value is not None), None)
    return format_html(
        _ROW,
        pk=kpi.pk,
        state=SafeString(' data-state="saved"') if saved else "",
        lens=lens,
        name=kpi.name,
        sub=sub,
        value=quantity_mark(latest.value if latest else None, kpi.unit),
        period=_latest_name(one, latest) if below is None else below,
        spark=score_spark(kpi, shown, at, one.target) if shown else "",
        status=status_mark(at.state, at.age if at.state == OFF else ""),
        act=act,
    )


def _gauge() -> SafeString:
    return format_html(
        '<span class="row-lens" title="KPI">{}<span class="vh">KPI</span></span>', icon("gauge")
    )


def _latest_name(one: ListedValue, latest: RecentPeriod | None) -> str:
    """The period of the value shown: `W32`, `April`."""
    if latest is None or one.kpi.cadence is None:
        return ""
    period = period_of(latest.on, one.kpi.cadence.kind, one.fiscal_month)
    return owed_name(period, one.fiscal_month, one.today)


def owed_words(one: ListedValue) -> str:
    """`Week 33 · due Mon 17 Aug, 1 day ago`, or `May, June and July are missing`."""
    if len(one.owed) == 1:
        name = _long_name(one.owed[0], one.fiscal_month)
        return f"{name} · {due_words(one.kpi, one.owed[0], one.today)}"
    if len(one.owed) <= NAMED_PERIODS:
        labels = [owed_name(period, one.fiscal_month, one.today) for period in one.owed]
        return f"{names(labels)} are missing"
    return f"{periods(len(one.owed), one.owed[0].cadence)} are missing"


def _long_name(period: Period, fiscal_month: int) -> str:
    if period.cadence == "weekly":
        return f"Week {period_short_label(period, fiscal_month)[1:].lstrip('0')}"
    return period_label(period, fiscal_month)


def _action(one: ListedValue, urls: Urls) -> SafeString:
    """Update, Fill 3, or for values of a file the way to upload it."""
    if not is_typed(one.kpi):
        return format_html(
            '<a class="btn" href="/teams/{}/imports/">Upload<span class="vh"> a file with {}'
            "</span></a>",
            one.kpi.team_id,
            one.kpi.name,
        )
    several = len(one.owed) > 1
    noun = "missing periods of " if several else ""
    return format_html(
        _IN_PLACE,
        quiet="",
        url=urls.fill if several else urls.edit,
        pk=one.kpi.pk,
        verb=f"Fill {len(one.owed)}" if several else "Update",
        what=f"{noun}{one.kpi.name}",
    )
