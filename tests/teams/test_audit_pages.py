"""The audit log: found by filters in the address, by key, never a word about a private team."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from teams.actions import audit
from teams.audit import searching
from teams.models import AuditEvent
from tests.factories import (
    join,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_signal,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
PAGE = "/organisation/audit/"
FILE = "/organisation/audit/changes.csv"


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def record(by, count=1, *, verb="edited", kind="kpi", label="Churn {}", **said):
    said = {"team": None} | said
    made = [
        audit.event(verb, kind, None, by=by, label=label.format(number), **said)
        for number in range(1, count + 1)
    ]
    audit.record_many(made)
    return made


def dated(by, at: datetime, label: str) -> AuditEvent:
    made = audit.event("edited", "kpi", None, by=by, label=label)
    made.at = at
    audit.record_many([made])
    return made


def labels(response) -> list[str]:
    return [line.label for line in response.context["lines"]]


def test_page_tells_who_what_before_after_and_why(admin, ada, team):
    audit.record(
        "target_revised",
        "target",
        team,
        by=ada,
        label="Churn",
        team=team,
        before={"value": "8"},
        after={"value": "6", "is_new": True},
        reason="Too easy",
    )
    text = admin.get(PAGE).text
    for words in (
        "target revised",
        "Customer Success",
        "Ada Berg",
        "<del>8</del>",
        "<ins>6</ins>",
        "<ins>yes</ins>",
        "“Too easy”",
    ):
        assert words in text


def test_pages_go_by_key_and_miss_nothing(admin, ada):
    record(ada, 120)
    seen, address = [], PAGE
    while address:
        response = admin.get(address)
        seen += labels(response)
        following = response.context["next"]
        address = f"{PAGE}?{following}" if following else ""
        record(ada)  # what comes meanwhile moves nothing
    assert [label for label in seen if label != "Churn 1"] == [
        f"Churn {number}" for number in range(120, 1, -1)
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person={ada}", ["Cycle"]),
        ("person=ada+berg", ["Cycle"]),
        ("person={email}", ["KPI"]),
        ("kind=kpi", ["KPI"]),
        ("verb=moved", ["Cycle"]),
        ("kind=kpi&verb=moved", []),
        ("kind=kpi&object=7", []),
        ("q=KpI+ALICE", ["KPI"]),
        ("q=because", ["Cycle"]),
        ("q=because+nothing", []),
        ("q=12.5", ["KPI"]),
    ],
)
def test_filters_of_the_address(admin, ada, alice, query, found):
    record(alice, label="KPI", after={"value": "12.5"})
    record(ada, label="Cycle", kind="cycle", verb="moved", reason="Because of the fair")
    query = query.format(ada=ada.pk, email=alice.email)
    assert labels(admin.get(f"{PAGE}?{query}")) == found


def test_days_are_those_of_the_organisation(admin, ada):
    ada.organisation.time_zone = "Asia/Tokyo"
    ada.organisation.save(update_fields=["time_zone"])
    dated(ada, datetime(2026, 3, 1, 14, 59, tzinfo=UTC), "1 March")
    dated(ada, datetime(2026, 3, 1, 15, 0, tzinfo=UTC), "2 March")
    dated(ada, datetime(2026, 3, 2, 15, 0, tzinfo=UTC), "3 March")
    assert labels(admin.get(f"{PAGE}?since=2026-03-02&until=2026-03-02")) == ["2 March"]
    assert labels(admin.get(f"{PAGE}?since=2026-03-02")) == ["3 March", "2 March"]
    assert labels(admin.get(f"{PAGE}?until=2026-03-01")) == ["1 March"]
    assert labels(admin.get(f"{PAGE}?since=2027-01-01")) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-02-30", "Choose a day as year-month-day, for example 2026-08-18."),
        ("until=yesterday", "Choose a day as year-month-day, for example 2026-08-18."),
        ("since=0001-01-01", "Choose a day between 2000 and 2199."),
        ("since=2026-03-02&until=2026-03-01", "Choose the first day or a later one."),
        ("kind=planet", "Nothing of this is in the record. Choose from the list."),
        ("verb=exploded", "Nothing of this is in the record. Choose from the list."),
        ("person=Nobody", "Nobody here is called so. Type a whole name or an e-mail."),
        ("person=999999", "Nobody here is called so. Type a whole name or an e-mail."),
        ("before=-3", "That page is not there. These are the newest changes."),
        ("before=x", "That page is not there. These are the newest changes."),
        ("before=99999999999999999999", "That page is not there. These are the newest changes."),
    ],
)
@pytest.mark.parametrize("address", [PAGE, FILE])
def test_what_is_not_understood_is_said_and_filters_nothing(admin, ada, address, query, sentence):
    record(ada)
    response = admin.get(f"{address}?{query}")
    assert response.status_code == 422
    assert sentence in response.text
    assert labels(response) == ["Churn 1"]


def test_two_people_of_one_name_are_told_apart_by_their_address(admin, alice, team):
    twin = make_user("Alice Moreau", email="other@halden.example", organisation=team.organisation)
    record(twin)
    response = admin.get(f"{PAGE}?person=Alice+Moreau")
    assert "Several people are called so. Type the e-mail instead." in response.text
    assert labels(admin.get(f"{PAGE}?person=other@halden.example")) == ["Churn 1"]


def test_who_is_of_another_organisation_finds_nothing_of_this_one(client, ada):
    record(ada)
    stranger = make_user("Eve", organisation=make_organisation(name="Else"), is_org_admin=True)
    client.force_login(stranger)
    assert labels(client.get(PAGE)) == []
    assert client.get(f"{PAGE}?person={ada.pk}").status_code == 422


@pytest.fixture
def private(team, bob):
    made = make_team(organisation=team.organisation, name="Merger", is_private=True)
    join(made, bob, "lead")
    return made


def test_events_of_a_private_team_are_only_counted_for_outsiders(admin, client, ada, bob, private):
    record(bob, 2, label="Secret {}", team=private)
    record(ada, label="Open")
    response = admin.get(PAGE)
    assert labels(response) == ["Open"]
    assert "2 hidden, of private teams" in response.text
    assert "Secret" not in response.text
    assert "Merger" not in response.text
    assert "Secret" not in b"".join(admin.get(FILE).streaming_content).decode()
    join(private, ada, "viewer")
    assert labels(admin.get(PAGE)) == ["Open", "Secret 2", "Secret 1"]


def test_private_objects_of_an_open_team_are_hidden_too(admin, ada, bob, team):
    record(bob, label="Secret", team=team, is_private=True)
    response = admin.get(PAGE)
    assert labels(response) == []
    assert "1 hidden" in response.text
    join(team, ada, "viewer")
    assert labels(admin.get(PAGE)) == ["Secret"]


def test_nothing_hidden_is_counted_where_a_filter_could_ask_what_it_says(admin, bob, private):
    record(bob, label="Secret", team=private)
    for query in ("q=Secret", f"person={bob.pk}", "kind=kpi", "verb=edited", "object=1"):
        assert "hidden," not in admin.get(f"{PAGE}?{query}").text
    assert "1 hidden" in admin.get(f"{PAGE}?since=2020-01-01").text


def test_events_of_a_team_that_is_gone_stay_hidden(admin, bob, team, private):
    record(bob, label="Secret", team=private)
    private.memberships.all().delete()
    private.delete()
    response = admin.get(PAGE)
    assert labels(response) == []
    assert "1 hidden" in response.text


# -- what became private since --------------------------------------------------------------------


def about(thing, kind, by, **said):
    audit.record_many(
        [audit.event("edited", kind, thing, by=by, label="Merger talks", team=thing.team, **said)]
    )


def turn_private(thing):
    thing.is_private = True
    thing.save(update_fields=["is_private"])


def into_a_private_team(thing):
    thing.team = make_team(organisation=thing.team.organisation, name="Board", is_private=True)
    thing.save(update_fields=["team"])


SINCE = {
    "the team": lambda thing: turn_private(thing.team),
    "itself": turn_private,
    "moved": into_a_private_team,
}


@pytest.mark.parametrize("since", SINCE.values(), ids=SINCE)
@pytest.mark.parametrize("kind", ["kpi", "value", "target", "exclusion", "objective"])
def test_events_from_before_it_became_private_are_hidden_today(
    admin, ada, alice, organisation, kind, since
):
    team = make_team(organisation=organisation, name="Deals")
    thing = make_objective(team=team) if kind == "objective" else make_kpi(team=team)
    about(thing, kind, alice)
    record(ada, label="Open")
    assert labels(admin.get(PAGE)) == ["Open", "Merger talks"]

    since(thing)
    page = admin.get(PAGE)
    assert labels(page) == ["Open"]
    assert "1 hidden" in page.text
    assert "Merger talks" not in b"".join(admin.get(FILE).streaming_content).decode()
    for query in ("q=merger", f"kind={kind}&object={thing.pk}", f"person={alice.pk}"):
        assert labels(admin.get(f"{PAGE}?{query}")) == []

    join(thing.team, ada, "viewer")
    assert labels(admin.get(PAGE)) == ["Open", "Merger talks"]


@pytest.mark.parametrize("kind", ["signal", "key_result"])
def test_events_of_what_belongs_to_it_are_hidden_with_it(admin, alice, team, kind):
    owner = make_kpi(team=team) if kind == "signal" else make_objective(team=team)
    part = make_signal(owner) if kind == "signal" else make_key_result(owner)
    audit.record_many(
        [audit.event("edited", kind, part, by=alice, label="Merger talks", team=team)]
    )
    assert labels(admin.get(PAGE)) == ["Merger talks"]
    turn_private(owner)
    assert labels(admin.get(PAGE)) == []
    assert "1 hidden" in admin.get(PAGE).text


def test_what_is_gone_is_told_as_it_was_recorded(admin, alice, team):
    kpi = make_kpi(team=team)
    about(kpi, "kpi", alice)
    about(kpi, "kpi", alice, is_private=True)
    kpi.state.delete()
    kpi.delete()
    page = admin.get(PAGE)
    assert labels(page) == ["Merger talks"]
    assert "1 hidden" in page.text


def test_control_the_team_of_the_event_alone_does_not_hide_it(admin, alice, team, monkeypatch):
    kpi = make_kpi(team=team)
    about(kpi, "kpi", alice)
    turn_private(kpi)
    monkeypatch.setattr("teams.querysets.hidden_by_now", lambda user: Q(pk__in=[]))
    assert labels(admin.get(PAGE)) == ["Merger talks"]


@pytest.mark.parametrize("count", [10, 1000])
def test_hidden_events_cost_no_query(admin, alice, team, count):
    kpi = make_kpi(team=team)
    audit.record_many(
        [
            audit.event("edited", "kpi", kpi, by=alice, label="Talks", team=team)
            for _ in range(count)
        ]
    )
    turn_private(kpi)
    admin.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        page = admin.get(PAGE)
    assert f"{count} hidden" in page.text
    assert len(asked) <= 16


def test_words_are_looked_for_a_stretch_at_a_time(admin, ada, monkeypatch):
    monkeypatch.setattr(searching, "STRETCH", 10)
    record(ada, label="Old one")
    record(ada, 25)
    first = admin.get(f"{PAGE}?q=old")
    assert labels(first) == []
    assert "Look further back" in first.text
    second = admin.get(f"{PAGE}?{first.context['next']}")
    third = admin.get(f"{PAGE}?{second.context['next']}")
    assert labels(third) == ["Old one"]
    assert third.context["next"] == ""


def test_file_holds_every_event_with_the_same_filters_and_no_formula(admin, ada, monkeypatch):
    monkeypatch.setattr("teams.views_audit.CHUNK", 3)
    record(ada, 10, reason="=HYPERLINK(1)")
    record(ada, kind="cycle", label="Spring")
    response = admin.get(f"{FILE}?kind=kpi")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["label"] for row in rows] == [f"Churn {number}" for number in range(10, 0, -1)]
    assert {row["reason"] for row in rows} == {"'=HYPERLINK(1)"}
    assert {row["actor_name"] for row in rows} == {"Ada Berg"}


@pytest.mark.parametrize("query", ["", "?q=churn", "?since=2020-01-01&kind=kpi"])
def test_page_costs_the_same_queries_at_10_and_1000_events(admin, ada, query):
    record(ada, 10)
    admin.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        admin.get(f"{PAGE}{query}")
    record(ada, 990)
    with CaptureQueriesContext(connection) as many:
        admin.get(f"{PAGE}{query}")
    assert len(many) == len(few) <= 16


def test_only_administrators_read_it(client, alice, bob):
    for person in (alice, bob):
        client.force_login(person)
        assert client.get(PAGE).status_code == 403
        assert client.get(FILE).status_code == 403


def give_role(client, person, team, role):
    typed = {f"role-{team.pk}": role, f"initial-role-{team.pk}": "member"}
    return client.post(f"/organisation/people/{person.pk}/", typed)


def test_pages_of_a_person_and_a_team_show_their_history(admin, ada, bob, team):
    give_role(admin, bob, team, "lead")
    [event] = AuditEvent.objects.filter(kind="role")
    assert (event.actor_id, event.verb, event.object_id) == (ada.pk, "role_changed", str(bob.pk))
    for address in (f"/organisation/people/{bob.pk}/", f"/organisation/teams/{team.pk}/"):
        text = admin.get(address).text
        assert f'id="event-{event.pk}"' in text
        assert "<del>member</del>" in text
        assert "Ada Berg" in text
    found = admin.get(f"{PAGE}?kind=person&object={bob.pk}")
    assert found.context["lines"][0].pk == event.pk


def test_pages_of_the_organisation_and_of_chats_show_their_history(
    admin, organisation, team, alice
):
    audit_of = {"organisation": organisation, "chat": team}
    told = {"by": alice, "before": {"closing_days": 14}, "after": {"closing_days": 21}}
    for kind, row in audit_of.items():
        audit.record("changed", kind, row, team=None, **told)
    audit.record("set", "chat", team, team=team, by=alice, after={"host": "chat.example"})
    for address, more in (("/organisation/", "organisation"), ("/organisation/chat/", "chat")):
        page = admin.get(address).text
        assert "<del>14</del>" in page
        assert f"/organisation/audit/?kind={more}" in page
        assert "chat.example" not in page
    admin.force_login(alice)
    page = admin.get(f"/teams/{team.pk}/chat/").text
    assert "<ins>chat.example</ins>" in page
    assert "/organisation/" not in page[page.index('id="hist-h"') :]


def test_days_and_moments_read_as_elsewhere_and_what_stayed_is_no_change(admin, ada, organisation):
    audit.record(
        "checked_in",
        "key_result",
        None,
        by=ada,
        before={"confidence": 7, "until": "2026-12-13", "tolerance": Decimal("0.5"), "note": ""},
        after={
            "confidence": "7",
            "until": datetime(2026, 12, 14, 7, 10, 30, 757130, tzinfo=UTC),
            "tolerance": Decimal("0.50"),
            "note": None,
        },
    )
    [line] = admin.get(PAGE).context["lines"]
    # In the organisation's zone, Oslo.
    assert line.changes == [("until", "13 Dec 2026", "14 Dec 2026 08:10")]


def test_answer_names_the_request_that_the_event_names(admin, bob, team):
    response = give_role(admin, bob, team, "viewer")
    assert AuditEvent.objects.get().request_id == response.headers["X-Request-ID"]
    assert len(response.headers["X-Request-ID"]) == 36


def test_days_far_from_their_ids_are_found(admin, ada):
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for minutes in (0, 50, -50):
        dated(ada, now + timedelta(minutes=minutes), f"{minutes}")
    assert labels(admin.get(f"{PAGE}?since=2026-05-01&until=2026-05-01")) == ["-50", "50", "0"]
