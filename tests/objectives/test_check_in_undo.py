"""Taking a check-in back, and meeting somebody else in the row of a key result."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from objectives.models import CheckIn
from tests.factories import make_check_in, make_key_result, make_objective
from tests.objectives.rows import save, signed_in, undo

# A Wednesday; check-ins are due on Fridays: 14 August is missed from the 22nd on.
NOW = datetime(2026, 8, 19, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def objective(team, alice):
    return make_objective(team=team, owner=alice)


def test_undo_brings_back_what_stood_before_as_one_more_version(client, objective, bob):
    row = make_key_result(objective)
    signed_in(client, bob)
    save(client, row, value="41")
    page = save(client, row, value="54").content.decode()
    made = CheckIn.objects.get(value=54)
    assert f'action="/check-ins/{made.pk}/undo/"' in page
    row.refresh_from_db()
    answer = undo(client, made, row.version)
    assert answer.status_code == 200
    assert "Taken back just now" in answer.content.decode()
    row.refresh_from_db()
    assert row.latest.value == Decimal(41)
    assert CheckIn.objects.count() == 3
    assert row.objective.events.order_by("pk").last().type == "check_in_taken_back"
    assert undo(client, made, row.version).status_code == 200
    assert CheckIn.objects.count() == 3


def test_undo_of_a_correction_brings_back_what_it_corrected(client, objective, bob):
    row = make_key_result(objective)
    signed_in(client, bob)
    save(client, row, value="41", note="Survey closed.")
    save(client, row, value="14", corrects=CheckIn.objects.get().pk)
    row.refresh_from_db()
    undo(client, CheckIn.objects.get(value=14), row.version)
    row.refresh_from_db()
    assert (row.latest.value, row.latest.note) == (Decimal(41), "Survey closed.")
    assert row.latest.corrects.value == Decimal(14)


def test_undo_after_somebody_else_takes_nothing_back_and_says_so(client, objective, alice, bob):
    row = make_key_result(objective, unit="NPS")
    save(signed_in(client, bob), row, value="41")
    row.refresh_from_db()
    version = row.version
    save(signed_in(client, alice), row, value="46")
    answer = undo(signed_in(client, bob), CheckIn.objects.get(value=41), version)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Not taken back: changed meanwhile by Alice Moreau, 46\xa0NPS" in page
    assert CheckIn.objects.count() == 2


def test_nobody_takes_back_what_another_said(client, objective, alice, bob):
    row = make_key_result(objective)
    save(signed_in(client, bob), row, value="41")
    row.refresh_from_db()
    answer = undo(signed_in(client, alice), CheckIn.objects.get(), row.version, htmx=False)
    assert answer.status_code == 302
    assert CheckIn.objects.count() == 1


def test_after_thirty_days_a_check_in_stays(client, objective, bob):
    row = make_key_result(objective)
    made = make_check_in(row, bob, value=Decimal(41), made_at=NOW - timedelta(days=31))
    assert undo(signed_in(client, bob), made, row.version).status_code == 409
    assert CheckIn.objects.count() == 1


def test_a_conflict_shows_both_as_a_choice(client, objective, alice, bob):
    row = make_key_result(objective, unit="NPS")
    save(signed_in(client, bob), row, value="46", note="From the survey.")
    answer = save(signed_in(client, alice), row, value="45", note="Mine", version=1)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "From the survey." in page
    assert "Keep theirs" in page
    assert "Save mine after it" in page
    assert 'value="Mine"' in page


def test_a_revision_meanwhile_is_told_too(client, objective, alice, bob):
    row = make_key_result(objective)
    revised = {"baseline": "38", "target": "60", "weight": "1", "reason": "Won", "version": 1}
    signed_in(client, alice).post(f"/key-results/{row.pk}/revise/", revised)
    page = save(signed_in(client, bob), row, version=1).content.decode()
    assert "Changed meanwhile by Alice Moreau: key result revised target 52 → 60." in page


def test_hostile_words_are_only_words(client, objective, alice, bob):
    words = '<img src=x onerror="alert(1)">'
    row = make_key_result(objective, title=words, unit="<b>")
    save(signed_in(client, bob), row, note=words)
    for path in (f"/key-results/{row.pk}/", f"/objectives/{objective.pk}/"):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page
        assert "<b>'" not in page
    conflict = save(signed_in(client, alice), row, version=1, note=words).content.decode()
    assert "<img src=x" not in conflict
