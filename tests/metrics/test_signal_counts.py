"""The count in the navigation is the one the query set would give, for everybody."""

from datetime import timedelta

from metrics.models import Signal
from metrics.signal_counts import undecided_count
from tests.factories import NOW, join, make_kpi, make_signal, make_team, make_user


def test_the_count_is_that_of_the_query_set_for_every_kind_of_reader(
    team, alice, vera, charlie, ada, organisation
):
    hidden = make_team(organisation=organisation, name="Hidden", is_private=True)
    insider = join(hidden, make_user(organisation=organisation), "viewer")
    foreign_kpi = make_kpi()
    foreigner = make_user(organisation=foreign_kpi.team.organisation)
    make_signal(foreign_kpi)
    cases = [
        {},
        {"decision": "accept"},
        {"kind": "data_stale"},
        {"snoozed_until": NOW + timedelta(days=1)},
        {"snoozed_until": NOW},
        {"retracted_at": NOW},
        {"is_open": False, "ended_on": NOW.date()},
    ]
    for over in cases:
        make_signal(make_kpi(team=team), **over)
        make_signal(make_kpi(team=team, is_private=True), **over)
        make_signal(make_kpi(team=hidden), **over)

    found = {}
    for person in (alice, vera, charlie, ada, insider, foreigner):
        found[person.name, person.pk] = undecided_count(person, NOW)
        asked = Signal.objects.visible_to(person).undecided(NOW).count()
        assert undecided_count(person, NOW) == asked
    assert sorted(found.values()) == [1, 2, 2, 4, 4, 4]
