"""importing.py: dry run, then all or nothing with revisions and provenance, on both databases."""

import hashlib
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from metrics import import_files
from metrics.csv_mapping import Pick
from metrics.csv_problems import FileRefused
from metrics.importing import (
    DataChanged,
    NotImported,
    cancel_batch,
    commit_batch,
    stage_upload,
)
from metrics.models import (
    ImportBatch,
    KpiEvent,
    KpiState,
    Measurement,
    MeasurementRevision,
    Source,
)
from tests.factories import NOW, make_kpi, make_source, make_value
from tests.metrics.uploads import imported, staged, values

KPIS = Path(__file__).parent / "data" / "kpis"
LATER = NOW + timedelta(hours=1)
FILE = "date,value\n2026-01-01,1.5\n2026-01-02,2\n2026-01-03,\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def kpi(team):
    return make_kpi(team=team, cadence="daily", source=make_source(team=team, kind="csv_upload"))


def test_a_dry_run_counts_and_writes_nothing(kpi):
    _, dry_run = staged(kpi, FILE)

    assert (dry_run.rows, dry_run.new, dry_run.changed, dry_run.same) == (3, 2, 0, 0)
    assert dry_run.news[0] == {
        "row": 2, "name": kpi.name, "when": "2026-01-01", "old": "no value", "new": "1.5 %",
    }  # fmt: skip
    assert not Measurement.objects.exists()
    assert KpiState.objects.get(kpi=kpi).due_at is None


def test_an_import_writes_values_with_who_from_where_and_when(kpi, bob):
    imported(kpi, FILE, actor=bob)
    row = Measurement.objects.get(kpi=kpi, day=date(2026, 1, 1))
    batch = ImportBatch.objects.get()

    assert values(kpi) == [
        (date(2026, 1, 1), "", Decimal("1.5")), (date(2026, 1, 2), "", Decimal(2)),
    ]  # fmt: skip
    assert (row.author, row.source, row.batch, row.recorded_at) == (bob, kpi.source, batch, NOW)
    assert (batch.state, batch.sha256) == ("done", hashlib.sha256(FILE.encode()).hexdigest())
    assert batch.finished_at == NOW


def test_an_import_makes_each_touched_kpi_due_once_from_its_first_changed_day(kpi, bob):
    imported(kpi, FILE, actor=bob)
    state = KpiState.objects.get(kpi=kpi)

    assert (state.due_at, state.dirty_from) == (NOW, date(2026, 1, 1))
    assert KpiEvent.objects.get(kpi=kpi).after == {"file": "values.csv", "new": 2, "changed": 0}


def test_the_same_file_again_changes_nothing(kpi):
    imported(kpi, FILE)
    KpiState.objects.update(due_at=None, dirty_from=None)

    dry_run = imported(kpi, FILE, now=LATER)

    assert (dry_run.new, dry_run.changed, dry_run.same) == (0, 0, 2)
    assert not dry_run.has_effect
    assert not MeasurementRevision.objects.exists()
    assert set(Measurement.objects.values_list("recorded_at", flat=True)) == {NOW}
    assert KpiState.objects.get(kpi=kpi).due_at is None


def test_a_changed_value_keeps_the_old_one_with_who_replaced_it_and_why(kpi, alice, bob):
    imported(kpi, FILE, actor=bob)
    batch, dry_run = staged(kpi, FILE.replace("1.5", "1.25"), actor=alice, now=LATER)
    batch.reason = "Billing sent a corrected export"
    batch.save()

    commit_batch(batch, now=LATER)
    row, old = Measurement.objects.get(day=date(2026, 1, 1)), MeasurementRevision.objects.get()

    assert (dry_run.new, dry_run.changed, dry_run.same) == (0, 1, 1)
    assert (dry_run.changes[0]["old"], dry_run.changes[0]["new"]) == ("1.5 %", "1.25 %")
    assert (row.value, row.revision, row.author, row.recorded_at) == (
        Decimal("1.25"),
        1,
        alice,
        LATER,
    )
    assert (old.value, old.revision, old.author, old.recorded_at) == (Decimal("1.5"), 0, bob, NOW)
    assert (old.replaced_by, old.replaced_at, old.reason) == (alice, LATER, batch.reason)


