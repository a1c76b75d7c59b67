"""The rules of a team and its closed cycles: W15, W17, W18 and W20. No rule looks at a person."""

from __future__ import annotations

from decimal import Decimal

from metrics.wording import names, number, plural
from objectives.coach import catalogue
from objectives.coach.catalogue import RULES, Hint, Level
from objectives.coach.facts import PastCycle, TeamFacts

MOST_OBJECTIVES = 4
FULL = Decimal("0.95")
FULL_PERCENT = 80
LOW = Decimal("0.4")
WELL_SET = (Decimal("0.6"), Decimal("0.8"))
FEWEST_KPIS, GOOD_KPIS, MOST_KPIS = 4, 6, 10
BOARD_GOOD, BOARD_MOST = 15, 25


def objective_count(team: TeamFacts) -> Hint | None:
    """W15: 1 to 4 objectives in a quarter are right, 5 warn, more fail; none is a choice."""
    count = team.objective_count
    if count <= MOST_OBJECTIVES:
        return None
    level = Level.WARN if count == MOST_OBJECTIVES + 1 else Level.FAIL
    return RULES["W15"].hint(f"{count} objectives this quarter. Which one could wait?", level)


def always_reached(team: TeamFacts) -> Hint | None:
    """W17: two cycles in a row with an aspirational mean of 0.95, or 80 % of results at 1.0."""
    last = team.history[:2]
    if len(last) < 2 or not all(_is_full(cycle) for cycle in last):
        return None
    text = "Nearly everything was reached in full, two cycles in a row. Which target could rise?"
    return RULES["W17"].hint(text)


def _is_full(cycle: PastCycle) -> bool:
    if cycle.mean is not None and cycle.mean >= FULL:
        return True
    return 0 < cycle.graded_count * FULL_PERCENT <= cycle.full_count * 100


def out_of_reach(team: TeamFacts) -> Hint | None:
    """W18: a mean below 0.4 twice in a row; once outside 0.6 to 0.8 is a note."""
    means = [cycle.mean for cycle in team.history[:2]]
    if not means or means[0] is None:
        return None
    last, rule = means[0], RULES["W18"]
    if len(means) == 2 and means[1] is not None and last < LOW and means[1] < LOW:
        return rule.hint("Below 0.4 for two cycles in a row. Which objective could be smaller?")
    if last < WELL_SET[0]:
        text = f"The last cycle reached {number(last)}. Were the targets too far?"
        return rule.hint(text, Level.NOTE)
    if last > WELL_SET[1]:
        text = f"The last cycle reached {number(last)}. Could the next targets be bolder?"
        return rule.hint(text, Level.NOTE, catalogue.RAISE_TARGET)
    return None


def kpi_count(team: TeamFacts) -> Hint | None:
    """W20: 4 to 6 KPIs of a team are right (a board: up to 15); kinds nobody watches are noted."""
    count, rule = team.kpi_count, RULES["W20"]
    good, most = (BOARD_GOOD, BOARD_MOST) if team.is_organisation else (GOOD_KPIS, MOST_KPIS)
    if count > most:
        return rule.hint(f"{count} KPIs are more than anyone reads. Which could go?", Level.FAIL)
    if count > good:
        return rule.hint(f"{count} KPIs, {good} are easier to read. Which could go?")
    if count < FEWEST_KPIS and not team.is_organisation:
        text = f"{plural(count, 'KPI')}; four to six show how a team runs. Which side is missing?"
        return rule.hint(text, Level.NOTE, catalogue.SEE_EXAMPLES)
    if team.missing_kinds:
        text = f"{_coverage(team)} Is that on purpose?".lstrip()
        return rule.hint(text, Level.NOTE, catalogue.SEE_EXAMPLES)
    return None


def _coverage(team: TeamFacts) -> str:
    """`Retention is covered. Growth and finance have no KPI here.`"""
    has = "has" if len(team.missing_kinds) == 1 else "have"
    gap = f"{_capital(team.missing_kinds)} {has} no KPI here."
    if not team.covered_kinds:
        return gap
    are = "is" if len(team.covered_kinds) == 1 else "are"
    return f"{_capital(team.covered_kinds)} {are} covered. {gap}"


def _capital(kinds: tuple[str, ...]) -> str:
    text = names(list(kinds))
    return text[:1].upper() + text[1:]
