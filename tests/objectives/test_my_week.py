"""My week: what a person owes, overdue first, at a cost that does not grow with it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.evaluation import evaluate_kpis
from metrics.models import KpiState, Measurement
from objectives.models import CheckIn, KeyResult, WeekItem, WeekVisit
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_team,
    make_user,
    make_value,
)

# NOW is Tuesday 18 August 2026; check-ins are due on Fridays.
FRIDAY, LAST_FRIDAY = date(2026, 8, 21), date(2026, 8, 14)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def page(client, person):
    client.force_login(person)
    answer = client.get("/my-week/")
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ")


def owed_kr(team, owner, due=FRIDAY, **over):
    objective = over.pop("objective", None) or make_objective(team=team)
    return make_key_result(objective, owner=owner, next_due_on=due, **over)


def owed_kpi(team, owner, *, months=1, **over):
    """A monthly KPI whose newest `months` months have no value."""
    kpi = make_kpi(team=team, target=8, owner=owner, starts_on=date(2026, 1, 1), **over)
    for month in range(1, 8 - months):
        make_value(kpi, date(2026, month, 1), 7)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def test_what_is_overdue_comes_first_then_day_by_day(client, team, bob):
    late = owed_kr(team, bob, LAST_FRIDAY, title="Late one")
    due = owed_kr(team, bob, title="Due one")
    kpi = owed_kpi(team, bob, name="Churn")

    text = page(client, bob)

    order = [text.index(f'id="{root}"') for root in (f"kpi-{kpi.pk}", late.row_id, due.row_id)]
    assert order == sorted(order)
    assert 'Overdue <span class="num">2</span>' in text
    assert 'By Friday 21 August <span class="num">1</span>' in text
    assert "Three values to update, about <b>one minute</b>. " in text
    assert "Two of them were due yesterday or before." in text
    assert "July 2026 · due Fri 31 Jul, 18 days ago" in text


def test_several_missing_months_are_filled_at_once(client, team, bob):
    kpi = owed_kpi(team, bob, months=3)

    text = page(client, bob)

    assert "May, June and July are missing" in text
    assert f'hx-get="/my-week/kpis/{kpi.pk}/values/fill/"' in text
    assert "Fill 3" in text


def test_values_of_a_file_are_uploaded_not_typed(client, team, bob):
    kpi = owed_kpi(team, bob)
    kpi.source.kind = "csv_upload"
    kpi.source.save()

    text = page(client, bob)

    assert f'href="/teams/{team.pk}/imports/"' in text
    assert f"/my-week/kpis/{kpi.pk}/" not in text


def test_months_the_evaluation_has_not_come_to_are_owed_like_the_others(client, team, bob):
    kpi = make_kpi(team=team, target=8, owner=bob, starts_on=date(2026, 1, 1), name="Churn")
    for month in range(1, 5):
        make_value(kpi, date(2026, month, 1), 7)
    evaluate_kpis([kpi.pk], datetime(2026, 5, 2, tzinfo=UTC))  # and not since
    make_value(kpi, date(2026, 6, 1), 7)
    text = page(client, bob)
    assert f'href="/my-week/kpis/{kpi.pk}/values/fill/"' in text
    assert "May and July are missing" in text
    assert client.get(f"/my-week/kpis/{kpi.pk}/values/fill/").text.count('name="value_') == 2


def test_a_value_that_is_in_but_not_judged_yet_is_not_owed(client, team, bob):
    kpi = owed_kpi(team, bob)
    make_value(kpi, date(2026, 7, 1), 7)

    assert "Nothing to update" in page(client, bob)


def test_a_key_result_without_owner_is_its_objectives_owners(client, team, alice, bob):
    objective = make_objective(team=team, owner=bob)
    row = make_key_result(objective, next_due_on=FRIDAY)

    assert f'id="{row.row_id}"' in page(client, bob)
    assert f'id="{row.row_id}"' not in page(client, alice)


@pytest.mark.parametrize(
    "over",
    [
        {"state": "draft", "published_at": None},
        {"state": "parked", "published_at": None},
        {"state": "closed", "closed_at": NOW},
    ],
)
def test_only_running_objectives_ask(client, team, bob, over):
    row = owed_kr(team, bob, objective=make_objective(team=team, **over))

    assert f'id="{row.row_id}"' not in page(client, bob)


def test_what_is_due_next_week_is_not_asked_yet_but_comes_up(client, team, bob):
    row = owed_kr(team, bob, FRIDAY + timedelta(weeks=1), title="Later one")

    text = page(client, bob)

    assert f'id="{row.row_id}"' not in text
    assert "Later one, check-in" in text
    assert "Fri 28 Aug" in text


def test_a_missed_day_answered_this_week_is_not_asked_again_before_its_due_day(client, team, bob):
    row = owed_kr(team, bob, title="Answered late")
    make_check_in(row, bob, due_on=LAST_FRIDAY, made_at=NOW - timedelta(hours=2))
    row.refresh_from_db()
    assert row.next_due_on == FRIDAY

    assert f'id="{row.row_id}"' not in page(client, bob)
    with time_machine.travel(datetime(2026, 8, 21, 9, tzinfo=UTC), tick=False):
        assert f'id="{row.row_id}"' in page(client, bob)


def test_who_may_not_write_owes_nothing(client, team, vera):
    owed_kpi(team, vera)
    owed_kr(team, vera)

    text = page(client, vera)

    assert "Nothing to update: all values are in." in text


def test_an_empty_week_says_what_belongs_here_and_one_next_step(client, team, bob):
    text = page(client, bob)

    assert "Key results and KPIs that you own stand here" in text
    assert f'<a class="btn" href="/teams/{team.pk}/">See Customer Success</a>' in text


def test_signals_to_decide_stand_beside_with_clock_and_evidence(client, team, alice, bob, vera):
    kpi = owed_kpi(team, bob, name="Net Promoter Score")
    signal = make_signal(kpi, decide_by=date(2026, 8, 27))

    owner, lead, viewer = page(client, bob), page(client, alice), page(client, vera)

    for text in (owner, lead):
        assert f'href="/signals/{signal.pk}/">Decide' in text
        assert '<b class="num">9</b> days left' in text
        assert "7 % in June, target at most 8 %." in text
    assert "Net Promoter Score, decision" in owner
    assert "Decide<" not in viewer


def test_what_nears_a_signal_is_watched(client, team, bob):
    kpi = make_kpi(team=team, target=8, owner=bob, name="Churn", starts_on=date(2026, 1, 1))
    for month, value in enumerate((7, 7, 7, 7, 7, 9, 9), 1):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW)

    assert "Watching: Churn is at 2 of 3 months." in page(client, bob)


def test_the_root_leads_here_and_the_bar_marks_it(client, team, bob):
    client.force_login(bob)

    assert client.get("/").url == "/my-week/"
    text = client.get("/my-week/").text
    assert '<a href="/my-week/" data-go="w" aria-current="page">' in text
    assert text.count('href="/profile/"') == 1


def test_looking_writes_the_visit_and_nothing_else(client, team, bob):
    owed_kr(team, bob)
    client.force_login(bob)

    with CaptureQueriesContext(connection) as first:
        client.get("/my-week/")
    later = time_machine.travel(NOW + timedelta(hours=1), tick=False)
    with later, CaptureQueriesContext(connection) as second:
        client.get("/my-week/")

    for queries in (first, second):
        writes = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE")]
        assert [sql for sql in writes if "objectives_weekvisit" not in sql] == []
    assert WeekVisit.objects.get(person=bob).before_at == NOW


def test_a_visit_goes_on_within_half_an_hour(client, team, bob):
    client.force_login(bob)
    for minutes in (0, 60, 75):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            client.get("/my-week/")

    visit = WeekVisit.objects.get(person=bob)
    assert (visit.before_at, visit.seen_at) == (NOW, NOW + timedelta(minutes=75))


def fill(team, owner, size):
    """Owed values and check-ins, half and half, and everything else a week shows."""
    kpis = [owed_kpi(team, owner, months=2) for _ in range(1)]
    model = kpis[0]
    rest = [
        type(model)(
            team=team,
            name=f"Copy {n}",
            definition="Copied.",
            owner=owner,
            unit="%",
            direction="lower_is_better",
            source=model.source,
            cadence=model.cadence,
            starts_on=date(2026, 1, 1),
            created_at=NOW,
        )
        for n in range(size // 2)
    ]
    type(model).objects.bulk_create(rest)
    state = KpiState.objects.get(pk=model.pk)
    fields = ("watermark_on", "recent", "is_stale", "latest_on", "latest_value", "latest_status")
    KpiState.objects.bulk_create(
        KpiState(kpi=kpi, **{name: getattr(state, name) for name in fields}) for kpi in rest
    )
    Measurement.objects.bulk_create(
        Measurement(kpi=kpi, day=date(2026, 5, 1), identity="monthly", value=7, recorded_at=NOW)
        for kpi in rest
    )
    objective = make_objective(team=team)
    rows = KeyResult.objects.bulk_create(
        KeyResult(
            objective=objective,
            position=n,
            title=f"Row {n}",
            baseline=Decimal(38),
            target=Decimal(52),
            owner=owner,
            # Some overdue for longer than any value, so that both kinds stand on the first page.
            next_due_on=FRIDAY if n > 5 else date(2026, 6, 26),
        )
        for n in range(1, size // 2 + 1)
    )
    made = CheckIn.objects.bulk_create(
        CheckIn(
            key_result=row,
            value=Decimal(41),
            confidence=6,
            author=owner,
            made_at=NOW - timedelta(days=8),
            due_on=LAST_FRIDAY - timedelta(days=7),
            token=uuid4(),
        )
        for row in rows
    )
    for row, said in zip(rows, made, strict=True):
        row.latest = said
    KeyResult.objects.bulk_update(rows, ["latest"])
    WeekItem.objects.create(
        person=owner, week_on=date(2026, 8, 17), kind="priority", text="Call", created_at=NOW
    )


def test_the_number_of_queries_is_the_same_at_10_and_at_1000_owed(client, team, organisation):
    counts = []
    for size in (10, 1000):
        other = make_team(organisation=organisation)
        person = join(other, make_user("Carla", organisation=organisation))
        fill(other, person, size)
        client.force_login(person)
        client.get("/my-week/")
        with CaptureQueriesContext(connection) as queries:
            text = client.get("/my-week/").text
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 32
    assert "Page 1 of 26, 1001 to update" in text
    assert text.count('<li class="row"') == 40
