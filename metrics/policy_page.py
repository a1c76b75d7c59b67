"""The page of cadences and signal policy: due dates to come, the replay, and the changes made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count

from metrics.actions.policies import terms_of
from metrics.due_dates import DueDate, next_due_dates
from metrics.forms_policies import PolicyForms, due_choices
from metrics.models import Cadence, Kpi, Policy
from metrics.policies import Terms, next_day, read
from metrics.wording import day_near, day_short, day_week, day_year, plural
from teams.models import Organisation, Team, User

LOG = 20
ONE_DAY = timedelta(days=1)
_SAID = {
    "grace_days": "grace",
    "settle_days": "settling",
    "patience": "off target",
    "window_n": "of the last",
    "recovery": "to resolve",
    "due_days": "due day",
    "due_hour": "due hour",
    "near_policy": "near target",
    "missing_policy": "missing",
    "tolerance_pct": "near band, %",
    "fast_pct": "fast lane, %",
    "fast_patience": "fast lane, periods",
    "answer_days": "days to answer",
    "country": "holidays of",
    "days_off": "own days off",
    "time_zone": "clock of",
}


class CadenceRow(NamedTuple):
    """One cadence on the page: its form, how many KPIs have it, its next due dates."""

    cadence: Cadence
    form: Any
    count: str
    due: list[str]
    early: str


class LogLine(NamedTuple):
    """One change: what it did to a cadence, from when on, who made it and why."""

    cadence: str
    said: str
    effective: str
    is_ahead: bool
    author: str
    made: str
    reason: str


def cadence_rows(
    forms: PolicyForms,
    organisation: Organisation,
    team: Team | None,
    user: User,
    now: datetime,
    since: date | None,
) -> list[CadenceRow]:
    """The cadences with the due dates that follow from what is typed, from the day `since` on.

    `since` None: no day was typed; the present terms are printed. So is a row that is not valid.
    """
    today = organisation.today(now)
    counts = _counts(user, team)
    typed = forms.terms() if since is not None and forms.common.is_bound else {}
    rows = []
    for form in forms.rows:
        cadence = form.cadence
        terms_on = _over_time(cadence, team, typed.get(cadence.pk), since)
        month = organisation.fiscal_start_month
        due = next_due_dates(cadence.kind, terms_on, today, organisation.zone, month)
        early = next((one for one in due if one.why_early), None)
        rows.append(
            CadenceRow(
                cadence,
                form,
                plural(counts.get(cadence.pk, 0), "KPI"),
                [
                    day_short(one.on) if cadence.kind != "yearly" else day_year(one.on)
                    for one in due
                ],
                _early_words(early) if early else "",
            )
        )
    return rows


def _early_words(due: DueDate) -> str:
    """`Mon 29 Mar is Easter Monday: the reminder comes on Tue 23 Mar.`"""
    is_weekday = due.why_early == f"{due.on:%A}"
    why = "a day off" if is_weekday else due.why_early
    return f"{day_week(due.on)} is {why}: the reminder comes on {day_week(due.remind_on)}."


def _counts(user: User, team: Team | None) -> dict[int, int]:
    kpis = Kpi.objects.visible_to(user).filter(cadence__isnull=False)
    if team is not None:
        kpis = kpis.filter(team=team)
    return dict(kpis.order_by().values_list("cadence_id").annotate(count=Count("pk")))


def _over_time(
    cadence: Cadence, team: Team | None, typed: Terms | None, since: date | None
) -> Callable[[date], Terms]:
    """The terms of a period by its first day: from `since` on what is typed, before as stored."""
    team_id = team.pk if team else None

    def terms_on(start: date) -> Terms:
        if typed is not None and since is not None and start >= since:
            return typed
        return cadence.terms_on(start, team_id)

    return terms_on


# -- what was changed ---------------------------------------------------------------------------


def change_log(
    cadences: Sequence[Cadence], team: Team | None, organisation: Organisation, now: datetime
) -> list[LogLine]:
    """The latest changes of the organisation's terms, or of a team's own, newest first.

    Each is told beside what was in force the day before its own day.
    """
    today, zone = organisation.today(now), organisation.zone
    by_id = {one.pk: one for one in cadences}
    team_id = team.pk if team else None
    rows = Policy.objects.filter(cadence__in=by_id, team=team).select_related("author")
    lines = []
    for row in rows.order_by("-created_at", "-pk")[:LOG]:
        cadence = by_id[row.cadence_id]
        # By its day, whenever it was saved: what it changes is what holds the day before.
        old = cadence.terms_on(row.effective_on - ONE_DAY, team_id)
        said = "Follows the organisation again" if row.is_ended else ""
        lines.append(
            LogLine(
                cadence.name,
                said or _said(old, terms_of(row), cadence.kind),
                day_near(row.effective_on, today),
                row.effective_on > today,
                str(row.author) if row.author else "",
                day_near(row.created_at.astimezone(zone).date(), today),
                row.reason,
            )
        )
    return lines


def until_words(saved: Sequence[Policy], today: date) -> str:
    """` Monthly only until 30 Nov: other terms are set from 1 Dec.`, of what was just saved.

    Empty where nothing later is set for a cadence of those.
    """
    found = []
    for row in saved:
        entries = read(row.cadence.policies)
        if later := next_day(entries, row.team_id, row.effective_on):
            last = day_near(later - ONE_DAY, today)
            set_from = f"other terms are set from {day_near(later, today)}"
            found.append(f" {row.cadence.name} only until {last}: {set_from}.")
    return "".join(found)


def _said(old: Terms, new: Terms, kind: str) -> str:
    """`off target 3 → 2, grace 5 → 10`."""
    names = [name for name in Terms._fields if getattr(old, name) != getattr(new, name)]
    parts = [f"{_SAID[name]} {_word(name, old, kind)} → {_word(name, new, kind)}" for name in names]
    return ", ".join(parts) or "as before"


def _word(name: str, terms: Terms, kind: str) -> str:
    value = getattr(terms, name)
    if name == "days_off":
        return plural(len(value), "day")
    if name == "due_days":
        return dict(due_choices(kind, value))[value]
    if name == "time_zone":
        return value or "the organisation"
    if name == "due_hour":
        return f"{value:02}:00"
    return "none" if value in (None, "") else f"{value:f}" if name.endswith("pct") else str(value)


def teams_of_their_own(cadences: Sequence[Cadence], teams: Mapping[int, Team]) -> list[Team]:
    """The teams, among those the reader may see, that have rows of their own."""
    rows = Policy.objects.filter(cadence__in=cadences, team__isnull=False)
    ids = set(rows.values_list("team_id", flat=True))
    return [team for pk, team in teams.items() if pk in ids]
