"""The quarter of 1,000 teams asks the database as often as that of 10, and stays a light page."""

import gzip
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi, KpiState, Signal, Target
from objectives.models import CheckIn, KeyResult, Objective
from teams.models import Team
from tests.factories import (
    NOW,
    make_cadence,
    make_cycle,
    make_organisation,
    make_source,
    make_team,
    make_user,
)

pytestmark = [pytest.mark.django_db]
RECENT = "2026-05-01+7/8 2026-06-01x9/8 2026-07-01x9.5/8"
CREATED = NOW - timedelta(days=60)
WEIGHT = 100 * 1024


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def fill(count: int):
    """An organisation of so many teams, each with a KPI off target, a signal and an objective."""
    organisation = make_organisation()
    person = make_user(organisation=organisation)
    cycle, cadence = make_cycle(organisation=organisation), make_cadence(organisation=organisation)
    source = make_source(team=make_team(organisation=organisation))
    named = {"organisation": organisation, "created_at": CREATED}
    teams = Team.objects.bulk_create(Team(name=f"Team {at:04}", **named) for at in range(count))
    kpis = Kpi.objects.bulk_create(
        Kpi(
            team=team,
            name="Churn rate",
            definition="What is counted.",
            direction="lower_is_better",
            cadence=cadence,
            source=source,
            starts_on=date(2026, 1, 1),
            created_at=CREATED,
        )
        for team in teams
    )
    KpiState.objects.bulk_create(KpiState(kpi=kpi, recent=RECENT, streak=2) for kpi in kpis)
    Target.objects.bulk_create(
        Target(kpi=kpi, value=8, effective_on=kpi.starts_on, created_at=CREATED) for kpi in kpis
    )
    Signal.objects.bulk_create(
        Signal(
            kpi=kpi,
            kind="off_target",
            cadence_kind="monthly",
            first_off_on=date(2026, 6, 1),
            raised_on=date(2026, 7, 1),
            opened_at=CREATED,
            decide_by=date(2026, 8, 10),
        )
        for kpi in kpis
    )
    fill_goals(teams, cycle, person)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself after so many new rows
    return person


def fill_goals(teams, cycle, person) -> None:
    goals = Objective.objects.bulk_create(
        Objective(
            team=team,
            cycle=cycle,
            title="Nobody leaves us early",
            state="active",
            ambition="committed",
            created_at=CREATED,
            published_at=CREATED,
            starts_on=cycle.starts_on,
        )
        for team in teams
    )
    rows = KeyResult.objects.bulk_create(
        KeyResult(
            objective=goal,
            position=1,
            title="NPS rises",
            kind="increase",
            baseline=Decimal(38),
            target=Decimal(52),
        )
        for goal in goals
    )
    said = CheckIn.objects.bulk_create(
        CheckIn(
            key_result=row,
            value=Decimal(41),
            confidence=5,
            author=person,
            made_at=NOW - timedelta(days=4),
            due_on=date(2026, 8, 14),
            token=UUID(int=row.pk),
        )
        for row in rows
    )
    for one in said:
        one.key_result.latest = one
        one.key_result.next_due_on = date(2026, 8, 21)
    KeyResult.objects.bulk_update(rows, ["latest", "next_due_on"])


def asked(client, person, path: str) -> tuple[int, str]:
    """(how many queries a page took, the page)."""
    client.force_login(person)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(queries), answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_teams(client):
    small, large = fill(10), fill(1000)
    most = {
        "/quarter/": 20,
        "/quarter/?on=2026-08-10": 34,
        "/quarter/teams.csv": 18,
        "/quarter/trend/": 18,
    }
    for path, count in most.items():
        few, _ = asked(client, small, path)
        many, text = asked(client, large, path)
        assert (path, few) == (path, many)
        assert many <= count
        if path == "/quarter/":
            assert "1,000 of 1,000 KPIs off target." in text
            assert len(gzip.compress(text.encode(), 6)) < WEIGHT