def test_an_empty_cell_withdraws_only_where_that_was_chosen(kpi):
    imported(kpi, FILE)
    empty = "date,value\n2026-01-01,\n2026-01-02,2\n2026-01-09,\n"

    _, kept = staged(kpi, empty)
    batch, withdrawn = staged(kpi, empty, empty_withdraws=True)
    commit_batch(batch, now=LATER)

    assert (kept.new, kept.changed) == (0, 0)
    assert (withdrawn.new, withdrawn.changed, withdrawn.same) == (0, 1, 2)
    assert values(kpi) == [(date(2026, 1, 1), "", None), (date(2026, 1, 2), "", Decimal(2))]


def test_a_withdrawn_value_that_comes_again_is_a_change(kpi):
    make_value(kpi, date(2026, 1, 1), None, identity="")

    _, dry_run = staged(kpi, FILE)

    assert (dry_run.new, dry_run.changed) == (1, 1)


def test_one_refused_row_bars_the_whole_file(kpi):
    batch, dry_run = staged(kpi, FILE + "2026-01-04,nan\n2026-02-30,1\n2026-01-05,1,2\n")

    with pytest.raises(NotImported):
        commit_batch(batch, now=NOW)

    assert dry_run.refused == 3
    assert [(p["row"], p["column"]) for p in dry_run.problems] == [
        (5, "value"), (6, "date"), (7, ""),
    ]  # fmt: skip
    assert not Measurement.objects.exists()
    assert ImportBatch.objects.get().state == "staged"


def test_a_file_that_breaks_off_bars_itself(kpi):
    _, dry_run = staged(kpi, FILE + '2026-01-04,"4\n' + "x" * 70_000)

    assert dry_run.refused == 1
    assert "quotation mark" in dry_run.problems[0]["reason"]


def test_of_two_rows_of_one_day_the_later_counts_and_the_clash_is_shown(kpi):
    twice = "date,value\n2026-01-01,1\n2026-01-02,2\n2026-01-01,3\n2026-01-02,2\n"

    batch, dry_run = staged(kpi, twice)
    commit_batch(batch, now=NOW)

    assert (dry_run.new, dry_run.repeated, dry_run.clashing) == (2, 2, 1)
    assert [(c["row"], c["old"], c["new"]) for c in dry_run.clashes] == [(4, "1 %", "3 %")]
    assert [value for _, _, value in values(kpi)] == [Decimal(3), Decimal(2)]


def test_a_value_and_then_an_empty_cell_for_one_day_is_a_clash(kpi):
    twice = "date,value\n2026-01-01,1\n2026-01-01,\n"

    _, dry_run = staged(kpi, twice, empty_withdraws=True)

    assert (dry_run.clashing, dry_run.new) == (1, 0)


def test_values_written_after_the_dry_run_stop_the_import_and_are_shown(kpi):
    batch, _ = staged(kpi, FILE)
    make_value(kpi, date(2026, 1, 1), "9", identity="", recorded_at=LATER)

    with pytest.raises(DataChanged):
        commit_batch(batch, now=LATER)
    batch.refresh_from_db()

    assert batch.state == "staged"
    assert batch.report["changed_meanwhile"]
    assert (batch.report["new"], batch.report["changed"]) == (1, 1)
    assert [value for _, _, value in values(kpi)] == [Decimal(9)]
    assert commit_batch(batch, now=LATER).changed == 1


def test_without_the_fingerprint_the_counts_still_stop_it(kpi, monkeypatch):
    monkeypatch.setattr("metrics.bulk.fingerprint", lambda ids: "same")
    batch, _ = staged(kpi, FILE)
    make_value(kpi, date(2026, 1, 1), "9", identity="")

    with pytest.raises(DataChanged):
        commit_batch(batch, now=LATER)

    assert [value for _, _, value in values(kpi)] == [Decimal(9)]


