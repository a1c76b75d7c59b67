"""What the dashboard asks for below its figures: gaps, contradictions, warnings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.periods import period_short_label
from metrics.wording import names, plural, quantity
from reviews.dashboards import gaps
from reviews.dashboards.conflicts import Conflict, Tradeoff
from reviews.dashboards.coverage import Cover
from reviews.dashboards.early import Warned
from reviews.pages.dashboard_engine import target_text

SHOWN_GAPS = 8
NOTICES = {
    "conflicts": (
        "A KPI and an OKR disagree",
        "By default trust the KPI: it is measured all year by a definition nobody set for the OKR.",
    ),
    "counter": (
        "Won at another’s cost",
        "One of a pair improved while its counter-metric worsened. Is that the price you meant?",
    ),
    "early": (
        "Early warning",
        "A line through the last values crosses the target within this cycle. A guess, no signal.",
    ),
}


class Notice(NamedTuple):
    """One kind of advice: its first lines, and how many are not shown."""

    slug: str
    title: str
    advice: str
    lines: list[SafeString]
    more: int


def notice(slug: str, lines: list[SafeString], count: int) -> Notice:
    """The notice of a kind, of which there are `count`."""
    return Notice(slug, *NOTICES[slug], lines, count - len(lines))


class GapGroup(NamedTuple):
    """The gaps of one kind; `lines` are the first, `more` how many are not shown."""

    slug: str
    title: str
    advice: str
    count: int
    lines: list[SafeString]
    more: int


def gap_groups(found: Sequence[gaps.Gap], teams: Mapping[int, str]) -> list[GapGroup]:
    """The gaps by kind, in the order in which they matter."""
    groups = []
    for kind, rows in groupby(found, key=lambda gap: gap.kind):
        of_kind = list(rows)
        lines = [_gap_line(one, teams) for one in of_kind[:SHOWN_GAPS]]
        more = max(len(of_kind) - SHOWN_GAPS, 0)
        groups.append(GapGroup(kind.slug, kind.title, kind.advice, len(of_kind), lines, more))
    return groups


def _gap_line(one: gaps.Gap, teams: Mapping[int, str]) -> SafeString:
    team = teams.get(one.team_id, "")
    parts = [part for part in (team if team != one.what else "", one.detail) if part]
    return format_html(
        '<span><a href="{}" dir="auto">{}</a></span><span class="muted s" dir="auto">{}</span>',
        one.url,
        one.what,
        " · ".join(parts),
    )


def conflict_lines(found: Sequence[Conflict]) -> list[SafeString]:
    """One line for each key result that contradicts its KPI."""
    return [
        format_html(
            '<span><a href="{}" dir="auto">{}</a> <span class="muted">and</span> '
            '<a href="{}" dir="auto">{}</a></span><span class="s soft">{}</span>',
            one.kpi.url,
            one.kpi.name,
            one.row.url,
            one.row.title,
            one.words,
        )
        for one in found
    ]


def tradeoff_lines(found: Sequence[Tradeoff]) -> list[SafeString]:
    """One line for each pair of which one is won at the other's cost."""
    return [
        format_html(
            '<span><a href="{}" dir="auto">{}</a> improves while <a href="{}" dir="auto">{}</a> '
            'worsens</span><span class="s soft num">{}</span>',
            one.better.url,
            one.better.name,
            one.worse.url,
            one.worse.name,
            one.words,
        )
        for one in found
    ]


def warned_lines(found: Sequence[Warned], month: int) -> list[SafeString]:
    """One line for each KPI whose line crosses its target within the cycle."""
    return [
        format_html(
            '<span><a href="{}" dir="auto">{}</a></span><span class="s soft num">{}</span>',
            one.kpi.url,
            one.kpi.name,
            f"about {quantity(one.value, one.kpi.unit, 1)} in "
            f"{period_short_label(one.period, month)}, target {target_text(one.kpi)}",
        )
        for one in found
    ]


def coverage_words(found: Sequence[Cover]) -> str:
    """What nobody watches, in a sentence."""
    missing = [one.label for one in found if not one.total]
    if not missing:
        return "Every side of the work is watched by at least one KPI."
    if len(missing) == len(found):
        return "No KPI says yet what it tells of. Choose a theme on each KPI's form."
    return f"No KPI tells of {names(missing)}."


def said_words(one: Cover) -> str:
    """How many KPIs tell of a theme: `3 KPIs, 1 of them by its name`."""
    if not one.by_name:
        return plural(one.total, "KPI") if one.total else "none"
    return f"{plural(one.total, 'KPI')}, {one.by_name} by name only"
