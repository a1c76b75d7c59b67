"""What the signals page prints, from loaded rows: no query, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.core.paginator import Page
from django.utils.safestring import SafeString

from metrics import figures
from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.figures import quantity_mark, status_mark
from metrics.kinds import SignalKind
from metrics.models import Signal
from metrics.signal_sections import ADDRESSED, DECIDE, RECOVERING, RESOLVED, RESTING, SECTIONS
from metrics.wording import day_near, periods, target_sign
from teams.models import Heartbeat, User


class SignalRow(NamedTuple):
    """One row as printed; `loop` 0 is none, `clock` is empty where no answer is owed."""

    signal: Signal
    title: str
    sub: str
    latest: SafeString
    target: str
    status: SafeString
    loop: int
    words: str
    link: str
    clock: SafeString | str
    note: str


class SectionView(NamedTuple):
    """A heading with its rows on this page; `count` is of the whole section."""

    key: int
    title: str
    note: str
    count: int
    rows: list[SignalRow]


def list_context(
    page: Page, counts: dict[int, int], checked: Heartbeat | None, user: User, now: datetime
) -> dict:
    """What `signal_list.html` prints; `checked` is the last evaluation, None if none ever ran."""
    organisation = user.organisation
    today = organisation.today(now) if organisation else now.date()
    teams = set(user.memberships.values_list("team_id", flat=True))
    sections = []
    for number, rows in groupby(page.object_list, key=lambda row: row.section):
        section = SECTIONS[number - 1]
        views = [signal_row(row, today, teams) for row in rows]
        sections.append(SectionView(number, section.title, section.note, counts[number], views))
    return {
        "page": page,
        "sections": sections,
        "counts": [
            {"title": section.title, "count": counts[section.number]} for section in SECTIONS
        ],
        "to_decide": counts[DECIDE],
        "total": sum(counts.values()),
        "checked": checked_words(checked, organisation, today),
    }


def checked_words(checked: Heartbeat | None, organisation, today: date) -> str:
    """`The last check ran at 09:00.`, with the day when it was not today."""
    if checked is None or organisation is None:
        return "No check has run yet."
    local = checked.at.astimezone(organisation.zone)
    at = f"{local:%H:%M}"
    if local.date() != today:
        at = f"{at} on {day_near(local.date(), today)}"
    return f"The last check ran at {at}."


def signal_row(signal: Signal, today: date, member_of: set[int]) -> SignalRow:
    """One row; `member_of` are the teams whose private OKRs the reader may see."""
    kpi = signal.kpi
    if kpi is None:
        return _source_row(signal, today)
    recent = parse_recent(kpi.state.recent)
    last = recent[-1] if recent else None
    owner = f" · {kpi.owner.short_name}" if kpi.owner else ""
    words, link, note = _answer(signal, today, member_of)
    return SignalRow(
        signal=signal,
        title=kpi.name,
        sub=f"{kpi.team.name}{owner}",
        latest=quantity_mark(_value(recent), kpi.unit),
        target=_target(kpi, last),
        status=_status(signal, today),
        loop=_loop(signal),
        words=words,
        link=link,
        clock=_clock(signal, today),
        note=note,
    )


def _source_row(signal: Signal, today: date) -> SignalRow:
    """A source that fell silent stands for its KPIs."""
    return SignalRow(
        signal=signal,
        title=signal.source.name,
        sub=f"{signal.source.team.name} · source",
        latest=quantity_mark(None),
        target="",
        status=_status(signal, today),
        loop=0,
        words=f"Missing since {day_near(signal.first_off_on, today)}",
        link="",
        clock="",
        note="",
    )


def _value(recent: Sequence[RecentPeriod]) -> Decimal | None:
    """The latest value; a period without one does not hide what was known before."""
    return next((period.value for period in reversed(recent) if period.value is not None), None)


def _target(kpi, last: RecentPeriod | None) -> str:
    if last is None:
        return ""
    return target_sign(kpi.direction, last.target, last.low, last.high, kpi.unit)


def _status(signal: Signal, today: date) -> SafeString:
    """The state of the signal, in the words of design README 4."""
    if signal.kind == SignalKind.DATA_STALE:
        return status_mark("stale" if signal.is_open else "resolved")
    state = signal.kpi.state
    if signal.section == RESOLVED:
        return status_mark("resolved")
    if state.phase == "recovering":
        return status_mark("recovering", periods(state.recovery, signal.cadence_kind))
    if signal.section == RESTING and signal.accepted_until:
        return status_mark("accepted", f"until {day_near(signal.accepted_until, today)}")
    return status_mark("off_target", periods(max(state.streak, 1), signal.cadence_kind))


def _loop(signal: Signal) -> int:
    treatment = getattr(signal, "treatment", None)
    if signal.kind != SignalKind.OFF_TARGET:
        return 0
    if not signal.is_open or (treatment and treatment.ended_at):
        return 3
    return 2 if treatment else 1


def _answer(signal: Signal, today: date, member_of: set[int]) -> tuple[str, str, str]:
    """(words, link, note): what is being done about it, and why."""
    treatment = getattr(signal, "treatment", None)
    who = signal.decided_by.short_name if signal.decided_by else ""
    if signal.section == RESOLVED:
        when = day_near(signal.ended_on, today) if signal.ended_on else ""
        return f"Ended with the period of {when}", "", signal.get_end_reason_display()
    if signal.decision == Signal.Decision.OKR and treatment is not None:
        hidden = treatment.is_private and treatment.team_id not in member_of
        note = "closed" if treatment.ended_at else f"until {day_near(treatment.ends_on, today)}"
        return ("A private OKR", "", note) if hidden else (treatment.title, treatment.url, note)
    if signal.section == DECIDE:
        seen = signal.acknowledged_at is not None
        return "Seen, no answer yet" if seen else "No answer yet", "", ""
    if signal.section in (ADDRESSED, RESTING, RECOVERING) and signal.decision:
        return signal.get_decision_display().capitalize(), "", who
    if signal.snoozed_until is not None:
        return f"Snoozed until {day_near(signal.snoozed_until.date(), today)}", "", ""
    return f"Missing since {day_near(signal.first_off_on, today)}", "", ""


def _clock(signal: Signal, today: date) -> SafeString | str:
    """The response clock of a signal that waits for an answer."""
    if signal.section != DECIDE or signal.decide_by is None:
        return ""
    opened = signal.opened_at.date()
    total = max((signal.decide_by - opened).days, 1)
    return figures.clock((signal.decide_by - today).days, total)
