"""What the audit record says of each kind of change, and that no table is forgotten by its watch.

That nothing changes unrecorded is asked in every test that uses the database (tests/conftest.py).
"""

import json
from datetime import UTC, date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from metrics.actions import (
    correct_value,
    edit_kpi,
    exclude_period,
    record_value,
    revise_target,
)
from metrics.decisions import dismiss
from metrics.models import Kpi, Measurement
from metrics.periods import period_of
from objectives.actions import Grade, record_check_in
from objectives.actions.alignment import align_objective
from objectives.actions.boundaries import move_boundary
from objectives.actions.coaching import set_strictness
from objectives.actions.cycles import advance_cycles
from objectives.tasks import advance_cycles as advance_cycles_job
from reviews.actions.conversations import add_note, set_next, start_conversation
from reviews.actions.ending_teams import merge_teams
from reviews.actions.entries import give_grade
from teams.actions import (
    accept,
    change_organisation,
    change_roles,
    change_team,
    create_team,
    deactivate,
    invite,
    restore_team,
    revoke,
    take_back,
)
from teams.actions.calendars import end_feed, make_feed
from teams.actions.chats import remove_chat, set_chat
from teams.actions.people import rename
from teams.audit import origin
from teams.audit.words import changes_of
from teams.chat import chat_row, switch_off
from teams.links import hash_of, invitation_secret
from teams.models import AuditEvent, Organisation, Team
from tests import unrecorded
from tests.factories import (
    NOW,
    join,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_signal,
    make_source,
    make_team,
    make_user,
)
from tests.metrics.uploads import imported

pytestmark = pytest.mark.django_db
JULY = period_of(date(2026, 7, 1), "monthly")


def told() -> list[tuple]:
    """The record, oldest first, as (who, kind, verb, before, after)."""
    return [
        (
            event.actor_name,
            event.kind,
            event.verb,
            json.loads(event.before or "{}"),
            json.loads(event.after or "{}"),
        )
        for event in AuditEvent.objects.order_by("pk")
    ]


def last() -> tuple:
    return told()[-1]


def test_every_table_of_the_app_is_watched_or_said_why_not():
    for app, names in unrecorded.WATCHED.items():
        models = apps.get_app_config(app).get_models(include_auto_created=True)
        free = unrecorded.FREE_TABLES[app]
        assert {model.__name__ for model in models} <= {*names, *free}
        assert not set(names) & set(free)


def test_change_without_a_record_is_found(team, monkeypatch, nothing_changes_unrecorded):
    monkeypatch.setattr("teams.actions.tree.note_team", lambda *args, **said: None)
    change_team(team, {"name": "Renamed"})
    [found] = nothing_changes_unrecorded.missing()
    assert 'UPDATE "teams_team"' in found
    nothing_changes_unrecorded.open.clear()


def test_change_that_is_taken_back_needs_no_record(team, nothing_changes_unrecorded):
    with pytest.raises(IntegrityError), transaction.atomic():
        create_team(Team(organisation=team.organisation, name=team.name), lead=None, now=NOW)
    assert nothing_changes_unrecorded.missing() == []


def test_settings_of_the_organisation(ada, organisation):
    seen = {"closing_days": "14"}
    change_organisation(organisation, {"closing_days": 7}, seen=seen, now=NOW, by=ada)
    before, after = {"closing_days": 14}, {"closing_days": 7}
    assert last() == ("Ada Berg", "organisation", "settings_changed", before, after)


def test_roles_administration_name_leaving_and_return(ada, bob, team):
    change_roles(bob, {team: "lead"}, is_org_admin=True, by=ada)
    rename(bob, "Bob T.", by=bob)
    deactivate(bob, now=NOW, by=ada)
    take_back(bob, by=ada)
    assert [(who, kind, verb) for who, kind, verb, *_ in told()] == [
        ("Ada Berg", "person", "made_admin"),
        ("Ada Berg", "role", "role_changed"),
        ("Bob Tanaka", "person", "renamed"),
        ("Ada Berg", "person", "admin_taken"),
        ("Ada Berg", "role", "role_taken"),
        ("Ada Berg", "person", "left"),
        ("Ada Berg", "person", "taken_back"),
    ]


