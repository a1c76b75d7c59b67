"""The definition ledger: the four essentials, ticked or named as missing, and the rest."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from metrics.judging import Rule
from metrics.kpi_page.targets import band_words, words
from metrics.models import Kpi
from metrics.owed_values import in_time_until, value_due_on
from metrics.periods import Period, period_label
from metrics.sources import source_kind
from metrics.wording import day_near, names, periods, plural


class Essential(NamedTuple):
    """One of the four; `text` says what is missing where `is_there` is False."""

    term: str
    text: str
    is_there: bool


def essentials(
    kpi: Kpi, rule: Rule | None, running: Period | None, *, fiscal_month: int, today: date
) -> list[Essential]:
    """What, target, source and cadence, in the order people ask for them."""
    return [
        Essential("What", kpi.definition or "Missing: what is counted?", bool(kpi.definition)),
        Essential("Target", _target(kpi, rule), rule is not None),
        Essential("Source", _source(kpi), kpi.source is not None),
        Essential("Cadence", _cadence(kpi, running, fiscal_month, today), kpi.cadence is not None),
    ]


def policy_words(kpi: Kpi, rule: Rule | None, day: date) -> str:
    """When a period that starts on a day adds up to a signal: `After 3 months off target in a row`.

    Empty without a cadence. `rule` is the target in force, which may ask for another number.
    """
    if kpi.cadence is None:
        return ""
    settings, kind = kpi.settings_on(day), kpi.cadence.kind
    if settings.k_of_n:
        k, n = settings.k_of_n
        return f"After {k} of the last {periods(n, kind)} off target"
    said = rule.source.patience if rule is not None else None
    return f"After {periods(said or settings.patience, kind)} off target in a row"


def metric_note(missing: list[str]) -> str:
    """The sentence of a KPI that is not one yet; empty when nothing is missing."""
    if not missing:
        return ""
    return f"This is a metric: it is charted, not judged. Missing: {names(missing)}."


def _target(kpi: Kpi, rule: Rule | None) -> str:
    if rule is None:
        return "Missing: from where on is it good?"
    text = words(rule, kpi.direction, kpi.unit)
    band = band_words(rule, kpi.direction, kpi.unit)
    return f"{text[0].upper()}{text[1:]}, edge included. {band}".strip()


def _source(kpi: Kpi) -> str:
    if kpi.source is None:
        return "Missing: where does the number come from?"
    return f"{kpi.source.name}. {source_kind(kpi.source.kind).TITLE}."


def _cadence(kpi: Kpi, running: Period | None, fiscal_month: int, today: date) -> str:
    if kpi.cadence is None:
        return "Missing: how often is it measured?"
    grace = kpi.settings_on(running.start if running else today).grace_days
    text = kpi.cadence.get_kind_display().capitalize()
    if grace:
        text += f", {plural(grace, 'day')} of grace"
    if running is None:
        return f"{text}."
    due, until = value_due_on(kpi, running), in_time_until(kpi, running)
    text += f". Next: {period_label(running, fiscal_month)}, due {day_near(due, today)}"
    return f"{text}, in time until {day_near(until, today)}." if due < until else f"{text}."
