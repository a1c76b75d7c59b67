"""What My week is timed on: 20 values and 20 check-ins owed, with the past of both."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

OWED = 40
WEEKS = 26


def fill_week(organisation, cadence, now: datetime):
    """A member of a team with half of `OWED` weekly values and half check-ins; return the person.

    The values have half a year of history, the check-ins nine weeks; a colleague checked in too.
    """
    from metrics.evaluation import evaluate_kpis
    from tests.factories import join, make_team, make_user

    team = make_team(organisation=organisation, name="Team of the week")
    person = join(team, make_user("Bob Tanaka", organisation=organisation))
    other = join(team, make_user("Vera Lind", organisation=organisation))
    kpis = _values(team, person, cadence, now)
    evaluate_kpis([kpi.pk for kpi in kpis], now)
    fill_check_ins(team, person, other, OWED // 8, now)
    _items(person, now)
    return person


def _values(team, person, cadence, now: datetime) -> list:
    from metrics.models import Kpi, KpiState, Measurement, Target
    from tests.factories import make_source

    source = make_source(team=team)
    monday = now.date() - timedelta(days=now.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS, 1, -1)]
    kpis = Kpi.objects.bulk_create(
        Kpi(
            team=team,
            name=f"First response of region {position}",
            definition="Hours from a question to its first answer.",
            owner=person,
            unit="h",
            direction="lower_is_better",
            source=source,
            cadence=cadence,
            starts_on=weeks[0],
            position=position,
            created_at=now,
        )
        for position in range(OWED // 2)
    )
    KpiState.objects.bulk_create(KpiState(kpi=kpi) for kpi in kpis)
    Target.objects.bulk_create(
        Target(kpi=kpi, effective_on=weeks[0], value=Decimal(4), created_at=now) for kpi in kpis
    )
    Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi,
            day=day,
            identity="weekly",
            value=Decimal("3.1") + Decimal((kpi.position * 7 + at * 3) % 12) / 10,
            source=source,
            recorded_at=now,
        )
        for kpi in kpis
        for at, day in enumerate(weeks)
    )
    return kpis


def fill_check_ins(team, person, other, objectives: int, now: datetime) -> list:
    """Objectives of four key results that a person owes a check-in; return the key results.

    Each has one a week for nine weeks, the last of the first objective's by somebody else.
    """
    from objectives import rhythm
    from objectives.actions import cycle_holding
    from objectives.actions.check_ins import note_latest
    from objectives.models import CheckIn, KeyResult
    from tests.factories import make_objective

    today = team.organisation.today(now)
    cycle = cycle_holding(team.organisation, today)
    weekday = team.organisation.check_in_weekday
    begins = today - timedelta(weeks=10)
    filled = []
    for number in range(objectives):
        objective = make_objective(
            team=team, cycle=cycle, title=f"Objective {number}", starts_on=begins
        )
        rows = KeyResult.objects.bulk_create(
            KeyResult(
                objective=objective,
                position=position,
                title=f"Row {position} of objective {number} rises from 38 to 52",
                baseline=Decimal(38),
                target=Decimal(52),
                unit="%",
                owner=person,
            )
            for position in range(1, 5)
        )
        due = rhythm.due_from(begins, "weekly", weekday)
        days = [due + timedelta(weeks=n) for n in range(10)]
        days = [day for day in days if day < today - timedelta(days=7)]
        CheckIn.objects.bulk_create(
            CheckIn(
                key_result=row,
                value=Decimal(38 + at),
                confidence=6,
                author=other if at == len(days) - 1 and number == 0 else person,
                made_at=now - (today - day),
                due_on=day,
                token=uuid4(),
            )
            for row in rows
            for at, day in enumerate(days)
        )
        for row in rows:
            note_latest(row)
        filled += rows
    return filled


def _items(person, now: datetime) -> None:
    from objectives.models import WeekItem

    monday = now.date() - timedelta(days=now.weekday())
    WeekItem.objects.bulk_create(
        WeekItem(
            person=person,
            week_on=monday,
            kind="priority",
            position=position,
            text=f"Call the accounts flagged on day {position}",
            created_at=now,
        )
        for position in range(1, 4)
    )
