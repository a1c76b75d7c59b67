"""Two cycles that are over, and what was graded in them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from reviews.pages.statistics import scope_of
from reviews.pages.statistics_facts import cycle_figures
from tests.factories import NOW, make_key_result, make_objective

Q2 = {"name": "Q2 2026", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
Q1 = {"name": "Q1 2026", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}
CLOSED = datetime(2026, 7, 3, 9, tzinfo=UTC)


def graded(team, cycle, grades, *, ambition="aspirational", **over):
    objective = make_objective(
        team=team,
        cycle=cycle,
        ambition=ambition,
        state="closed",
        closed_at=CLOSED,
        starts_on=cycle.starts_on,
        **over,
    )
    for grade in grades:
        share = Decimal(grade)
        make_key_result(objective, grade=share, suggested_grade=share, final_progress=share)
    return objective


def figures_of(user, team=None):
    return cycle_figures(scope_of(user, team, "", NOW))
