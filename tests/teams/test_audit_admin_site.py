"""What superusers do on Django's admin site is recorded, too."""

import json

import pytest

from teams.models import AuditEvent, Membership, Team
from tests.factories import make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client, ada):
    ada.is_staff = ada.is_superuser = True
    ada.save(update_fields=["is_staff", "is_superuser"])
    client.force_login(ada)
    return client


def inline(team, rows) -> dict:
    """The form of the team's memberships: (id, user, role) each; no id is a new one."""
    kept = [row for row in rows if row[0]]
    data = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(kept)}
    for place, (pk, user, role) in enumerate(rows):
        data |= {
            f"memberships-{place}-id": pk or "",
            f"memberships-{place}-team": team.pk,
            f"memberships-{place}-user": user.pk,
            f"memberships-{place}-role": role,
        }
    return data


def fields(team, **over) -> dict:
    return {
        "organisation": team.organisation_id,
        "name": team.name,
        "created_at_0": "2026-08-18",
        "created_at_1": "09:00:00",
        **over,
    }


def test_fields_and_inlines_are_recorded_with_what_stood(root, ada, bob, team):
    other = make_user("Olga", organisation=team.organisation)
    held = Membership.objects.get(user=bob)
    rows = [(held.pk, bob, "lead"), (None, other, "viewer")]
    data = fields(team, name="Renamed") | inline(team, rows)
    answer = root.post(f"/admin/teams/team/{team.pk}/change/", data)
    assert answer.status_code == 302
    events = AuditEvent.objects.order_by("pk")
    assert [(one.kind, one.verb, one.label, one.actor_id) for one in events] == [
        ("team", "changed", "Renamed", ada.pk),
        ("role", "changed", "Bob Tanaka", ada.pk),
        ("role", "created", "Olga", ada.pk),
    ]
    assert json.loads(events[0].before)["name"] == "Customer Success"
    assert json.loads(events[1].before) == {"role": "member"}
    assert json.loads(events[1].after) == {"role": "lead"}
    assert {one.team_id for one in events} == {team.pk}


@pytest.mark.parametrize("by_list", [True, False])
def test_deletion_is_recorded(root, team, by_list):
    gone = make_team(organisation=team.organisation, name="Gone")
    if by_list:
        data = {"action": "delete_selected", "_selected_action": [gone.pk], "post": "yes"}
        root.post("/admin/teams/team/", data)
    else:
        root.post(f"/admin/teams/team/{gone.pk}/delete/", {"post": "yes"})
    assert not Team.objects.filter(pk=gone.pk).exists()
    event = AuditEvent.objects.get()
    assert (event.verb, event.label, event.object_id) == ("deleted", "Gone", str(gone.pk))


def test_setting_of_the_organisation_is_recorded(root, organisation):
    page = root.get(f"/admin/teams/organisation/{organisation.pk}/change/")
    form = page.context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value not in (None, False)}
    for name in ("created_at", "demo_loaded_at", "first_steps_closed_at", "pilot_since"):
        moment = data.pop(name, None)
        if hasattr(moment, "time"):
            data |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
    data["closing_days"] = 3
    answer = root.post(f"/admin/teams/organisation/{organisation.pk}/change/", data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    event = AuditEvent.objects.get()
    assert (event.kind, event.organisation_id) == ("organisation", organisation.pk)
    assert json.loads(event.after)["closing_days"] == 3
