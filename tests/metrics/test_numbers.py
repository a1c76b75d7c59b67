"""numbers.py and form_fields.py: one verdict and one value whichever way a number comes in."""

import json
import re
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from metrics.form_fields import NumberField
from metrics.numbers import NumberError, NumberStyle, Percent, number_text, parse_number

CASES = json.loads((Path(__file__).parent / "data" / "bad_numbers.json").read_text())
ACCEPTED = [(case["text"], case["value"]) for case in CASES["accepted"]]
GERMAN = NumberStyle(",", ".")
SWISS = NumberStyle(".", "'")
FRENCH = NumberStyle(",", " ")
AMERICAN = NumberStyle(".", ",")


def test_the_catalogue_has_at_least_75_bad_numbers():
    assert len(CASES["refused"]) >= 75


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda c: ascii(c["text"][:20]))
def test_a_bad_number_is_refused_fast_with_a_sentence(case):
    before = perf_counter()

    with pytest.raises(NumberError) as refused:
        parse_number(case["text"])

    assert perf_counter() - before < 0.05
    assert refused.value.code == case["code"]
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 160


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_a_good_number_keeps_its_value(text, value):
    assert number_text(parse_number(text)) == value


def test_no_negative_zero_comes_out():
    assert str(parse_number("-0.00")) == "0"


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("1.234,5", GERMAN, "1234.5"),
        ("-1.234.567,89", GERMAN, "-1234567.89"),
        ("0,5", GERMAN, "0.5"),
        ("2,484,580", AMERICAN, "2484580"),
        ("1234567.5", AMERICAN, "1234567.5"),
        ("1'234.5", SWISS, "1234.5"),
        ("1\u202f234,5", FRENCH, "1234.5"),
        ("1\u00a0234 567", FRENCH, "1234567"),
        ("12.5 %", NumberStyle(percent=Percent.KEEP), "12.5"),
        ("12.5\u00a0%", NumberStyle(percent=Percent.SHARE), "0.125"),
        ("7", NumberStyle(percent=Percent.SHARE), "7"),
        ("0.3333333333333333", NumberStyle(round_long=True), "0.333333333333333"),
        ("0.0000000000000004", NumberStyle(round_long=True), "0"),
    ],
)
def test_a_decided_style_is_read(text, style, value):
    assert number_text(parse_number(text, style)) == value


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1.23,4", GERMAN), ("0.123", GERMAN), ("1,5.2", GERMAN), ("1.2345", GERMAN),
        ("1,23", AMERICAN), ("1,2345", AMERICAN), ("1.5,000", AMERICAN), (",123", AMERICAN),
        ("12 34", FRENCH), ("1,5,5", NumberStyle(",")), ("1.5", NumberStyle(",")),
        ("5 %", GERMAN), ("% 5", NumberStyle(percent=Percent.KEEP)), ("nan", GERMAN),
    ],
)  # fmt: skip
def test_a_number_of_another_style_is_refused_not_bent(text, style):
    with pytest.raises(NumberError):
        parse_number(text, style)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**11), max_value=10**11
    )
)
def test_what_is_written_out_reads_back_equal(value):
    assert parse_number(number_text(value)) == value


@given(st.text(max_size=60))
def test_any_text_gives_a_plain_number_or_a_sentence(text):
    with suppress(NumberError):
        value = parse_number(text)
        assert value.is_finite()
        assert len(value.normalize().as_tuple().digits) <= 15


class ValueForm(forms.Form):
    value = NumberField(unit="min", required=False)


@pytest.mark.parametrize("case", CASES["refused"][4:], ids=lambda c: ascii(c["text"][:20]))
def test_the_form_gives_the_same_verdict_as_the_parser(case):
    form = ValueForm({"value": case["text"]})

    assert not form.is_valid()
    assert len(form.errors["value"]) == 1


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_the_form_gives_the_same_value_as_the_parser(text, value):
    form = ValueForm({"value": text})

    assert form.is_valid()
    assert form.cleaned_data["value"] == Decimal(value)


def test_an_empty_optional_number_is_none():
    form = ValueForm({"value": " "})

    assert form.is_valid()
    assert form.cleaned_data["value"] is None


def test_the_field_shows_a_stored_number_as_it_would_be_typed():
    form = ValueForm(initial={"value": Decimal("12.500000000000000")})

    assert 'value="12.5"' in str(form["value"])
    assert 'inputmode="decimal"' in str(form["value"])
    assert not ValueForm({"value": "12.50"}, initial={"value": Decimal("12.5")}).has_changed()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("47,5", "write 47.5,"),
        ("-1,25", "write -1.25,"),
        ("1,234", "write 1234 or 1.234,"),
        ("1'234,5", "write 1234.5,"),
    ],
)
def test_a_mark_is_answered_with_the_number_as_it_may_be_written(text, written):
    with pytest.raises(NumberError, match=re.escape(written)):
        parse_number(text)
