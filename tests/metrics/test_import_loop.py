"""The published files, imported and judged: the facts that their README gives."""

from datetime import date
from pathlib import Path

import pytest

from metrics.csv_mapping import Pick
from metrics.evaluation import evaluate_due
from metrics.models import KpiState, Signal
from metrics.stamps import StampStyle
from tests.factories import NOW, make_cadence, make_kpi, make_source, make_target
from tests.metrics.uploads import imported

KPIS = Path(__file__).parent / "data" / "kpis"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def judged(kpi):
    evaluate_due(NOW, worker="test")
    assert KpiState.objects.get(kpi=kpi).last_error == ""
    return list(Signal.objects.filter(kpi=kpi, kind="off_target").order_by("raised_on"))


def test_emergency_rooms_have_four_episodes_the_last_of_them_open(team):
    weekly = make_cadence("weekly", organisation=team.organisation, patience=4, recovery=4)
    kpi = make_kpi(
        team=team,
        cadence=weekly,
        source=make_source(team=team, kind="csv_upload"),
        starts_on=date(2019, 12, 30),
    )
    make_target(kpi, value="193.54", tolerance_pct=5)

    imported(kpi, (KPIS / "er_length_of_stay_weekly.csv").read_bytes(), picks=(Pick(kpi.pk, 3),))
    signals = judged(kpi)

    assert [signal.raised_on for signal in signals] == [
        date(2020, 1, 27), date(2020, 11, 30), date(2021, 11, 1), date(2022, 11, 21),
    ]  # fmt: skip
    assert [signal.is_open for signal in signals] == [False, False, False, True]


def test_bostons_311_calls_are_off_target_in_25_months_and_raise_in_april_2016(team):
    kpi = make_kpi(
        team=team,
        source=make_source(team=team, kind="csv_upload"),
        starts_on=date(2016, 2, 1),
        direction="higher_is_better",
        aggregation="mean",
        unit="",
        target="0.95",
    )
    where = (1, "311 CALL CENTER PERFORMANCE")

    imported(
        kpi,
        (KPIS / "boston_cityscore_311_pothole.csv").read_bytes(),
        stamp=15,
        picks=(Pick(kpi.pk, 2, where),),
        stamps=StampStyle(midnight_is_date=True),
    )
    (signal,) = judged(kpi)

    assert signal.raised_on == date(2016, 4, 1)
    assert signal.first_off_on == date(2016, 2, 1)
