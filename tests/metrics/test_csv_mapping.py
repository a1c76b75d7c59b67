"""csv_mapping.py, csv_proposing.py: what columns mean, what is asked, which readings follow."""

import io
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest

from metrics.csv_columns import look_at
from metrics.csv_mapping import Mapping, Pick, readings
from metrics.csv_proposing import Unanswered, propose_mapping, settle
from metrics.csv_reading import Table, inspect
from metrics.kinds import CadenceKind
from metrics.numbers import NumberStyle, Percent
from metrics.stamps import DateOrder, LabelCalendar, StampKind, StampStyle

KPIS = Path(__file__).parent / "data" / "kpis"


def opened(data):
    stream = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    return Table(stream, inspect(stream))


def proposed(data, kpis=((1, "Speed", ""),), fiscal_month=1):
    table = opened(data)
    return propose_mapping(look_at(table.rows(), table.format.names), list(kpis), fiscal_month)


def read(data, **mapping):
    table = opened(data)
    mapping = Mapping(**{"stamp": 0, "picks": (Pick(1, 1),), **mapping})
    return list(readings(table.rows(), mapping, table.format.names))


def column(name, heading):
    return opened((KPIS / name).read_bytes()).format.names.index(heading)


def real(name, stamp, value, where=None, **mapping):
    """The readings of one KPI of a real file, columns given by their headings."""
    where = where and (column(name, where[0]), where[1])
    pick = Pick(1, column(name, value), where)
    found = proposed((KPIS / name).read_bytes())
    settled = {"numbers": found.numbers, "stamps": found.stamps, **mapping}
    return read((KPIS / name).read_bytes(), stamp=column(name, stamp), picks=(pick,), **settled)


@pytest.mark.parametrize("name", ["311 CALL CENTER PERFORMANCE", "POTHOLE ON-TIME %"])
def test_boston_gives_576_dates_of_each_kpi_with_float_noise_taken_out(name):
    boston = "boston_cityscore_311_pothole.csv"
    rows = real(
        boston, "ETL_LOAD_DATE", "CTY_SCR_NBR_DY_01", ("CTY_SCR_NAME", name), empty_withdraws=True
    )
    stamps = [stamp for _, _, stamp, *_ in rows]

    assert len(rows) == len(set(stamps)) == 576
    assert {stamp.kind for stamp in stamps} == {StampKind.DATE}
    assert (min(s.on for s in stamps), max(s.on for s in stamps)) == (
        date(2016, 1, 15),
        date(2018, 3, 30),
    )
    assert all(problem is None for *_, problem in rows)
    assert all(
        len(v.normalize().as_tuple().digits) <= 8 for _, _, _, v, *_ in rows if v is not None
    )


def test_boston_has_36_blank_values_which_are_passed_over():
    boston = "boston_cityscore_311_pothole.csv"
    both = [
        real(boston, "ETL_LOAD_DATE", "CTY_SCR_NBR_DY_01", ("CTY_SCR_NAME", name))
        for name in ("311 CALL CENTER PERFORMANCE", "POTHOLE ON-TIME %")
    ]

    assert sum(map(len, both)) == 1152 - 36


def test_emergency_rooms_give_346_weeks_without_a_gap():
    rows = real("er_length_of_stay_weekly.csv", "date", "los_mean")
    starts = [stamp.on for _, _, stamp, *_ in rows]

    assert len(rows) == 346
    assert {stamp.cadence for _, _, stamp, *_ in rows} == {CadenceKind.WEEKLY}
    assert {(b - a).days for a, b in pairwise(starts)} == {7}
    assert (starts[0], starts[-1]) == (date(2019, 12, 30), date(2026, 8, 10))


def test_cost_per_click_has_1624_rows_at_1623_times_and_a_hole_of_21_hours():
    rows = real("ad_cost_per_click_hourly.csv", "timestamp", "value")
    times = sorted({stamp.at for _, _, stamp, *_ in rows})
    gaps = [(b - a).total_seconds() / 3600 for a, b in pairwise(times)]

    assert (len(rows), len(times)) == (1624, 1623)
    assert times[0] == datetime(2011, 7, 1, 0, 0, 1)
    assert [gap for gap in gaps if gap > 2] == [3.0, 21.0]


def test_hospital_beds_give_242_days_for_each_of_ten_regions():
    beds = "at_hospital_beds_daily.csv"
    found = proposed((KPIS / beds).read_bytes())
    everywhere = real(beds, "Meldedat", "FZICU", ("Bundesland", "Alle"))
    regions = next(c for c in found.columns if c.name == "Bundesland").texts

    assert len(regions) == 10
    assert "Kärnten" in regions
    assert len({stamp for _, _, stamp, *_ in everywhere}) == 242
    assert everywhere[-1][2:4] == ((StampKind.DATE, date(2020, 11, 28), None, None), Decimal(688))
    assert found.columns[found.stamp].name == "Meldedat"


