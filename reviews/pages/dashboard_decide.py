"""What needs a decision, as printed: signals first, then what else waits. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from metrics.figures import status_mark
from metrics.wording import closed_words, day_near, percent, plural, quantity
from objectives.kinds import Health
from objectives.pages.rows import health_mark
from reviews.dashboards import gaps, waiting
from reviews.dashboards.facts import SignalFact
from reviews.dashboards.gaps import Gap
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.waiting import DependencyFact
from reviews.pages.dashboard_board import Board
from reviews.pages.dashboard_engine import target_text
from reviews.pages.dashboard_words import due_clock

NOBODY = "nobody"


class Decision(NamedTuple):
    """One thing that waits: what it is about, how long there is or how it stands, who decides."""

    tone: str
    url: str
    name: str
    words: str
    clock: SafeString | str
    who: str


class Decisions(Sequence):
    """Everything that waits, in the order of the list; only what is looked at is put in words."""

    def __init__(self, board: Board) -> None:
        self._board = board
        silent = [one for one in board.gaps if one.kind.slug == gaps.UNTOUCHED.slug]
        goals = board.picture.goals
        parts: list[tuple[Callable[[Board, Any], Decision], Sequence]] = [
            (_signal, board.picture.undecided),
            (_still_off, board.still_off),
            (_dependency, board.picture.dependencies),
            (_to_grade, waiting.to_grade(goals)),
            (_to_reconsider, waiting.to_reconsider(goals)),
            (_silent, silent),
        ]
        self._all = [(words, fact) for words, facts in parts for fact in facts]

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [words(self._board, fact) for words, fact in self._all[at]]
        words, fact = self._all[at]
        return words(self._board, fact)


def _leads(board: Board, team_id: int) -> str:
    return board.leads.get(team_id, "")


def _signal(board: Board, one: SignalFact) -> Decision:
    scope, kpi = board.scope, board.kpi_of.get(one.kpi_id)
    words = "No objective answers it."
    if kpi is not None:
        opened = day_near(scope.organisation.today(one.opened_at), scope.on)
        words = (
            f"{quantity(kpi.latest, kpi.unit)}, target {target_text(kpi)}. "
            f"No answer since {opened}."
        )
    dated = one.decide_by is not None
    clock = due_clock(one, scope) if dated else "without a date"
    late = dated and one.decide_by < scope.on
    return Decision("off" if late else "near", one.url, one.kpi, words, clock, one.who or NOBODY)


def _still_off(board: Board, one: SignalFact) -> Decision:
    scope, kpi = board.scope, board.kpi_of[one.kpi_id]
    ended = closed_words(scope.organisation.today(one.closed_at), one.grade, scope.on)
    okr = f"“{one.treatment}”" if one.treatment else "A private OKR"
    words = (
        f"{quantity(kpi.latest, kpi.unit)}, target {target_text(kpi)}. "
        f"{okr} {ended}. What is done next?"
    )
    mark = status_mark(kpi.state, kpi.age)
    return Decision("near", one.url, one.kpi, words, mark, one.who or NOBODY)


def _dependency(board: Board, one: DependencyFact) -> Decision:
    on, needed = board.scope.on, one.needed_on
    when = f" by {day_near(needed, on)}" if needed else ""
    words = f"{one.asking} needs it{when} for “{one.objective}”. Confirm or decline?"
    late = needed is not None and needed < on
    mark = status_mark("not_started", word="Asked")
    who = _leads(board, one.team_id) or one.team
    return Decision("off" if late else "near", one.url, one.what, words, mark, who)


def _to_grade(board: Board, one: GoalFact) -> Decision:
    ended = board.scope.cycle.ends_on if board.scope.cycle else board.scope.on
    words = f"The cycle ended on {day_near(ended, board.scope.on)}. Grade it and close?"
    return Decision("near", one.url, one.title, words, health_mark(one.health), _who(board, one))


def _to_reconsider(board: Board, one: GoalFact) -> Decision:
    left = (board.scope.cycle.ends_on - board.scope.on).days if board.scope.cycle else 0
    words = (
        f"At {percent(one.progress)} of the way with {plural(left, 'day')} left, "
        f"confidence {one.lowest}. Keep, shrink or stop?"
    )
    return Decision("near", one.url, one.title, words, health_mark(one.health), _who(board, one))


def _silent(board: Board, one: Gap) -> Decision:
    words = f"Key result without an update: {one.detail}. Check in, or withdraw it?"
    mark = health_mark(one.health or Health.STALE)
    return Decision("idle", one.url, one.what, words, mark, _leads(board, one.team_id) or NOBODY)


def _who(board: Board, one: GoalFact) -> str:
    return one.owner or _leads(board, one.team_id) or NOBODY
