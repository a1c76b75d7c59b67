"""Every rule the data must always obey is a constraint of the database."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from objectives.models import CheckIn, Objective
from tests.factories import (
    NOW,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_signal,
    make_user,
)

pytestmark = pytest.mark.django_db
D = Decimal


def refused(make, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"baseline": D(52), "target": D(52)},
        {"target": None},
        {"kind": "hold"},
        {"kind": "open", "target": D(1)},
        {"hold_periods": 2},
        {"kpi_follows": True},
        {"weight": D(-1)},
        {"kind": "reach"},
        {"suggested_grade": D("0.5"), "grade": D("0.7")},
        {"grade": D("0.7")},
        {"suggested_grade": D("1.1"), "grade": D("1.1")},
        {"final_progress": D("1.1")},
        {"withdrawn_at": NOW},
        {"withdrawn_reason": "Because."},
    ],
    ids=str,
)
def test_a_key_result_that_breaks_a_rule_is_refused(fields):
    objective = make_objective()
    refused(make_key_result, objective=objective, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"baseline": None},
        {"suggested_grade": D("0.5"), "grade": D("0.5")},
        {"suggested_grade": D("0.5"), "grade": D("0.7"), "grade_reason": "Harder than it looked."},
        {"grade": D("0.7"), "grade_reason": "By hand."},
        {"kind": "open"},
        {"weight": D(0)},
    ],
    ids=str,
)
def test_a_key_result_within_the_rules_is_kept(fields):
    assert make_key_result(make_objective(), **fields).pk


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "closed"},
        {"closed_at": NOW},
        {"grade": D("0.5")},
        {"state": "active", "published_at": None},
        {"state": "active", "starts_on": None},
        {"state": "paused"},
        {"ambition": "heroic"},
        {"title": ""},
        {"state": "closed", "closed_at": NOW, "grade": D("1.1")},
    ],
    ids=str,
)
def test_an_objective_that_breaks_a_rule_is_refused(fields):
    cycle = make_cycle(organisation=make_organisation())
    refused(make_objective, cycle=cycle, **fields)


@pytest.mark.parametrize("confidence", [-1, 11])
def test_confidence_is_0_to_10(confidence):
    row = make_key_result(make_objective())
    author = make_user()
    fields = {"key_result": row, "author": author, "made_at": NOW, "token": uuid4()}
    refused(CheckIn.objects.create, confidence=confidence, **fields)


def test_one_signal_has_one_live_objective_and_another_after_it_ended():
    signal = make_signal(make_kpi())
    team = signal.kpi.team
    make_objective(team=team, signal=signal, state="closed", closed_at=NOW)
    make_objective(team=team, signal=signal, state="draft")
    refused(make_objective, team=team, signal=signal, state="active")
    assert Objective.objects.live().filter(signal=signal).count() == 1


def test_a_cycle_ends_after_it_starts():
    organisation = make_organisation()
    refused(
        make_cycle, organisation=organisation, starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 1)
    )