def test_same_again_is_not_recorded_again(ada, bob, team):
    for _ in range(2):
        change_roles(bob, {team: "viewer"}, by=ada)
        change_team(team, {"purpose": "Renewals"}, by=ada)
        take_back(bob, by=ada)
        restore_team(team, by=ada)
    assert [verb for _, _, verb, *_ in told()] == ["role_changed", "changed"]


def test_teams_are_made_moved_and_merged(ada, alice, team):
    made = create_team(
        Team(organisation=team.organisation, name="North"), lead=alice, now=NOW, by=ada
    )
    change_team(made, {"parent": team}, by=ada)
    merge_teams(made, team, actor=ada, now=NOW)
    assert [(kind, verb, after) for _, kind, verb, _, after in told()] == [
        (
            "team",
            "created",
            {"name": "North", "parent": None, "purpose": "", "is_private": False},
        ),
        ("role", "role_given", {"role": "lead", "team": "North"}),
        ("team", "changed", {"parent": "Customer Success"}),
        ("role", "role_changed", {"role": "viewer", "team": "North"}),
        ("team", "merged", {"into": "Customer Success"}),
    ]


def test_invitations_and_who_comes_in_by_them(ada, team):
    first = invite(email="n@x.example", team=team, role="member", token=uuid4(), actor=ada, now=NOW)
    revoke(first, now=NOW, by=ada)
    again = invite(email="n@x.example", team=team, role="member", token=uuid4(), actor=ada, now=NOW)
    accept(hash_of(invitation_secret(again.nonce)), name="Nora", password="x", now=NOW)
    assert [(who, verb) for who, _, verb, *_ in told()] == [
        ("Ada Berg", "invited"),
        ("Ada Berg", "invitation_revoked"),
        ("Ada Berg", "invited"),
        ("Nora", "joined"),
        ("Nora", "role_given"),
    ]


def test_kpi_target_value_and_exclusion(alice, team):
    kpi = make_kpi(team=team, name="Churn")
    edit_kpi(kpi, {"unit": "accounts"}, version=kpi.version, reason="Clearer", actor=alice, now=NOW)
    revise_target(kpi, effective_on=date(2026, 7, 1), value=Decimal("6.50"), actor=alice, now=NOW)
    kept = record_value(kpi, JULY, Decimal("7.10"), actor=alice, now=NOW)
    seen = kept.revision
    correct_value(kpi, JULY, Decimal(7), revision=seen, reason="Typo", actor=alice, now=NOW)
    exclude_period(kpi, JULY, reason="Move", actor=alice, now=NOW)
    period = {"period": "2026-07-01", "cadence": "monthly"}
    assert [(kind, verb, before, after) for _, kind, verb, before, after in told()] == [
        ("kpi", "edited", {"unit": kpi.unit}, {"unit": "accounts"}),
        ("target", "target_set", {}, {"value": "6.5", "effective_on": "2026-07-01"}),
        ("value", "value_recorded", {}, {"value": "7.1"} | period),
        ("value", "value_corrected", {"value": "7.1"}, {"value": "7"} | period),
        ("exclusion", "period_excluded", {}, period),
    ]
    assert set(AuditEvent.objects.values_list("label", "object_id", "team_id")) == {
        ("Churn", str(kpi.pk), team.pk)
    }


