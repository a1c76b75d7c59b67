"""The lists of the dashboard as rows for a download. Only what the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from metrics.models import Signal
from objectives.kinds import Health
from reviews.dashboards.goals import read_standings
from reviews.dashboards.links import Link
from reviews.dashboards.weeks import on_time
from reviews.pages.dashboard_board import Board
from reviews.pages.dashboard_decide import Decisions
from reviews.pages.dashboard_engine import target_text
from reviews.pages.dashboard_trend import read_weeks
from teams.csv_cells import Value

Rows = Iterator[Sequence[Value]]
_TENTH, _SHARE = Decimal("0.1"), Decimal("0.0001")


def kpi_list(board: Board) -> Rows:
    """Every KPI with its state, how long it has had it, and the objectives tied to it."""
    yield (
        *("KPI", "Team", "Owner", "Theme", "Unit", "Cadence", "Latest value", "Target"),
        *("Target from", "Target to", "Status", "Periods", "Objectives", "Address"),
    )
    for one in board.kpis:
        target = one.target
        yield (
            one.name,
            board.team_names.get(one.team_id, ""),
            one.owner,
            one.theme,
            one.unit,
            one.kind,
            one.latest,
            target.value if target else None,
            target.low if target else None,
            target.high if target else None,
            one.state.replace("_", " "),
            one.length or None,
            "; ".join(_titles(board.links.get(one.pk, ()))),
            one.url,
        )


def _titles(ties: Sequence[Link]) -> list[str]:
    return list(dict.fromkeys(one.objective.title for one in ties))


def objective_list(board: Board) -> Rows:
    """Every objective with its key results, a row for each; one without any has one row.

    It reads every key result, which the page does not.
    """
    yield (
        *("Objective", "Team", "Owner", "Ambition", "Progress", "Expected", "Status", "Grade"),
        *("Key result", "Key result owner", "Unit", "Start", "Target", "Value"),
        *("Key result progress", "Confidence", "Key result status", "Key result grade", "Address"),
    )
    standings = {
        one.objective.pk: one for one in read_standings(board.scope, board.picture.followed)
    }
    for goal in board.goals:
        one = standings[goal.pk]
        objective = one.objective
        head = (
            objective.title,
            board.team_names.get(objective.team_id, ""),
            str(objective.owner or ""),
            objective.ambition,
            _share(one.progress),
            _share(one.expected),
            str(Health(one.health).label),
            objective.grade,
        )
        counted = [row for row in one.key_results if row.counts]
        for row in counted:
            key_result = row.key_result
            yield (
                *head,
                key_result.title,
                str(key_result.owner or ""),
                key_result.unit,
                key_result.baseline,
                key_result.target,
                row.value,
                _share(row.ratio),
                row.confidence,
                str(Health(row.health).label),
                key_result.grade,
                key_result.get_absolute_url(),
            )
        if not counted:
            yield (*head, *([None] * 10), objective.get_absolute_url())


def _share(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else ratio.quantize(_SHARE, ROUND_HALF_UP)


def signal_list(board: Board) -> Rows:
    """The signals that are open, and those opened in the last four quarters."""
    yield (
        *("KPI", "Team", "Opened", "Decide by", "To decide", "Waits", "Decision"),
        *("Days to decision", "Open", "Answered by", "Address"),
    )
    today = board.scope.organisation.today
    for one in board.picture.signals:
        days = one.days_to_decision
        yield (
            one.kpi,
            board.team_names.get(one.team_id, ""),
            today(one.opened_at),
            one.decide_by,
            one.who,
            "yes" if one.is_undecided else "no",
            str(Signal.Decision(one.decision).label) if one.decision else "",
            None if days is None else days.quantize(_TENTH, ROUND_HALF_UP),
            "yes" if one.is_open else "no",
            "a private OKR" if one.is_hidden else one.treatment,
            one.url,
        )


def waiting_list(board: Board) -> Rows:
    """What needs a decision, as the page lists it."""
    yield "What", "Why", "Who decides", "Address"
    for one in Decisions(board):
        yield one.name, one.words, one.who, one.url


def gap_list(board: Board) -> Rows:
    """Every gap with what to do about it."""
    yield ("Gap", "What", "Team", "Detail", "Next step", "Address")
    for one in board.gaps:
        team = board.team_names.get(one.team_id, "")
        yield one.kind.title, one.what, team, one.detail, one.kind.advice, one.url


def team_list(board: Board) -> Rows:
    """The heat map: how many KPIs and key results of each team are in which state."""
    yield (
        *("Team", "Leads", "KPIs on target", "KPIs near target", "KPIs off target", "KPIs silent"),
        *("Key results on track", "Key results behind", "Key results at risk"),
        *("Key results silent", "Signals to decide", "Updates due", "Updates in time", "Address"),
    )
    for one in board.heat(board.teams):
        early, due = on_time(one.weeks)
        yield (
            one.team.name,
            one.team.leads,
            *one.kpis,
            *one.key_results,
            one.to_decide,
            due,
            early,
            f"/teams/{one.team.pk}/",
        )


def conflict_list(board: Board) -> Rows:
    """Key results and KPIs that contradict each other."""
    yield "KPI", "Key result", "Objective", "Team", "Contradiction", "Address"
    for one in board.conflicts:
        yield (
            one.kpi.name,
            one.row.title,
            one.objective.title,
            board.team_names.get(one.objective.team_id, ""),
            one.words,
            one.row.url,
        )


def counter_list(board: Board) -> Rows:
    """Pairs of counter-metrics of which one is won at the other's cost; slopes are a period's."""
    yield "Better", "Slope", "Unit", "Worse", "Slope", "Unit", "Address"
    for one in board.tradeoffs:
        better, worse = one.better, one.worse
        yield (
            *(better.name, _share(one.gain), better.unit),
            *(worse.name, _share(one.loss), worse.unit, worse.url),
        )


def early_list(board: Board) -> Rows:
    """KPIs whose line crosses their target within the cycle."""
    yield "KPI", "Team", "Unit", "Expected value", "Period from", "Target", "Address"
    for one in board.warned:
        kpi = one.kpi
        team = board.team_names.get(kpi.team_id, "")
        value = one.value.quantize(_SHARE, ROUND_HALF_UP)
        yield kpi.name, team, kpi.unit, value, one.period.start, target_text(kpi), kpi.url


def coverage_list(board: Board) -> Rows:
    """How many KPIs tell of each side of the work."""
    yield "Theme", "By their theme", "By their name only"
    for one in board.covers:
        yield one.label, one.said, one.by_name


def decision_list(board: Board) -> Rows:
    """How fast signals were answered, by the quarter they opened in."""
    yield "Quarter from", "Signals", "Answered", "Median days to the first answer"
    for one in board.speed:
        days = one.median_days
        middle = None if days is None else days.quantize(_TENTH, ROUND_HALF_UP)
        yield one.quarter.start, one.opened, one.answered, middle


def week_list(board: Board) -> Rows:
    """Progress, expected pace and confidence at the end of each week; reads them."""
    yield "Until", "Objectives", "Progress", "Expected", "Confidence"
    for one in read_weeks(board.scope):
        mean = None if one.confidence is None else one.confidence.quantize(_TENTH, ROUND_HALF_UP)
        yield one.on, one.count, _share(one.progress), _share(one.expected), mean


LISTS: dict[str, Callable[[Board], Rows]] = {
    "kpis": kpi_list,
    "objectives": objective_list,
    "signals": signal_list,
    "waiting": waiting_list,
    "gaps": gap_list,
    "teams": team_list,
    "conflicts": conflict_list,
    "counter": counter_list,
    "early": early_list,
    "coverage": coverage_list,
    "decisions": decision_list,
    "weeks": week_list,
}
