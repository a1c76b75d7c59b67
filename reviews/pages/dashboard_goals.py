"""The destination lens as printed: objectives, those furthest behind first. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import confidence, loop_mark, rail
from metrics.wording import NBSP, percent
from objectives.kinds import Ambition
from objectives.pages.objective_page import objective_state_mark
from objectives.rollup import SEVERITY
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.picture import Picture

_ROW = (
    '<tr role="row"><th role="rowheader" scope="row"><a href="{}" dir="auto">{}</a>'
    '<span class="sub" dir="auto">{}</span></th>'
    '<td role="cell" class="opt s">{}</td>'
    '<td role="cell" class="wide"><span class="railrow">{}<span class="num">{}</span></span></td>'
    '<td role="cell" class="opt">{}</td><td role="cell">{}</td></tr>'
)
_DASH = SafeString('<span class="muted">–</span>')
_RANK = {health: rank for rank, health in enumerate(SEVERITY)}


def furthest_behind(goals: Iterable[GoalFact]) -> list[GoalFact]:
    """Running ones by how far they are behind what is expected; closed ones last."""

    def key(one: GoalFact) -> tuple:
        behind = one.expected - one.progress if one.progress is not None else 0
        is_closed = one.state == ObjectiveState.CLOSED
        return is_closed, _RANK.get(one.health, len(_RANK)), -behind, one.pk

    return sorted(goals, key=key)


def goal_rows(
    goals: Sequence[GoalFact],
    teams: Mapping[int, str],
    kpis: Mapping[int, KpiFact],
    picture: Picture,
) -> list[SafeString]:
    """The rows of the destination table; `kpis` are those the reader may see."""
    measured: dict[int, dict[int, None]] = defaultdict(dict)
    for row in picture.rows:
        if row.kpi_id in kpis:
            measured[row.objective_id][row.kpi_id] = None
    return [
        format_html(
            _ROW,
            one.url,
            one.title,
            _who(one, teams),
            _answers(one, kpis, list(measured.get(one.pk, ())), picture.signal_kpis),
            rail(one.progress, one.expected),
            _share(one),
            confidence(one.lowest),
            goal_mark(one),
        )
        for one in goals
    ]


def goal_mark(one: GoalFact) -> SafeString:
    """The status of an objective; a closed one says how it ended."""
    return objective_state_mark(one.state, one.grade, one.health)


def _who(one: GoalFact, teams: Mapping[int, str]) -> str:
    ambition = str(Ambition(one.ambition).label).lower().partition(",")[0]
    parts = [teams.get(one.team_id, ""), one.owner or "nobody yet", ambition]
    return " · ".join([*parts, "private"] if one.is_private else parts)


def _share(one: GoalFact) -> SafeString | str:
    text, _, unit = percent(one.progress).partition(NBSP)
    return format_html("{}<small>{}{}</small>", text, NBSP, unit) if unit else text


def _answers(
    one: GoalFact,
    kpis: Mapping[int, KpiFact],
    measured: Sequence[int],
    signal_kpis: Mapping[int, int],
) -> SafeString:
    """The KPI whose signal it answers, else those its key results are measured by."""
    if one.signal_id is not None:
        kpi = kpis.get(signal_kpis.get(one.signal_id, 0))
        name = _kpi_link(kpi) if kpi else "a KPI that is hidden"
        step = 3 if one.state == ObjectiveState.CLOSED else 2
        return format_html('<span class="actions">{}{}</span>', loop_mark(step), name)
    if not measured:
        return _DASH
    more = f" and {len(measured) - 1} more" if len(measured) > 1 else ""
    link = _kpi_link(kpis[measured[0]])
    return format_html('<span class="actions">moves {}{}</span>', link, more)


def _kpi_link(kpi: KpiFact) -> SafeString:
    return format_html('<a href="{}" dir="auto">{}</a>', kpi.url, kpi.name)
