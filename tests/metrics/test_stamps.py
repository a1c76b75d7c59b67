"""stamps.py: what a text says about when, and what it leaves open."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.kinds import CadenceKind
from metrics.stamps import (
    DateOrder,
    LabelCalendar,
    Stamp,
    StampError,
    StampKind,
    StampStyle,
    date_orders,
    has_open_order,
    parse_stamp,
    stamp_text,
)

DMY, MDY = StampStyle(date_order=DateOrder.DMY), StampStyle(date_order=DateOrder.MDY)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-01", "2026/07/01", "2026.07.01", "20260701", "2026-7-1", "01.07.2026", "1.7.2026",
        "1. 7. 2026", "1 July 2026", "1. Juli 2026", "01-Jul-2026", "July 1, 2026", "Jul 1 2026",
        " 2026-07-01 ", "2026-W27-3", "2026W273",
    ],
)  # fmt: skip
def test_a_date_is_that_date(text):
    assert parse_stamp(text) == Stamp(StampKind.DATE, date(2026, 7, 1))


@pytest.mark.parametrize(
    ("text", "cadence", "start"),
    [
        ("2020-W53", CadenceKind.WEEKLY, date(2020, 12, 28)),
        ("2020W53", CadenceKind.WEEKLY, date(2020, 12, 28)),
        ("KW 53/2020", CadenceKind.WEEKLY, date(2020, 12, 28)),
        ("2026-W01", CadenceKind.WEEKLY, date(2025, 12, 29)),
        ("2026-07", CadenceKind.MONTHLY, date(2026, 7, 1)),
        ("7/2026", CadenceKind.MONTHLY, date(2026, 7, 1)),
        ("July 2026", CadenceKind.MONTHLY, date(2026, 7, 1)),
        ("Jul 2026", CadenceKind.MONTHLY, date(2026, 7, 1)),
        ("Juli 2026", CadenceKind.MONTHLY, date(2026, 7, 1)),
        ("März 2026", CadenceKind.MONTHLY, date(2026, 3, 1)),
        ("2026 Dezember", CadenceKind.MONTHLY, date(2026, 12, 1)),
        ("2026-Q3", CadenceKind.QUARTERLY, date(2026, 7, 1)),
        ("Q3 2026", CadenceKind.QUARTERLY, date(2026, 7, 1)),
        ("1941", CadenceKind.YEARLY, date(1941, 1, 1)),
    ],
)
def test_a_label_names_its_period(text, cadence, start):
    assert parse_stamp(text) == Stamp(StampKind.PERIOD, start, None, cadence)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("FY2026", date(2025, 4, 1)),
        ("FY2026-Q1", date(2025, 4, 1)),
        ("FY2026-Q4", date(2026, 1, 1)),
        ("Q4 FY2026", date(2026, 1, 1)),
    ],
)
def test_a_fiscal_year_is_named_by_the_year_it_ends_in(text, start):
    assert parse_stamp(text, StampStyle(fiscal_month=4)).on == start


def test_a_plain_quarter_is_asked_about_where_the_fiscal_year_differs():
    with pytest.raises(StampError) as refused:
        parse_stamp("2026-Q1", StampStyle(fiscal_month=4))
    calendar = StampStyle(fiscal_month=4, labels=LabelCalendar.CALENDAR)
    fiscal = StampStyle(fiscal_month=4, labels=LabelCalendar.FISCAL)

    assert refused.value.code == "ambiguous"
    assert parse_stamp("2026-Q1", calendar).on == date(2026, 1, 1)
    assert parse_stamp("2026-Q1", fiscal).on == date(2025, 4, 1)


def test_a_naive_time_stays_local_and_an_instant_becomes_utc():
    local = parse_stamp("2011-07-01 00:00:01")
    instant = parse_stamp("2026-07-01T01:30:00+02:00")

    assert local.kind is StampKind.LOCAL
    assert local.at == datetime(2011, 7, 1, 0, 0, 1)
    assert instant.at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert stamp_text(instant) == "2026-06-30 23:30:00Z"


def test_midnight_means_a_date_only_where_that_was_decided():
    assert parse_stamp("01.04.2020 00:00:00").kind is StampKind.LOCAL
    decided = parse_stamp("01.04.2020 00:00:00", StampStyle(midnight_is_date=True))
    assert decided == Stamp(StampKind.DATE, date(2020, 4, 1))


def test_slashes_are_read_only_in_a_decided_order():
    with pytest.raises(StampError) as refused:
        parse_stamp("3/4/2026")

    assert refused.value.code == "ambiguous"
    assert parse_stamp("3/4/2026", DMY).on == date(2026, 4, 3)
    assert parse_stamp("3/4/2026", MDY).on == date(2026, 3, 4)
    assert parse_stamp("4/4/2026").on == date(2026, 4, 4)
    assert parse_stamp("1/7/2026 1:05 PM", MDY).at == datetime(2026, 1, 7, 13, 5)


@pytest.mark.parametrize(
    ("column", "left"),
    [
        (["4/13/2020", "4/1/2020"], {DateOrder.MDY}),
        (["13/4/2020", "1/4/2020"], {DateOrder.DMY}),
        (["3/4/2020", "5/6/2020"], {DateOrder.DMY, DateOrder.MDY}),
        (["13/4/2020", "4/13/2020"], set()),
        (["2020-04-13", "13.04.2020"], {DateOrder.DMY, DateOrder.MDY}),
    ],
)
def test_a_whole_column_decides_the_order_or_leaves_it_open(column, left):
    assert date_orders(column) == left


def test_only_dates_that_differ_by_order_raise_the_question():
    assert has_open_order(["2020-01-01", "3/4/2020"])
    assert not has_open_order(["2020-01-01", "4/4/2020", "3.4.2020"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"), ("  ", "empty"), ("2021-W53", "no_such_week"), ("2026-W00", "no_such_week"),
        ("2026-02-29", "no_such_date"), ("31.04.2026", "no_such_date"), ("2026-13", "no_such_date"),
        ("0/2026", "no_such_date"), ("2026-Q5", "no_such_quarter"), ("7/1/26", "short_year"),
        ("01.07.26", "short_year"), ("0001-01-01", "year"), ("9999", "year"),
        ("45000", "not_a_date"),
        ("Foo 2026", "not_a_date"), ("Jul-26", "not_a_date"), ("yesterday", "not_a_date"),
        ("٢٠٢٦-٠٧-٠١", "not_a_date"), ("2026-07-01T24:00", "no_such_time"),
        ("2026-07-01 13:05 PM", "no_such_time"), ("2026-07-01T10:61", "no_such_time"),
        ("2026-07-01T10:00+99:00", "no_such_zone"), ("2026-07-01T10:00+01:75", "no_such_zone"),
        ("2" * 50, "too_long"), ("<b>2026</b>", "not_a_date"), ("2026-07_01", "not_a_date"),
    ],
)  # fmt: skip
def test_what_names_no_moment_is_refused_with_a_sentence(text, code):
    with pytest.raises(StampError) as refused:
        parse_stamp(text)

    assert refused.value.code == code
    assert str(refused.value).endswith(".")


@given(st.text(max_size=45))
def test_any_text_gives_a_stamp_or_a_sentence(text):
    with suppress(StampError):
        assert 1799 <= parse_stamp(text, DMY).on.year <= 2199


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_every_way_to_write_a_date_reads_the_same(day):
    iso = f"{day.isocalendar().year}-W{day.isocalendar().week:02}-{day.isoweekday()}"
    texts = [
        f"{day:%Y-%m-%d}",
        f"{day:%d.%m.%Y}",
        f"{day:%d/%m/%Y}",
        f"{day:%B} {day.day}, {day.year}",
    ]

    for text in [*texts, iso] if 1800 <= day.isocalendar().year <= 2199 else texts:
        assert parse_stamp(text, DMY).on == day
