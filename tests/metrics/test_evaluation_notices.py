"""Who is told, through which channel, and what is folded together."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.due import mark_due
from metrics.evaluation import evaluate_due, evaluate_kpis
from metrics.models import Kpi, KpiState, Signal, SignalEvent
from teams.models import MessageSettings, OutboxMessage
from tests.factories import (
    join,
    make_cadence,
    make_kpi,
    make_organisation,
    make_source,
    make_team,
    make_user,
    make_value,
)
from tests.metrics.test_evaluation_reconcile import look_again, treat
from tests.metrics.weeks import (
    FIRST,
    after,
    correct,
    evaluate,
    evaluate_each,
    events,
    put,
    weekly_kpi,
)

pytestmark = pytest.mark.django_db


def told():
    """(recipient, topic) of every message to deliver, in the order they leave."""
    rows = OutboxMessage.objects.filter(sent_at=None).order_by("pk")
    return list(rows.values_list("recipient_id", "topic"))


def test_owner_and_lead_are_told_once_each_and_viewers_are_not(team, alice, bob, vera):
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "37 36")
    assert sorted(told()) == sorted([(alice.pk, "raised"), (bob.pk, "raised")])


def test_a_lead_who_owns_the_kpi_gets_one_message_by_each_channel(team, alice, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    kpi = weekly_kpi(team=team, owner=alice)
    evaluate_each(kpi, "37 36")
    channels = OutboxMessage.objects.values_list("recipient_id", "channel")
    assert sorted(channels) == [(alice.pk, "email"), (alice.pk, "inbox")]


def test_nobody_is_told_after_leaving(team, alice, bob):
    bob.is_active = False
    bob.save()
    evaluate_each(weekly_kpi(team=team, owner=bob), "37 36")
    assert told() == [(alice.pk, "raised")]


def test_after_the_evaluation_nobodys_change_is_waiting(team, bob):
    kpi, other = weekly_kpi(team=team, owner=bob), weekly_kpi(team=team, owner=bob)
    for one in (kpi, other):
        evaluate_each(one, "41 42")
    mark_due([kpi.pk], after(2), dirty_from=None, author=bob)
    mark_due([other.pk], after(2), dirty_from=None)
    assert list(KpiState.objects.filter(changed_by=bob)) == [kpi.state]
    evaluate_kpis([kpi.pk, other.pk], after(2))
    assert not KpiState.objects.exclude(changed_by=None).exists()


def test_the_author_of_a_change_is_not_told_what_follows(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "37 36")
    correct(kpi, 2, 41, at=2, author=bob)
    assert told()[2:] == [(alice.pk, "retracted")]


def test_after_changes_by_two_people_both_are_told(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    put(kpi, "37 36")
    for person in (alice, bob):
        mark_due([kpi.pk], after(2), dirty_from=None, author=person)
    evaluate_due(after(2), worker="test")
    assert {person for person, _ in told()} == {alice.pk, bob.pk}


def test_one_run_is_one_digest_with_the_bad_news_first(team, alice):
    good, bad = weekly_kpi(team=team), weekly_kpi(team=team)
    evaluate_each(good, "37 36")
    put(good, "41 42", first=3)
    put(bad, "41 41 37 36")
    OutboxMessage.objects.update(sent_at=after(2))
    evaluate_kpis([good.pk, bad.pk], after(4))
    assert told() == [(alice.pk, "raised"), (alice.pk, "resolved")]
    assert OutboxMessage.objects.filter(sent_at=None).values("run").distinct().count() == 1


def test_a_childs_message_is_folded_into_its_parents(team, alice, bob):
    parent = weekly_kpi(team=team, name="Activation")
    child = weekly_kpi(team=team, name="Activation in Norway", parent=parent, owner=bob)
    put(parent, "37 36")
    put(child, "37 36")
    evaluate_kpis([parent.pk, child.pk], after(2))
    messages = {
        (one.recipient_id, one.subject.split(" has")[0]): one.body
        for one in OutboxMessage.objects.filter(sent_at=None)
    }
    assert set(messages) == {(alice.pk, "Activation"), (bob.pk, "Activation in Norway")}
    assert "Activation in Norway" in messages[alice.pk, "Activation"]
    assert SignalEvent.objects.filter(told=True).count() == 2


def a_family(team, alice, **over):
    """A KPI of the team and a child of a private one, of which alice is not told."""
    other = make_team(organisation=team.organisation, name="Deals", is_private=True)
    olga = join(other, make_user("Olga", organisation=team.organisation), "lead")
    join(team, olga, "lead")
    parent = weekly_kpi(team=team, name="Activation", owner=alice, **over)
    child = weekly_kpi(team=other, name="Merger", parent=parent)
    return olga, parent, child


def test_what_is_folded_is_read_only_by_those_who_are_told_of_it(team, alice):
    olga, parent, child = a_family(team, alice)
    for one in (parent, child):
        put(one, "37 36")
    evaluate_kpis([parent.pk, child.pk], after(2))
    bodies = dict(OutboxMessage.objects.filter(sent_at=None).values_list("recipient", "body"))
    assert set(bodies) == {alice.pk, olga.pk}
    assert "Merger" in bodies[olga.pk]
    assert "Merger" not in bodies[alice.pk]
    about = dict(OutboxMessage.objects.filter(sent_at=None).values_list("recipient", "about"))
    assert about == {
        alice.pk: f"kpi:{parent.pk}",
        olga.pk: f"kpi:{parent.pk} kpi:{child.pk}",
    }


@pytest.mark.parametrize("is_private", [False, True])
def test_a_parent_is_named_to_those_only_who_may_see_it(team, alice, is_private):
    olga, parent, child = a_family(team, alice, is_private=is_private)
    evaluate_each(parent, "37 36")
    evaluate_each(child, "37 36")
    row = OutboxMessage.objects.get(recipient=olga, subject__startswith="Merger")
    assert ("Part of Activation" in row.body) is not is_private
    assert (f"kpi:{parent.pk}" in row.about.split()) is not is_private


def test_an_end_is_told_only_if_the_start_was(team, alice):
    kpi = weekly_kpi(team=team)
    put(kpi, "37 36 41 42")
    evaluate(kpi, 4)
    assert told() == []


# -- silence --------------------------------------------------------------------------------------


def test_missing_values_are_told_to_the_person_who_feeds_the_kpi(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "41 · ·")
    assert told() == [(bob.pk, "missing")]
    evaluate_each(kpi, "41", first=4)
    assert events(kpi) == [("raised", 3, True, ""), ("resolved", 4, True, "reported")]


def test_a_kpi_that_never_reported_goes_stale_and_is_not_off_target():
    kpi = weekly_kpi()
    evaluate(kpi, 2)
    signal = Signal.objects.get()
    assert (signal.kind, signal.is_open) == ("data_stale", True)
    assert signal.evidence["missing"] == ["2026-06-01", "2026-06-08"]


def silent_kpis(team, count=2):
    source = make_source(team=team)
    kpis = [weekly_kpi(team=team, source=source) for _ in range(count)]
    for kpi in kpis:
        put(kpi, "41")
    evaluate_kpis([kpi.pk for kpi in kpis], after(1))
    return source, kpis


def test_two_kpis_of_one_source_that_go_stale_in_one_run_are_one_signal(team, alice):
    source, kpis = silent_kpis(team)
    for _ in range(2):
        evaluate_kpis([kpi.pk for kpi in kpis], after(3))
    signal = Signal.objects.get()
    assert (signal.source, signal.kpi, signal.kind) == (source, None, "data_stale")
    assert len(signal.evidence["kpis"]) == 2
    assert told() == [(alice.pk, "missing")]


def test_a_third_kpi_joins_a_silent_source_without_a_word(team, alice):
    source, kpis = silent_kpis(team, 3)
    put(kpis[2], "41", first=2)
    evaluate_kpis([kpi.pk for kpi in kpis], after(3))
    evaluate_kpis([kpi.pk for kpi in kpis], after(4))
    assert Signal.objects.get().source == source
    assert len(told()) == 1


def test_a_source_reports_again_when_none_of_its_kpis_is_silent(team, alice):
    _, kpis = silent_kpis(team)
    evaluate_kpis([kpi.pk for kpi in kpis], after(3))
    put(kpis[0], "41", first=4)
    evaluate_kpis([kpi.pk for kpi in kpis], after(4))
    assert Signal.objects.get().is_open
    put(kpis[1], "41", first=5)
    put(kpis[0], "41", first=5)
    evaluate_kpis([kpi.pk for kpi in kpis], after(5))
    signal = Signal.objects.get()
    assert (signal.is_open, signal.end_reason) == (False, "reported")
    assert told() == [(alice.pk, "missing"), (alice.pk, "resolved")]


def test_a_message_names_the_period_as_the_pages_do_in_a_fiscal_year(alice):
    team = make_team(organisation=make_organisation(time_zone="UTC", fiscal_start_month=4))
    cadence = make_cadence("quarterly", organisation=team.organisation, patience=1, recovery=1)
    fields = {"direction": "higher_is_better", "starts_on": FIRST, "cadence": cadence}
    kpi = make_kpi(team=team, target=40, owner=alice, **fields)
    make_value(kpi, date(2026, 7, 1), "37")
    evaluate_kpis([kpi.pk], datetime(2026, 10, 20, 6, tzinfo=UTC))
    message = OutboxMessage.objects.get()
    assert message.subject.endswith("has been off target for 1 quarter")
    assert message.body.startswith("First off target: FY2027-Q2.")


def test_an_okr_that_closed_near_the_target_is_not_called_off_target(team, alice):
    kpi = weekly_kpi(team=team, owner=alice)
    evaluate_each(kpi, "37 36")
    treat(kpi, ended_at=after(2))
    put(kpi, "41", first=3)
    look_again(kpi, 3)
    message = OutboxMessage.objects.get(topic="okr_closed_still_off")
    assert message.subject == f"{kpi.name} had not recovered when its OKR was closed"
    assert "still" not in message.body


# -- who heard -------------------------------------------------------------------------------------


def heard_of(topic):
    return {person for person, what in told() if what == topic}


def test_an_end_is_told_to_those_who_heard_of_the_beginning_only(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "37 36")
    newcomer = join(team, make_user("Nora", organisation=team.organisation), "lead")
    evaluate_each(kpi, "41 42", first=3)

    assert heard_of("raised") == heard_of("resolved") == {alice.pk, bob.pk}
    assert newcomer.pk not in heard_of("resolved")


def test_who_heard_and_has_nothing_to_do_with_it_any_more_is_not_told(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "37 36")
    Kpi.objects.filter(pk=kpi.pk).update(owner=None)
    evaluate_each(kpi, "41 42", first=3)

    assert heard_of("resolved") == {alice.pk}


def test_who_switched_the_bad_news_off_hears_no_good_news_of_it(team, alice, bob):
    MessageSettings.objects.create(user=bob, kinds={"signals": "not"})
    kpi = weekly_kpi(team=team, owner=bob)
    evaluate_each(kpi, "37 36")
    evaluate_each(kpi, "41 42", first=3)

    assert heard_of("resolved") == {alice.pk}


def test_what_is_missing_is_switched_apart_from_what_is_off_target(team, alice, bob):
    MessageSettings.objects.create(user=alice, kinds={"missing": "not"})
    MessageSettings.objects.create(user=bob, kinds={"signals": "not"})
    for owner in (alice, bob):
        evaluate_each(weekly_kpi(team=team, owner=owner), "41 · ·")
    assert heard_of("missing") == {bob.pk}


def test_news_inside_a_parents_message_count_as_heard(team, alice):
    parent = weekly_kpi(team=team, name="Activation")
    child = weekly_kpi(team=team, name="Activation in Norway", parent=parent)
    put(parent, "37 36")
    put(child, "37 36")
    evaluate_kpis([parent.pk, child.pk], after(2))
    evaluate_each(child, "41 42", first=3)

    assert told() == [(alice.pk, "raised"), (alice.pk, "resolved")]


def test_the_author_of_what_raised_it_knew_and_hears_of_its_end(team, alice, bob):
    kpi = weekly_kpi(team=team, owner=bob)
    put(kpi, "37 36")
    mark_due([kpi.pk], after(2), dirty_from=FIRST, author=bob)
    evaluate_kpis([kpi.pk], after(2))
    assert heard_of("raised") == {alice.pk}
    evaluate_each(kpi, "41 42", first=3)

    assert heard_of("resolved") == {alice.pk, bob.pk}


@pytest.mark.parametrize("count", [1, 6])
def test_who_heard_is_asked_by_two_queries(team, alice, count):
    kpis = [weekly_kpi(team=team, owner=alice) for _ in range(count)]
    for kpi in kpis:
        evaluate_each(kpi, "37 36")
        put(kpi, "41 42", first=3)
    with CaptureQueriesContext(connection) as asked:
        evaluate_kpis([kpi.pk for kpi in kpis], after(4))
    assert sum('FROM "teams_outboxmessage"' in query["sql"] for query in asked) == 1
    assert len([one for one in told() if one[1] == "resolved"]) == count
