"""The destination lens as printed: objectives, those furthest behind first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import confidence, loop_mark, rail
from metrics.wording import NBSP, percent
from objectives.kinds import Ambition
from objectives.pages.objective_page import objective_mark
from objectives.rollup import SEVERITY
from objectives.standing import ObjectiveStanding
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact

_ROW = (
    '<tr role="row"><th role="rowheader" scope="row"><a href="{}" dir="auto">{}</a>'
    '<span class="sub" dir="auto">{}</span></th>'
    '<td role="cell" class="opt s">{}</td>'
    '<td role="cell" class="wide"><span class="railrow">{}<span class="num">{}</span></span></td>'
    '<td role="cell" class="opt">{}</td><td role="cell">{}</td></tr>'
)
_DASH = SafeString('<span class="muted">–</span>')
_RANK = {health: rank for rank, health in enumerate(SEVERITY)}


def furthest_behind(standings: Iterable[ObjectiveStanding]) -> list[ObjectiveStanding]:
    """Running ones by how far they are behind what is expected; closed ones last."""

    def key(one: ObjectiveStanding) -> tuple:
        behind = (one.expected or 0) - (one.progress or 0) if one.progress is not None else 0
        is_closed = one.objective.state == ObjectiveState.CLOSED
        return is_closed, _RANK.get(one.health, len(_RANK)), -behind, one.objective.pk

    return sorted(standings, key=key)


def goal_rows(
    standings: Sequence[ObjectiveStanding],
    teams: Mapping[int, str],
    kpis: Mapping[int, KpiFact],
    signal_kpis: Mapping[int, int],
) -> list[SafeString]:
    """The rows of the destination table; `kpis` are those the reader may see."""
    return [
        format_html(
            _ROW,
            one.objective.get_absolute_url(),
            one.objective.title,
            _who(one, teams),
            _answers(one, kpis, signal_kpis),
            rail(one.progress, one.expected),
            _share(one),
            confidence(one.lowest_confidence),
            objective_mark(one),
        )
        for one in standings
    ]


def _who(one: ObjectiveStanding, teams: Mapping[int, str]) -> str:
    objective = one.objective
    owner = str(objective.owner) if objective.owner else "nobody yet"
    ambition = str(Ambition(objective.ambition).label).lower().partition(",")[0]
    parts = [teams.get(objective.team_id, ""), owner, ambition]
    return " · ".join([*parts, "private"] if objective.is_private else parts)


def _share(one: ObjectiveStanding) -> SafeString | str:
    text, _, unit = percent(one.progress).partition(NBSP)
    return format_html("{}<small>{}{}</small>", text, NBSP, unit) if unit else text


def _answers(
    one: ObjectiveStanding, kpis: Mapping[int, KpiFact], signal_kpis: Mapping[int, int]
) -> SafeString:
    """The KPI whose signal it answers, else those its key results are measured by."""
    if one.objective.signal_id is not None:
        kpi = kpis.get(signal_kpis.get(one.objective.signal_id, 0))
        name = _kpi_link(kpi) if kpi else "a KPI that is hidden"
        step = 3 if one.objective.state == ObjectiveState.CLOSED else 2
        return format_html('<span class="actions">{}{}</span>', loop_mark(step), name)
    measured = {row.key_result.kpi_id: None for row in one.key_results if row.counts}
    found = [kpis[pk] for pk in measured if pk in kpis]
    if not found:
        return _DASH
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return format_html('<span class="actions">moves {}{}</span>', _kpi_link(found[0]), more)


def _kpi_link(kpi: KpiFact) -> SafeString:
    return format_html('<a href="{}" dir="auto">{}</a>', kpi.url, kpi.name)
