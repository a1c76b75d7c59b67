"""Grading and closing in the browser, and the target that comes after it: the loop closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from metrics.due import mark_due
from metrics.evaluation import evaluate_due, evaluate_kpis
from metrics.models import Measurement, Signal, SignalEvent, Target, Treatment
from metrics.treatments import begin_treatment
from objectives.actions import ensure_cycles
from objectives.models import KeyResult, Objective
from tests.factories import (
    make_closed_objective,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_value,
)
from tests.metrics.signal_forms import form_of, signed_in

NOW = datetime(2026, 6, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, alice):
    """Churn of at most 8 %, off target from January to March 2026."""
    kpi = make_kpi(team=team, target=8, name="Churn", owner=alice, starts_on=date(2025, 10, 1))
    values = [7, 7, 7, "12.4", "12.6", "12.1"]
    for month, value in zip((10, 11, 12, 1, 2, 3), values, strict=True):
        make_value(kpi, date(2025 if month > 9 else 2026, month, 1), value)
    return kpi


@pytest.fixture
def objective(client, kpi, alice):
    """The OKR published from the signal on 13 April, with only its outcome."""
    signed_in(client, alice)
    with time_machine.travel(datetime(2026, 4, 13, 9, tzinfo=UTC), tick=False):
        evaluate_kpis([kpi.pk], datetime(2026, 4, 7, 9, tzinfo=UTC))
        quarter, *_ = ensure_cycles(kpi.team.organisation, timezone.now())
        signal = Signal.objects.get()
        data = form_of(client.get(f"/signals/{signal.pk}/"))
        data |= {"cycle": quarter.pk, "kr-1-title": "", "kr-1-hold_periods": ""}
        client.post(f"/signals/{signal.pk}/publish/", data)
    for month, value in ((4, "9.9"), (5, "8.41")):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW - timedelta(hours=1))
    return Objective.objects.get()


def grades(objective, *chosen, note="Health scoring came late.", reason=""):
    data = {"version": objective.version, "note": note}
    for row, grade in zip(objective.key_results.order_by("position"), chosen, strict=True):
        data |= {f"g{row.pk}-grade": grade, f"g{row.pk}-reason": reason}
    return data


def close(client, objective, *chosen, **over):
    path = f"/objectives/{objective.pk}/close/"
    return client.post(path, grades(objective, *chosen, **over))


def test_the_page_suggests_the_grade_of_the_progress(client, objective):
    page = client.get(f"/objectives/{objective.pk}/close/").content.decode()
    assert "90\xa0% of the way, suggested 0.9." in page
    row = objective.key_results.get()
    name = f'name="g{row.pk}-grade" value="0.9" checked'
    assert name in page
    assert page.count('class="sug"') == 1


def test_the_loop_is_closed(client, objective, kpi, alice):
    """Scenario 3: 8.41 is 0.9; ≤ 8.5 from July; April to June keep 8; two months resolve it."""
    response = close(client, objective, "0.9")
    assert response.url == f"/objectives/{objective.pk}/next-target/"
    page = client.get(response.url).content.decode()
    assert "The target was not held for long enough" in page
    assert "Tighten it" not in page
    data = {"choice": "own", "value": "8.5", "effective_on": "2026-07-01", "reason": "Legacy."}
    assert client.post(response.url, data).url == f"/kpis/{kpi.pk}/"
    target = Target.objects.get(effective_on=date(2026, 7, 1))
    assert (target.value, target.reason, str(target.author)) == (
        Decimal("8.5"),
        "Legacy.",
        "Alice Moreau",
    )
    for month, value in ((6, "8.2"), (7, "8.3"), (8, "8.4")):
        make_value(kpi, date(2026, month, 1), value)
    later = datetime(2026, 9, 10, 9, tzinfo=UTC)
    evaluate_kpis([kpi.pk], later)
    signal = Signal.objects.get()
    assert not signal.is_open
    assert signal.ended_on == date(2026, 8, 1)
    with time_machine.travel(later, tick=False):
        page = signed_in(client, alice).get(f"/signals/{signal.pk}/").content.decode()
    assert "Resolved" in page
    assert "after 8\xa0months" in page or "after 8 months" in page
    assert "≤\xa08<" in page
    assert "≤\xa08.5<" in page


def test_an_ungraded_key_result_blocks_and_says_which(client, objective):
    make_key_result(objective, title="Calls within 48 h")
    response = close(client, objective, "0.9", "")
    assert response.status_code == 422
    assert "“Calls within 48 h” is not graded yet." in response.content.decode()
    objective.refresh_from_db()
    assert objective.state == "active"


def test_another_grade_needs_a_reason_and_what_was_chosen_stays(client, objective):
    response = close(client, objective, "0.5")
    assert response.status_code == 422
    page = response.content.decode()
    assert "Say why 0.5: the suggestion is 0.9." in page
    assert 'value="0.5" checked' in page
    assert close(client, objective, "0.5", reason="By luck.").status_code == 302
    assert KeyResult.objects.get().grade_reason == "By luck."


def test_a_committed_objective_below_1_asks_for_a_sentence(client, objective):
    response = close(client, objective, "0.9", note="")
    assert response.status_code == 422
    assert "needs a sentence" in response.content.decode()


def test_leaving_out_needs_a_reason(client, objective):
    make_key_result(objective, kind="open", title="A driver")
    assert close(client, objective, "0.9", "out").status_code == 422
    data = grades(objective, "0.9", "out")
    driver = objective.key_results.get(kind="open")
    data[f"g{driver.pk}-reason"] = "Never named."
    assert client.post(f"/objectives/{objective.pk}/close/", data).status_code == 302
    page = client.get(f"/objectives/{objective.pk}/").content.decode()
    assert "left out: Never named." in page


@pytest.mark.parametrize("grade", ["1.1", "x", "0.95", "-1"])
def test_a_grade_off_the_scale_is_refused(client, objective, grade):
    assert close(client, objective, grade).status_code == 422
    objective.refresh_from_db()
    assert objective.state == "active"


def test_closing_something_changed_meanwhile_is_409_with_the_grades(client, objective):
    data = grades(objective, "0.5", reason="By luck.")
    Objective.objects.filter(pk=objective.pk).update(version=objective.version + 1)
    response = client.post(f"/objectives/{objective.pk}/close/", data)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Changed meanwhile." in page
    assert "By luck." in page


def test_closing_twice_leads_to_the_next_step(client, objective):
    data = grades(objective, "0.9")
    path = f"/objectives/{objective.pk}/close/"
    first = client.post(path, data)
    assert client.post(path, data).url == first.url
    assert objective.events.filter(type="closed").count() == 1


def test_an_objective_without_a_signal_goes_back_to_its_page(client, team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    make_key_result(objective)
    signed_in(client, alice)
    assert close(client, objective, "0").url == f"/objectives/{objective.pk}/"
    assert client.get(f"/objectives/{objective.pk}/next-target/").status_code == 404


def test_values_that_held_offer_to_tighten(client, kpi, alice):
    objective = make_closed_objective(kpi)
    Treatment.objects.update(
        proposal={
            "today": {"target": "8"},
            "held": True,
            "proposed": {"target": "7.6"},
            "values": ["7.2", "7.6"],
        }
    )
    signed_in(client, alice)
    path = f"/objectives/{objective.pk}/next-target/"
    page = client.get(path).content.decode()
    assert "at most 7.6\xa0%" in page
    assert "The last values are 7.2 and 7.6\xa0%. They hold the target" in page
    client.post(path, {"choice": "tighten", "value": "", "effective_on": "2026-07-01"})
    assert Target.objects.get(value=Decimal("7.6")).effective_on == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"choice": "own", "value": "", "reason": "x"}, "Enter the new target."),
        ({"choice": "own", "value": "9", "reason": ""}, "Say why this target"),
        ({"choice": "tighten"}, "Select a valid choice"),
        ({"choice": "own", "value": "9", "reason": "x", "effective_on": "2020-01-01"}, "9"),
    ],
    ids=str,
)
def test_an_incomplete_choice_is_422(client, kpi, alice, data, problem):
    objective = make_closed_objective(kpi)
    signed_in(client, alice)
    path = f"/objectives/{objective.pk}/next-target/"
    response = client.post(path, {"effective_on": "2026-07-01"} | data)
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert Target.objects.count() == 1


def test_a_second_choice_is_409_and_changes_nothing(client, kpi, alice):
    objective = make_closed_objective(kpi)
    signed_in(client, alice)
    path = f"/objectives/{objective.pk}/next-target/"
    keep = {"choice": "keep", "effective_on": "2026-07-01"}
    assert client.post(path, keep).status_code == 302
    own = {"choice": "own", "value": "9", "effective_on": "2026-07-01", "reason": "Looser."}
    response = client.post(path, own)
    assert response.status_code == 409
    assert "The target stays." in response.content.decode()
    assert Target.objects.count() == 1


def test_an_okr_whose_signal_was_merged_closes_under_the_signal_that_took_its_place(
    client, objective, kpi, alice
):
    earlier = make_signal(
        kpi,
        is_open=False,
        first_off_on=date(2025, 10, 1),
        raised_on=date(2025, 12, 1),
        ended_on=date(2025, 12, 1),
    )
    Measurement.objects.filter(kpi=kpi, day__lt=date(2026, 1, 1)).update(value=13)
    mark_due([kpi.pk], NOW, dirty_from=date(2025, 10, 1))
    evaluate_due(NOW, worker="test")
    merged = objective.signal
    merged.refresh_from_db()
    assert (merged.retract_reason, Treatment.objects.get().signal_id) == ("merged", earlier.pk)
    assert "Being addressed by" in client.get(f"/kpis/{kpi.pk}/").content.decode()
    page = client.get(f"/signals/{merged.pk}/").content.decode()
    assert f'<a href="/signals/{earlier.pk}/">an earlier one</a>' in page

    after = close(client, objective, "0.9")
    assert after.url == f"/objectives/{objective.pk}/next-target/"
    assert Treatment.objects.get().grade == Decimal("0.9")
    assert "next-target/" in client.get(objective.get_absolute_url()).content.decode()
    choice = {"choice": "own", "value": "8.2", "reason": "Half-way.", "effective_on": "2026-07-01"}
    assert client.post(after.url, choice).status_code == 302
    assert Target.objects.filter(kpi=kpi).last().value == Decimal("8.2")
    assert SignalEvent.objects.get(type="target_chosen").signal_id == earlier.pk


def test_a_draft_whose_signal_was_merged_meanwhile_answers_the_one_that_took_its_place(kpi, alice):
    kept, signal = make_signal(kpi), make_signal(kpi, is_open=False, ended_on=date(2026, 4, 1))
    version = signal.version
    signal.retracted_at, signal.workflow = NOW, {"merged_into": kept.pk}
    signal.save()
    okr = {"title": "Keep them", "url": "/objectives/7/", "is_private": False, "baseline": None}
    dates = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "target": None}
    for _ in range(2):
        made = begin_treatment(signal, **okr, **dates, actor=alice, now=NOW, version=version)
        assert made.signal_id == kept.pk
    kept.refresh_from_db()
    assert kept.decision == "okr"
