"""Small marks in the ledger: status, change, loop step, streak pips, a value with its unit."""

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures.fragments import numbers_only
from metrics.kinds import PeriodStatus
from metrics.wording import NBSP, quantity, signed

_DIAMOND = "M7 2.5l5.5 5.5l-5.5 5.5l-5.5-5.5z"
_FLAG = "M27.5 2.5v11M27.5 3h9.5l-2.6 3.2l2.6 3.2h-9.5"
LOOP_STEPS = (
    "KPI signals a problem",
    "an OKR fixes it",
    "the KPI monitors the new standard",
)


class Look(NamedTuple):
    """How a state is shown: always a tone, a shape and a word (design README, section 4)."""

    tone: str
    icon: str
    word: str


PERIOD_LOOKS = {
    PeriodStatus.OPEN: Look("idle", "circle", "Open"),
    PeriodStatus.EXCLUDED: Look("idle", "minus", "Excluded"),
    PeriodStatus.AWAITING: Look("idle", "clock-hour-9", "Awaiting"),
    PeriodStatus.MISSING: Look("idle", "clock-question", "Missing"),
    PeriodStatus.NO_TARGET: Look("idle", "info-circle", "Informative"),
    PeriodStatus.ON_TARGET: Look("on", "s-check", "On target"),
    PeriodStatus.NEAR_TARGET: Look("near", "s-half", "Near target"),
    PeriodStatus.OFF_TARGET: Look("off", "s-diamond", "Off target"),
}
LOOKS = {
    "stale": Look("idle", "clock-question", "Stale"),
    "no_data": Look("idle", "circle-dashed", "No data yet"),
    "informative": Look("idle", "info-circle", "Informative"),
    "accepted": Look("idle", "square-rounded-check", "Accepted"),
    "being_addressed": Look("okr", "s-flag", "Being addressed"),
    "open": Look("off", "s-diamond", "Open"),
    "in_treatment": Look("okr", "s-flag", "OKR in progress"),
    "recovering": Look("on", "progress-check", "Recovering"),
    "resolved": Look("on", "s-check", "Resolved"),
    "watching": Look("idle", "eye", "Watching"),
    "on_track": Look("on", "s-check", "On track"),
    "behind": Look("near", "s-half", "Behind"),
    "at_risk": Look("off", "s-diamond", "At risk"),
    "achieved": Look("on", "s-star", "Achieved"),
    "overdue": Look("near", "clock-hour-9", "Overdue"),
    "not_started": Look("idle", "circle", "Not started"),
} | {str(status): look for status, look in PERIOD_LOOKS.items() if status != "open"}


@cache
def icon(name: str) -> SafeString:
    """Draw one of our icons; purely decorative, so the word must stand beside it."""
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


def status_mark(state: str, age: str = "", *, word: str = "") -> SafeString:
    """Show a state of `LOOKS` (or a PeriodStatus) with its age: `Off target 3 months`.

    `word` replaces the usual word. Raises KeyError for a state that has no look.
    """
    look = LOOKS[state]
    tail = format_html(' <span class="age">{}</span>', age) if age else ""
    return format_html(
        '<span class="status" data-tone="{}">{}<span>{}{}</span></span>',
        look.tone,
        icon(look.icon),
        word or look.word,
        tail,
    )


def quantity_mark(value: Decimal | None, unit: str = "", places: int | None = None) -> SafeString:
    """Show a value with its unit in small type; an en dash for None."""
    text, _, tail = quantity(value, unit, places).partition(NBSP)
    small = format_html("<small>{}{}</small>", NBSP, tail) if tail else ""
    return format_html('<span class="num">{}{}</span>', text, small)


def delta(difference: Decimal | None, favour: int, unit: str = "") -> SafeString:
    """Show a change: arrow, signed difference, better / worse / unchanged (product.md 2.8).

    `favour` is 1, 0 or -1. A change that is neither, because it stays inside a range, has no word.
    """
    if difference is None:
        return format_html('<span class="muted">{}</span>', quantity(None))
    arrow = "minus" if not difference else f"arrow-{'up' if difference > 0 else 'down'}-right"
    word = {1: "better", -1: "worse"}.get(favour, "" if difference else "unchanged")
    return format_html(
        '<span class="delta" data-fav="{}">{}<span class="num">{}</span> '
        '<span class="word">{}</span></span>',
        favour,
        icon(arrow),
        signed(difference, unit if unit == "%" else ""),
        word,
    )


def pips(count: int, of: int, *, recovering: bool = False) -> SafeString:
    """Show a streak of `count` of the `of` periods that raise (or, recovering, resolve) a signal.

    The number may pass `of`; at most `of` pips are filled.
    """
    circles = "".join(
        f'<circle cx="{5 + 11 * i}" cy="5" r="{"4" if i < count else "3.25"}" '
        f'class="{"on" if i < count else "un"}"/>'
        for i in range(of)
    )
    return format_html(
        '<span class="pips"{}><svg width="{}" height="10" aria-hidden="true">{}</svg>'
        '<span class="num">{}/{}</span></span>',
        numbers_only(' data-tone="on"' if recovering else ""),
        11 * of - 1,
        numbers_only(circles),
        count,
        of,
    )


@cache
def loop_mark(step: int) -> SafeString:
    """Draw where a KPI stands in the loop: 1 it signals, 2 an OKR fixes it, 3 it is watched."""
    one, two, three = ("done" if n < step else "now" if n == step else "next" for n in (1, 2, 3))
    return format_html(
        '<span class="loop" data-step="{}"><svg viewBox="0 0 64 16" width="64" height="16" '
        'role="img" aria-label="Step {} of 3: {}"><path class="wire" d="M12 8H25M39 8H52"/>'
        '<path class="n1 {}" d="{}"/><path class="n2 {}" d="{}"/>'
        '<circle class="n3 {}" cx="57" cy="8" r="5"/><path class="n3b {}" d="M52 8h10"/>'
        "</svg></span>",
        step,
        step,
        LOOP_STEPS[step - 1],
        one,
        _DIAMOND,
        two,
        _FLAG,
        three,
        three,
    )
