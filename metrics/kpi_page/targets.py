"""A target in words and signs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.judging import EXCLUDED, Rule
from metrics.kinds import Direction
from metrics.models import Target
from metrics.replay import Verdict
from metrics.values import EXACT
from metrics.wording import NBSP, number, points, target_sign, target_words

_SIDES = {Direction.LOWER: "above", Direction.HIGHER: "below", Direction.RANGE: "outside"}
# By `kinds.Accumulation`.
BY_THE_END = {
    "quarterly": "by the end of the fiscal quarter",
    "yearly": "by the end of the fiscal year",
}
TOTAL_OF = {"quarterly": "total of the fiscal quarter", "yearly": "total of the fiscal year"}


def latest_rule(verdicts: Sequence[Verdict]) -> Rule | None:
    """Return the target the newest period was judged by, an excluded one passed over.

    None without one: it was withdrawn, or there is no period yet.
    """
    return next((v.rule for v in reversed(verdicts) if v.status != EXCLUDED), None)


def sign(rule: Rule | None, direction: str, unit: str = "") -> str:
    """Return `≤ 8.5 %`, `40–60`; `–` without a rule."""
    if rule is None:
        return target_sign(direction)
    source = rule.source
    return target_sign(direction, source.target, source.low, source.high, unit)


def words(rule: Rule | None, direction: str, unit: str = "") -> str:
    """Return `at most 8.5 %`; `no target` without a rule.

    Of a target for a total `at least 900 $ by the end of the fiscal year`, and of its share
    `at least 450 $ so far`.
    """
    if rule is None:
        return target_words(direction)
    source = rule.source
    text = target_words(direction, source.target, source.low, source.high, unit)
    if not source.over:
        return text
    return f"{text} {BY_THE_END[source.over] if rule.base is rule else 'so far'}"


def total_words(rule: Rule | None) -> str:
    """Return `total of the fiscal year`; empty where each period stands by itself."""
    return TOTAL_OF[rule.source.over] if rule is not None and rule.source.over else ""


def small_unit(text: str, unit: str) -> SafeString:
    """Put the unit behind a printed quantity into small type."""
    tail = f"{NBSP}{unit}"
    if unit and text.endswith(tail):
        return format_html("{}<small>{}</small>", text[: -len(tail)], tail)
    return format_html("{}", text)


def tolerance(rule: Rule) -> Decimal:
    """The width of the near band in the KPI's unit, 0 for none."""
    if rule.high is not None and rule.near_high is not None:
        return EXACT.subtract(rule.near_high, rule.high)
    if rule.low is not None and rule.near_low is not None:
        return EXACT.subtract(rule.low, rule.near_low)
    return Decimal(0)


def band_words(rule: Rule, direction: str, unit: str) -> str:
    """Return `Near up to 0.5 points above.`; empty without a band."""
    width = tolerance(rule)
    return f"Near up to {points(width, unit)} {_SIDES[Direction(direction)]}." if width else ""


def row_sign(target: Target, direction: str, unit: str) -> str:
    """Return a stored target for the history table; `withdrawn` for the end of the judging."""
    if target.is_withdrawn:
        return "withdrawn"
    text = target_sign(direction, target.value, target.low, target.high, unit)
    return f"{text}, {TOTAL_OF[target.accumulates]}" if target.accumulates else text


def row_band(target: Target, unit: str) -> str:
    """Return the near band of a stored target as it was typed."""
    if target.tolerance_pct is not None:
        return f"{number(target.tolerance_pct)}{NBSP}%"
    return points(target.tolerance, unit) if target.tolerance is not None else "–"


def difference(value: Decimal | None, rule: Rule | None) -> Decimal | None:
    """Value minus target; for a range minus the bound that is nearer, 0 inside.

    None without a value or a target.
    """
    if value is None or rule is None:
        return None
    if rule.source.target is not None:
        return EXACT.subtract(value, rule.source.target)
    if rule.high is not None and value > rule.high:
        return EXACT.subtract(value, rule.high)
    if rule.low is not None and value < rule.low:
        return EXACT.subtract(value, rule.low)
    return Decimal(0)
