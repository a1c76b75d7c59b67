"""The replay on the page of policies: what proposed terms would have signalled, and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from metrics.episodes import Span
from metrics.evaluation.loading import NO_OWN_PROPOSED, ProposedOwn
from metrics.evaluation.simulating import Comparison, Simulated, compare, simulate
from metrics.judging import NEAR_TARGET, OFF_TARGET, ON_TARGET
from metrics.models import Cadence, Kpi
from metrics.periods import period_label, period_of
from metrics.policies import Terms, as_if_ever, read
from metrics.replay import Verdict
from metrics.wording import names
from teams.models import Organisation, Team, User

MOST_KPIS = 1000
SHOWN = 30
# The worst status of a month is the one that is shown.
_WORST = {OFF_TARGET: (3, "off"), NEAR_TARGET: (2, "near"), ON_TARGET: (1, "on")}
_NONE = (0, "none")
_MARKS = {
    (True, True): ("both", "◆", "signal under both rules"),
    (True, False): ("cur", "◆", "signal as the rules stood then"),
    (False, True): ("draft", "◇", "signal with the draft rule"),
}


class Cell(NamedTuple):
    """One month of one KPI: the worst status in it, and a signal raised in it."""

    state: str
    mark: str
    sign: str
    words: str


class ReplayRow(NamedTuple):
    """One KPI in the replay."""

    name: str
    url: str
    cells: list[Cell]


class ListedRaise(NamedTuple):
    """A signal that one of the two rules raises and the other does not, or at another time."""

    name: str
    url: str
    team: str
    when: str
    change: str


class ReplayPage(NamedTuple):
    """What the panel prints. `more` says what was left out, "" for nothing."""

    months: int
    total: int
    summary: str
    heads: list[str]
    rows: list[ReplayRow]
    new: list[ListedRaise]
    gone: list[ListedRaise]
    moved: list[ListedRaise]
    more: str


def chosen_kpis(user: User, team: Team | None, replayed: Mapping) -> tuple[list[Kpi], int]:
    """The KPIs to replay, at most a thousand, with how many there are."""
    kpis = Kpi.objects.visible_to(user).filter(cadence__isnull=False)
    if team is not None or replayed["replay_team"]:
        kpis = kpis.filter(team=team or replayed["replay_team"])
    if replayed["named"]:
        kpis = kpis.filter(name__icontains=replayed["named"])
    found = list(kpis.select_related("team").order_by("team__name", "position", "pk")[:MOST_KPIS])
    return found, len(found) if len(found) < MOST_KPIS else kpis.count()


def replay_page(
    kpis: Sequence[Kpi],
    count: int,
    cadences: Sequence[Cadence],
    terms: Mapping[int, Terms],
    *,
    team: Team | None,
    months: int,
    organisation: Organisation,
    now: datetime,
    own: ProposedOwn = NO_OWN_PROPOSED,
) -> ReplayPage:
    """Replay the KPIs under the terms, as if these had always held for the team or everybody.

    `own` is what KPIs would have said for themselves instead, by id. Two passes: all KPIs without
    their periods, then the few that are drawn with them.
    """
    team_id = team.pk if team else None
    proposed = {
        one.pk: as_if_ever(read(one.policies), team_id, terms[one.pk])
        for one in cadences
        if one.pk in terms
    }
    starts = month_starts(organisation.today(now), months)
    by_id = {kpi.pk: kpi for kpi in kpis}
    found = simulate(by_id, now, proposed, own)
    compared = {
        pk: compare(one.present.raises, one.proposed.raises, starts[0]) for pk, one in found.items()
    }
    drawn = sorted(
        (pk for pk, one in compared.items() if any(one)),
        key=lambda pk: not (compared[pk].new or compared[pk].gone or _moved(compared[pk])),
    )
    whole = simulate(drawn[:SHOWN], now, proposed, own, want_verdicts=True)
    kinds = {one.pk: one.kind for one in cadences}
    month = organisation.fiscal_start_month
    listed = _Lists(by_id, kinds, month)
    return ReplayPage(
        months,
        sum(len(one.pairs) + len(one.new) for one in compared.values()),
        summary(list(compared.values())),
        [f"{day:%b}"[0] for day in starts],
        [_row(by_id[pk], kinds, whole[pk], starts, month) for pk in drawn[:SHOWN]],
        listed.of(compared, "new"),
        listed.of(compared, "gone"),
        listed.moved(compared),
        _more(count, len(kpis), len(drawn)),
    )


def month_starts(today: date, months: int) -> list[date]:
    """The first days of the last months, this one at the end."""
    last = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - months + 1, last + 1)]


def _moved(one: Comparison) -> list[tuple]:
    return [(a, b) for a, b in one.pairs if a.raised != b.raised]


def summary(compared: Sequence[Comparison]) -> str:
    """`6 as the rules stood then. 5 would open earlier, 1 is new.`"""
    present = sum(len(one.pairs) + len(one.gone) for one in compared)
    moved = [pair for one in compared for pair in _moved(one)]
    earlier = sum(b.raised < a.raised for a, b in moved)
    new = sum(len(one.new) for one in compared)
    gone = sum(len(one.gone) for one in compared)
    parts = [
        *([f"{earlier} would open earlier"] if earlier else []),
        *([f"{len(moved) - earlier} later"] if len(moved) > earlier else []),
        *([f"{new} {'is' if new == 1 else 'are'} new"] if new else []),
        *([f"{gone} would not be raised"] if gone else []),
    ]
    return (
        f"{present} as the rules stood then. {names(parts) if parts else 'Nothing would change'}."
    )


def _more(count: int, replayed: int, drawn: int) -> str:
    parts = []
    if count > replayed:
        parts.append(f"The first {replayed:,} of {count:,} KPIs were replayed: choose a team.")
    if drawn > SHOWN:
        parts.append(f"{drawn - SHOWN} more KPIs with a signal are not drawn.")
    return " ".join(parts)


def _order(present: Span, proposed: Span) -> str:
    return "earlier" if proposed.raised < present.raised else "later"


def _row(
    kpi: Kpi, kinds: Mapping[int, str], one: Simulated, starts: Sequence[date], month: int
) -> ReplayRow:
    worst = dict.fromkeys(starts, _NONE)
    for verdict in one.proposed.verdicts:
        day = verdict.period.last_day.replace(day=1)
        if day in worst:
            worst[day] = max(worst[day], _state(verdict))
    raised = [
        {_month(span.raised, kinds[kpi.cadence_id], month) for span in replay.raises}
        for replay in one
    ]
    cells = []
    for day in starts:
        state = worst[day][1]
        mark, sign, words = _MARKS.get((day in raised[0], day in raised[1]), ("", "", state))
        cells.append(Cell(state, mark, sign, words))
    return ReplayRow(kpi.name, kpi.get_absolute_url(), cells)


def _state(verdict: Verdict) -> tuple[int, str]:
    return _WORST.get(verdict.status, _NONE)


def _month(start: date, kind: str, fiscal_month: int) -> date:
    """The month in which the period that starts then ends."""
    return period_of(start, kind, fiscal_month).last_day.replace(day=1)


class _Lists:
    """Raises in words, by KPI."""

    def __init__(self, kpis: Mapping[int, Kpi], kinds: Mapping[int, str], month: int) -> None:
        self._kpis, self._kinds, self._month = kpis, kinds, month

    def of(self, compared: Mapping[int, Comparison], which: str) -> list[ListedRaise]:
        """The raises that only one rule has."""
        return [
            self._line(pk, span.raised, "")
            for pk, one in compared.items()
            for span in getattr(one, which)
        ]

    def moved(self, compared: Mapping[int, Comparison]) -> list[ListedRaise]:
        """Those that both have, at different times."""
        return [
            self._line(pk, b.raised, f"{_order(a, b)} than {self._name(pk, a.raised)}")
            for pk, one in compared.items()
            for a, b in _moved(one)
        ]

    def _line(self, pk: int, start: date, change: str) -> ListedRaise:
        kpi = self._kpis[pk]
        return ListedRaise(
            kpi.name, kpi.get_absolute_url(), kpi.team.name, self._name(pk, start), change
        )

    def _name(self, pk: int, start: date) -> str:
        kind = self._kinds[self._kpis[pk].cadence_id]
        return period_label(period_of(start, kind, self._month), self._month)
