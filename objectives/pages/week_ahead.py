"""The aside of My week: signals that wait for the person, what they watch, what comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils.safestring import SafeString

from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.figures import SparkPoint, clock, sparkline
from metrics.models import Kpi, Signal, Target, Treatment
from metrics.owed_values import owed_name, value_due_on
from metrics.periods import period_of
from metrics.replay import WATCHING
from metrics.scorecard import patience_of
from metrics.standpoint import SPARK_STATES
from metrics.wording import closed_words, day_week, names, periods, quantity, target_words
from objectives import rhythm
from objectives.models import Cycle
from objectives.pages.week_owed import Mine, Week, in_words, is_answered
from objectives.states import CycleState

CARDS = 3
MOST = 100
AHEAD_DAYS = 42
AHEAD = 6
NAMED_VALUES = 1


class SignalCard(NamedTuple):
    """A signal that waits for a decision, with its evidence in short."""

    pk: int
    kpi: Kpi
    clock: SafeString
    words: str
    spark: SafeString


class Coming(NamedTuple):
    """What comes on a day."""

    on: date
    day: str
    words: str


def signals_owned(week: Week) -> list[Signal]:
    """The signals to decide of KPIs the person owns or leads, the most urgent first."""
    leads = week.user.memberships.filter(role="lead").values("team_id")
    rows = (
        Signal.objects.undecided(week.now)
        .filter(Q(kpi__owner=week.user) | Q(kpi__team__in=leads), kpi__team__in=list(week.teams))
        .select_related("kpi__state", "kpi__cadence")
        .defer("evidence", "spans", "workflow")
    )
    return list(rows.order_by("decide_by", "pk")[:MOST])


class TargetOwed(NamedTuple):
    """A KPI whose OKR is closed: where its next target is set, and how that OKR ended."""

    url: str
    kpi: str
    title: str
    ended: str


def targets_owed(week: Week) -> list[TargetOwed]:
    """The next targets nobody has chosen yet in the teams the person leads, the oldest first."""
    if not week.leads:
        return []
    rows = Treatment.objects.filter(ended_at__isnull=False, choice="", team__in=week.leads)
    local = week.user.organisation.today
    return [
        TargetOwed(f"{url}next-target/", kpi, title, closed_words(local(at), grade, week.today))
        for url, kpi, title, at, grade in rows.order_by("ended_at", "pk").values_list(
            "url", "signal__kpi__name", "title", "ended_at", "grade"
        )[:MOST]
    ]


def signal_cards(week: Week, waiting: Sequence[Signal]) -> list[SignalCard]:
    """The first few as cards."""
    return [_card(week, signal) for signal in waiting[:CARDS]]


def _card(week: Week, signal: Signal) -> SignalCard:
    kpi = signal.kpi
    recent = parse_recent(kpi.state.recent)
    left: SafeString | str = ""
    if signal.decide_by is not None:
        whole = (signal.decide_by - week.user.organisation.today(signal.opened_at)).days
        left = clock((signal.decide_by - week.today).days, max(whole, 1))
    spark = sparkline(
        kpi.name,
        [SparkPoint(p.value, p.status, p.target, p.low, p.high) for p in recent[-12:]],
        direction=kpi.direction,
        state=SPARK_STATES["off_target"],
        unit=kpi.unit,
        width=264,
        height=56,
    )
    return SignalCard(signal.pk, kpi, left, _evidence(week, kpi, recent), spark)


def _evidence(week: Week, kpi: Kpi, recent: Sequence[RecentPeriod]) -> str:
    """`38 in July, target at least 45. Off target for 3 months.`"""
    latest = next((one for one in reversed(recent) if one.value is not None), None)
    if latest is None or kpi.cadence is None:
        return "Off target."
    period = period_of(latest.on, kpi.cadence.kind, week.fiscal_month)
    name = owed_name(period, week.fiscal_month, week.today)
    aim = target_words(kpi.direction, latest.target, latest.low, latest.high, kpi.unit)
    streak = periods(max(kpi.state.streak, 1), kpi.cadence.kind)
    value = quantity(latest.value, kpi.unit)
    return f"{value} in {name}, target {aim}. Off target for {streak}."


def watched(kpis: Sequence[Kpi]) -> list[Kpi]:
    """The person's KPIs that are off target and have not signalled."""
    return [kpi for kpi in kpis if kpi.state.streak and kpi.state.phase == WATCHING]