def test_passengers_are_read_with_thousands_and_month_first_because_the_file_shows_it():
    found = proposed((KPIS / "tsa_throughput_daily.csv").read_bytes())
    rows = real("tsa_throughput_daily.csv", "date", "tsa_2020")

    assert found.questions == ()
    assert found.stamps.date_order is DateOrder.MDY
    assert len(rows) == 44
    assert rows[0][2:4] == ((StampKind.DATE, date(2020, 4, 13), None, None), Decimal(102184))


def test_unemployment_has_85_rows_of_84_years_and_short_rows_read_like_the_others():
    rows = real("us_employment_yearly.csv", "year", "unemployed_percent")
    years = {stamp.on.year for _, _, stamp, *_ in rows}

    assert (len(rows), len(years)) == (85, 84)
    assert (min(years), max(years)) == (1941, 2024)
    assert rows[-1][3] == Decimal("4.0")
    assert all(problem is None for *_, problem in rows)


def test_a_wide_file_gives_one_reading_for_each_column_picked():
    picks = (Pick(1, 1), Pick(2, 2))

    rows = read("date,a,b\n2026-01-01,1,2\n2026-01-02,3,\n", picks=picks)

    assert [(row, kpi, value) for row, kpi, _, value, *_ in rows] == [
        (2, 1, Decimal(1)), (2, 2, Decimal(2)), (3, 1, Decimal(3)),
    ]  # fmt: skip


def test_a_long_file_gives_each_row_to_the_kpi_it_names_and_passes_over_the_rest():
    picks = (Pick(1, 2, (1, "speed")), Pick(2, 2, (1, "cost")))

    rows = read("d,k,v\n2026-01-01,speed,1\n2026-01-01, cost ,2\n2026-01-01,x,oops\n", picks=picks)

    assert [(row, kpi, value) for row, kpi, _, value, *_ in rows] == [(2, 1, 1), (3, 2, 2)]


def test_a_ratio_takes_its_denominator_and_refuses_one_of_zero():
    picks = (Pick(1, 1, None, 2),)

    rows = read("date,a,n\n2026-01-01,0.5,4\n2026-01-02,0.5,0\n2026-01-03,0.5,\n", picks=picks)

    assert rows[0][3:5] == (Decimal("0.5"), Decimal(4))
    assert [row[6] and row[6].code for row in rows] == [None, "denominator", "denominator"]
    assert rows[1][6].column == "n"


def test_an_external_id_is_kept_and_one_too_long_is_refused():
    rows = read(
        "date,v,id\n2026-01-01,1,x7\n2026-01-02,2," + "x" * 101 + "\n2026-01-03,3,a\\b\n",
        external_id=2,
    )

    assert rows[0][5] == "x7"
    assert [row[6].code for row in rows[1:]] == ["external_id", "external_id"]


def test_an_empty_value_is_passed_over_unless_it_is_to_withdraw():
    data = "date,v\n2026-01-01,\n2026-01-02,n/a\n2026-01-03,3\n"

    assert [row for row, *_ in read(data, blank_words=("n/a",))] == [4]
    withdrawn = read(data, blank_words=("n/a",), empty_withdraws=True)
    assert [(row, value) for row, _, _, value, *_ in withdrawn] == [(2, None), (3, None), (4, 3)]


def test_a_bad_cell_is_a_problem_with_row_column_reason_and_remedy():
    rows = read("date,v\n2026-01-01,nan\n2026-02-30,1\n,2\n2026-01-04,4\n")
    problems = [row[6] for row in rows if row[6]]

    assert [(p.row, p.column, p.text) for p in problems] == [
        (2, "v", "nan"), (3, "date", "2026-02-30"), (4, "date", ""),
    ]  # fmt: skip
    assert all(p.reason.endswith(".") and p.remedy.endswith(".") for p in problems)
    assert rows[-1][3] == 4


def test_the_same_day_twice_gives_both_rows_in_their_order():
    rows = read("date,v\n2026-01-01,1\n2026-01-01,2\n")

    assert [value for _, _, _, value, *_ in rows] == [1, 2]


def test_the_fast_way_and_the_general_way_read_the_same():
    data = (
        "date,v\n2026-01-01,1\n0001-01-01,1\n2026-W01,2\n2026-01-01,\n20260103,3\nx,1\n1.2.2026,5\n"
    )
    general = (Pick(1, 1), Pick(2, 1))

    fast = read(data)
    slow = [(r, k, s, v, d, e, p) for r, k, s, v, d, e, p in read(data, picks=general) if k == 1]

    assert fast == slow


