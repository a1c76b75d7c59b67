"""The loop line: the KPI signalled, an OKR fixed it, the KPI monitors its target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.kinds import EndReason
from metrics.kpi_page.targets import latest_rule, sign, words
from metrics.models import Kpi, Signal, Treatment
from metrics.periods import period_label, period_of
from metrics.replay import Verdict
from metrics.standpoint import OFF
from metrics.wording import day_near, number, plural

SHOWN_VALUES = 4
RECOVERING = "recovering"


class LoopStep(NamedTuple):
    """One of the three steps; `tone` is empty for one that is still to come."""

    tone: str
    icon: str
    title: str
    big: str
    text: str
    link: str = ""
    link_text: str = ""
    is_current: bool = False


def loop_steps(
    kpi: Kpi,
    signal: Signal | None,
    treatment: Treatment | None,
    verdicts: Sequence[Verdict],
    *,
    phase: str,
    recovery: int,
    is_visible: bool,
    fiscal_month: int,
    zone: ZoneInfo,
    today: date,
) -> list[LoopStep]:
    """The three steps of the latest signal; nothing for a KPI that never signalled.

    `is_visible` False: the OKR is private and its reader a stranger, so its title stays unsaid.
    """
    if signal is None:
        return []
    ended = treatment is not None and treatment.ended_at is not None
    watched = ended or not signal.is_open
    step = 3 if watched else 2 if treatment else 1
    steps = [
        _signalled(signal, verdicts, fiscal_month, zone, today),
        _answered(kpi, signal, treatment, is_visible, today),
        _watched(kpi, signal, verdicts, phase, recovery, fiscal_month, is_begun=watched),
    ]
    return [one._replace(is_current=position == step) for position, one in enumerate(steps, 1)]


def _signalled(
    signal: Signal, verdicts: Sequence[Verdict], month: int, zone: ZoneInfo, today: date
) -> LoopStep:
    off = [
        v
        for v in verdicts
        if v.status == OFF and signal.first_off_on <= v.period.start <= signal.raised_on
    ]
    shown = [number(v.value) for v in off[-SHOWN_VALUES:]]
    opened = signal.opened_at.astimezone(zone).date()
    text = f"Signal opened on {day_near(opened, today)}"
    if off:
        first, last = (period_label(v.period, month) for v in (off[0], off[-1]))
        stretch = first if first == last else f"{first} to {last}"
        text = f"{stretch} off target. {text}"
    if signal.decided_at is not None:
        days = (signal.decided_at.astimezone(zone).date() - opened).days
        text += f", answered after {plural(days, 'day')}" if days else ", answered the same day"
    return LoopStep("off", "s-diamond", "The KPI signalled", " · ".join(shown) or "–", f"{text}.")


def _answered(
    kpi: Kpi, signal: Signal, treatment: Treatment | None, is_visible: bool, today: date
) -> LoopStep:
    if treatment is None:
        return LoopStep("", "s-flag", "An answer", "–", _decision(signal, today))
    ended = treatment.ended_at is not None
    grade = "" if treatment.grade is None else f", graded {number(treatment.grade, 1)}"
    until = f"until {day_near(treatment.ends_on, today)}"
    title = _okr_title(signal) if ended else "An OKR is fixing it"
    tail = (grade or ", not graded") if ended else f", {until}"
    reached = treatment.final_value if ended else treatment.target
    return LoopStep(
        "okr",
        "s-flag",
        title,
        _way(treatment.baseline, reached),
        f"{'' if is_visible else 'An objective of another team'}{tail}.",
        link=treatment.url if is_visible else "",
        link_text=treatment.title if is_visible else "",
    )


def _okr_title(signal: Signal) -> str:
    """What a closed OKR did: only data can say that it fixed anything."""
    recovered = not signal.is_open and signal.end_reason == EndReason.RECOVERED
    return "An OKR fixed it" if recovered else "An OKR answered it"


def _way(start: Decimal | None, end: Decimal | None) -> str:
    return f"{number(start)} → {number(end)}"


def _decision(signal: Signal, today: date) -> str:
    if signal.decision:
        words_of = Signal.Decision(signal.decision).label
        until = f" until {day_near(signal.accepted_until, today)}" if signal.accepted_until else ""
        return f"{words_of[0].upper()}{words_of[1:]}{until}."
    if not signal.is_open:
        return "It ended without a decision."
    if signal.decide_by is not None:
        return f"Decision by {day_near(signal.decide_by, today)}."
    return "Nobody has decided yet."


def _watched(
    kpi: Kpi,
    signal: Signal,
    verdicts: Sequence[Verdict],
    phase: str,
    recovery: int,
    month: int,
    *,
    is_begun: bool,
) -> LoopStep:
    title = "The KPI monitors its target"
    rule = latest_rule(verdicts)
    big = sign(rule, kpi.direction)
    needed = rule.recovery if rule is not None else 0
    if not signal.is_open:
        text = f"Resolved for {_ended(signal, verdicts, month)}, {_reason(signal)}."
        return LoopStep("on", "s-check", title, big, text)
    if phase == RECOVERING:
        text = f"{recovery} of {needed} on-target periods. Resolves at {needed}."
        return LoopStep("on", "progress-check", title, big, text)
    bound = words(rule, kpi.direction, kpi.unit) if rule else "on target"
    text = f"Resolves after {plural(needed, 'period')} {bound}."
    return LoopStep("on" if is_begun else "", "circle", title, big, text)


def _ended(signal: Signal, verdicts: Sequence[Verdict], month: int) -> str:
    """The name of the period that ended the signal; its cadence may not be that of the raise."""
    day = signal.ended_on or signal.raised_on
    known = next((v.period for v in verdicts if v.period.start == day), None)
    return period_label(known or period_of(day, signal.cadence_kind, month), month)


def _reason(signal: Signal) -> str:
    return {
        EndReason.STANDARD_RELAXED: "as the target was relaxed",
        EndReason.STANDARD_WITHDRAWN: "as the target was withdrawn",
    }.get(signal.end_reason, "as it was on target again")
