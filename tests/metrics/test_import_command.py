"""manage.py import_values: the same verdicts as the pages, said in a terminal."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from metrics.models import ImportBatch, Measurement, MeasurementRevision
from tests.factories import make_kpi

KPIS = Path(__file__).parent / "data" / "kpis"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def kpi(team):
    return make_kpi(team=team, cadence="daily")


@pytest.fixture
def run(kpi, tmp_path):
    """Call the command with a file of this text (or of the real files) and return what it said."""

    def call(text, *options):
        path = KPIS / text if text.endswith(".csv") else tmp_path / "values.csv"
        if path.parent == tmp_path:
            path.write_text(text)
        out = StringIO()
        call_command("import_values", path, "--kpi", kpi.pk, *options, stdout=out)
        return out.getvalue()

    return call


def test_a_plain_file_is_imported_with_who_and_leaves_no_file(run, bob, uploads):
    said = run("date,value\n2026-01-01,1\n2026-01-02,2\n", "--by", bob.email)

    assert "new 2, changed 0, same 0, refused 0, of 2 rows" in said
    assert set(Measurement.objects.values_list("author", flat=True)) == {bob.pk}
    assert ImportBatch.objects.get().state == "done"
    assert [path for path in uploads.rglob("*") if path.is_file()] == []


def test_a_dry_run_writes_nothing(run):
    said = run("date,value\n2026-01-01,1\n", "--dry-run")

    assert "new 1" in said
    assert not Measurement.objects.exists()


def test_refused_rows_are_printed_and_nothing_is_imported(run, uploads, capsys):
    with pytest.raises(CommandError, match="whole or not at all"):
        run("date,value\n2026-01-01,1\n2026-01-02,1e5\n2026-01-03,3\n2026-01-04,3\n")

    assert not Measurement.objects.exists()
    assert [path for path in uploads.rglob("*") if path.is_file()] == []


def test_what_the_file_leaves_open_is_asked_for_by_option(run):
    data = "date,value\n3/4/2026,1\n5/6/2026,2\n"

    with pytest.raises(CommandError, match="--date-order 'dmy'"):
        run(data)
    run(data, "--date-order", "mdy")

    assert str(Measurement.objects.earliest("day").day) == "2026-03-04"


def test_a_change_needs_a_reason(run):
    run("date,value\n2026-01-01,1\n")
    changed = "date,value\n2026-01-01,2\n"

    with pytest.raises(CommandError, match="--reason"):
        run(changed)
    said = run(changed, "--reason", "late invoices")

    assert "1 % → 2 %" in said
    assert MeasurementRevision.objects.get().reason == "late invoices"


def test_a_long_file_is_imported_by_its_headings(run):
    run("at_hospital_beds_daily.csv", "--date-column", "Meldedat", "--column", "FZICU",
        "--where", "Bundesland=Alle")  # fmt: skip

    assert Measurement.objects.count() == 242


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--column", "nothing"), "Say --column, one of: date, value."),
        (("--where", "date"), "--where COLUMN=TEXT"),
        (("--by", "nobody@halden.example"), "Nobody here"),
    ],
)
def test_a_wrong_option_is_one_clear_line(run, options, words):
    with pytest.raises(CommandError, match=words):
        run("date,value\n2026-01-01,1\n", *options)


def test_a_missing_file_or_kpi_is_one_clear_line(kpi, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_values", tmp_path / "none.csv", "--kpi", kpi.pk)
    with pytest.raises(CommandError, match="There is no KPI"):
        call_command("import_values", tmp_path / "none.csv", "--kpi", kpi.pk + 99)
