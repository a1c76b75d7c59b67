"""What the signals page prints, from loaded rows: no query, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.core.paginator import Page
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from metrics import figures
from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.figures import quantity_mark, status_mark
from metrics.kinds import EndReason, SignalKind
from metrics.models import Signal
from metrics.signal_sections import ADDRESSED, DECIDE, RECOVERING, RESOLVED, RESTING, SECTIONS
from metrics.wording import closed_words, day_near, periods, target_sign
from teams.models import Heartbeat, User

_ROW = (
    '<tr role="row" id="signal-{pk}">'
    '<th role="rowheader" scope="row"><a href="/signals/{pk}/">{title}</a>'
    '<span class="sub">{sub}</span></th>'
    '<td role="cell" class="n"><b>{latest}</b>{target}</td>'
    '<td role="cell">{status}</td>'
    '<td role="cell" class="opt">{loop}</td>'
    '<td role="cell" class="wide">{answer}{below}</td></tr>'
)
_NO_LOOP = SafeString('<span class="muted s">–</span>')
_NOTHING = SafeString("")


class SignalRow(NamedTuple):
    """One row: whose it is, and its cells as printed."""

    title: str
    markup: SafeString


class SectionView(NamedTuple):
    """A heading with its rows on this page; `count` is of the whole section."""

    key: int
    title: str
    note: str
    count: int
    rows: list[SignalRow]
    table: SafeString


def list_context(
    page: Page,
    counts: dict[int, int],
    placed: Sequence[tuple],
    checked: Heartbeat | None,
    user: User,
    now: datetime,
) -> dict:
    """What `signal_list.html` prints.

    `placed` are the page's rows with their sections (`signal_sections.read_page`); `checked` is the
    last evaluation, None if none ever ran.
    """
    organisation = user.organisation
    today = organisation.today(now) if organisation else now.date()
    teams = set(user.memberships.values_list("team_id", flat=True))
    sections = []
    for number, rows in groupby(placed, key=itemgetter(0)):
        section = SECTIONS[number - 1]
        views = [signal_row(number, row, today, teams) for _, row in rows]
        table = SafeString("\n".join(view.markup for view in views))
        sections.append(
            SectionView(number, section.title, section.note, counts[number], views, table)
        )
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


def signal_row(section: int, row, today: date, member_of: set[int]) -> SignalRow:
    """One row; `member_of` are the teams whose private OKRs the reader may see."""
    if row.kpi_id is None:
        return _source_row(section, row, today)
    last, value = _latest(row.kpi__state__recent)
    words, link, note = _answer(section, row, today, member_of)
    owner = _short(row.kpi__owner__name, row.kpi__owner__email)
    return _printed(
        row,
        title=row.kpi__name,
        sub=f"{row.kpi__team__name} · {owner}" if owner else row.kpi__team__name,
        latest=quantity_mark(value, row.kpi__unit),
        target=_target(row, last),
        status=_status(section, row, today),
        loop=_loop(row),
        answer=_answer_mark(words, link),
        below=_below(_clock(section, row, today), note),
    )


def _source_row(section: int, row, today: date) -> SignalRow:
    """A source that fell silent stands for its KPIs."""
    return _printed(
        row,
        title=row.source__name,
        sub=f"{row.source__team__name} · source",
        latest=quantity_mark(None),
        target=_NOTHING,
        status=_status(section, row, today),
        loop=_NO_LOOP,
        answer=_answer_mark(f"Missing since {day_near(row.first_off_on, today)}", ""),
        below=_NOTHING,
    )


def _printed(row, *, title: str, **cells: str) -> SignalRow:
    return SignalRow(title, format_html(_ROW, pk=row.pk, title=title, **cells))


def _short(name: str | None, email: str | None) -> str:
    """As `User.short_name`; empty for nobody."""
    return next(iter((name or email or "").split()), "")


def _latest(recent: str) -> tuple[RecentPeriod | None, Decimal | None]:
    """The last judged period, and the latest value: one without does not hide what was known."""
    last = parse_recent(recent.rpartition(" ")[2])
    if not last:
        return None, None
    if last[0].value is not None:
        return last[0], last[0].value
    earlier = reversed(parse_recent(recent))
    return last[0], next((one.value for one in earlier if one.value is not None), None)


def _target(row, last: RecentPeriod | None) -> SafeString:
    if last is None:
        return _NOTHING
    sign = target_sign(row.kpi__direction, last.target, last.low, last.high, row.kpi__unit)
    return format_html('<span class="sub num">{}</span>', sign) if sign else _NOTHING


def _answer_mark(words: str, link: str) -> SafeString:
    if link:
        return format_html('<a href="{}">{}</a>', link, words)
    return format_html("<b>{}</b>", words)


def _below(clock: SafeString | str, note: str) -> SafeString:
    if not (clock or note):
        return _NOTHING
    return format_html('<span class="sub">{}{}</span>', clock, note)


def _status(section: int, row, today: date) -> SafeString:
    """The state of the signal, in the words of design README 4."""
    if row.kind == SignalKind.DATA_STALE:
        return status_mark("stale" if row.is_open else "resolved")
    if section == RESOLVED:
        return status_mark("resolved")
    if row.kpi__state__phase == "recovering":
        return status_mark("recovering", periods(row.kpi__state__recovery, row.cadence_kind))
    if section == RESTING and row.accepted_until:
        return status_mark("accepted", f"until {day_near(row.accepted_until, today)}")
    return status_mark("off_target", periods(max(row.kpi__state__streak, 1), row.cadence_kind))


def _loop(row) -> SafeString:
    if row.kind != SignalKind.OFF_TARGET:
        return _NO_LOOP
    if not row.is_open or row.treatment__ended_at:
        return figures.loop_mark(3)
    return figures.loop_mark(1 if row.treatment__title is None else 2)


def _answer(section: int, row, today: date, member_of: set[int]) -> tuple[str, str, str]:
    """(words, link, note): what is being done about it, and why."""
    if section == RESOLVED:
        when = day_near(row.ended_on, today) if row.ended_on else ""
        why = EndReason(row.end_reason).label if row.end_reason else ""
        return f"Ended with the period of {when}", "", why
    if row.decision == Signal.Decision.OKR and row.treatment__title is not None:
        hidden = row.treatment__is_private and row.treatment__team_id not in member_of
        ended, grade = row.treatment__ended_at, row.treatment__grade
        note = f"until {day_near(row.treatment__ends_on, today)}"
        if ended:
            note = closed_words(localdate(ended), None if hidden else grade, today)
        if hidden:
            return "A private OKR", "", note
        return row.treatment__title, row.treatment__url, note
    if section == DECIDE:
        seen = row.acknowledged_at is not None
        return "Seen, no answer yet" if seen else "No answer yet", "", ""
    if section in (ADDRESSED, RESTING, RECOVERING) and row.decision:
        who = _short(row.decided_by__name, row.decided_by__email)
        return Signal.Decision(row.decision).label.capitalize(), "", who
    if row.snoozed_until is not None:
        return f"Snoozed until {day_near(localdate(row.snoozed_until), today)}", "", ""
    return f"Missing since {day_near(row.first_off_on, today)}", "", ""


def _clock(section: int, row, today: date) -> SafeString | str:
    """The response clock of a signal that waits for an answer."""
    if section != DECIDE or row.decide_by is None:
        return ""
    opened = localdate(row.opened_at)
    total = max((row.decide_by - opened).days, 1)
    return figures.clock((row.decide_by - today).days, total)
