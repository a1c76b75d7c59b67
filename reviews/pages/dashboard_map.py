"""The two lenses by team as printed: the heat map with check-ins by week. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics.figures import status_mark
from metrics.figures.fragments import numbers_only
from metrics.wording import day_short, percent, plural
from reviews.dashboards.heat import TONES, HeatRow, level
from reviews.dashboards.weeks import WeekFact, on_time, share

_ROW = (
    '<tr><th scope="row"><a href="/teams/{}/" dir="auto">{}</a><span class="sub" dir="auto">{}'
    '</span></th>{}{}<td class="n num">{}</td><td>{}</td><td class="n num">{}</td></tr>'
)
_CELL = '<td class="h" data-tone="{}" data-n="{}"><span>{}</span></td>'
_NONE = '<td class="none" colspan="4">{}</td>'
_DOT = SafeString('<span class="muted">·</span>')
# A week's box: its top, its height and its class.
_BOXES = {"ok": (0, 14), "late": (5, 9), "miss": (11, 3)}
_WORDS = {"ok": "all in time", "late": "some late or missing", "miss": "none came"}


def heads() -> list[SafeString]:
    """The column heads, engine then destination."""
    kpis = [status_mark(name) for name in ("on_target", "near_target", "off_target")]
    rows = [status_mark(name) for name in ("on_track", "behind", "at_risk")]
    silent = status_mark("stale", word="Stale or empty")
    return [*kpis, silent, *rows, silent]


def heat_markup(rows: Sequence[HeatRow]) -> list[SafeString]:
    """The rows of the heat map; the number is printed in every cell."""
    return [
        format_html(
            _ROW,
            row.team.pk,
            row.team.name,
            row.team.leads or "no lead yet",
            _cells(row.kpis, "no KPI yet" if not row.has_kpis else ""),
            _cells(row.key_results, _without_goals(row)),
            format_html("<b>{}</b>", row.to_decide) if row.to_decide else _DOT,
            weeks_mark(row.weeks) if row.weeks else _DOT,
            percent(share(*on_time(row.weeks))) if row.weeks else _DOT,
        )
        for row in rows
    ]


def _without_goals(row: HeatRow) -> str:
    if row.has_objectives:
        return ""
    return "KPIs only in this cycle" if row.has_kpis else "no objective yet"


def _cells(counts: Sequence[int], none: str) -> SafeString:
    if none:
        return format_html(_NONE, none)
    cells = zip(TONES, counts, strict=True)
    return format_html_join(
        "", _CELL, ((tone, level(count), count or "·") for tone, count in cells)
    )


def weeks_mark(weeks: Sequence[WeekFact]) -> SafeString:
    """The last weeks as boxes, oldest first; a week in which nothing was due is left blank."""
    boxes = "".join(
        f'<rect x="{12 * at}" y="{_BOXES[one.verdict][0]}" width="9" '
        f'height="{_BOXES[one.verdict][1]}" rx="1.5" class="{one.verdict}"/>'
        for at, one in enumerate(weeks)
        if one.verdict
    )
    said = ", ".join(
        f"{day_short(one.monday)} {_WORDS[one.verdict]}" for one in weeks if one.verdict
    )
    return format_html(
        '<svg class="weeks" width="{}" height="14" role="img" aria-label="{}">{}</svg>',
        12 * len(weeks) - 4,
        f"Updates of the last {plural(len(weeks), 'week')}: {said or 'none was due'}",
        numbers_only(boxes),
    )
