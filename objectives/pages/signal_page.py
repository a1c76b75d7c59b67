"""The head of the signal page: where the signal stands, what was decided, and its log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.safestring import SafeString

from metrics import figures
from metrics.figures import status_mark
from metrics.kinds import Direction, SignalKind
from metrics.kpi_page.history import History, judged_history
from metrics.kpi_page.loading import Place, may_see_treatment
from metrics.kpi_page.log import LogLine, decision_log
from metrics.kpi_page.targets import latest_rule
from metrics.models import (
    KpiEvent,
    Signal,
    SignalEvent,
    Treatment,
)
from metrics.replay import Verdict
from metrics.signal_sections import needs_decision
from metrics.suggestion import evidence_sentence
from metrics.wording import day_near, periods, plural, quantity
from objectives.pages.signal_evidence import is_inside, story
from teams.models import User

LOG_LINES = 20
OFF = "off_target"
_DECISION_WORDS = {
    "okr": "OKR in progress",
    "accept": "Accepted for now",
    "data": "The data are being fixed",
    "target": "Target revised",
    "dismiss": "Dismissed",
}

# How far a value may go before an acceptance ends, by direction.
_AS_FAR = {Direction.LOWER: "up to", Direction.HIGHER: "down to", Direction.RANGE: "as far as"}


def page_signal(signal: Signal, user: User, now: datetime) -> dict:
    """What the head and the evidence print; `signal` comes with KPI or source and their teams."""
    kpi = signal.kpi
    team = kpi.team if kpi else signal.source.team
    treatment = visible_treatment(signal, user)
    found = {
        "signal": signal,
        "kpi": kpi,
        "team": team,
        "title": str(kpi or signal.source),
        "treatment": treatment,
        "waits": needs_decision(signal, now),
        "step": loop_step(signal),
        "decision": decision_line(signal, treatment, now),
        "merged_into": merged_url(signal),
    }
    if kpi is None:
        return found | {"marks": [status_mark("stale")], "story": None, "log": []}
    place = Place.of(kpi, now)
    history = judged_history(kpi, now)
    return found | {
        "history": history,
        "marks": head_marks(signal, history, now),
        "opened": opened_words(signal, place),
        "sentence": sentence(signal, history.verdicts),
        "story": story(signal, history, place) if history.verdicts else None,
        "log": signal_log(signal, place),
    }


def merged_url(signal: Signal) -> str:
    """The page of the signal that took this one's place; empty while it stands for itself."""
    heir = signal.workflow.get("merged_into") if signal.retracted_at else None
    return f"/signals/{heir}/" if heir else ""


def visible_treatment(signal: Signal, user: User) -> Treatment | None:
    """The OKR that answers the signal, unless it is private and the reader is a stranger."""
    treatment = getattr(signal, "treatment", None)
    return treatment if treatment and may_see_treatment(treatment, user) else None


def loop_step(signal: Signal) -> int:
    """1 it signals, 2 an OKR answers it, 3 it is watched again."""
    treatment = getattr(signal, "treatment", None)
    if not signal.is_open or (treatment and treatment.ended_at):
        return 3
    return 2 if treatment else 1


def head_marks(signal: Signal, history: History, now: datetime) -> list[SafeString]:
    """Status, pips and clock beside the title."""
    kind = signal.cadence_kind
    if signal.retracted_at is not None:
        return [status_mark("informative", word="Withdrawn")]
    if signal.kind == SignalKind.DATA_STALE:
        return [status_mark("stale" if signal.is_open else "resolved")]
    length = periods(span_length(signal, history.verdicts), kind)
    if not signal.is_open:
        return [status_mark("resolved", f"after {length}")]
    standing, rule = history.standing, latest_rule(history.verdicts)
    if standing.state == "recovering" and rule is not None:
        of = rule.recovery
        return [
            status_mark("recovering", f"{standing.recovery} of {of}"),
            figures.pips(standing.recovery, of, recovering=True),
        ]
    marks = [status_mark(OFF, length)]
    if rule is not None:
        marks.append(figures.pips(max(standing.streak, 0), rule.patience))
    return marks + clock_marks(signal, now)


