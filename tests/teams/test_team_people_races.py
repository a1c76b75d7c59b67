"""Two leads of a private team at once: one of them stays; and a control without the lock."""

import threading

import pytest
from django.db import transaction

from teams.actions import LastLead, TeamIsLed, change_members, name_lead
from teams.models import AuditEvent, Membership
from tests.factories import join, make_organisation, make_team, make_user
from tests.objectives.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secret(db):
    return make_team(organisation=make_organisation(), is_private=True)


@pytest.fixture
def two(secret):
    people = [make_user(name, organisation=secret.organisation) for name in ("Ann", "Ben")]
    return [join(secret, person, "lead") for person in people]


def leads(team) -> int:
    return team.memberships.filter(role="lead").count()


def test_two_leads_who_give_it_up_at_once_leave_one(secret, two):
    ann, ben = two
    found = at_once(
        lambda: change_members(secret, {ann: "member"}),
        lambda: change_members(secret, {ben: None}),
    )
    assert [type(one) for one in found if one is not None] == [LastLead]
    assert leads(secret) == 1


def test_control_without_the_lock_both_give_it_up(secret, two):
    looked = threading.Barrier(2)

    def naive(person):
        def job():
            held = Membership.objects.filter(team=secret, role="lead")
            assert held.exclude(user=person).exists()
            looked.wait(10)
            with transaction.atomic():
                held.filter(user=person).update(role="member")

        return job

    assert at_once(*map(naive, two)) == [None, None]
    assert leads(secret) == 0


def test_two_administrators_at_once_name_one_lead(secret):
    ada, ben, ann = (
        make_user(name, organisation=secret.organisation) for name in ["Ada", "Ben", "Ann"]
    )
    found = at_once(
        lambda: name_lead(secret, ann, reason="Nobody is left", by=ada),
        lambda: name_lead(secret, ben, reason="Nobody is left", by=ben),
    )
    assert [type(one) for one in found if one is not None] == [TeamIsLed]
    assert leads(secret) == 1
    assert AuditEvent.objects.filter(verb="lead_named").count() == 1
