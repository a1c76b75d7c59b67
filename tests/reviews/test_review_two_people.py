"""Two people in one review at once: each sees the other's entries, neither overwrites."""

import pytest
from django.test import Client

from reviews.models import GivenGrade, Learning, ObjectiveDecision, Review, ReviewAction
from tests.factories import (
    join,
    make_cycle,
    make_key_result,
    make_objective,
    make_organisation,
    make_review,
    make_review_action,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def meeting():
    team = make_team(organisation=make_organisation())
    people = {}
    for name, role in (("Alice", "lead"), ("Bob", "member"), ("Vera", "viewer")):
        person = join(team, make_user(name, organisation=team.organisation), role)
        people[name.lower()] = Client()
        people[name.lower()].force_login(person)
    objective = make_objective(team=team, cycle=make_cycle(organisation=team.organisation))
    key_result = make_key_result(objective)
    review = make_review(team=team, cycle=objective.cycle)
    return {**people, "review": review, "objective": objective, "key_result": key_result}


def page_of(meeting) -> str:
    return f"/reviews/{meeting['review'].pk}/"


def grade(meeting, who, value, version, reason="A reason"):
    url = f"{page_of(meeting)}key-results/{meeting['key_result'].pk}/"
    sent = {"grade": value, "reason": reason, "version": version}
    return meeting[who].post(url, sent, headers=HTMX)


def part(meeting, who, kind, **sent):
    """Enter what a form was opened with before anybody wrote, unless `seen` says otherwise."""
    url = f"{page_of(meeting)}objectives/{meeting['objective'].pk}/{kind}/"
    return meeting[who].post(url, sent, headers=HTMX)


def seen(meeting, who, kind) -> str:
    views = meeting[who].get(page_of(meeting)).context["objectives"]
    return getattr(views[0], kind).seen


def text_of(response) -> str:
    return response.content.decode()


def test_a_grade_saves_by_itself_and_answers_with_its_row_alone(meeting):
    response = grade(meeting, "bob", "0.3", 0)
    assert response.status_code == 200
    assert (
        text_of(response)
        .lstrip()
        .startswith(f'<tr role="row" id="grade-{meeting["key_result"].pk}"')
    )
    assert "review:changed" in response.headers["HX-Trigger-After-Settle"]
    assert GivenGrade.objects.get().version == 1


def test_the_second_of_two_grades_is_not_saved_and_shows_both(meeting):
    grade(meeting, "alice", "0.3", 0, "Alice's reason")
    refused = grade(meeting, "bob", "0.6", 0, "Bob's reason")
    assert refused.status_code == 409
    html = text_of(refused)
    assert "Alice graded it 0.3: Alice&#x27;s reason" in html
    assert 'value="Bob&#x27;s reason"' in html
    assert GivenGrade.objects.get().reason == "Alice's reason"
    assert '<input type="hidden" name="version" value="1">' in html
    assert grade(meeting, "bob", "0.6", 1, "Bob's reason").status_code == 200
    assert GivenGrade.objects.get().reason == "Bob's reason"


def test_without_the_version_the_second_would_overwrite_the_first(meeting):
    """The negative control: told that it has seen the first, the same form does replace it."""
    grade(meeting, "alice", "0.3", 0, "Alice's reason")
    assert grade(meeting, "bob", "0.6", GivenGrade.objects.get().version).status_code == 200
    assert GivenGrade.objects.get().changed_by.name == "Bob"


def test_the_same_grade_sent_twice_is_one_entry(meeting):
    assert grade(meeting, "bob", "0.3", 0).status_code == 200
    assert grade(meeting, "bob", "0.3", 0).status_code == 200
    assert GivenGrade.objects.get().version == 1


def test_words_and_decision_of_one_objective_are_filled_in_side_by_side(meeting):
    words, after = seen(meeting, "alice", "words"), seen(meeting, "bob", "after")
    assert part(meeting, "alice", "words", seen=words, explanation="Two left").status_code == 200
    assert part(meeting, "bob", "next", seen=after, decision="drop").status_code == 200
    row = ObjectiveDecision.objects.get()
    assert (row.explanation, row.decision, row.version) == ("Two left", "drop", 2)


def test_two_decisions_on_one_objective_do_not_overwrite_each_other(meeting):
    after = seen(meeting, "alice", "after")
    part(meeting, "alice", "next", seen=after, decision="drop", note="It is done")
    refused = part(meeting, "bob", "next", seen=after, decision="keep", why_again="Not done")
    assert refused.status_code == 409
    assert "Alice wrote: Drop · It is done" in text_of(refused)
    assert 'value="Not done"' in text_of(refused)
    assert ObjectiveDecision.objects.get().decision == "drop"


def test_what_is_wrong_is_said_in_its_row_and_nothing_typed_is_lost(meeting):
    refused = grade(meeting, "bob", "0.5", 0, reason="")
    assert refused.status_code == 422
    assert 'data-state="edit"' in text_of(refused)
    assert 'value="0.5" checked' in text_of(refused)
    out = grade(meeting, "bob", "out", 0, reason="")
    assert "Say why it is left out." in text_of(out)
    long = grade(meeting, "bob", "0.5", 0, reason="x" * 501)
    assert long.status_code == 422
    assert "x" * 501 in text_of(long)
    assert grade(meeting, "bob", "7", 0).status_code == 422
    assert not GivenGrade.objects.exists()


def test_nothing_new_is_answered_without_a_body_and_something_new_with_every_piece(meeting):
    url = f"{page_of(meeting)}changes/"
    first = meeting["bob"].get(url, headers=HTMX)
    etag = first.headers["ETag"]
    same = meeting["bob"].get(url, headers=HTMX | {"If-None-Match": etag})
    assert (same.status_code, same.content) == (204, b"")
    assert meeting["bob"].get(url, headers={"If-None-Match": etag}).status_code == 304
    grade(meeting, "alice", "0.3", 0, "Alice's reason")
    new = meeting["bob"].get(url, headers=HTMX | {"If-None-Match": etag})
    assert new.status_code == 200
    html = text_of(new)
    assert "Alice&#x27;s reason" in html
    assert f'<template><tr role="row" id="grade-{meeting["key_result"].pk}"' in "".join(
        html.splitlines()
    )
    assert new.headers["ETag"] != etag


def test_every_entry_changes_what_the_others_ask_for(meeting):
    url = f"{page_of(meeting)}changes/"

    def etag() -> str:
        return meeting["vera"].get(url, headers=HTMX).headers["ETag"]

    action = make_review_action(meeting["review"], meeting["review"].team.people.first())
    steps = [
        lambda: grade(meeting, "bob", "0.3", 0),
        lambda: part(meeting, "bob", "next", seen=seen(meeting, "bob", "after"), decision="drop"),
        lambda: meeting["bob"].post(f"{page_of(meeting)}learnings/", {"text": "One"}),
        lambda: meeting["bob"].post(f"{page_of(meeting)}actions/", {"what": "Two"}),
        lambda: meeting["bob"].post(
            f"{page_of(meeting)}actions/{action.pk}/done/", {"done": "1", "version": "1"}
        ),
    ]
    for step in steps:
        before = etag()
        step()
        assert etag() != before


def test_the_piece_of_an_untouched_row_keeps_its_tag(meeting):
    other = make_key_result(meeting["objective"], title="Untouched")

    def tags() -> dict:
        views = meeting["bob"].get(page_of(meeting)).context["objectives"]
        return {one.root: one.tag for one in views[0].grades}

    before = tags()
    grade(meeting, "alice", "0.3", 0)
    after = tags()
    mine, theirs = f"grade-{meeting['key_result'].pk}", f"grade-{other.pk}"
    assert before[mine] != after[mine]
    assert before[theirs] == after[theirs]


def test_after_the_close_the_others_are_told_instead_of_being_asked_again(meeting):
    Review.objects.update(
        closed_at="2026-10-02T09:00Z", closed_by=meeting["review"].team.people.first()
    )
    html = text_of(meeting["bob"].get(f"{page_of(meeting)}changes/", headers=HTMX))
    assert "closed meanwhile" in html
    assert "every 3s" not in html
    refused = grade(meeting, "bob", "0.4", 0, "Typed too late")
    assert refused.status_code == 409
    assert "Typed too late" in text_of(refused)
    assert refused.headers["HX-Retarget"] == "#review-pulse"


def test_a_learning_and_an_action_sent_twice_are_one(meeting):
    token = "3e0a1c0e-3b44-4a5a-9c43-5d0c0b1f1e77"
    for _ in range(2):
        sent = {"text": "Call early", "token": token}
        assert meeting["bob"].post(f"{page_of(meeting)}learnings/", sent).status_code == 302
        sent = {"what": "Write it down", "token": token, "due_on": "2999-11-01"}
        assert meeting["bob"].post(f"{page_of(meeting)}actions/", sent).status_code == 302
    assert (Learning.objects.count(), ReviewAction.objects.count()) == (1, 1)


def test_an_action_with_a_bad_date_keeps_what_was_typed(meeting):
    late = {"what": "Write it down", "due_on": "2020-01-01"}
    refused = meeting["bob"].post(f"{page_of(meeting)}actions/", late, headers=HTMX)
    assert refused.status_code == 422
    assert "The day by which it is done is over. Choose today" in refused.content.decode()
    sent = {"what": "Write it down", "due_on": "soon"}
    refused = meeting["bob"].post(f"{page_of(meeting)}actions/", sent, headers=HTMX)
    assert refused.status_code == 422
    assert "Type a date" in text_of(refused)
    assert 'value="Write it down"' in text_of(refused)


def test_an_open_action_returns_in_the_next_review_until_it_is_done(meeting):
    review = meeting["review"]
    cycle = make_cycle(
        organisation=review.team.organisation,
        starts_on="2026-10-01",
        ends_on="2026-12-31",
        name="Q4 2026",
    )
    action = make_review_action(review, review.team.people.first(), what="Ask Sales first")
    later = make_review(team=review.team, cycle=cycle, opened_at="2027-01-02T09:00Z")
    url = f"/reviews/{later.pk}/"
    assert "Ask Sales first" in text_of(meeting["bob"].get(url))
    assert [row["id"] for row in meeting["bob"].get(url).context["facts"]["earlier"]] == [action.pk]
    done = meeting["bob"].post(f"{url}actions/{action.pk}/done/", {"done": "1", "version": "1"})
    assert done.status_code == 302
    third = make_review(
        team=review.team, cycle=cycle, kind="monthly", opened_at="2027-02-02T09:00Z"
    )
    ReviewAction.objects.update(done_at="2027-01-03T09:00Z")
    assert meeting["bob"].get(f"/reviews/{third.pk}/").context["facts"]["earlier"] == []


def test_only_its_author_or_a_lead_takes_a_learning_off(meeting):
    meeting["alice"].post(f"{page_of(meeting)}learnings/", {"text": "From Alice"})
    url = f"{page_of(meeting)}learnings/{Learning.objects.get().pk}/delete/"
    assert meeting["bob"].post(url, {"version": "1"}).status_code == 403
    assert meeting["alice"].post(url, {"version": "1"}).status_code == 302
    assert "From Alice" not in text_of(meeting["alice"].get(page_of(meeting)))


def test_a_viewer_reads_and_is_offered_nothing_to_fill_in(meeting):
    grade(meeting, "alice", "0.3", 0, "Alice's reason")
    html = text_of(meeting["vera"].get(page_of(meeting)))
    assert "Alice&#x27;s reason" in html
    assert 'class="scale grade"' not in html
    assert grade(meeting, "vera", "0.3", 1).status_code == 403
