"""The answers a signal can be given: which are offered, and the form of each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.http import QueryDict

from metrics.kinds import SignalKind
from metrics.kpi_page.history import History
from metrics.models import Signal
from metrics.standpoint import HAS_VALUE
from objectives.forms_signals import AcceptForm, AnswerForm, RetargetForm, UntilForm
from objectives.models import Objective
from objectives.pages.draft_page import draft_context
from objectives.pilots import outside_words
from teams.models import User

SNOOZE_DAYS = 14


class Answer(NamedTuple):
    """One answer: its key in the URL, icon, title and one line."""

    key: str
    icon: str
    title: str
    line: str


ANSWERS = (
    Answer("okr", "s-flag", "Fix it with an OKR", "Draft from the evidence"),
    Answer("accept", "square-rounded-check", "Accept for now", "To a level, until a date"),
    Answer("data", "database", "Fix the data", "The value is wrong"),
    Answer("target", "adjustments-horizontal", "Revise the target", "With a reason, from a date"),
    Answer("dismiss", "x", "Dismiss", "With a reason"),
)
KEYS = {answer.key for answer in ANSWERS} | {"snooze"}


def panel(found: dict, user: User, chosen: str, now: datetime, *, leads: bool) -> dict:
    """The context of the answering half: what is offered and the form of the chosen answer.

    Nothing is offered for a signal that ended, was withdrawn, or has an OKR running; one of stale
    data has no answer but its data.
    """
    signal, treatment = found["signal"], getattr(found["signal"], "treatment", None)
    is_treated = treatment is not None and treatment.ended_at is None
    standing = signal.is_open and signal.retracted_at is None
    offered = leads and standing and not is_treated and signal.kind == SignalKind.OFF_TARGET
    context = {
        "may_lead": leads,
        "answers": ANSWERS if offered else (),
        "chosen": "",
        "form": None,
        "may_acknowledge": leads and found["waits"] and signal.acknowledged_at is None,
    }
    if not offered:
        return context
    chosen = chosen if chosen in KEYS else "okr" if found["waits"] else ""
    if outside := outside_words(signal.kpi.team):
        context |= {"answers": ANSWERS[1:], "outside_pilot": outside}
        chosen = "" if chosen == "okr" else chosen
    context["chosen"] = chosen
    if chosen == "okr":
        waiting = Objective.objects.live().filter(signal=signal).first()
        if waiting is not None:
            return context | {"waiting": waiting}
        return context | draft_context(signal, found["history"], user, now)
    if chosen:
        context["form"] = _form(chosen, signal, found["history"], now)
    if chosen == "accept":
        context["snooze_form"] = snooze_form(signal, now)
    return context


def _form(chosen: str, signal: Signal, history: History, now: datetime):
    """The empty form of an answer."""
    makers = {
        "accept": lambda: accept_form(signal, now, history=history),
        "snooze": lambda: snooze_form(signal, now),
        "data": lambda: data_form(signal),
        "target": lambda: retarget_form(signal, now, history=history),
        "dismiss": lambda: dismiss_form(signal),
    }
    return makers[chosen]()


def _today(signal: Signal, now: datetime) -> date:
    return signal.kpi.team.organisation.today(now)


def accept_form(
    signal: Signal, now: datetime, data: QueryDict | None = None, history: History | None = None
) -> AcceptForm:
    """Accept for now; opens with the latest value as the level."""
    today = _today(signal, now)
    verdicts = history.verdicts if history else []
    judged = [v.value for v in verdicts if v.value is not None and v.status in HAS_VALUE]
    initial = {"version": signal.version, "level": judged[-1] if judged else None}
    return AcceptForm(data, today=today, unit=signal.kpi.unit, initial=initial)


def snooze_form(signal: Signal, now: datetime, data: QueryDict | None = None) -> UntilForm:
    """Decide later; opens with two weeks from today."""
    today = _today(signal, now)
    initial = {"version": signal.version, "until": today + timedelta(days=SNOOZE_DAYS)}
    return UntilForm(data, today=today, initial=initial, auto_id="snooze_%s")


def data_form(signal: Signal, data: QueryDict | None = None) -> AnswerForm:
    """What is wrong with the value."""
    return AnswerForm(data, initial={"version": signal.version})


def dismiss_form(signal: Signal, data: QueryDict | None = None) -> AnswerForm:
    """Why nothing is done."""
    return AnswerForm(data, initial={"version": signal.version})


def retarget_form(
    signal: Signal, now: datetime, data: QueryDict | None = None, history: History | None = None
) -> RetargetForm:
    """Another target; opens with today's and the first day of the next period."""
    initial = {"version": signal.version}
    if history is not None:
        running = history.running
        initial["effective_on"] = running.end if running else _today(signal, now)
        rule = history.rule_on(_today(signal, now))
        if rule is not None:
            source = rule.source
            initial |= {"value": source.target, "low": source.low, "high": source.high}
    return RetargetForm(data, kpi=signal.kpi, initial=initial)
