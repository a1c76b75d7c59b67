"""A decision past its day is told to the owner, then the leads, then admins: once to each."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics.models import Kpi, Signal
from metrics.overdue_decisions import tell_overdue
from teams.models import MessageSettings, OutboxMessage, Team
from tests.factories import join, make_kpi, make_organisation, make_signal

pytestmark = pytest.mark.django_db
DUE = date(2026, 8, 18)
NIGHT = datetime(2026, 8, 18, 22, 30, tzinfo=UTC)  # 00:30 in Oslo, the day after


@pytest.fixture
def signal(team, alice, bob, ada):
    return make_signal(make_kpi(team=team, owner=bob, name="Churn rate"), decide_by=DUE)


def run(organisation, *, days) -> set[str]:
    """Who has heard when the job ran every six hours of the first `days` days past."""
    for hour in range(0, days * 24, 6):
        tell_overdue(organisation, NIGHT + timedelta(hours=hour))
    rows = OutboxMessage.objects.filter(topic="decision")
    names = list(rows.values_list("recipient__name", flat=True))
    assert len(names) == len(set(names))  # once to each
    return {name.split()[0] for name in names}


@pytest.mark.parametrize(
    ("days", "heard"),
    [(1, {"Bob"}), (2, {"Bob"}), (3, {"Bob", "Alice"}), (7, {"Bob", "Alice", "Ada"})],
)
def test_more_people_hear_the_longer_it_takes(organisation, signal, days, heard):
    assert run(organisation, days=days) == heard


def test_where_nobody_owns_the_kpi_the_leads_hear_first(organisation, signal):
    Kpi.objects.update(owner=None)
    assert run(organisation, days=1) == {"Alice"}


def test_it_is_told_at_the_persons_hour_and_says_what_waits(organisation, signal, bob):
    MessageSettings.objects.create(user=bob, hour=7)
    assert tell_overdue(organisation, NIGHT) == 1
    assert tell_overdue(organisation, NIGHT) == 0

    row = OutboxMessage.objects.get()
    assert row.due_at == datetime(2026, 8, 19, 5, tzinfo=UTC)
    assert row.subject == "Churn rate waits for a decision"
    assert row.body == "It was due Tue 18\u00a0Aug, 1 day ago."
    assert row.link == f"/signals/{signal.pk}/"


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "okr"},
        {"is_open": False},
        {"snoozed_until": NIGHT + timedelta(days=30)},
        {"decide_by": None},
        {"decide_by": DUE + timedelta(days=30)},
        {"decide_by": DUE - timedelta(days=90)},
    ],
)
def test_what_needs_no_decision_now_is_not_told(organisation, signal, change):
    Signal.objects.update(**change)
    assert run(organisation, days=8) == set()


def test_administrators_hear_of_private_things_only_as_members(organisation, team, signal, ada):
    Kpi.objects.update(is_private=True)
    assert run(organisation, days=8) == {"Bob", "Alice"}

    join(team, ada, "viewer")
    assert run(organisation, days=8) == {"Bob", "Alice", "Ada"}


def test_administrators_hear_nothing_of_a_private_team(organisation, signal):
    Team.objects.update(is_private=True)
    assert run(organisation, days=8) == {"Bob", "Alice"}


def test_another_organisation_hears_nothing(signal):
    assert tell_overdue(make_organisation(name="Elsewhere"), NIGHT + timedelta(days=8)) == 0


def test_who_left_hears_nothing(organisation, signal, bob):
    bob.is_active = False
    bob.save()
    assert run(organisation, days=1) == {"Alice"}