def test_import_is_one_event_however_many_values(alice, team, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kpi = make_kpi(team=team, cadence="daily", source=make_source(team=team, kind="csv_upload"))
    days = [date(2026, 1, 1) + timedelta(days=count) for count in range(150)]
    imported(kpi, "date,value\n" + "".join(f"{day},5\n" for day in days), actor=alice)
    assert Measurement.objects.count() == 150
    [(who, kind, verb, _, after)] = told()
    assert (who, kind, verb) == ("Alice Moreau", "import", "values_imported")
    assert (after["new"], after["changed"], after["kpis"]) == (150, 0, [kpi.pk])
    assert len(after["sha256"]) == 64


def test_decision_about_a_signal(alice, team):
    signal = make_signal(make_kpi(team=team, name="Churn", target=5))
    dismiss(signal, reason="One-off", actor=alice, now=NOW, version=signal.version)
    event = AuditEvent.objects.get()
    assert (event.kind, event.verb, event.label) == ("signal", "dismissed", "Churn")
    assert (event.reason, event.actor_name) == ("One-off", "Alice Moreau")


def test_check_in_is_one_event(alice, team):
    key_result = make_key_result(make_objective(team=team), title="Renew")
    record_check_in(
        key_result,
        value=Decimal(45),
        confidence=6,
        note="Slow",
        author=alice,
        now=NOW,
        token=uuid4(),
        version=key_result.version,
    )
    event = AuditEvent.objects.get()
    assert (event.kind, event.verb, event.label) == ("key_result", "checked_in", "Renew")
    assert json.loads(event.after)["value"] == "45"
    assert event.reason == "Slow"
    # The number of the row is for programs: a page has no word for it.
    assert "check_in" in json.loads(event.after)
    assert [one.name for one in changes_of(event, UTC)] == ["confidence", "value"]


def test_grade_in_a_review(alice, team):
    key_result = make_key_result(make_objective(team=team), title="Renew")
    review = make_review(team=team, cycle=key_result.objective.cycle)
    given = Grade(Decimal("0.7"), "Close")
    give_grade(review, key_result, given, actor=alice, now=NOW, version=0)
    _, kind, verb, before, after = last()
    assert (kind, verb, before) == ("review", "graded", {})
    assert after == {"grade": "0.7", "reason": "Close", "is_left_out": False}


def test_cycle_moved_by_a_person_and_on_by_the_job(ada, organisation):
    cycle = make_cycle(organisation=organisation)
    later = cycle.ends_on + timedelta(days=7)
    move_boundary(cycle, ends_on=later, seen=cycle.ends_on, reason="Fair", actor=ada, now=NOW)
    who, kind, verb, _, after = last()
    assert (who, kind, verb) == ("Ada Berg", "cycle", "boundary_moved")
    assert after == {"ends_on": later.isoformat()}
    with origin.job("advance_cycles"):
        advance_cycles(organisation, NOW + timedelta(days=400))
    event = AuditEvent.objects.order_by("-pk").first()
    assert (event.actor_kind, event.actor_name) == ("job", "advance_cycles")
    assert event.verb == "cycle_closed"


def test_scheduled_job_names_itself(organisation):
    advance_cycles_job()
    made = AuditEvent.objects.filter(kind="cycle", verb="created")
    assert set(made.values_list("actor_kind", "actor_name")) == {("job", "advance_cycles")}


def test_rule_of_the_coach(ada, organisation):
    set_strictness(organisation, {"O1": "off"}, was={"O1": "advise"}, actor=ada, now=NOW)
    event = AuditEvent.objects.get()
    assert (event.kind, event.label, json.loads(event.after)) == (
        "coach_rule",
        "O1",
        {"strictness": "off"},
    )


def test_private_parent_is_named_by_its_id(alice, team):
    secret = make_team(organisation=team.organisation, name="Merger", is_private=True)
    join(secret, alice, "lead")
    parent = make_objective(team=secret, title="Buy Acme")
    child = make_objective(team=team, cycle=parent.cycle)
    align_objective(child, parent, actor=alice, now=NOW, version=child.version)
    event = AuditEvent.objects.get(verb="aligned")
    assert json.loads(event.after) == {"parent": f"private objective {parent.pk}"}
    outsider = make_user("Olga", organisation=team.organisation, is_org_admin=True)
    visible = AuditEvent.objects.visible_to(outsider)
    assert [one.verb for one in visible] == ["aligned"]
    assert "Acme" not in "".join(one.before + one.after + one.reason for one in visible)


def test_merging_into_a_private_team_tells_others_only_that_it_was_merged(alice, team):
    secret = make_team(organisation=team.organisation, name="Merger", is_private=True)
    join(secret, alice, "lead")
    make_kpi(team=team, name="Churn")
    make_objective(team=team)
    merge_teams(team, secret, actor=alice, now=NOW)
    outsider = make_user("Olga", organisation=team.organisation, is_org_admin=True)
    visible = AuditEvent.objects.visible_to(outsider)
    texts = "".join(one.label + one.before + one.after + one.reason for one in visible)
    assert f"private team {secret.pk}" in texts
    assert "Merger" not in texts


# -- who is told elsewhere, and who talks ---------------------------------------------------------

SECRET_URL = "https://chat.example/services/s3cret"


def test_the_chat_of_a_team(alice, team, ada, settings):
    settings.OUTGOING_HOSTS = ["chat.example"]
    where = {"shape": "slack", "actor": alice, "now": NOW}
    hook = set_chat(team.organisation, team, url=SECRET_URL, **where)
    kept = {"host": "chat.example", "shape": "slack"}
    assert last() == ("Alice Moreau", "chat", "set", {}, kept)
    switch_off(hook, stuck_to(hook), NOW, "It answered 410.")
    [event] = AuditEvent.objects.filter(verb="switched_off")
    assert (event.actor_id, event.team_id, event.reason) == (None, team.pk, "It answered 410.")
    switch_off(hook, stuck_to(hook), NOW, "It answered 410.")
    assert AuditEvent.objects.filter(verb="switched_off").count() == 1
    remove_chat(hook, actor=alice)
    assert last() == ("Alice Moreau", "chat", "removed", kept, {})
    stored = str(list(AuditEvent.objects.values()))
    assert "s3cret" not in stored
    assert hook.sealed_url not in stored


def stuck_to(hook) -> list:
    words = {"topic": "raised", "subject": "Churn", "body": "", "link": "", "run": "run"}
    row = chat_row(hook, f"raised {uuid4()}", now=NOW, **words)
    row.save()
    return [row]


def test_the_address_of_a_calendar(alice, ada):
    secret = make_feed(alice, NOW)
    assert last()[1:3] == ("calendar", "address_made")
    assert end_feed(alice)
    assert last()[1:3] == ("calendar", "address_removed")
    assert not end_feed(alice)
    make_feed(alice, NOW)
    deactivate(alice, by=ada, now=NOW)
    assert ("Ada Berg", "calendar", "address_removed", {}, {}) in told()
    stored = str(list(AuditEvent.objects.values()))
    assert secret not in stored
    assert hash_of(secret) not in stored


def test_that_two_people_talk_and_not_what_they_say(alice, bob):
    talk = start_conversation(alice, bob, NOW)
    [event] = AuditEvent.objects.all()
    assert (event.verb, event.label) == ("begun", "Alice Moreau and Bob Tanaka")
    assert start_conversation(bob, alice, NOW) == talk
    add_note(talk, text="Between us", token=uuid4(), actor=alice, now=NOW)
    set_next(talk, date(2026, 9, 1), seen=None)
    assert AuditEvent.objects.count() == 1


def test_people_and_teams_go_whatever_the_record_says_of_them(ada, organisation):
    gone = make_user("Gone", organisation=organisation)
    team = make_team(organisation=organisation)
    change_roles(gone, {team: "lead"}, by=ada)
    gone.delete()
    team.delete()
    assert AuditEvent.objects.get().label == "Gone"
    assert not Kpi.objects.exists()
    assert Organisation.objects.filter(pk=organisation.pk).exists()
