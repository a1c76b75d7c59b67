"""The single lines of the coach on the pages of teams, objectives and KPIs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from metrics.models import Kpi
from objectives.coach import advice, coverage
from objectives.coach.catalogue import Hint, Level
from objectives.coach.facts import (
    KeyResultText,
    KpiFacts,
    ObjectiveText,
    TeamFacts,
)
from objectives.kinds import CycleKind
from objectives.models import Objective
from objectives.pages.coach_facts import (
    RHYTHM_DAYS,
    closed_only,
    kpi_text,
    parent_of,
    past_cycles,
    untouched_days,
)
from objectives.pages.coach_policy import silenced
from objectives.states import ObjectiveState
from teams.models import Membership, Team

MOST = 2
# What a team's page says below its KPIs; the rest stands below its objectives.
_ENGINE = frozenset({"W20"})


@dataclass(frozen=True, slots=True)
class PageHint:
    """A hint and where its one step leads; an empty `url` where the person cannot take it."""

    hint: Hint
    url: str = ""

    @property
    def label(self) -> str:
        """The words of the step."""
        return self.hint.remedy.label if self.hint.remedy else ""


def team_hints(
    team: Team,
    role: str | None,
    now: datetime,
    *,
    kpi_names: Sequence[str],
    objectives: Iterable[Objective],
    has_history: bool,
) -> dict[str, list[PageHint]]:
    """The lines below a team's KPIs ("engine") and below its objectives ("destination").

    Up to two queries, since every look at a team asks: its earlier cycles where it has any
    (`has_history`), and the rules that are off where one has something to say.
    """
    today = team.organisation.today(now)
    history = past_cycles(team, today, with_private=role is not None) if has_history else ()
    covered = coverage.covered(kpi_names)
    facts = TeamFacts(
        objective_count=sum(_counts(one, today) for one in objectives),
        kpi_count=len(kpi_names),
        covered_kinds=covered,
        missing_kinds=coverage.missing(covered),
        history=closed_only(history),
    )
    leads = role == Membership.Role.LEAD
    found = advice.of_team(facts)
    if found:
        off = silenced(team.organisation_id)
        found = advice.shown([hint for hint in found if hint.code not in off], most=4)
    # A team without any KPI is told so by its empty scorecard.
    lines = [PageHint(hint, _team_url(hint, team, leads=leads)) for hint in found]
    lines = [one for one in lines if kpi_names or one.hint.code not in _ENGINE]
    return {
        "engine": [one for one in lines if one.hint.code in _ENGINE],
        "destination": [one for one in lines if one.hint.code not in _ENGINE][:MOST],
    }


def _counts(objective: Objective, today: date) -> bool:
    """Tell whether it is one of this quarter's; a year's stands beside them."""
    cycle = objective.cycle
    return cycle.kind != CycleKind.YEAR and cycle.starts_on <= today <= cycle.ends_on


def _team_url(hint: Hint, team: Team, *, leads: bool) -> str:
    action = hint.remedy.action if hint.remedy else ""
    if action == "see_examples":
        return f"/teams/{team.pk}/kpis/library/"
    if action in {"raise_target", "lower_target"} and leads:
        return f"/teams/{team.pk}/objectives/new/"
    return "#dest" if action == "park_objective" and leads else ""


def objective_hints(objective: Objective, now: datetime, *, may_write: bool) -> list[PageHint]:
    """The lines below the key results of an objective that is a draft or being worked on.

    It comes `with_parts()`. What is said of a draft's words stands in its form.
    """
    if objective.state not in {ObjectiveState.DRAFT, ObjectiveState.ACTIVE}:
        return []
    off = silenced(objective.team.organisation_id)
    cycle = objective.cycle
    history = past_cycles(
        objective.team,
        cycle.starts_on,
        kind=cycle.kind,
        with_private=objective.is_private or may_write,
        with_targets=True,
    )
    parent, depth = parent_of(objective)
    text = ObjectiveText(
        objective.title,
        objective.why,
        tuple(key_result_text(row) for row in objective.key_results.all() if not row.withdrawn_at),
        parent_title=parent,
        depth=depth,
        untouched_days=untouched_days(objective, objective.team.organisation.today(now)),
        rhythm_days=RHYTHM_DAYS.get(objective.rhythm),
    )
    found = advice.of_objective(text, history, off=off)
    worth = [hint for hint in found.objective if hint.level != Level.NOTE]
    if objective.state == ObjectiveState.ACTIVE:
        worth.sort(key=lambda hint: hint.code != "W24")
    shown = advice.shown(worth, most=MOST)
    return [PageHint(hint, _objective_url(hint, objective, may_write)) for hint in shown]


def key_result_text(row) -> KeyResultText:
    """A saved key result as the coach reads it."""
    kpi = (
        KpiFacts(row.kpi.name, row.kpi.direction, unit=row.kpi.unit, key=row.kpi_id)
        if (row.kpi_id)
        else None
    )
    aim = row.high if row.target is None else row.target
    return KeyResultText(row.title, row.kind, row.baseline, aim, row.unit, kpi)


def _objective_url(hint: Hint, objective: Objective, may_write: bool) -> str:
    if not may_write:
        return ""
    if hint.code == "W24":
        return "#krs"
    if objective.state == ObjectiveState.DRAFT:
        return f"/objectives/{objective.pk}/edit/"
    return ""


def kpi_hints(kpi: Kpi, now: datetime, *, may_lead: bool) -> list[PageHint]:
    """The lines of a KPI's page. What makes it a metric only is said there already."""
    off = silenced(kpi.team.organisation_id)
    text, signal = kpi_text(kpi, now)
    found = advice.of_kpi(text, off)
    shown = [one for one in found if not (one.code == "W19" and one.level == Level.WARN)][:MOST]
    return [PageHint(hint, _kpi_url(hint, kpi, signal) if may_lead else "") for hint in shown]


def _kpi_url(hint: Hint, kpi: Kpi, signal) -> str:
    if hint.code == "W21":
        return f"/kpis/{kpi.pk}/targets/"
    if hint.code == "W22":
        return f"/signals/{signal.pk}/?answer=okr" if signal else ""
    return f"/kpis/{kpi.pk}/edit/"
