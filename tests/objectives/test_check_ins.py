"""Check-ins: appended, once for each form, and never over somebody else's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from objectives.actions import Changed, record_check_in
from objectives.models import CheckIn, KeyResult
from objectives.standing import key_result_standing, standing_check_ins
from objectives.states import MoveRefused
from tests.factories import NOW, make_key_result, make_objective

TOKEN = UUID(int=1)


@pytest.fixture
def row(team):
    return make_key_result(make_objective(team=team), unit="NPS")


def check_in(row, who, value="45", **over):
    fields = {
        "value": Decimal(value),
        "confidence": 6,
        "note": "",
        "author": who,
        "now": NOW,
        "token": uuid4(),
        "version": row.version,
    }
    return record_check_in(row, **fields | over)


def test_a_check_in_keeps_value_confidence_note_author_and_moment(row, bob):
    made = check_in(row, bob, note="Survey closed.")
    assert (made.value, made.confidence, made.note) == (Decimal(45), 6, "Survey closed.")
    assert (made.author, made.made_at) == (bob, NOW)
    event = row.objective.events.get()
    assert (event.type, event.actor, event.after["value"]) == ("checked_in", bob, "45")


def test_the_history_holds_old_and_new(row, bob):
    check_in(row, bob, "41", confidence=7)
    check_in(row, bob, "45", now=NOW + timedelta(days=7))
    event = row.objective.events.order_by("pk").last()
    assert event.before == {"value": "41", "confidence": 7}
    assert event.after == {"value": "45", "confidence": 6, "check_in": row.latest_id}


def test_the_same_form_twice_is_one_check_in(row, bob):
    first = check_in(row, bob, token=TOKEN, version=1)
    again = check_in(row, bob, token=TOKEN, version=1)
    assert again == first
    assert CheckIn.objects.count() == 1
    assert row.objective.events.count() == 1


def test_the_back_button_with_another_value_still_is_that_check_in(row, bob):
    check_in(row, bob, "45", token=TOKEN, version=1)
    check_in(row, bob, "99", token=TOKEN, version=1)
    assert CheckIn.objects.get().value == Decimal(45)


def test_a_second_writer_is_told_and_nothing_is_written(row, alice, bob):
    check_in(row, bob, "46", version=1)
    with pytest.raises(Changed) as found:
        check_in(row, alice, "45", version=1)
    assert found.value.current.version == 2
    assert [c.value for c in CheckIn.objects.all()] == [Decimal(46)]


def test_what_ended_takes_no_check_in(team, bob):
    objective = make_objective(
        team=team, state="closed", closed_at=datetime(2026, 8, 1, tzinfo=UTC)
    )
    with pytest.raises(MoveRefused):
        check_in(make_key_result(objective), bob)
    assert not CheckIn.objects.exists()
    assert KeyResult.objects.get().version == 1


def test_a_correction_replaces_what_it_corrects_and_both_stay(row, bob):
    first = check_in(row, bob, "54")
    check_in(row, bob, "45", corrects=first)
    fresh = KeyResult.objects.with_parts().get(pk=row.pk)
    assert [c.value for c in standing_check_ins(fresh)] == [Decimal(45)]
    assert CheckIn.objects.count() == 2


def test_a_token_is_once_by_constraint_too(row, bob):
    check_in(row, bob, token=TOKEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.create(key_result=row, confidence=5, author=bob, made_at=NOW, token=TOKEN)


def test_standing_follows_the_latest_check_in(row, bob):
    check_in(row, bob, "45")
    fresh = KeyResult.objects.with_parts().get(pk=row.pk)
    found = key_result_standing(fresh, row.objective, datetime(2026, 8, 16).date())
    assert (found.value, found.ratio) == (Decimal(45), Decimal("0.5"))
    assert found.expected == Decimal(46) / 91
    assert found.health == "on_track"
