"""The page of a KPI's own signal policy: what is in force and whose it is, due dates, changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from metrics.due_dates import due_dates_along
from metrics.episodes import Settings
from metrics.evaluation.loading import load_subjects
from metrics.evaluation.storing import days_to_answer
from metrics.kinds import CadenceKind, MissingPolicy, NearPolicy
from metrics.models import Kpi, KpiPolicy, Policy, Target
from metrics.own_words import own_moves, own_said
from metrics.policies import PRESET, TEAM, Own, due_under, read, read_own, set_by
from metrics.wording import day_near, day_short, day_week, day_year, number, periods, plural

OWN = "this KPI"
ONE_DAY = timedelta(days=1)
_WHOSE = {TEAM: "its team", PRESET: "preset"}


class InForce(NamedTuple):
    """One rule that is in force, and whose it is: the nearest that says something of it."""

    term: str
    text: str
    whose: str
    is_own: bool


class DueDays(NamedTuple):
    """The next due dates, and why a reminder comes early; "" where none does."""

    days: list[str]
    early: str


class LogLine(NamedTuple):
    """One change of what the KPI says: from when on, who made it and why."""

    said: str
    effective: str
    is_ahead: bool
    author: str
    made: str
    reason: str


# -- what is in force ---------------------------------------------------------------------------


def in_force_rows(kpi: Kpi, day: date) -> list[InForce]:
    """What a period that starts on a day is judged by, and whose each rule is. One query."""
    settings, own, kind = kpi.settings_on(day), kpi.own_on(day), kpi.cadence.kind
    level = set_by(read(kpi.cadence.policies), kpi.team_id, day)
    whose = _WHOSE.get(level, "the organisation")
    target = _target(kpi, day)
    rows = []
    for term, text, says, default in _rules(settings, own, target, kind):
        rows.append(InForce(term, text, says or default or whose, bool(says)))
    return rows


def _rules(
    settings: Settings, own: Own, target: Target | None, kind: str
) -> Iterator[tuple[str, str, str, str]]:
    """Term, text, who says it nearer than the terms ("": nobody), and who where terms do not."""
    patience, recovery = settings.patience, settings.recovery
    by_target = {"patience": "", "recovery": ""}
    if target is not None and target.patience is not None and not settings.k_of_n:
        patience, by_target["patience"] = target.patience, "its target"
    if target is not None and target.recovery is not None:
        recovery, by_target["recovery"] = target.recovery, "its target"

    def mine(*names: str) -> str:
        return OWN if any(getattr(own, one) != getattr(Own(), one) for one in names) else ""

    signals = f"after {periods(patience, kind)} off target in a row"
    reopens = 2 * patience
    if settings.k_of_n:
        k, n = settings.k_of_n
        signals, reopens = f"after {k} of the last {periods(n, kind)} off target", 2 * n
    if settings.reopen_window is not None:
        reopens = settings.reopen_window
    again = f"within {periods(reopens, kind)} of its end" if reopens else "never: a new one opens"
    missing = plural(settings.grace_days, "day")
    yield "A signal opens", signals, by_target["patience"] or mine("patience", "window_n"), ""
    text = f"after {periods(recovery, kind)} on target"
    yield "It resolves", text, by_target["recovery"] or mine("recovery"), ""
    yield "It opens again", again, mine("reopen_window"), PRESET
    text = f"{missing} after the period" if settings.grace_days else "with the period’s end"
    yield "A value counts as missing", text, mine("grace_days"), ""
    text = f"for {plural(settings.settle_days, 'day')}" if settings.settle_days else "at once"
    yield "A value settles", text, mine("settle_days"), ""
    yield "A near-target period", NearPolicy(settings.near_policy).label, mine("near_policy"), ""
    text = MissingPolicy(settings.missing_policy).label
    yield "A missing period", text, mine("missing_policy"), ""
    text = f"{periods(settings.max_gap, kind)} missing" if settings.max_gap else "no missing period"
    yield "A streak survives", text, mine("max_gap"), PRESET
    text = f"after {periods(settings.stale_after, kind)} missing"
    yield "It is stale", text, mine("stale_after"), PRESET
    band = settings.tolerance_pct
    text = f"{number(band)} % of the target" if band else "none"
    yield "Near band where the target states none", text, "", ""
    lane = settings.fast_pct
    text = "none"
    if lane and settings.fast_patience:
        text = f"{periods(settings.fast_patience, kind)} off by {number(lane)} % of the target"
    yield "Fast lane where the target states none", text, "", ""
    answer = plural(days_to_answer(settings, kind), "day")
    yield "Time to answer", answer, "", "" if settings.answer_days else PRESET


def _target(kpi: Kpi, day: date) -> Target | None:
    rows = Target.objects.filter(kpi=kpi, effective_on__lte=day)
    return rows.order_by("-effective_on", "-pk").first()


def terms_note(kpi: Kpi, day: date, now: datetime) -> str:
    """Who set the terms that are nearest, from when on and why: one query; "" for the preset."""
    level = set_by(read(kpi.cadence.policies), kpi.team_id, day)
    if level == PRESET:
        return "The terms under it are the preset of its cadence."
    team = kpi.team_id if level == TEAM else None
    rows = Policy.objects.filter(cadence=kpi.cadence, team=team, effective_on__lte=day)
    row = rows.select_related("author").order_by("-effective_on", "-pk").first()
    whose = "its team’s" if level == TEAM else "the organisation’s"
    if row is None:
        return f"The terms under it are {whose}."
    since = day_near(row.effective_on, kpi.team.organisation.today(now))
    by = f", by {row.author}" if row.author else ""
    return f"The terms under it are {whose}, in force from {since}{by}: {row.reason}"


# -- due dates ----------------------------------------------------------------------------------


def due_days(
    kpi: Kpi, now: datetime, typed: Own | None = None, since: date | None = None
) -> DueDays:
    """The next due dates, as stored, or from `since` on under what is typed."""
    organisation = kpi.team.organisation
    today = organisation.today(now)
    plan = load_subjects([kpi.pk], now)[kpi.pk].plan

    def terms_on(start: date):
        own = kpi.own_on(start)
        if typed is not None and since is not None and start >= since:
            own = typed
        return due_under(kpi.cadence.terms_on(start, kpi.team_id), own)

    found = due_dates_along(plan.line, terms_on, today, organisation.zone)
    words = day_year if kpi.cadence.kind == CadenceKind.YEARLY else day_short
    early = next((one for one in found if one.why_early), None)
    return DueDays(
        [words(one.on) for one in found],
        f"On {day_week(early.on)}, a day off, the reminder comes on {day_week(early.remind_on)}."
        if early
        else "",
    )


# -- what was changed ---------------------------------------------------------------------------


def change_log(kpi: Kpi, now: datetime) -> list[LogLine]:
    """Every change of what the KPI says for itself, newest first, and what it said from the start.

    One query.
    """
    organisation = kpi.team.organisation
    today = organisation.today(now)
    lines = []
    if (own := kpi.first_own) != Own():
        made = day_near(kpi.created_at.astimezone(organisation.zone).date(), today)
        lines.append(
            LogLine(own_said(own), "the beginning", is_ahead=False, author="", made=made, reason="")
        )
    rows = KpiPolicy.objects.filter(kpi=kpi).select_related("author")
    for row in rows.order_by("created_at", "pk"):
        # By its day, whenever it was saved: what it changes is what holds the day before.
        stood = kpi.own_on(row.effective_on - ONE_DAY)
        moved = own_moves(stood._asdict(), row.own._asdict())
        lines.append(
            LogLine(
                moved if row.own != Own() else f"Follows its team again: {moved}",
                day_near(row.effective_on, today),
                row.effective_on > today,
                str(row.author) if row.author else "",
                day_near(row.created_at.astimezone(organisation.zone).date(), today),
                row.reason,
            )
        )
    return lines[::-1]


def until_words(row: KpiPolicy, today: date) -> str:
    """` It holds only until 30 Nov: something else is set from 1 Dec.`; empty without that."""
    days = [day for day, _ in read_own(row.kpi.policies) if day > row.effective_on]
    if not days:
        return ""
    last = day_near(min(days) - ONE_DAY, today)
    return f" It holds only until {last}: something else is set from {day_near(min(days), today)}."
