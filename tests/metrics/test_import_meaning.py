"""importing.py: stamps and numbers of a file become days, identities and values."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from metrics.csv_columns import look_at
from metrics.csv_mapping import Pick
from metrics.csv_proposing import propose_mapping
from metrics.csv_reading import Table, inspect
from metrics.importing import (
    commit_batch,
)
from metrics.kinds import CadenceKind
from metrics.models import (
    CadenceChange,
    Measurement,
)
from metrics.numbers import parse_number
from metrics.stamps import StampStyle
from tests.factories import NOW, make_cadence, make_kpi, make_source, make_value
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


def test_a_label_of_the_kpis_cadence_is_a_period_value(team):
    kpi = make_kpi(team=team, cadence="weekly")

    imported(kpi, "week,v\n2026-W01,1\n2026-W02,2\n")

    assert values(kpi) == [
        (date(2025, 12, 29), "weekly", Decimal(1)), (date(2026, 1, 5), "weekly", Decimal(2)),
    ]  # fmt: skip


def test_a_finer_label_is_a_reading_and_a_coarser_or_straddling_one_is_refused(team):
    kpi = make_kpi(team=team, cadence="monthly")

    _, dry_run = staged(kpi, "when,v\n2026-W02,1\n2026-W05,2\n2026-Q1,3\n2026-02,4\n")

    assert [p["row"] for p in dry_run.problems] == [3, 4]
    assert "two monthly periods" in dry_run.problems[0]["reason"]
    assert [n["when"] for n in dry_run.news] == ["2026-01-05", "February 2026"]


def test_the_cadence_in_force_on_the_day_decides_about_labels(team):
    kpi = make_kpi(team=team, cadence="monthly")
    weekly = make_cadence("weekly", organisation=team.organisation)
    for day, cadence in ((date(2025, 1, 1), weekly), (date(2026, 2, 1), kpi.cadence)):
        CadenceChange.objects.create(kpi=kpi, cadence=cadence, effective_on=day, created_at=NOW)

    _, dry_run = staged(kpi, "when,v\n2026-W02,1\n2026-02,4\n2026-01,5\n")

    assert [p["row"] for p in dry_run.problems] == [4]


def test_a_quarter_must_be_one_of_the_fiscal_year(team):
    team.organisation.fiscal_start_month = 2
    team.organisation.save()
    kpi = make_kpi(team=team, cadence="quarterly")
    fiscal = StampStyle(fiscal_month=2)

    _, dry_run = staged(kpi, "when,v\nFY2026-Q1,1\nFY2026-Q2,2\n", stamps=fiscal)

    assert [n["when"] for n in dry_run.news] == ["FY2026-Q1", "FY2026-Q2"]
    assert Measurement.objects.count() == 0


def test_a_day_to_come_is_refused(kpi):
    _, dry_run = staged(kpi, "date,v\n2026-08-18,1\n2026-08-19,2\n")

    assert [(p["row"], p["reason"]) for p in dry_run.problems] == [
        (3, "2026-08-19 is in the future."),
    ]  # fmt: skip


def test_times_and_instants_keep_their_moment_in_the_organisations_zone(kpi):
    imported(
        kpi, "t,v\n2026-01-01 00:00:01,1\n2026-01-01T23:30:00Z,2\n2026-01-01T12:00:00+01:00,3\n"
    )
    rows = Measurement.objects.order_by("value")

    assert [(row.day, row.identity) for row in rows] == [
        (date(2026, 1, 1), "00:00:01"),
        (date(2026, 1, 2), "2026-01-01T23:30:00Z"),
        (date(2026, 1, 1), "2026-01-01T11:00:00Z"),
    ]
    assert rows[0].observed_at == datetime(2025, 12, 31, 23, 0, 1, tzinfo=UTC)
    assert rows[1].observed_at == datetime(2026, 1, 1, 23, 30, tzinfo=UTC)


def test_an_external_id_is_the_identity_and_cannot_move_to_another_day(kpi):
    data = "date,v,id\n2026-01-01,1,a/b\n2026-01-01,2,c\n"
    imported(kpi, data, external_id=2)

    _, again = staged(kpi, data, external_id=2)
    _, moved = staged(kpi, data.replace("01,2,c", "05,2,c"), external_id=2)

    assert values(kpi) == [
        (date(2026, 1, 1), "id:a/b", Decimal(1)), (date(2026, 1, 1), "id:c", Decimal(2)),
    ]  # fmt: skip
    assert (again.new, again.changed, again.refused) == (0, 0, 0)
    assert [p["row"] for p in moved.problems] == [3]


def test_an_id_of_two_days_in_one_file_is_refused(kpi):
    _, dry_run = staged(kpi, "date,v,id\n2026-01-01,1,a\n2026-01-02,2,a\n", external_id=2)

    assert dry_run.refused == 1


@pytest.mark.parametrize(
    ("name", "cadence", "stamp", "value", "where", "new"),
    [
        ("boston_cityscore_311_pothole.csv", "monthly", "ETL_LOAD_DATE", "CTY_SCR_NBR_DY_01",
         ("CTY_SCR_NAME", "311 CALL CENTER PERFORMANCE"), 576),
        ("boston_cityscore_311_pothole.csv", "monthly", "ETL_LOAD_DATE", "CTY_SCR_NBR_DY_01",
         ("CTY_SCR_NAME", "POTHOLE ON-TIME %"), 540),
        ("er_length_of_stay_weekly.csv", "weekly", "date", "los_mean", None, 346),
        ("ad_cost_per_click_hourly.csv", "daily", "timestamp", "value", None, 1623),
        ("at_hospital_beds_daily.csv", "daily", "Meldedat", "FZICU", ("Bundesland", "Alle"), 242),
        ("tsa_throughput_daily.csv", "daily", "date", "tsa_2020", None, 44),
        ("us_employment_yearly.csv", "yearly", "year", "unemployed_percent", None, 84),
    ],
)  # fmt: skip
def test_a_real_file_imports_with_the_meaning_its_readme_gives(
    team, name, cadence, stamp, value, where, new
):
    kpi = make_kpi(team=team, cadence=cadence)
    data = (KPIS / name).read_bytes()
    stream = io.BytesIO(data)
    names = inspect(stream).names
    columns = look_at(Table(stream, inspect(stream)).rows(), names)
    found = propose_mapping(columns, [(kpi.pk, "", "")])
    pick = Pick(kpi.pk, names.index(value), where and (names.index(where[0]), where[1]))
    mapping = {"stamp": names.index(stamp), "picks": (pick,)}

    batch, dry_run = staged(kpi, data, numbers=found.numbers, stamps=found.stamps, **mapping)
    commit_batch(batch, now=NOW)
    _, again = staged(kpi, data, numbers=found.numbers, stamps=found.stamps, **mapping)

    assert (dry_run.new, dry_run.refused) == (new, 0)
    assert Measurement.objects.filter(kpi=kpi).count() == new
    assert (again.new, again.changed) == (0, 0)
    assert {i for _, i, _ in values(kpi)} <= {"", *CadenceKind.values} or cadence == "daily"


def test_every_number_comes_back_from_the_database_as_it_was_written(kpi):
    texts = ["0.1", "0.0819647355164", "999999999999", "0.000000000000001", "-123456789.012345"]
    texts += ["0.3", "1.10", "100", "0.9854031999999999", "123456789012.345", "-0", "2.675"]
    rows = "".join(f"2026-01-{n:02},{text}\n" for n, text in enumerate(texts, 1))

    imported(kpi, "date,v\n" + rows)
    _, again = staged(kpi, "date,v\n" + rows)

    assert [value for _, _, value in values(kpi)] == [parse_number(text) for text in texts]
    assert (again.new, again.changed) == (0, 0)


def test_what_people_type_and_what_a_file_says_compare_equal(kpi):
    make_value(kpi, date(2026, 1, 1), "0.1", identity="")
    make_value(kpi, date(2026, 1, 2), "1234567.891", identity="")

    _, dry_run = staged(kpi, "date,v\n2026-01-01,0.10\n2026-01-02,1234567.891\n")

    assert (dry_run.same, dry_run.changed) == (2, 0)
