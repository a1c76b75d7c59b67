"""The writes of the metrics app: each with its history, each safe to send twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from metrics.actions import (
    KpiChanged,
    ValueChanged,
    assign_cadence,
    correct_value,
    create_kpi,
    edit_kpi,
    exclude_period,
    fill_missed,
    lift_exclusion,
    rebase_limits,
    record_value,
    revise_target,
    withdraw_target,
    withdraw_value,
)
from metrics.models import (
    CadenceChange,
    Exclusion,
    Kpi,
    KpiEvent,
    KpiState,
    Measurement,
    MeasurementRevision,
    Target,
)
from metrics.periods import period_of
from tests.factories import NOW, make_cadence, make_kpi, make_value

LATER = NOW + timedelta(hours=1)
JULY = period_of(date(2026, 7, 1), "monthly")
JUNE = period_of(date(2026, 6, 1), "monthly")


@pytest.fixture
def kpi(team):
    kpi = make_kpi(team=team, target="8")
    KpiState.objects.filter(kpi=kpi).update(due_at=None, dirty_from=None)
    return kpi


def types(kpi):
    return [event.type for event in KpiEvent.objects.filter(kpi=kpi)]


def due(kpi):
    state = KpiState.objects.get(kpi=kpi)
    return state.due_at is not None, state.dirty_from


def test_a_recorded_value_names_who_and_when_and_makes_its_kpi_due(kpi, bob):
    row = record_value(kpi, JULY, Decimal("8.3"), actor=bob, now=NOW)

    assert (row.value, row.author, row.recorded_at, row.revision) == (Decimal("8.3"), bob, NOW, 0)
    assert due(kpi) == (True, date(2026, 7, 1))


def test_the_same_value_sent_twice_is_kept_once(kpi, bob):
    record_value(kpi, JULY, Decimal("8.3"), actor=bob, now=NOW)
    KpiState.objects.filter(kpi=kpi).update(due_at=None)
    record_value(kpi, JULY, Decimal("8.30"), actor=bob, now=LATER)

    assert Measurement.objects.get(kpi=kpi).recorded_at == NOW
    assert due(kpi)[0] is False


def test_a_first_value_never_overwrites_another_persons(kpi, alice, bob):
    record_value(kpi, JULY, Decimal("8.3"), actor=alice, now=NOW)

    with pytest.raises(ValueChanged) as error:
        record_value(kpi, JULY, Decimal("9"), actor=bob, now=LATER)

    assert error.value.current.value == Decimal("8.3")
    assert Measurement.objects.get(kpi=kpi).author == alice


def test_a_correction_keeps_the_old_value_and_its_reason(kpi, alice, bob):
    record_value(kpi, JULY, Decimal("8.3"), actor=bob, now=NOW)

    row = correct_value(
        kpi, JULY, Decimal("8.1"), revision=0, reason="Late export", actor=alice, now=LATER
    )

    old = MeasurementRevision.objects.get(kpi=kpi)
    assert (row.value, row.revision, row.author) == (Decimal("8.1"), 1, alice)
    assert (old.value, old.author, old.recorded_at) == (Decimal("8.3"), bob, NOW)
    assert (old.replaced_by, old.replaced_at, old.reason) == (alice, LATER, "Late export")
    event = KpiEvent.objects.get(kpi=kpi, type="value_corrected")
    assert (event.before["value"], event.after["value"]) == ("8.3", "8.1")


def test_a_correction_sent_twice_is_one_revision(kpi, alice):
    make_value(kpi, JULY.start, "8.3")
    for _ in range(2):
        correct_value(kpi, JULY, Decimal("8.1"), revision=0, reason="x", actor=alice, now=LATER)

    assert MeasurementRevision.objects.count() == 1
    assert types(kpi).count("value_corrected") == 1


def test_a_correction_of_a_value_that_changed_meanwhile_saves_nothing(kpi, alice, bob):
    make_value(kpi, JULY.start, "8.3")
    correct_value(kpi, JULY, Decimal("8.1"), revision=0, reason="x", actor=alice, now=NOW)

    with pytest.raises(ValueChanged) as error:
        correct_value(kpi, JULY, Decimal("8.6"), revision=0, reason="y", actor=bob, now=LATER)

    assert error.value.current.value == Decimal("8.1")
    assert MeasurementRevision.objects.count() == 1


def test_a_withdrawn_value_stays_in_the_revisions_and_may_come_back(kpi, alice, bob):
    make_value(kpi, JULY.start, "8.3")
    withdraw_value(kpi, JULY, revision=0, reason="Wrong month", actor=alice, now=NOW)
    assert Measurement.objects.get(kpi=kpi).value is None

    record_value(kpi, JULY, Decimal("8.2"), actor=bob, now=LATER)

    row = Measurement.objects.get(kpi=kpi)
    assert (row.value, row.revision) == (Decimal("8.2"), 2)
    assert [r.value for r in MeasurementRevision.objects.order_by("revision")] == [
        Decimal("8.3"),
        None,
    ]


def test_a_value_typed_over_a_file_is_not_from_the_file(kpi, alice):
    kpi.source.kind = "csv_upload"
    kpi.source.save()
    make_value(kpi, JULY.start, "8.3")

    correct_value(kpi, JULY, Decimal("8.1"), revision=0, reason="x", actor=alice, now=NOW)

    assert Measurement.objects.get(kpi=kpi).source is None


def test_missed_periods_are_filled_all_or_none(kpi, alice, bob):
    make_value(kpi, JULY.start, "8.3")
    entries = [(JUNE, Decimal("8.4")), (JULY, Decimal("9"))]

    with pytest.raises(ValueChanged):
        fill_missed(kpi, entries, actor=bob, now=NOW)

    assert Measurement.objects.count() == 1
    fill_missed(kpi, [(JUNE, Decimal("8.4")), (JULY, Decimal("8.3"))], actor=bob, now=NOW)
    assert Measurement.objects.count() == 2
    assert due(kpi) == (True, date(2026, 6, 1))


def test_a_new_kpi_comes_last_with_its_first_target_and_is_due(team, kpi, alice):
    new = Kpi(team=team, name="NPS", cadence=kpi.cadence, starts_on=date(2026, 1, 1))

    create_kpi(new, target={"value": Decimal(45)}, actor=alice, now=NOW)

    assert new.position == kpi.position + 1
    assert Target.objects.get(kpi=new).effective_on == date(2026, 1, 1)
    assert types(new) == ["created", "target_set"]
    assert due(new) == (True, date(2026, 1, 1))


def test_an_edit_keeps_what_was_there_before(kpi, alice):
    edit_kpi(kpi, {"name": "Churn", "unit": "%"}, version=1, actor=alice, now=NOW)

    kpi.refresh_from_db()
    event = KpiEvent.objects.get(kpi=kpi)
    assert (kpi.name, kpi.version) == ("Churn", 2)
    assert event.after == {"name": "Churn"}
    assert due(kpi)[0] is False


def test_an_edit_of_a_setting_judges_from_the_start_again(kpi, alice):
    edit_kpi(kpi, {"min_readings": 2}, version=1, actor=alice, now=NOW)

    assert due(kpi) == (True, date.min)


@pytest.mark.parametrize("changes", [{"patience": 2}, {"window_n": 3}, {"policies": ""}])
def test_what_a_kpi_says_from_a_day_on_is_no_edit_of_its_past(kpi, alice, changes):
    with pytest.raises(ValueError, match="from which day on"):
        edit_kpi(kpi, {"name": "Churn", **changes}, version=1, actor=alice, now=NOW)

    kpi.refresh_from_db()
    assert kpi.name != "Churn"
    assert due(kpi)[0] is False


def test_an_edit_of_a_kpi_that_changed_meanwhile_saves_nothing(kpi, alice):
    edit_kpi(kpi, {"name": "Churn"}, version=1, actor=alice, now=NOW)

    with pytest.raises(KpiChanged):
        edit_kpi(kpi, {"name": "Attrition"}, version=1, actor=alice, now=LATER)

    kpi.refresh_from_db()
    assert kpi.name == "Churn"


def test_an_edit_that_changes_nothing_writes_nothing(kpi, alice):
    edit_kpi(kpi, {"name": kpi.name}, version=7, actor=alice, now=NOW)

    assert types(kpi) == []


def test_a_new_cadence_keeps_the_old_one_for_the_past(kpi, alice):
    old, weekly = kpi.cadence, make_cadence("weekly", organisation=kpi.team.organisation)

    assign_cadence(kpi, weekly, effective_on=date(2026, 8, 3), actor=alice, now=NOW)

    rows = CadenceChange.objects.filter(kpi=kpi)
    assert [(row.cadence, row.effective_on) for row in rows] == [
        (old, date(2026, 1, 1)),
        (weekly, date(2026, 8, 3)),
    ]
    kpi.refresh_from_db()
    assert kpi.cadence == weekly


def test_the_first_cadence_of_a_kpi_holds_from_its_start(team, alice):
    kpi, weekly = (
        make_kpi(team=team, cadence=None),
        make_cadence("weekly", organisation=team.organisation),
    )

    edit_kpi(kpi, {"cadence": weekly}, version=1, actor=alice, now=NOW)

    kpi.refresh_from_db()
    assert kpi.cadence == weekly
    assert not CadenceChange.objects.exists()


def test_a_revised_target_is_a_new_row_with_author_and_reason(kpi, alice):
    revise_target(
        kpi,
        value=Decimal("8.5"),
        tolerance=Decimal("0.5"),
        effective_on=date(2026, 7, 1),
        reason="Legacy plans",
        actor=alice,
        now=NOW,
    )

    old, new = Target.objects.filter(kpi=kpi)
    assert (old.value, new.value) == (8, Decimal("8.5"))
    assert (new.author, new.reason) == (alice, "Legacy plans")
    event = KpiEvent.objects.get(kpi=kpi, type="target_revised")
    assert (event.before["value"], event.after["value"]) == ("8", "8.5")
    assert due(kpi) == (True, date(2026, 7, 1))


def test_a_target_sent_twice_is_one_row(kpi, alice):
    for _ in range(2):
        revise_target(
            kpi, value=Decimal(9), effective_on=date(2026, 7, 1), reason="x", actor=alice, now=NOW
        )

    assert Target.objects.filter(kpi=kpi).count() == 2


def test_a_withdrawn_target_ends_the_judging_from_its_date(kpi, alice):
    withdraw_target(kpi, effective_on=date(2026, 7, 1), reason="No use", actor=alice, now=NOW)

    row = Target.objects.filter(kpi=kpi).last()
    assert (row.is_withdrawn, row.value) == (True, None)
    assert types(kpi) == ["target_withdrawn"]


def test_an_exclusion_is_kept_after_it_was_lifted(kpi, alice, bob):
    for _ in range(2):
        exclude_period(kpi, JULY, reason="Outage", actor=alice, now=NOW)
    lift_exclusion(kpi, JULY, reason="It was fine", actor=bob, now=LATER)

    row = Exclusion.objects.get(kpi=kpi)
    assert (row.reason, row.author, row.lifted_by, row.lifted_at) == ("Outage", alice, bob, LATER)
    assert types(kpi) == ["period_excluded", "exclusion_lifted"]
    assert due(kpi) == (True, date(2026, 7, 1))


def test_limits_start_anew_once(kpi, alice):
    for _ in range(2):
        rebase_limits(kpi, starts_on=date(2026, 7, 1), reason="New level", actor=alice, now=NOW)

    kpi.refresh_from_db()
    assert kpi.limits_from == date(2026, 7, 1)
    assert types(kpi) == ["limits_rebased"]
