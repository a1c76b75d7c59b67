"""The tables of the statistics page, printed and downloaded alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from metrics.periods import Period, period_label
from objectives.grading import SCALE
from objectives.kinds import Ambition
from objectives.models import Cycle
from reviews import tables
from reviews.calibration import (
    CycleFigures,
    Grades,
    aspirational_mean,
    calibration_hint,
    past_cycle,
    share,
)
from reviews.pages.statistics_facts import Scope
from reviews.pages.statistics_signals import Became, QuarterFigures
from reviews.pages.statistics_words import why
from reviews.tables import Column, Row, Table
from reviews.update_share import Updates
from teams.models import Team

TEAM_CYCLES = 4


def _column(label: str, kind: str = tables.COUNT) -> Column:
    return Column(label, kind, why(label))


def means(figures: CycleFigures) -> tuple[Decimal | None, Decimal | None]:
    """(committed, aspirational) mean of a cycle; None where nothing was graded."""
    return figures.grades[Ambition.COMMITTED].mean, aspirational_mean(figures.grades)


def graded(figures: CycleFigures) -> int:
    """How many key results of a cycle have a grade."""
    return sum(one.graded for one in figures.grades.values())


def cycle_table(cycles: Iterable[Cycle], figures: Mapping[int, CycleFigures]) -> Table:
    """Counts and mean grades of each cycle, the latest first, and how the mean moved."""
    shown = list(cycles)
    before = dict(zip(shown, [*shown[1:], None], strict=False))
    rows = []
    for cycle in shown:
        one = figures[cycle.pk]
        committed, aspirational = means(one)
        past = means(figures[before[cycle].pk])[1] if before[cycle] else None
        moved = None if None in (aspirational, past) else aspirational - past
        counts = (one.teams, one.objectives, one.key_results, graded(one))
        values = (cycle.name, *counts, committed, aspirational, moved, one.hidden)
        rows.append(Row(values, cycle.get_absolute_url()))
    return Table(
        "cycles",
        "Cycles",
        "Counts and mean grades, the latest first",
        (
            Column("Cycle", tables.TEXT),
            *(_column(name) for name in ("Teams", "Objectives", "Key results", "Graded")),
            *(_column(name, tables.GRADE) for name in ("Committed", "Aspirational")),
            _column("Change", tables.CHANGE),
            _column("Hidden"),
        ),
        rows,
    )


def habit_table(cycles: Iterable[Cycle], figures: Mapping[int, CycleFigures]) -> Table:
    """How goals are set: what only keeps a level, what comes again, where it came from."""
    rows = []
    for cycle in cycles:
        one = figures[cycle.pk]
        kept = share(one.maintain, one.key_results)
        own = share(one.bottom_up, one.objectives)
        values = (cycle.name, kept, one.repeats, share(one.repeats, one.objectives), own)
        rows.append(Row(values, cycle.get_absolute_url()))
    return Table(
        "habits",
        "How goals are set",
        "What keeps a level is often a KPI; at least half is meant to come from the teams",
        (
            Column("Cycle", tables.TEXT),
            _column("Maintain", tables.SHARE),
            _column("Again"),
            Column("Again, share", tables.SHARE, why("Again")),
            _column("Bottom-up", tables.SHARE),
        ),
        rows,
    )


def update_table(cycles: Iterable[Cycle], found: Mapping[int, Updates]) -> Table:
    """The rhythm of all teams together."""
    rows = [
        Row((cycle.name, one.due, one.on_time, one.late, one.missed, one.ratio))
        for cycle, one in ((cycle, found[cycle.pk]) for cycle in cycles)
    ]
    columns = [_column(name) for name in ("Due", "On time", "Late", "Missed")]
    return Table(
        "updates",
        "Updates",
        "The rhythm of teams, never of a person",
        (
            Column("Cycle", tables.TEXT),
            *columns,
            Column("On time, share", tables.SHARE, why("On time")),
        ),
        rows,
    )


def grade_table(cycle: Cycle | None, figures: CycleFigures | None) -> Table:
    """How many key results of a cycle ended with each grade, the two ambitions apart."""
    rows = []
    if figures is not None:
        sides = (figures.grades[Ambition.COMMITTED], figures.grades[Ambition.ASPIRATIONAL])
        rows = [Row((f"{grade:.1f}", *(one.counts[grade] for one in sides))) for grade in SCALE]
    return Table(
        "grades",
        f"Grades of {cycle.name}" if cycle else "Grades",
        "0.0 to 0.3 little progress, 0.4 to 0.6 progress, from 0.7 delivered",
        (
            Column("Grade", tables.TEXT),
            Column("Committed", tables.COUNT, why("Grade")),
            Column("Aspirational", tables.COUNT, why("Grade")),
        ),
        rows,
    )


def team_table(
    scope: Scope,
    teams: Iterable[Team],
    grades: Mapping[int, Mapping[int, Mapping[str, Grades]]],
    off: Collection[str],
) -> Table:
    """The aspirational mean of each team by cycle, and what the coach asks of its targets."""
    cycles = scope.cycles[:TEAM_CYCLES]
    rows = []
    for team in teams:
        mine = grades.get(team.pk, {})
        history = [past_cycle(mine[one.pk]) for one in scope.cycles if one.pk in mine]
        hint = calibration_hint(history, off)
        found = [aspirational_mean(mine[one.pk]) if one.pk in mine else None for one in cycles]
        said = f"{hint.text} {hint.code}" if hint else ""
        rows.append(Row((team.name, *found, said), team.get_absolute_url()))
    columns = [Column(one.name, tables.GRADE, why("Aspirational")) for one in cycles]
    return Table(
        "teams",
        "Calibration by team",
        "Aspirational mean; teams in the order of their names",
        (Column("Team", tables.TEXT), *columns, Column("Question", tables.TEXT)),
        rows,
        "No team has a grade yet.",
    )


def decision_table(quarters: Mapping[Period, QuarterFigures], month: int) -> Table:
    """How long signals waited for the first decision, by the quarter they were opened in."""
    rows = [
        Row((period_label(period, month), len(one.days), one.median, one.waiting, one.hidden))
        for period, one in quarters.items()
    ]
    return Table(
        "decisions",
        "Time to decision",
        "From opened to the first decision, by fiscal quarter",
        (
            Column("Quarter", tables.TEXT),
            _column("Decided"),
            _column("Median days", tables.DAYS),
            _column("Waiting"),
            Column("Hidden", tables.COUNT, why("Hidden signals")),
        ),
        rows,
        "No signal yet.",
    )


def signal_table(found: Iterable[Became]) -> Table:
    """What became of each signal, the latest first."""
    rows = []
    for one in found:
        told = (one.kpi, one.team, one.opened_on, one.days, one.decision)
        rows.append(Row((*told, one.grade, one.ended, one.choice), f"/signals/{one.pk}/"))
    return Table(
        "signals",
        "What became of each signal",
        "Decision, grade of the OKR that answered it, and the next target",
        (
            *(Column("KPI", tables.TEXT), Column("Team", tables.TEXT), Column("Opened", "day")),
            _column("Days", tables.DAYS),
            *(Column("Decision", tables.TEXT), Column("OKR grade", tables.GRADE)),
            *(Column("Signal", tables.TEXT), Column("Next target", tables.TEXT)),
        ),
        rows,
        "No signal yet.",
    )
