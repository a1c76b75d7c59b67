"""The gate that reads a row and the role at once lets through whom `visible_to` lets through."""

import pytest
from django.http import Http404

from metrics.models import Kpi
from teams.guards import get_row_and_role, role_in
from tests.factories import join, make_kpi, make_organisation, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [None, "viewer", "member", "lead"])
@pytest.mark.parametrize("private_team", [False, True])
@pytest.mark.parametrize("private_kpi", [False, True])
@pytest.mark.parametrize("is_foreign", [False, True])
def test_a_row_opens_to_those_who_may_see_it(role, private_team, private_kpi, is_foreign):
    team = make_team(is_private=private_team)
    kpi = make_kpi(team=team, is_private=private_kpi)
    own = make_organisation() if is_foreign else team.organisation
    person = make_user("Some One", organisation=own)
    if role:
        join(team, person, role)
    rows = Kpi.objects.select_related("team")

    if Kpi.objects.visible_to(person).filter(pk=kpi.pk).exists():
        assert get_row_and_role(rows, person, kpi.pk) == (kpi, role_in(person, team))
    else:
        with pytest.raises(Http404):
            get_row_and_role(rows, person, kpi.pk)


def test_an_unknown_row_is_not_found(alice):
    with pytest.raises(Http404):
        get_row_and_role(Kpi.objects.select_related("team"), alice, 987654321)
