"""The constraints hold on both databases, and numbers come back as they went in."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from metrics.models import Measurement
from tests.factories import make_kpi, make_signal, make_target, make_value


@pytest.mark.parametrize(
    "text", ["900719925474.991", "0.000000000000001", "123456789012.123", "-8.3"]
)
def test_a_value_of_fifteen_digits_comes_back_equal(db, text):
    kpi = make_kpi()
    make_value(kpi, date(2026, 1, 1), text)
    assert Measurement.objects.get(kpi=kpi).value == Decimal(text)


def test_a_kpi_has_one_open_signal_of_a_kind(db):
    kpi = make_kpi()
    make_signal(kpi)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_signal(kpi)
    make_signal(kpi, is_open=False, ended_on=date(2026, 7, 1))
    make_signal(kpi, kind="data_stale")


def test_a_target_has_one_shape(db):
    kpi = make_kpi()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_target(kpi, value=Decimal(1), low=Decimal(0), high=Decimal(2))
    make_target(kpi, low=Decimal(0), high=Decimal(2))
    make_target(kpi, is_withdrawn=True)


@pytest.mark.parametrize("half", [{"window_k": 2}, {"window_n": 4}, {"window_k": 4, "window_n": 2}])
def test_a_window_has_both_numbers_and_the_first_is_the_smaller(db, half):
    kpi = make_kpi(window_k=2, window_n=4)
    for name in ("window_k", "window_n"):
        setattr(kpi, name, half.get(name))
    with pytest.raises(IntegrityError), transaction.atomic():
        kpi.save(update_fields=["window_k", "window_n"])
