"""What an administrator sees of the jobs and asks of them; health and Prometheus say the same."""

from datetime import timedelta

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families

from metrics.models import ImportBatch, KpiState
from objectives.models import Cycle
from okrkpi.job_list import KNOWN, NOUNS, counts_words, scheduled_jobs
from okrkpi.job_page import moment, took
from okrkpi.late import late_words, length, work_ages
from teams.heartbeats import claim_slot, open_slots
from teams.job_runs import keep_failure
from teams.models import Heartbeat, JobRun, OutboxMessage
from tests.factories import (
    NOW,
    make_import,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_signal,
    make_stuck_message,
    make_team,
    make_user,
    make_value,
)

pytestmark = pytest.mark.django_db
PAGE = "/organisation/jobs/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def alive():
    Heartbeat.objects.create(name="beat", at=NOW - timedelta(seconds=12))


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_every_scheduled_job_has_words_and_a_dry_run(settings):
    jobs = scheduled_jobs()
    assert {job.name for job in jobs} == set(KNOWN)
    assert all(job.would for job in jobs)
    assert {job.name for job in jobs if job.is_slot} == set(settings.SLOT_JOBS)


def test_counts_are_said_in_the_order_of_their_words():
    assert counts_words({"raised": 1, "kpis": 2400, "later_kind": 2, "resolved": 0}) == (
        "2,400 KPIs evaluated, 1 signal raised, 2 later kind"
    )
    assert all(len(pair) == 2 for pair in NOUNS.values())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (1, "1 second"), (119, "1 minute"), (7200, "2 hours"), (90000, "1 day")],
)
def test_a_length_is_said_in_its_largest_unit(seconds, said):
    assert length(timedelta(seconds=seconds)) == said


def test_moments_are_told_by_the_clock_of_the_organisation(organisation):
    zone = organisation.zone
    assert moment(NOW, zone, NOW) == "11:00 today"
    assert moment(NOW + timedelta(hours=14), zone, NOW) == "01:00 tomorrow"
    assert moment(NOW - timedelta(days=1), zone, NOW) == "17\u00a0Aug 11:00"
    assert moment(None, zone, NOW) == "–"
    assert [took(ms) for ms in (4, 1234, 41_000)] == ["< 0.1 s", "1.2 s", "41 s"]


def test_the_page_says_what_each_job_did_and_when_it_runs_next(admin, alive):
    JobRun.objects.create(
        name="evaluate_due",
        ended_at=NOW,
        took_ms=3,
        worked_at=NOW - HOUR,
        worked_ms=1234,
        counts={"kpis": 24, "raised": 1},
    )
    JobRun.objects.create(name="sweep", ended_at=NOW - HOUR, failing_since=NOW - HOUR)
    keep_failure("sweep", "ValueError: no such <KPI>", NOW - HOUR)
    claim_slot("sweep", every=HOUR, now=NOW - timedelta(minutes=5))

    page = text(admin.get(PAGE))

    assert "Nothing to do. 10:00 today: 24 KPIs evaluated, 1 signal raised" in page
    assert "Has not finished since 10:00 today: ValueError: no such &lt;KPI&gt;" in page
    assert "11:55 today" in page
    assert "jobs seen 12 seconds ago" in page
    assert page.count("Has not run yet") == len(KNOWN) - 2


def test_the_text_of_a_failure_is_kept_from_people_who_share_the_instance(admin, ada, alive):
    keep_failure("sweep", "ValueError: a secret of Elsewhere", NOW)
    assert "secret of Elsewhere" in text(admin.get(PAGE))

    make_organisation(name="Elsewhere")
    page = text(admin.get(PAGE))
    assert "secret of Elsewhere" not in page
    assert "the log of the server has them" in page

    ada.is_superuser = True
    ada.save()
    assert "secret of Elsewhere" in text(admin.get(PAGE))


def test_run_now_opens_the_slot_for_the_next_tick(admin, settings, alive):
    every = {slot: timedelta(seconds=seconds) for slot, (_, seconds) in settings.SLOT_JOBS.items()}
    for slot in every:
        claim_slot(slot, every=every[slot], now=NOW - timedelta(seconds=30))
    assert open_slots(every, now=NOW) == []

    assert admin.post(f"{PAGE}sweep/run/").status_code == 302
    assert admin.post(f"{PAGE}sweep/run/").status_code == 302

    assert open_slots(every, now=NOW) == ["sweep"]
    assert claim_slot("sweep", every=HOUR, now=NOW)
    assert not claim_slot("sweep", every=HOUR, now=NOW)


@pytest.mark.parametrize("path", ["deliver_outbox/run/", "no-such/run/", "tick/dry-run/"])
def test_only_jobs_that_can_be_asked_for_can_be_asked_for(admin, path):
    assert admin.post(PAGE + path).status_code == 404


