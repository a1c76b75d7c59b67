"""Two imports at once, with real connections: one takes effect, nothing is written over unseen."""

import io
import threading
from datetime import date

import pytest
from django.db import connection

from metrics import importing
from metrics.csv_mapping import Mapping, Pick
from metrics.importing import DataChanged, NotImported, check_batch, commit_batch, stage_upload
from metrics.models import ImportBatch, KpiEvent, Measurement, MeasurementRevision
from tests.factories import NOW, make_kpi, make_source, make_team

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "date,value\n2026-01-01,1\n2026-01-02,2\n"


@pytest.fixture
def kpi(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    team = make_team()
    return make_kpi(team=team, cadence="daily", source=make_source(team=team, kind="csv_upload"))


def checked(kpi, text):
    batch = stage_upload(kpi.team, io.BytesIO(text.encode()), "x.csv", actor=None, now=NOW)
    batch.mapping["mapping"] = Mapping(0, (Pick(kpi.pk, 1),)).to_json()
    batch.reason = "race"
    batch.save()
    check_batch(batch, now=NOW)
    return batch


def at_once(*batches):
    """Commit each batch in a thread of its own, all started together; their outcomes."""
    start, outcomes = threading.Barrier(len(batches)), []

    def commit(pk):
        try:
            batch = ImportBatch.objects.select_related("team__organisation").get(pk=pk)
            start.wait()
            commit_batch(batch, now=NOW)
            outcomes.append("done")
        except (DataChanged, NotImported, FileNotFoundError):
            outcomes.append("changed")
        finally:
            connection.close()

    threads = [threading.Thread(target=commit, args=(batch.pk,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_one_batch_committed_twice_at_once_is_imported_once(kpi):
    batch = checked(kpi, FILE)

    outcomes = at_once(batch, batch)

    assert outcomes == ["done", "done"]
    assert KpiEvent.objects.filter(type="values_imported").count() == 1
    assert Measurement.objects.count() == 2


def test_without_the_claim_the_second_commit_is_only_stopped_by_what_is_stored(kpi, monkeypatch):
    """The negative control: the claim is what makes the second commit a quiet repetition."""
    monkeypatch.setattr(importing, "_claim_decision", lambda batch, now: True)
    batch = checked(kpi, FILE)

    assert at_once(batch, batch) == ["changed", "done"]


@pytest.mark.parametrize("stored", ["", FILE.replace(",1", ",7").replace(",2\n", ",8\n")])
def test_of_two_files_at_once_the_second_is_stopped_and_shown_what_changed(kpi, stored):
    if stored:
        commit_batch(checked(kpi, stored), now=NOW)
    one, two = checked(kpi, FILE), checked(kpi, FILE.replace(",1", ",3"))

    outcomes = at_once(one, two)
    reports = [batch.report for batch in ImportBatch.objects.filter(state="staged")]

    assert outcomes == ["changed", "done"]
    assert [report["changed_meanwhile"] for report in reports] == [True]
    assert reports[0]["changed"] == 1
    assert Measurement.objects.count() == 2
    assert MeasurementRevision.objects.count() == (2 if stored else 0)


def test_without_the_fingerprint_no_value_is_written_over_unseen(kpi, monkeypatch):
    """The negative control of the fingerprint: the counts of each statement stop it as well."""
    monkeypatch.setattr("metrics.bulk.fingerprint", lambda ids: "0/")
    one, two = checked(kpi, FILE), checked(kpi, FILE.replace(",1", ",3"))

    assert at_once(one, two) == ["changed", "done"]
    first = Measurement.objects.get(day=date(2026, 1, 1))
    assert first.revision == 0
