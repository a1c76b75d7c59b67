"""Two administrators at once: one of them stays; and a control that shows the race is real."""

import threading

import pytest
from django.db import transaction

from teams.actions import LastAdmin, change_roles, deactivate
from teams.models import User
from tests.factories import NOW, make_organisation, make_user
from tests.objectives.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(db):
    organisation = make_organisation()
    return [
        make_user(name, organisation=organisation, is_org_admin=True) for name in ("Ada", "Ben")
    ]


def administrators() -> int:
    return User.objects.filter(is_org_admin=True, is_active=True).count()


def test_two_who_give_it_up_at_once_leave_one(two):
    ada, ben = two
    found = at_once(
        lambda: change_roles(ada, {}, is_org_admin=False),
        lambda: deactivate(ben, now=NOW),
    )
    assert [type(one) for one in found if one is not None] == [LastAdmin]
    assert administrators() == 1


def test_control_without_the_lock_both_give_it_up(two):
    looked = threading.Barrier(2)

    def naive(person):
        def job():
            others = User.objects.filter(is_org_admin=True).exclude(pk=person.pk)
            assert others.exists()
            looked.wait(10)
            with transaction.atomic():
                User.objects.filter(pk=person.pk).update(is_org_admin=False)

        return job

    assert at_once(*map(naive, two)) == [None, None]
    assert administrators() == 0