def test_a_mapping_survives_json():
    mapping = Mapping(
        0,
        (Pick(1, 2, (1, "a"), 3), Pick(2, 3)),
        4,
        NumberStyle(",", ".", Percent.SHARE, round_long=True),
        StampStyle(DateOrder.DMY, LabelCalendar.FISCAL, 4, midnight_is_date=True),
        empty_withdraws=True,
        blank_words=("n/a",),
    )

    assert Mapping.from_json(mapping.to_json()) == mapping
    assert Mapping.from_json(Mapping(0, ()).to_json()) == Mapping(0, ())


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("date,v\n3/4/2026,1\n5/6/2026,2\n", ["date_order"]),
        ("date,v\n13/4/2026,1\n14/4/2026,2\n", []),
        ("date,v\n13/4/2026,1\n4/14/2026,2\n", ["date_order"]),
        ("date;v\n2026-01-01;1,234\n2026-01-02;5,678\n", ["number_style"]),
        ("date;v\n2026-01-01;1.234\n2026-01-02;5.678\n", ["number_style"]),
        ("date;v\n2026-01-01;1 234,5\n2026-01-02;5\n", []),
        ("date;v\n2026-01-01;1,5\n2026-01-02;1,234\n", []),
        ("date;v;w\n2026-01-01;1,234;1,5\n2026-01-02;5,678;2\n", []),
        ("date,v\n2026-01-01,1234\n2026-01-02,5678\n", []),
        ("date,v\n2026-01-01,12 %\n2026-01-02,13 %\n", ["percent"]),
        ("date,v\n2026-01-01,0.3333333333333333\n2026-01-02,1\n", ["round_long"]),
        ("date,v\n2026-01-01,n/a\n2026-01-02,1\n", ["blanks"]),
    ],
)
def test_only_what_the_file_leaves_open_is_asked(data, keys):
    found = proposed(data, [(1, "v", "")])

    assert [question.key for question in found.questions] == keys
    assert all(len(question.choices) == 2 for question in found.questions)


def test_answers_settle_what_was_asked_and_a_missing_one_is_asked_again():
    data = "date;v\n3/4/2026;1,234 %\n5/6/2026;n/a\n5/7/2026;0,3333333333333333 %\n"
    found = proposed(data.replace("1,234", "1,23"), [(1, "v", "")])
    answers = {"date_order": "mdy", "percent": "share", "blanks": "empty", "round_long": "round"}

    with pytest.raises(Unanswered) as left:
        settle(found, {"percent": "share", "date_order": "tomorrow"})
    mapping = settle(found, answers, empty_withdraws=True)

    assert "date_order" in [question.key for question in left.value.questions]
    assert mapping.stamps.date_order is DateOrder.MDY
    assert mapping.numbers.percent is Percent.SHARE
    assert (mapping.blank_words, mapping.empty_withdraws) == (("n/a",), True)


def test_a_row_far_down_settles_what_the_first_rows_leave_open():
    data = "date,v\n" + '3/4/2026,"1,234"\n' * 5_000 + '13/4/2026,"1,234,567"\n'

    found = proposed(data)

    assert found.questions == ()
    assert found.stamps.date_order is DateOrder.DMY
    assert found.numbers == NumberStyle(".", ",")


def test_a_plain_quarter_is_asked_about_under_another_fiscal_year():
    data = "quarter,v\n2026-Q1,1\n2026-Q2,2\n"

    assert proposed(data).questions == ()
    assert [q.key for q in proposed(data, fiscal_month=4).questions] == ["labels"]


def test_columns_named_like_kpis_are_proposed_for_them():
    kpis = [(7, "Lead time", "d"), (8, "Churn", "%")]

    found = proposed("Date,lead_time,other,CHURN\n2026-01-01,1,2,3\n2026-01-02,2,3,4\n", kpis)

    assert found.picks == (Pick(7, 1), Pick(8, 3))


def test_names_in_a_column_are_proposed_for_kpis_of_a_long_file():
    kpis = [(7, "Lead time", "d"), (8, "Churn", "%")]

    found = proposed(
        "date,kpi,value\n2026-01-01,Lead time,1\n2026-01-01,Churn,2\n2026-01-02,Churn,3\n", kpis
    )

    assert found.picks == (Pick(7, 2, (1, "Lead time")), Pick(8, 2, (1, "Churn")))


def test_blank_words_are_found_and_no_part_of_the_numbers():
    found = proposed("date,v\n2026-01-01,n/a\n2026-01-02,2\n2026-01-03,-\n")

    assert found.blank_words == ("-", "n/a")
    assert found.picks == (Pick(1, 1),)


def test_the_simple_file_is_read_at_300_000_rows_a_second_or_near_it():
    """A floor of a quarter of the aim, so that a busy machine does not fail it."""
    table = opened("date,v\n" + "2026-01-01,12.5\n" * 50_000)
    before = perf_counter()

    count = sum(1 for _ in readings(table.rows(), Mapping(0, (Pick(1, 1),)), table.format.names))

    assert count / (perf_counter() - before) > 75_000