def watching_words(kpis: Sequence[Kpi], targets: Mapping[int, Target], today: date) -> str:
    """`Watching: Support first response is at 3 of 4 weeks.`; empty with nothing to watch."""
    said = []
    for kpi in kpis:
        if (target := targets.get(kpi.pk)) is None:
            continue
        needed = periods(patience_of(kpi, target, today), kpi.cadence.kind)
        said.append(f"{kpi.name} is at {kpi.state.streak} of {needed}")
    return f"Watching: {names(said)}." if said else ""


def coming_up(
    week: Week,
    kpis: Sequence[Kpi],
    rows: Sequence[Mine],
    waiting: Sequence[Signal],
    answered: set[int],
) -> list[Coming]:
    """What falls due after what is owed already: values, check-ins, decisions, ends of cycles.

    `rows` are `my_key_results`, `waiting` `signals_owned`; `answered` the ids of KPIs that owe a
    value now: theirs is on the list of what is owed.
    """
    until = week.today + timedelta(days=AHEAD_DAYS)
    found = [
        *_values_ahead(week, kpis, answered, until),
        *_check_ins_ahead(week, rows, until),
        *_decisions_ahead(week, waiting, until),
        *_cycles_ahead(week, until),
    ]
    return sorted(found)[:AHEAD]


def _coming(on: date, words: str) -> Coming:
    return Coming(on, day_week(on), words)


def _values_ahead(
    week: Week, kpis: Sequence[Kpi], answered: set[int], until: date
) -> Iterator[Coming]:
    by_day: dict[tuple[date, str], list[str]] = defaultdict(list)
    for kpi in kpis:
        running = period_of(week.today, kpi.cadence.kind, week.fiscal_month)
        due = value_due_on(kpi, running)
        if kpi.pk not in answered and due <= until:
            name = owed_name(running, week.fiscal_month, week.today)
            by_day[due, name].append(kpi.name)
    for (due, period), found in by_day.items():
        if len(found) <= NAMED_VALUES:
            yield _coming(due, f"{found[0]}, {period}")
        else:
            yield _coming(due, f"{period} values for {len(found)} KPIs")


def _check_ins_ahead(week: Week, rows: Sequence[Mine], until: date) -> Iterator[Coming]:
    """The next check-in of each key result, those of this week that were made for a missed day."""
    by_day: dict[date, list[str]] = defaultdict(list)
    for one in rows:
        if one.due_on is None or not week.today < one.due_on <= until:
            continue
        if one.due_on > week.last_day or is_answered(week, one):
            by_day[one.due_on].append(one.title)
    for due, titles in by_day.items():
        words = titles[0] if len(titles) == 1 else f"{len(titles)} key results"
        yield _coming(due, f"{words}, check-in")


def _decisions_ahead(week: Week, waiting: Sequence[Signal], until: date) -> Iterator[Coming]:
    for signal in waiting:
        if signal.decide_by is not None and week.today <= signal.decide_by <= until:
            yield _coming(signal.decide_by, f"{signal.kpi.name}, decision")


def _cycles_ahead(week: Week, until: date) -> Iterator[Coming]:
    rows = Cycle.objects.of(week.user.organisation).filter(
        state=CycleState.ACTIVE, ends_on__gte=week.today, ends_on__lte=until
    )
    for name, ends_on in rows.values_list("name", "ends_on"):
        yield _coming(ends_on + rhythm.DAY, f"{name} grades open")


def more_signals(count: int) -> str:
    """`Two more`, for the signals that have no card."""
    left = count - CARDS
    return f"{in_words(left).capitalize()} more" if left > 0 else ""
