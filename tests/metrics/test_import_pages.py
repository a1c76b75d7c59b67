"""The upload pages: file, columns, dry run, decision; with and without JavaScript."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from metrics.import_jobs import run_next_import
from metrics.models import ImportBatch, KpiState, Measurement
from metrics.tasks import import_queued, sweep
from tests.factories import make_import, make_kpi, make_source

KPIS = Path(__file__).parent / "data" / "kpis"
FILE = "month,churn\n2026-05,8.5\n2026-06,9\n2026-07,7\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def kpi(team):
    source = make_source(team=team, kind="csv_upload")
    return make_kpi(team=team, name="Churn", source=source)


def csv(text, name="churn.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return SimpleUploadedFile(name, data, "text/csv")


def upload(client, team, text, **data):
    return client.post(f"/teams/{team.pk}/imports/", {"file": csv(text), **data}, follow=True)


def values(kpi):
    rows = Measurement.objects.filter(kpi=kpi).order_by("day")
    return [str(row.value.normalize()) for row in rows]


def test_a_clear_file_goes_from_upload_to_import_in_two_posts(client, bob, team, kpi):
    client.force_login(bob)

    shown = upload(client, team, FILE)
    batch = ImportBatch.objects.get()
    before = Measurement.objects.count()
    done = client.post(f"/imports/{batch.pk}/import/", follow=True)

    assert shown.redirect_chain[-1][0] == f"/imports/{batch.pk}/"
    assert '<dt>New</dt><dd class="num">3</dd>' in shown.content.decode()
    assert before == 0
    assert values(kpi) == ["8.5", "9", "7"]
    assert "Imported" in done.content.decode()
    assert KpiState.objects.get(kpi=kpi).due_at is not None


def test_the_page_says_whose_values_the_file_holds_when_it_cannot_tell(client, bob, team, kpi):
    other = make_kpi(team=team, name="Speed")
    client.force_login(bob)

    asked = upload(client, team, FILE.replace("churn", "x"))
    batch = ImportBatch.objects.get()
    path = f"/imports/{batch.pk}/columns/"
    nothing = client.post(path, {"stamp": "0"})
    shown = client.post(path, {"stamp": "0", f"value_{other.pk}": "1"}, follow=True)

    assert asked.redirect_chain[-1][0] == path
    assert nothing.status_code == 422
    assert "Choose the column of at least one KPI." in nothing.content.decode()
    assert shown.context["dry_run"].new == 3
    assert [row["name"] for row in shown.context["dry_run"].kpis] == ["Speed"]


def test_an_ambiguous_file_is_asked_about_and_never_guessed(client, bob, team, kpi):
    client.force_login(bob)
    data = 'date,churn\n3/4/2026,"1,234"\n5/6/2026,"2,345"\n'

    asked = upload(client, team, data, kpi=kpi.pk)
    batch = ImportBatch.objects.get()
    path = f"/imports/{batch.pk}/columns/"
    columns = {"stamp": "0", f"value_{kpi.pk}": "1"}
    unanswered = client.post(path, columns)
    shown = client.post(path, {**columns, "date_order": "dmy", "number_style": ","}, follow=True)

    assert "which comes first?" in asked.content.decode()
    assert unanswered.status_code == 422
    assert [(n["when"], n["new"]) for n in shown.context["dry_run"].news] == [
        ("2026-04-03", "1.234 %"), ("2026-06-05", "2.345 %"),
    ]  # fmt: skip


def test_a_question_about_a_newly_chosen_column_is_asked_before_the_dry_run(client, bob, team, kpi):
    client.force_login(bob)
    upload(client, team, "month;a;b\n2026-05;1;1,234\n2026-06;2;5,678\n", kpi=kpi.pk)
    batch = ImportBatch.objects.get()

    answer = client.post(f"/imports/{batch.pk}/columns/", {"stamp": "0", f"value_{kpi.pk}": "2"})

    assert answer.status_code == 422
    assert "What does “1,234” mean?" in answer.content.decode()


def test_a_long_file_is_filtered_by_the_rows_chosen(client, bob, team):
    kpi = make_kpi(team=team, name="Beds", cadence="daily", direction="lower_is_better")
    client.force_login(bob)
    upload(client, team, (KPIS / "at_hospital_beds_daily.csv").read_bytes(), kpi=kpi.pk)
    batch = ImportBatch.objects.get()

    shown = client.post(
        f"/imports/{batch.pk}/columns/",
        {"stamp": "0", f"value_{kpi.pk}": "4", f"where_{kpi.pk}": "8=Alle"},
        follow=True,
    )

    assert shown.context["dry_run"].new == 242


def test_refused_rows_are_listed_with_row_column_reason_and_bar_the_import(client, bob, team, kpi):
    client.force_login(bob)

    shown = upload(client, team, FILE + "2026-08,1_000\n<b>x</b>,1\n", kpi=kpi.pk)
    batch = ImportBatch.objects.get()
    client.post(f"/imports/{batch.pk}/import/")
    page = shown.content.decode()

    assert "“1_000” is not a number." in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page
    assert f'action="/imports/{batch.pk}/import/"' not in page
    assert not Measurement.objects.exists()


def test_changing_stored_values_needs_a_reason(client, bob, team, kpi):
    client.force_login(bob)
    for text in (FILE, FILE.replace("8.5", "8.4")):
        upload(client, team, text, kpi=kpi.pk)
        batch = ImportBatch.objects.first()
        answer = client.post(f"/imports/{batch.pk}/import/", {"reason": ""})

    assert answer.status_code == 422
    assert values(kpi)[0] == "8.5"

    client.post(f"/imports/{batch.pk}/import/", {"reason": "Late invoices"})
    assert values(kpi)[0] == "8.4"


def test_the_same_file_again_offers_no_import(client, bob, team, kpi):
    client.force_login(bob)
    upload(client, team, FILE, kpi=kpi.pk)
    client.post(f"/imports/{ImportBatch.objects.first().pk}/import/")

    shown = upload(client, team, FILE, kpi=kpi.pk)

    assert "Importing would change nothing" in shown.content.decode()


def test_a_button_pressed_twice_imports_once(client, bob, team, kpi):
    client.force_login(bob)
    upload(client, team, FILE, kpi=kpi.pk)
    path = f"/imports/{ImportBatch.objects.get().pk}/import/"

    answers = [client.post(path).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Measurement.objects.count() == 3
    assert KpiState.objects.get(kpi=kpi).marks == 1


def test_values_changed_meanwhile_show_the_dry_run_again(client, bob, team, kpi):
    client.force_login(bob)
    upload(client, team, FILE, kpi=kpi.pk)
    batch = ImportBatch.objects.get()
    Measurement.objects.create(
        kpi=kpi, day="2026-05-01", identity="monthly", value=3, recorded_at=timezone.now()
    )

    shown = client.post(f"/imports/{batch.pk}/import/", follow=True)

    assert "Stored values changed since the dry run" in shown.content.decode()
    assert shown.context["dry_run"].changed == 1
    assert values(kpi) == ["3"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04xx", "Excel workbook"),
        (b"month,churn\n", "has a heading and no rows"),
        (b"", "The submitted file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_the_field(client, bob, team, kpi, data, words):
    client.force_login(bob)

    answer = upload(client, team, data)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_file_over_the_limit_is_refused(client, bob, team, kpi, settings, uploads):
    settings.IMPORT_MAX_BYTES = 20
    client.force_login(bob)

    answer = upload(client, team, FILE)

    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()
    assert list(uploads.rglob("*.csv")) == []


def test_not_importing_leaves_nothing(client, bob, team, kpi, uploads):
    client.force_login(bob)
    upload(client, team, FILE, kpi=kpi.pk)

    client.post(f"/imports/{ImportBatch.objects.get().pk}/cancel/")

    assert ImportBatch.objects.get().state == "cancelled"
    assert [path for path in uploads.rglob("*") if path.is_file()] == []
    assert not Measurement.objects.exists()


def test_a_kpi_of_another_team_cannot_be_chosen(client, bob, team, kpi, charlie):
    foreign = make_kpi(team=charlie.teams.get())
    client.force_login(bob)

    answer = upload(client, team, FILE, kpi=foreign.pk)
    batch = make_import(kpi, FILE)
    client.post(f"/imports/{batch.pk}/columns/", {"stamp": "0", f"value_{foreign.pk}": "1"})

    assert answer.status_code == 422
    assert ImportBatch.objects.get().report == {}


@pytest.mark.parametrize(("person", "status"), [("vera", 403), ("charlie", 403), ("ada", 403)])
def test_only_members_see_and_decide_imports(client, request, kpi, person, status):
    batch = make_import(kpi)
    client.force_login(request.getfixturevalue(person))

    assert client.get(f"/teams/{kpi.team_id}/imports/").status_code == status
    assert client.get(f"/imports/{batch.pk}/").status_code == status
    assert client.post(f"/imports/{batch.pk}/import/").status_code == status


def test_a_private_teams_import_does_not_exist_for_others(client, charlie, team, kpi):
    team.is_private = True
    team.save()
    client.force_login(charlie)

    assert client.get(f"/imports/{make_import(kpi).pk}/").status_code == 404


@pytest.fixture
def big(client, bob, team, kpi, monkeypatch):
    """A file over the size that a request handles by itself, uploaded."""
    monkeypatch.setattr("metrics.views_imports.SMALL_ROWS", 2)
    client.force_login(bob)
    upload(client, team, FILE, kpi=kpi.pk)
    return ImportBatch.objects.get()


def test_a_large_file_is_checked_and_imported_by_jobs_while_the_page_shows_progress(
    client, big, kpi
):
    checking = client.get(f"/imports/{big.pk}/").content.decode()
    import_queued()
    shown = client.get(f"/imports/{big.pk}/")
    client.post(f"/imports/{big.pk}/import/")
    importing = client.get(f"/imports/{big.pk}/", headers={"HX-Request": "true"}).content.decode()
    before = Measurement.objects.count()
    import_queued()
    big.refresh_from_db()

    assert "Being checked" in checking
    assert '<noscript><meta http-equiv="refresh"' in checking
    assert 'hx-trigger="every 2s"' in checking
    assert shown.context["dry_run"].new == 3
    assert "Being imported" in importing
    assert "<html" not in importing
    assert before == 0
    assert (big.state, Measurement.objects.count()) == ("done", 3)


def test_a_job_whose_worker_died_is_taken_up_when_its_lease_has_run_out(big, settings):
    now = timezone.now()
    held = now + timedelta(seconds=settings.LEASE_SECONDS)
    ImportBatch.objects.update(claimed_until=held, claimed_by="dead")

    assert not run_next_import(lambda: now, "two")
    assert run_next_import(lambda: held + timedelta(seconds=1), "two")
    big.refresh_from_db()
    assert big.report["new"] == 3


def test_a_file_that_kills_its_worker_every_time_is_given_up(big):
    for _ in range(3):
        ImportBatch.objects.update(
            report={**ImportBatch.objects.get().report, "attempts": 3}, claimed_until=None
        )
    assert run_next_import(timezone.now, "one")
    big.refresh_from_db()

    assert big.state == "failed"
    assert "cut off" in big.report["problems"][0]["reason"]


def test_a_job_whose_file_is_gone_says_so(client, big, uploads):
    for path in uploads.rglob("*.csv"):
        path.unlink()

    import_queued()

    assert "The uploaded file is gone" in client.get(f"/imports/{big.pk}/").content.decode()


def test_uploads_nobody_decides_about_are_dropped_after_a_week(kpi, uploads):
    old, new = (
        make_import(kpi, now=timezone.now() - timedelta(days=8)),
        make_import(kpi, now=timezone.now()),
    )

    sweep()

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("cancelled", "staged")
    assert len([path for path in uploads.rglob("*") if path.is_file()]) == 1
