"""The statistics page: figures of cycles, calibration, updates, and what became of signals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.core.paginator import Page, Paginator

from metrics.wording import NO_VALUE, number, percent, plural
from objectives.explain import Explanation
from objectives.kinds import Ambition, CycleKind
from objectives.models import Cycle
from objectives.pages.coach_policy import silenced
from reviews.calibration import BOTTOM_UP_AIM, MEAN_AIM, CycleFigures, share
from reviews.figures import Mean, grade_bars, mean_line
from reviews.pages import statistics_tables as shown
from reviews.pages.statistics_facts import (
    CYCLES_SHOWN,
    Scope,
    cycle_figures,
    team_and_below,
    team_grades,
    update_shares,
)
from reviews.pages.statistics_signals import BECAME, became_of, quarter_figures, signals_of
from reviews.pages.statistics_words import why
from reviews.tables import Table
from reviews.update_share import Updates
from teams.models import Team, User

ROWS_A_PAGE = 50
# The headline figures are printed in two rows: what came of it, and how it was worked.
RESULT_FACTS = 5


class Fact(NamedTuple):
    """A headline figure; `ident` is unique on the page."""

    term: str
    value: str
    below: str
    why: Explanation
    ident: str


def scope_of(user: User, team: Team | None, kind: str, now: datetime) -> Scope:
    """What a person asked to see: the last cycles of one kind that have begun. Two queries."""
    organisation = user.organisation
    today = organisation.today(now)
    wanted = kind if kind in CycleKind.values else organisation.cycle_scheme
    cycles = Cycle.objects.of(organisation).filter(kind=wanted, starts_on__lte=today)
    ids = team_and_below(team) if team else None
    latest = tuple(cycles.order_by("-starts_on")[:CYCLES_SHOWN])
    return Scope(user, organisation, today, latest, team, ids)


def statistics_context(scope: Scope, wanted: str, pages: tuple[str, str]) -> dict:
    """What `statistics.html` prints; `wanted` is the key of a cycle, `pages` of teams, signals."""
    figures = cycle_figures(scope)
    updates = update_shares(scope)
    quarters = quarter_figures(scope)
    cycle = chosen_cycle(scope, figures, wanted)
    teams, by_team = _teams(scope, pages[0])
    signals, became = _signals(scope, pages[1])
    one = figures[cycle.pk] if cycle else CycleFigures()
    means = [Mean(past.name, shown.means(figures[past.pk])[1]) for past in scope.cycles]
    month = scope.organisation.fiscal_start_month
    facts = cycle_facts(one, updates.get(cycle.pk, Updates()) if cycle else Updates())
    return {
        "scope": scope,
        "cycle": cycle,
        "has_objectives": any(found.objectives or found.hidden for found in figures.values()),
        "fact_rows": (facts[:RESULT_FACTS], facts[RESULT_FACTS:]),
        "hidden": one.hidden,
        "committed": grade_bars(one.grades[Ambition.COMMITTED], "committed"),
        "aspirational": grade_bars(one.grades[Ambition.ASPIRATIONAL], "aspirational"),
        "means": mean_line(means[::-1], *MEAN_AIM),
        "grades": shown.grade_table(cycle, one if cycle else None),
        "cycles": shown.cycle_table(scope.cycles, figures),
        "habits": shown.habit_table(scope.cycles, figures),
        "updates": shown.update_table(scope.cycles, updates),
        "teams": by_team,
        "team_page": teams,
        "decisions": shown.decision_table(quarters, month),
        "signals": became,
        "signal_page": signals,
    }


def chosen_cycle(scope: Scope, figures: dict[int, CycleFigures], wanted: str) -> Cycle | None:
    """The cycle that was asked for; else the latest with a grade, else the latest."""
    asked = (one for one in scope.cycles if str(one.pk) == wanted)
    with_grades = (one for one in scope.cycles if shown.graded(figures[one.pk]))
    latest = scope.cycles[0] if scope.cycles else None
    return next(asked, None) or next(with_grades, latest)


def cycle_facts(one: CycleFigures, updates: Updates) -> list[Fact]:
    """The headline figures of one cycle, each with what it was computed from."""
    committed, aspirational = shown.means(one)
    own, kept = share(one.bottom_up, one.objectives), share(one.maintain, one.key_results)
    low, high = MEAN_AIM
    facts = [
        ("Teams", str(one.teams), "with objectives", ()),
        (
            "Objectives",
            str(one.objectives),
            f"{one.hidden} hidden" if one.hidden else "active and closed",
            (),
        ),
        ("Key results", str(one.key_results), f"{shown.graded(one)} graded", ()),
        ("Aspirational", number(aspirational, 2), f"aim {low} to {high}", _grade_inputs(one, 1)),
        ("Committed", number(committed, 2), "1.0 is expected", _grade_inputs(one, 0)),
        ("On time", percent(updates.ratio), f"of {plural(updates.due, 'update')} due", ()),
        ("Bottom-up", percent(own), _aim(own), (("Bottom-up", str(one.bottom_up)),)),
        ("Maintain", percent(kept), "keep a level", (("Keep a level", str(one.maintain)),)),
        ("Again", str(one.repeats), "as the cycle before", ()),
    ]
    return [
        Fact(term, value, below, why(term, value, inputs), f"fact-{at}")
        for at, (term, value, below, inputs) in enumerate(facts)
    ]


def _aim(own: Decimal | None) -> str:
    if own is None:
        return "no objective yet"
    return "aim at least 50\u00a0%" + (", below it" if own < BOTTOM_UP_AIM else "")


def _grade_inputs(one: CycleFigures, which: int) -> tuple[tuple[str, str], ...]:
    grades = list(one.grades.values())[which]
    rows = sorted(grades.counts.items())
    return tuple((f"Grade {grade}", str(count)) for grade, count in rows) or (("Graded", NO_VALUE),)


def _teams(scope: Scope, number_of: str | None) -> tuple[Page | None, Table]:
    """A page of the teams with grades by name; all of them without a number."""
    grades = team_grades(scope.key_results())
    rows = Team.objects.visible_to(scope.user).filter(pk__in=list(grades)).order_by("name", "pk")
    page = None if number_of is None else Paginator(rows, ROWS_A_PAGE).get_page(number_of)
    off = silenced(scope.organisation.pk)
    return page, shown.team_table(scope, rows if page is None else page, grades, off)


def _signals(scope: Scope, number_of: str | None) -> tuple[Page | None, Table]:
    rows = signals_of(scope).values(*BECAME)
    page = None if number_of is None else Paginator(rows, ROWS_A_PAGE).get_page(number_of)
    mine = set(scope.user.memberships.values_list("team_id", flat=True))
    found = [became_of(row, scope, mine) for row in (rows if page is None else page)]
    return page, shown.signal_table(found)


def _decisions(scope: Scope) -> Table:
    return shown.decision_table(quarter_figures(scope), scope.organisation.fiscal_start_month)


def _grades(scope: Scope, wanted: str) -> Table:
    figures = cycle_figures(scope)
    cycle = chosen_cycle(scope, figures, wanted)
    return shown.grade_table(cycle, figures[cycle.pk] if cycle else None)


# A download by its name: what the page shows, without its pages.
EXPORTS: dict[str, Callable[[Scope, str], Table]] = {
    "cycles": lambda scope, _: shown.cycle_table(scope.cycles, cycle_figures(scope)),
    "habits": lambda scope, _: shown.habit_table(scope.cycles, cycle_figures(scope)),
    "updates": lambda scope, _: shown.update_table(scope.cycles, update_shares(scope)),
    "grades": _grades,
    "teams": lambda scope, _: _teams(scope, None)[1],
    "decisions": lambda scope, _: _decisions(scope),
    "signals": lambda scope, _: _signals(scope, None)[1],
}