def test_a_dry_run_of_the_evaluation_tells_of_signals_and_writes_nothing(admin, team, alive):
    kpi = make_kpi(team=team, target=5)
    for month in range(1, 8):
        make_value(kpi, NOW.date().replace(month=month, day=1), 9)
    KpiState.objects.filter(pk=kpi.pk).update(due_at=NOW)

    page = text(admin.post(f"{PAGE}evaluate_due/dry-run/"))

    assert "Evaluate KPIs would do this now." in page
    assert "1 KPI due." in page
    assert "1 KPI evaluated" in page
    assert "1 signal raised" in page
    assert KpiState.objects.get(pk=kpi.pk).due_at == NOW
    assert OutboxMessage.objects.count() == 0


def test_a_dry_run_of_the_cycles_names_those_it_would_make(admin, alive):
    page = text(admin.post(f"{PAGE}advance_cycles/dry-run/"))

    assert "Q3 2026: active." in page
    assert Cycle.objects.count() == 0


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ("deliver_outbox", "0 messages to inboxes, 1 mail. <br>1 message for later."),
        ("import_queued", "1 upload to check or to import."),
        ("sweep", "2 lost KPIs made due."),
        ("open_reviews", "1 review opened."),
        ("remind", "1 person reminded."),
        ("escalate", "1 person told."),
        ("clean_up", "Nothing to do."),
    ],
)
def test_every_dry_run_says_what_would_be_done(admin, alice, team, alive, job, said):
    make_stuck_message(alice, due_at=NOW)
    make_stuck_message(alice, event_key="raised 2", due_at=NOW)
    make_stuck_message(alice, run="run 2", due_at=NOW + HOUR)
    kpi = make_kpi(team=team)
    ImportBatch.objects.filter(pk=make_import(kpi).pk).update(due_at=NOW)
    make_signal(make_kpi(team=team, owner=alice), decide_by=NOW.date() - timedelta(days=2))
    objective = make_objective(team=team)
    make_key_result(objective, owner=alice, next_due_on=NOW.date())
    cycle = objective.cycle
    Cycle.objects.filter(pk=cycle.pk).update(state="closing")

    page = text(admin.post(f"{PAGE}{job}/dry-run/"))

    assert said.replace(" <br>", "<br>") in page


def test_a_message_that_was_not_delivered_is_shown_without_its_words(admin, alice, alive):
    make_stuck_message(alice)
    elsewhere = make_organisation(name="Elsewhere")
    make_stuck_message(make_user("Fay", organisation=elsewhere))
    under_way = {"last_error": "", "claimed_until": NOW + timedelta(seconds=9)}
    make_stuck_message(make_user("Gus", organisation=alice.organisation), **under_way)

    page = text(admin.get(PAGE))

    assert "Alice Moreau" in page
    assert "no mail today" in page
    assert "Tried once, next 11:05 today" in page
    assert "Churn rate" not in page
    assert "Fay" not in page
    assert "Gus" not in page


def test_a_message_is_parked_and_tried_again(admin, alice, alive):
    row = make_stuck_message(alice)

    admin.post(f"{PAGE}messages/{row.pk}/park/")
    row.refresh_from_db()
    assert row.parked_at == NOW
    assert "Parked, tried once" in text(admin.get(PAGE))

    admin.post(f"{PAGE}messages/{row.pk}/retry/")
    row.refresh_from_db()
    assert (row.parked_at, row.due_at, row.attempts) == (None, NOW, 0)


def test_a_message_that_is_being_delivered_is_left_alone(admin, alice, alive):
    row = make_stuck_message(alice, claimed_until=NOW + timedelta(seconds=9))
    for verb in ("park", "retry"):
        admin.post(f"{PAGE}messages/{row.pk}/{verb}/")
    row.refresh_from_db()
    assert (row.parked_at, row.attempts) == (None, 1)


def test_items_of_others_and_of_private_teams_are_counted_or_not_there(admin, ada, alive):
    elsewhere = make_organisation(name="Elsewhere")
    theirs = make_stuck_message(make_user("Fay", organisation=elsewhere))
    private = make_team(organisation=ada.organisation, is_private=True)
    hidden = make_kpi(team=private, name="Secret margin")
    KpiState.objects.filter(pk=hidden.pk).update(last_error="ValueError: x", attempts=3)

    page = text(admin.get(PAGE))
    assert "Secret margin" not in page
    assert "And 1 KPI not shown here." in page
    assert admin.post(f"{PAGE}messages/{theirs.pk}/retry/").status_code == 404
    assert admin.post(f"{PAGE}kpis/{hidden.pk}/retry/").status_code == 404
    assert admin.post(f"{PAGE}elves/{hidden.pk}/retry/").status_code == 404

    admin.post(f"{PAGE}kpis/retry/")
    assert KpiState.objects.get(pk=hidden.pk).due_at == NOW
    admin.post(f"{PAGE}messages/retry/")
    theirs.refresh_from_db()
    assert theirs.attempts == 1


