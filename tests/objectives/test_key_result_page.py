"""The key result page: history with chart, revising, withdrawing, bringing back."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from objectives.actions.check_ins import note_latest
from objectives.models import CheckIn, Checkpoint, KeyResult, Revision, Thanks
from tests.factories import (
    make_blocker,
    make_check_in,
    make_initiative,
    make_key_result,
    make_objective,
)

NOW = datetime(2026, 8, 19, 9, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def objective(team, alice):
    return make_objective(team=team, owner=alice)


@pytest.fixture
def row(objective):
    return make_key_result(objective, unit="NPS")


def signed_in(client, user):
    client.force_login(user)
    return client


def page_of(client, row) -> str:
    return client.get(f"/key-results/{row.pk}/").content.decode()


def revise(client, row, *, status=302, **data):
    row.refresh_from_db()
    fields = {"baseline": "38", "target": "52", "weight": "1", "reason": "Won two accounts"}
    fields |= {"version": row.version} | data
    answer = client.post(f"/key-results/{row.pk}/revise/", fields)
    assert answer.status_code == status
    return answer.content.decode()


# -- the page ------------------------------------------------------------------------------------


def test_with_htmx_it_is_the_row_and_without_the_page(client, row, vera):
    signed_in(client, vera)
    fragment = client.get(f"/key-results/{row.pk}/", headers=HTMX).content.decode()
    assert fragment.count('id="kr-') == 1
    assert "<html" not in fragment
    page = page_of(client, row)
    assert "<h1" in page
    assert "From 38 to 52\xa0NPS by 30\xa0Sep." in page
    assert "Nobody has checked in yet" in page
    assert "check-in/" not in page


def test_every_version_stands_in_the_table_and_those_that_stand_in_the_chart(client, row, bob):
    week = timedelta(days=7)
    first = make_check_in(
        row, bob, value=Decimal(40), made_at=NOW - 2 * week, due_on=date(2026, 8, 7)
    )
    wrong = make_check_in(row, bob, value=Decimal(14), confidence=3, note="Typed the wrong one")
    right = make_check_in(row, bob, value=Decimal(45), corrects=wrong, reported="behind")
    signed_in(client, bob)
    page = page_of(client, row)
    assert "40 → 14\xa0NPS" in page
    assert "corrected later" in page
    assert "a correction" in page
    assert "Typed the wrong one" in page
    assert "Behind" in page
    figure = json.loads(page.partition('type="application/json">')[2].partition("</script>")[0])
    progress = next(trace for trace in figure["data"] if trace["name"] == "Progress")
    assert progress["y"] == [14.29, 50.0]
    assert f'id="check-in-{first.pk}"' in page
    assert f'action="/check-ins/{right.pk}/undo/"' in page
    assert f'action="/check-ins/{first.pk}/undo/"' not in page


def test_what_was_taken_back_stays_visible_as_such(client, row, bob):
    made = make_check_in(row, bob, value=Decimal(54))
    make_check_in(row, bob, value=Decimal(54), corrects=made, is_retraction=True)
    page = page_of(signed_in(client, bob), row)
    assert "taken back" in page
    assert "took it back" in page
    assert "54\xa0NPS" in page


def test_the_chart_comes_alone_after_a_check_in_was_saved(client, row, bob):
    make_check_in(row, bob, value=Decimal(45))
    path = f"/key-results/{row.pk}/check-ins/"
    fragment = signed_in(client, bob).get(path, headers=HTMX).content.decode()
    assert 'id="check-ins"' in fragment
    assert "<html" not in fragment
    assert client.get(path).url == f"/key-results/{row.pk}/"


def test_steps_revisions_work_and_blockers_are_on_it(client, row, alice, bob):
    Checkpoint.objects.create(key_result=row, on=date(2026, 8, 1), value=Decimal(40))
    make_initiative(row, title="Call the ten largest", owner=bob, due_on=date(2026, 8, 10))
    make_blocker(row, what="Legal is silent", remover=alice)
    page = page_of(signed_in(client, alice), row)
    for words in ("Call the ten largest", "by Mon 10\xa0Aug, past", "Legal is silent", "1\xa0Aug"):
        assert words in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "yes_no"}, "So by 30\xa0Sep, or not."),
        ({"kind": "milestones"}, "Every step done by 30\xa0Sep."),
        ({"kind": "find_baseline"}, "Find where it stands; a target follows. By 30\xa0Sep."),
        ({"kind": "open"}, "What drives the result is still to be named."),
        ({"kind": "at_most", "target": Decimal(4)}, "At most 4\xa0h in every period"),
        ({"kind": "range", "low": Decimal(2), "high": Decimal(4)}, "Between 2 and 4\xa0h in every"),
        ({"baseline": None}, "From a start to be found to 52\xa0h by 30\xa0Sep."),
    ],
)
def test_each_kind_says_what_it_goes_for(client, objective, bob, fields, sentence):
    row = make_key_result(objective, unit="h", **fields)
    signed_in(client, bob)
    make_check_in(row, bob, value=Decimal(3))
    assert sentence in page_of(client, row)


def test_it_costs_the_same_queries_with_2_and_with_60_check_ins(
    client, row, alice, bob, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            made = make_check_in(row, bob, value=Decimal(45))
            Thanks.objects.create(check_in=made, person=alice, at=NOW)
            make_initiative(row, owner=bob)
            make_blocker(row, remover=alice)

    signed_in(client, bob)
    fill(2)
    with django_assert_num_queries(13):
        page_of(client, row)
    fill(58)
    with django_assert_num_queries(13):
        page_of(client, row)


# -- revising ------------------------------------------------------------------------------------


def test_a_revision_keeps_the_old_aim_and_shows_progress_against_both(client, row, alice, bob):
    make_check_in(row, bob, value=Decimal(45))
    revise(signed_in(client, alice), row, target="66")
    row.refresh_from_db()
    assert (row.target, row.original_target, row.original_baseline) == (66, 52, 38)
    made = Revision.objects.get()
    assert (made.actor, made.reason) == (alice, "Won two accounts")
    assert (made.before["target"], made.after["target"]) == ("52", "66")
    page = page_of(client, row)
    assert "25\xa0%" in page
    assert "50\xa0% of the original target" in page
    assert "target 52 → 66" in page
    assert "Won two accounts" in page
    revise(client, row, target="80")
    row.refresh_from_db()
    assert row.original_target == 52
    history = client.get(f"/objectives/{row.objective_id}/").content.decode()
    assert "target 66 → 80" in history


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"reason": ""}, "Say why: it stands beside the old figures."),
        ({"target": "38"}, "this is a KPI, not a key result"),
        ({"target": "30"}, "It rises: the target must lie above 38."),
        ({"target": ""}, "Where should it go?"),
        ({"target": "5o"}, "5o"),
        ({"weight": "-1"}, "Type a weight from 0 to 100"),
        ({"weight": "0.001"}, "Type a weight from 0 to 100"),
        ({}, "Nothing differs from what it goes for now."),
        ({"reason": "x" * 501}, "500"),
        ({"version": ""}, "came back incomplete"),
    ],
    ids=str,
)
def test_a_bad_revision_is_422_with_what_was_typed(client, row, alice, data, problem):
    page = revise(signed_in(client, alice), row, status=422, **data)
    assert problem in page
    assert "Won two accounts" in page or "reason" in data
    assert not Revision.objects.exists()


def test_bounds_and_weight_of_a_range_are_revised(client, objective, alice):
    row = make_key_result(objective, kind="range", low=Decimal(2), high=Decimal(4))
    signed_in(client, alice)
    assert "above the lower one" in revise(client, row, status=422, low="4", high="4")
    revise(client, row, low="1", high="3", weight="0")
    row.refresh_from_db()
    assert (row.low, row.high, row.weight) == (1, 3, 0)
    assert "at least 2 → 1, at most 4 → 3, weight 1 → 0" in page_of(client, row)


@pytest.mark.parametrize(("target", "kind"), [("52", "increase"), ("20", "decrease")])
def test_a_baseline_found_gives_the_key_result_its_direction(
    client, objective, alice, target, kind
):
    row = make_key_result(objective, kind="find_baseline")
    signed_in(client, alice)
    assert "Baseline found" in page_of(client, row)
    assert "Type the baseline you found." in revise(client, row, status=422, baseline="")
    revise(client, row, baseline="38", target=target, unit="NPS")
    row.refresh_from_db()
    assert (row.kind, row.baseline, row.unit) == (kind, 38, "NPS")
    assert row.original_target is None


@pytest.mark.parametrize(
    ("fields", "off", "on"),
    [({"target": "42"}, "45", "40"), ({"baseline": "41"}, "40", "45")],
    ids=["beyond the target", "behind the start"],
)
def test_steps_off_a_revised_way_are_named_and_go_only_when_that_was_said(
    client, row, alice, fields, off, on
):
    Checkpoint.objects.create(key_result=row, on=date(2026, 8, 1), value=Decimal(40))
    Checkpoint.objects.create(key_result=row, on=date(2026, 9, 1), value=Decimal(45))
    signed_in(client, alice)
    page = revise(client, row, status=422, **fields)
    assert f"Not on the new way: {off}\xa0NPS by" in page
    assert "Won two accounts" in page
    assert row.checkpoints.count() == 2
    revise(client, row, drop_steps="on", **fields)
    assert [step.value for step in KeyResult.objects.get().checkpoints.all()] == [Decimal(on)]
    assert Revision.objects.get().before["steps"].startswith(off)
    assert f"steps {off}\xa0NPS by" in page_of(client, row)


def test_steps_on_a_revised_way_stay_without_a_question(client, row, alice):
    Checkpoint.objects.create(key_result=row, on=date(2026, 8, 1), value=Decimal(40))
    revise(signed_in(client, alice), row, target="66")
    assert row.checkpoints.count() == 1


def test_two_revisions_at_once_are_told_apart(client, row, alice):
    signed_in(client, alice)
    revise(client, row, target="60")
    page = revise(client, row, status=409, target="70", version=1)
    assert "Changed meanwhile by Alice Moreau: key result revised target 52 → 60." in page
    assert 'value="70"' in page
    row.refresh_from_db()
    assert row.target == 60
    revise(client, row, target="70", version=2)


def test_a_check_in_meanwhile_is_a_conflict_for_a_revision_too(client, row, alice, bob):
    sent = {"value": "46", "confidence": "6", "token": str(uuid4()), "version": row.version}
    signed_in(client, bob).post(f"/key-results/{row.pk}/check-in/", sent)
    page = revise(signed_in(client, alice), row, status=409, target="60", version=1)
    assert "Bob Tanaka: 46\xa0NPS, confidence\xa06/10" in page


# -- withdrawing ---------------------------------------------------------------------------------


def test_a_withdrawn_key_result_leaves_the_rollup_and_comes_back(client, objective, row, alice):
    other = make_key_result(objective, baseline=Decimal(0), target=Decimal(10))
    make_check_in(row, alice, value=Decimal(52))
    make_check_in(other, alice, value=Decimal(0))
    signed_in(client, alice)
    assert "50\xa0%" in client.get(f"/objectives/{objective.pk}/").content.decode()
    path = f"/key-results/{row.pk}/withdraw/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"reason": "", "version": 1}).status_code == 422
    assert client.post(path, {"reason": "No survey", "version": 1}).status_code == 302
    row.refresh_from_db()
    assert (row.withdrawn_reason, row.next_due_on) == ("No survey", None)
    page = client.get(f"/objectives/{objective.pk}/").content.decode()
    assert "left out: No survey" in page
    assert '<dd class="num">0\xa0%</dd>' in page
    assert client.get(f"/key-results/{row.pk}/check-in/").status_code == 404
    assert "Bring it back" in page_of(client, row)
    client.post(f"/key-results/{row.pk}/restore/")
    row.refresh_from_db()
    assert row.withdrawn_at is None
    assert row.next_due_on is not None
    assert "50\xa0%" in client.get(f"/objectives/{objective.pk}/").content.decode()


def test_after_thirty_days_it_stays_withdrawn(client, row, alice):
    gone = {"withdrawn_at": NOW - timedelta(days=31), "withdrawn_reason": "No survey"}
    KeyResult.objects.filter(pk=row.pk).update(**gone)
    signed_in(client, alice)
    assert "Bring it back" not in page_of(client, row)
    client.post(f"/key-results/{row.pk}/restore/")
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_a_withdrawal_after_somebody_elses_change_keeps_the_reason(client, row, alice):
    KeyResult.objects.filter(pk=row.pk).update(version=5)
    signed_in(client, alice)
    sent = {"reason": "No survey", "version": 1}
    answer = client.post(f"/key-results/{row.pk}/withdraw/", sent)
    assert answer.status_code == 409
    assert "No survey" in answer.content.decode()
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_only_leads_revise_and_withdraw(client, row, bob):
    signed_in(client, bob)
    for path in ("revise", "withdraw", "restore"):
        assert client.post(f"/key-results/{row.pk}/{path}/").status_code == 403
    assert "Revise" not in page_of(client, row)


def test_nothing_is_revised_once_the_objective_ended(client, team, alice):
    row = make_key_result(make_objective(team=team, state="closed", closed_at=NOW))
    signed_in(client, alice)
    assert client.get(f"/key-results/{row.pk}/revise/").status_code == 404
    assert client.get(f"/key-results/{row.pk}/withdraw/").status_code == 404
    client.post(f"/key-results/{row.pk}/restore/")
    assert page_of(client, row)


def test_the_latest_check_in_survives_a_revision(client, row, alice, bob):
    made = make_check_in(row, bob, value=Decimal(45))
    revise(signed_in(client, alice), row, target="60")
    row.refresh_from_db()
    note_latest(row)
    assert row.latest == made
    assert CheckIn.objects.count() == 1


def test_the_weight_of_a_revision_has_no_unit(client, row, alice):
    client.force_login(alice)
    page = client.get(f"/key-results/{row.pk}/revise/").content.decode()
    weight = page[page.index('name="weight"') :].split("</div>")[0]
    assert f">{row.unit}<" in page.split('name="weight"')[0]
    assert "suffix" not in weight
