"""The lists of the dashboard as rows for a download. Only what the reader may see. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from metrics.models import Signal
from objectives.kinds import Health
from reviews.dashboards.links import Link
from reviews.exports import Value
from reviews.pages.dashboard_page import Board

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
    return list(dict.fromkeys(one.objective.objective.title for one in ties))


def objective_list(board: Board) -> Rows:
    """Every objective with its key results, a row for each; one without any has one row."""
    yield (
        *("Objective", "Team", "Owner", "Ambition", "Progress", "Expected", "Status", "Grade"),
        *("Key result", "Key result owner", "Unit", "Start", "Target", "Value"),
        *("Key result progress", "Confidence", "Key result status", "Key result grade", "Address"),
    )
    for one in board.standings:
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


def gap_list(board: Board) -> Rows:
    """Every gap with what to do about it."""
    yield ("Gap", "What", "Team", "Detail", "Next step", "Address")
    for one in board.gaps:
        team = board.team_names.get(one.team_id, "")
        yield one.kind.title, one.what, team, one.detail, one.kind.advice, one.url


LISTS: dict[str, Callable[[Board], Rows]] = {
    "kpis": kpi_list,
    "objectives": objective_list,
    "signals": signal_list,
    "gaps": gap_list,
}