def clock_marks(signal: Signal, now: datetime) -> list[SafeString]:
    """The response clock, while an answer is still owed."""
    if signal.decide_by is None or not needs_decision(signal, now):
        return []
    organisation = (signal.kpi or signal.source).team.organisation
    today, opened = organisation.today(now), organisation.today(signal.opened_at)
    total = max((signal.decide_by - opened).days, 1)
    return [figures.clock((signal.decide_by - today).days, total)]


def span_length(signal: Signal, verdicts: Sequence[Verdict]) -> int:
    """How many periods the signal's latest stretch has lasted, holes included, at least 1."""
    until = signal.ended_on
    inside = [
        v
        for v in verdicts
        if v.period.start >= signal.first_off_on and (until is None or v.period.start <= until)
    ]
    return max(len([v for v in inside if v.status != "awaiting"]), 1)


def opened_words(signal: Signal, place: Place) -> str:
    """`opened 6 August, decision by 27 August`."""
    opened = day_near(signal.opened_at.astimezone(place.zone).date(), place.today)
    text = f"opened {opened}"
    if signal.decided_at is not None:
        taken = (signal.decided_at - signal.opened_at).days
        return f"{text}, answered after {plural(taken, 'day')}"
    if signal.is_open and signal.decide_by is not None:
        text += f", decision by {day_near(signal.decide_by, place.today)}"
    return text


def sentence(signal: Signal, verdicts: Sequence[Verdict]) -> str:
    """`Churn was off target in 3 of the last 4 months.`"""
    if signal.kind != SignalKind.OFF_TARGET:
        return ""
    inside = [v.status for v in verdicts if is_inside(signal, v.period.start)]
    said = evidence_sentence(
        signal.kpi.name, inside, signal.cadence_kind, is_over=not signal.is_open
    )
    return f"{said}." if said else ""


def decision_line(signal: Signal, treatment: Treatment | None, now: datetime) -> dict | None:
    """What was decided, by whom and why; None while nothing was."""
    organisation = (signal.kpi or signal.source).team.organisation
    today = organisation.today(now)
    if not signal.decision and not (signal.snoozed_until and signal.snoozed_until > now):
        return None
    if not signal.decision:
        until = day_near(organisation.today(signal.snoozed_until), today)
        return {"words": f"Snoozed until {until}", "reason": "", "who": "", "link": None}
    text = _DECISION_WORDS[signal.decision]
    if signal.decision == "okr" and getattr(signal, "treatment", None) is not None:
        ended = signal.treatment.ended_at
        text = "OKR closed" if ended else text
    if signal.accepted_until:
        level = quantity(signal.accepted_level, signal.kpi.unit)
        as_far, until = _AS_FAR[signal.kpi.direction], day_near(signal.accepted_until, today)
        text = f"{text}, {as_far} {level} until {until}"
    when = day_near(organisation.today(signal.decided_at), today) if signal.decided_at else ""
    who = ", ".join(part for part in (str(signal.decided_by or ""), when) if part)
    return {"words": text, "reason": signal.decision_reason, "who": who, "link": treatment}


def signal_log(signal: Signal, place: Place) -> list[LogLine]:
    """The transitions and decisions of this signal, newest first."""
    events = SignalEvent.objects.filter(signal=signal).select_related("signal", "actor")
    lines = decision_log(
        signal.kpi,
        events.order_by("-at", "-pk")[:LOG_LINES],
        KpiEvent.objects.none(),
        fiscal_month=place.fiscal_month,
        zone=place.zone,
        today=place.today,
    )
    # What a person did is dated by its day; the period of the raise would say nothing.
    return [line._replace(text="") if line.actor else line for line in lines]