def test_a_commit_sent_twice_imports_once_and_leaves_no_file(kpi, uploads):
    batch, _ = staged(kpi, FILE)
    stale = ImportBatch.objects.get(pk=batch.pk)

    commit_batch(batch, now=NOW)
    again = commit_batch(stale, now=LATER)

    assert again.new == 2
    assert stale.finished_at == NOW
    assert KpiEvent.objects.count() == 1
    assert list((uploads / "imports").iterdir()) == []


def test_a_cancelled_batch_leaves_no_file_and_cannot_be_imported(kpi, uploads):
    batch, _ = staged(kpi, FILE)

    cancel_batch(batch, now=NOW)

    assert list((uploads / "imports").iterdir()) == []
    with pytest.raises(NotImported):
        commit_batch(batch, now=NOW)
    assert not Measurement.objects.exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"date,value\n2026-01-01,\0\n", b"a" * 2_001])
def test_a_refused_file_leaves_nothing_behind(kpi, uploads, settings, data):
    settings.IMPORT_MAX_BYTES = 2_000

    with pytest.raises(FileRefused):
        stage_upload(kpi.team, io.BytesIO(data), "x.csv", actor=None, now=NOW)

    assert list((uploads / "imports").iterdir()) == []
    assert not ImportBatch.objects.exists()


def test_the_name_of_the_file_never_is_the_name_on_disk(kpi, uploads):
    name = "../../evil\r\n" + "x" * 300
    batch = stage_upload(kpi.team, io.BytesIO(FILE.encode()), name, actor=None, now=NOW)

    assert len(batch.file_name) == 255
    assert [path.suffix for path in (uploads / "imports").iterdir()] == [".csv"]
    assert import_files.upload_path(batch.stored_name).parent == uploads / "imports"


def test_a_denominator_is_kept_and_its_change_is_a_change(kpi):
    picks = (Pick(kpi.pk, 1, None, 2),)
    imported(kpi, "date,v,n\n2026-01-01,3,4\n", picks=picks)

    batch, dry_run = staged(kpi, "date,v,n\n2026-01-01,3,5\n", picks=picks)
    commit_batch(batch, now=LATER)

    assert dry_run.changed == 1
    assert Measurement.objects.get().denominator == 5
    assert MeasurementRevision.objects.get().denominator == 4


def test_a_wide_file_writes_to_several_kpis_and_their_sources(team):
    uploads = make_source(team=team, kind="csv_upload")
    one, two = make_kpi(team=team, source=uploads), make_kpi(team=team)

    imported(one, "month,a,b\n2026-01,1,2\n", picks=(Pick(one.pk, 1), Pick(two.pk, 2)))

    assert Measurement.objects.get(kpi=one).source == uploads
    assert Measurement.objects.get(kpi=two).source == Source.objects.get(name="CSV upload")
    assert set(KpiState.objects.exclude(due_at=None).values_list("kpi", flat=True)) == {
        one.pk,
        two.pk,
    }


def test_the_number_of_statements_does_not_grow_with_the_rows(kpi, django_assert_max_num_queries):
    rows = "".join(f"{date(2020, 1, 1) + timedelta(n)},{n}\n" for n in range(2_000))
    batch, _ = staged(kpi, "date,v\n" + rows)

    with django_assert_max_num_queries(40):
        commit_batch(batch, now=NOW)

    assert Measurement.objects.count() == 2_000


def test_a_failure_in_the_middle_leaves_nothing(kpi, monkeypatch):
    batch, _ = staged(kpi, FILE)
    monkeypatch.setattr("metrics.importing._tell", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        commit_batch(batch, now=NOW)
    batch.refresh_from_db()

    assert not Measurement.objects.exists()
    assert batch.state == "staged"
    assert "metrics_staged" not in connection.introspection.table_names()
