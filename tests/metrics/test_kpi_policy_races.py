"""Two leads change what a KPI says at once: one is kept, the other hears of it."""

import threading
from datetime import date

import pytest

from metrics import policies
from metrics.actions.kpi_policies import set_kpi_policy
from metrics.actions.policies import PoliciesChanged, fingerprint
from metrics.models import Kpi, KpiPolicy
from metrics.policies import Own
from tests.factories import NOW, join, make_kpi, make_team, make_user
from tests.objectives.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CHANGES = (
    (date(2026, 9, 1), Own(patience=2)),
    (date(2026, 10, 1), Own(patience=4)),
)


@pytest.fixture
def kpi(db):
    return make_kpi(team=make_team())


def test_of_two_changes_one_is_kept_and_the_other_is_told(kpi):
    seen = fingerprint([kpi])
    leads = [
        join(kpi.team, make_user(name, organisation=kpi.team.organisation), "lead")
        for name in ("Alice Moreau", "Bob Tanaka")
    ]

    def change(lead, wanted):
        day, own = wanted
        return lambda: set_kpi_policy(
            Kpi.objects.select_related("team__organisation").get(pk=kpi.pk),
            own,
            effective_on=day,
            reason="Noise",
            seen=seen,
            actor=lead,
            now=NOW,
        )

    found = at_once(*map(change, leads, CHANGES))

    assert sum(isinstance(one, PoliciesChanged) for one in found) == 1
    row = KpiPolicy.objects.get()
    kpi.refresh_from_db()
    assert policies.read_own(kpi.policies) == ((row.effective_on, row.own),)


def test_without_the_lock_one_of_two_changes_is_lost(kpi):
    """The control: reading first and writing later, as the action would without its lock."""
    both_have_read = threading.Barrier(2)

    def careless(wanted):
        def job():
            said = policies.read_own(Kpi.objects.get(pk=kpi.pk).policies)
            both_have_read.wait(10)
            text = policies.write_own([*said, wanted])
            Kpi.objects.filter(pk=kpi.pk).update(policies=text)
            return True

        return job

    found = at_once(*map(careless, CHANGES))

    assert found == [True, True]
    kpi.refresh_from_db()
    assert len(policies.read_own(kpi.policies)) == 1
