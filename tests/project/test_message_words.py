"""Every message that is told says facts and the next step: no alarm, no praise, nothing shouted."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from metrics.evaluation import evaluate_kpis
from metrics.evaluation.notice_words import News, missing_words, off_target_words
from metrics.models import Signal
from metrics.overdue_decisions import tell_overdue
from objectives.actions import record_check_in
from objectives.actions.work import thank
from objectives.reminders import remind
from reviews.actions.opening import open_review
from teams.actions.chats import set_chat, try_chat
from teams.chat import switch_off
from teams.message_kinds import REMINDERS
from teams.models import OutboxMessage
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)

LOUD = re.compile(
    r"!|\b(great|good job|well done|congrat\w*|awesome|amazing|excellent|nice|bravo|proud|hooray"
    r"|warning|alert|alarm\w*|urgent\w*|critical!|attention|danger\w*|fail(ed|ure|ing)|bad(ly)?"
    r"|worry|worrying|must|immediately|asap|please|sorry|unfortunately|oops)\b",
    re.IGNORECASE,
)
TYPES = [
    *("raised", "reopened", "escalated", "reminder", "okr_closed_still_off", "resuggested"),
    *("evidence_changed", "resolved", "retracted"),
]


@pytest.mark.parametrize("status", ["off_target", "near_target", "on_target", "missing"])
@pytest.mark.parametrize("words", [off_target_words, missing_words])
def test_the_words_about_signals_are_calm(words, status):
    for kind in TYPES:
        news = News(kind, None, "Churn", "3 months", "May", "critical", status, "27 Aug")
        assert not LOUD.search(" ".join(words(news)))


@pytest.mark.parametrize("loud", ["Great work!", "WARNING: churn", "You must act", "Well done"])
def test_control_loud_words_are_found(loud):
    assert LOUD.search(loud)


@pytest.mark.django_db
def test_the_messages_of_all_kinds_are_calm_and_lead_somewhere(
    organisation, team, alice, bob, ada, settings
):
    settings.OUTGOING_HOSTS = ["chat.example"]
    kpi = make_kpi(team=team, target=5, owner=bob, name="Churn rate")
    for month in range(1, 8):
        make_value(kpi, date(2026, month, 1), 9 if month > 4 else 4)
    evaluate_kpis([kpi.pk], NOW)
    tell_overdue(organisation, NOW + timedelta(days=30))
    objective = make_objective(team=team, owner=bob)
    due = make_key_result(objective, owner=bob, next_due_on=NOW.date())
    remind(organisation, datetime(2026, 8, 18, 7, tzinfo=UTC))
    thank(make_check_in(due, bob), person=alice, now=NOW)
    due.refresh_from_db()
    fields = {"value": None, "confidence": 6, "token": uuid4(), "version": due.version}
    record_check_in(due, note="@Bob knows", author=alice, now=NOW, **fields)
    cycle = make_cycle(organisation=organisation)
    open_review(team, cycle, "quarterly", for_on=cycle.starts_on, actor=None, now=NOW)
    url = "https://chat.example/x"
    hook = set_chat(organisation, None, shape="slack", url=url, actor=ada, now=NOW)
    try_chat(hook, NOW)
    waiting = list(OutboxMessage.objects.filter(hook=hook))
    switch_off(hook, waiting, NOW, "It answered 410.")

    assert Signal.objects.exists()
    told = list(OutboxMessage.objects.all())
    topics = {"raised", "decision", "thanks", "mention", "review", "chat_test", "chat_off"}
    assert REMINDERS & {row.topic for row in told}
    assert topics <= {row.topic for row in told}
    for row in told:
        assert not LOUD.search(f"{row.subject} {row.body}"), row
        assert row.link.startswith("/") or row.topic == "chat_test"
        assert not row.subject.isupper()