def test_a_parked_kpi_is_tried_again_and_a_failing_one_parked(admin, team, alive):
    kpi = make_kpi(team=team, name="Churn rate")
    state = KpiState.objects.filter(pk=kpi.pk)
    state.update(last_error="ValueError: odd", attempts=1, due_at=NOW + HOUR)
    assert "Tried once, next 12:00 today" in text(admin.get(PAGE))

    admin.post(f"{PAGE}kpis/{kpi.pk}/park/")
    assert state.get().due_at is None
    assert "Parked, tried once" in text(admin.get(PAGE))

    admin.post(f"{PAGE}kpis/{kpi.pk}/retry/")
    assert (state.get().due_at, state.get().attempts, state.get().last_error) == (NOW, 0, "")
    assert "Churn rate" not in text(admin.get(PAGE))


def test_an_import_that_is_cut_off_is_handed_back_and_goes_on_where_it_was(admin, team, alive):
    batch = make_import(make_kpi(team=team))
    rows = ImportBatch.objects.filter(pk=batch.pk)
    rows.update(state="queued", due_at=NOW, report=batch.report | {"attempts": 2})
    assert "values.csv" in text(admin.get(PAGE))

    admin.post(f"{PAGE}imports/{batch.pk}/park/")
    assert (rows.get().state, rows.get().due_at) == ("staged", None)
    assert "Parked, tried 2 times" in text(admin.get(PAGE))

    admin.post(f"{PAGE}imports/{batch.pk}/retry/")
    assert (rows.get().state, rows.get().due_at) == ("queued", NOW)
    assert "attempts" not in rows.get().report
    assert "values.csv" not in text(admin.get(PAGE))


# -- late ---------------------------------------------------------------------------------------


def test_nothing_is_late_while_the_jobs_keep_up(admin, client, alive):
    assert late_words(work_ages(NOW)) == ""
    assert client.get("/healthz").content == b"ok\n"
    assert "See the jobs" not in text(admin.get("/teams/"))


def test_the_banner_health_and_the_metrics_say_the_same(admin, alice):
    Heartbeat.objects.create(name="beat", at=NOW - timedelta(minutes=7))
    make_stuck_message(alice, due_at=NOW - timedelta(minutes=12))
    JobRun.objects.create(name="sweep", ended_at=NOW, failing_since=NOW - timedelta(hours=3))
    said = (
        "Messages have waited 12 minutes to be delivered, a job has not finished for 3 hours"
        " and no sign of the jobs for 7 minutes"
    )

    assert f"{said}. <a" in text(admin.get("/teams/"))
    health = admin.get("/healthz")
    assert (health.status_code, health.content.decode()) == (200, f"ok\n{said}\n")
    ready = admin.get("/readyz")
    assert (ready.status_code, ready.json()["late"]) == (503, ["message", "job", "beat"])
    figures = admin.get("/metrics").content.decode()
    for kind, late in (("message", 1), ("job", 1), ("beat", 1), ("evaluation", 0)):
        assert f'okrkpi_work_late{{kind="{kind}"}} {late}.0' in figures


def test_only_administrators_are_asked_and_told_for_one_query(
    client, ada, charlie, django_assert_num_queries, alive
):
    make_stuck_message(ada, due_at=NOW - HOUR)
    client.force_login(charlie)
    assert "See the jobs" not in text(client.get("/teams/"))
    with django_assert_num_queries(1):
        work_ages(NOW)


def test_the_page_costs_the_same_with_many_items(
    admin, alice, team, alive, django_assert_max_num_queries
):
    make_stuck_message(alice)
    admin.get(PAGE)
    with django_assert_max_num_queries(30) as few:
        admin.get(PAGE)
    for number in range(60):
        make_stuck_message(alice, event_key=f"many {number}")
        keep_failure("sweep", f"error {number}", NOW)
    with django_assert_max_num_queries(len(few)):
        page = text(admin.get(PAGE))
    assert "And 11 messages not shown here." in page


# -- Prometheus ---------------------------------------------------------------------------------


def test_prometheus_reads_with_its_token_only(client, settings, alive):
    settings.METRICS_TOKEN = "scrape-me"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 403

    answer = client.get("/metrics", headers={"Authorization": "Bearer scrape-me"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")


def test_without_a_token_in_the_environment_no_token_opens(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_the_figures_are_read_back_by_prometheus_own_parser(admin, alice, alive):
    make_stuck_message(alice, parked_at=NOW)
    JobRun.objects.create(name="sweep", ended_at=NOW, done=7, failures=2, worked_ms=1500)
    families = text_string_to_metric_families(admin.get("/metrics").content.decode())
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }

    assert found["okrkpi_queue_length", "messages", "parked"] == 1
    assert found["okrkpi_work_age_seconds", "beat"] == 12
    assert found["okrkpi_job_done_total", "sweep"] == 7
    assert found["okrkpi_job_failures_total", "sweep"] == 2
    assert found["okrkpi_job_last_work_seconds", "sweep"] == 1.5
    assert found["okrkpi_job_last_run_timestamp_seconds", "sweep"] == NOW.timestamp()
