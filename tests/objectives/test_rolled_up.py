"""Objectives added up in the database stand where `standing` says, whatever they hold."""

import random
from datetime import date
from decimal import Decimal

import pytest

from metrics.models import KpiState
from objectives.actions.check_ins import note_latest
from objectives.models import KeyResult, Objective
from objectives.rolled_up import rolled, rolled_up
from objectives.standing import objective_standing
from teams.models import Team
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
)

D = Decimal
DAYS = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 16), date(2026, 9, 4), date(2026, 10, 1)]
NOISE = D("1e-12")


def both(today):
    """(added up in the database, as `standing` has it), by objective."""
    rows = Objective.objects.filter(state__in=["active", "closed"]).with_parts()
    naive = {one.pk: objective_standing(one, today) for one in rows}
    return rolled_up(Objective.objects.all(), today), naive


def assert_alike(today):
    ours, naive = both(today)
    assert ours.keys() == naive.keys()
    for pk, found in ours.items():
        one = naive[pk]
        expected = rolled(one)
        shares = [(found.progress, one.progress), (found.expected, one.expected)]
        shares.append((found.confidence, one.confidence))
        for share, exact in shares:
            assert (share is None) == (exact is None)
            assert share is None or abs(share - exact) < NOISE
        rest = found._replace(progress=None, expected=None, confidence=None)
        plain = expected._replace(progress=None, expected=None, confidence=None)
        assert (pk, rest) == (pk, plain)
    return ours


def say(row, who, value, due_on):
    return make_check_in(row, who, value=value, due_on=due_on)


def an_objective(rng, team, who, kinds):
    """One with any key results: weights, values, withdrawn ones, answered long ago or never."""
    ambition = rng.choice(["committed", "aspirational"])
    rhythm = rng.choice(["weekly", "monthly"])
    starts_on = rng.choice([date(2026, 7, 1), date(2026, 7, 20), date(2026, 9, 30)])
    objective = make_objective(team=team, ambition=ambition, rhythm=rhythm, starts_on=starts_on)
    for _ in range(rng.randrange(5)):
        kind = rng.choice(kinds)
        over = {"weight": D(rng.choice(["0", "1", "2.5"])), "kind": kind}
        over["ambition"] = rng.choice(["", "", "committed", "aspirational"])
        if kind in ("increase", "decrease"):
            baseline = rng.choice([None, D(38), D("-12.5")])
            way = D(rng.randrange(1, 40)) / 4 * (1 if kind == "increase" else -1)
            over |= {"baseline": baseline, "target": (baseline or D(0)) + way}
        elif kind == "at_least":
            over["target"] = D(40)
        row = make_key_result(objective, **over)
        if rng.random() < 0.7:
            value = None if rng.random() < 0.1 else D(rng.randrange(-60, 240)) / 4
            if kind == "yes_no":
                value = rng.choice([D(0), D(1), None])
            say(row, who, value, date(2026, 8, rng.choice([7, 14, 21, 28])))
        if rng.random() < 0.15:
            row.refresh_from_db()
            row.withdrawn_at, row.withdrawn_reason = NOW, "Sold."
            row.save()


PLAIN = ["increase", "decrease", "yes_no", "open", "find_baseline"]


@pytest.mark.parametrize("seed", range(2))
def test_random_objectives_stand_alike_on_every_day(team, bob, seed):
    rng = random.Random(seed)
    for number in range(30):
        kinds = PLAIN if number % 4 else [*PLAIN, "at_least", "milestones"]
        an_objective(rng, team, bob, kinds)
    for row in KeyResult.objects.filter(latest=None, withdrawn_at=None)[::3]:
        note_latest(row)  # The first check-in is owed.
    seen = {found.health for day in DAYS for found in assert_alike(day).values()}
    assert seen >= {"not_started", "overdue", "stale", "no_data", "on_track", "at_risk"}


@pytest.mark.parametrize(
    ("value", "health"),
    [("41.6", "on_track"), ("41.5999", "behind"), ("38", "behind"), ("37.9999", "behind")],
)
def test_a_gap_at_the_limit_of_a_band_is_on_the_better_side(team, bob, value, health):
    # On the 13th day of 52 the way is a quarter: 38 to 62 is expected at 44.
    cycle = make_cycle(
        organisation=team.organisation,
        kind="custom",
        name="52 days",
        starts_on=date(2026, 8, 1),
        ends_on=date(2026, 9, 22),
    )
    objective = make_objective(team=team, cycle=cycle, starts_on=date(2026, 8, 1))
    row = make_key_result(objective, baseline=D(38), target=D(62))
    say(row, bob, D(value), date(2026, 8, 14))
    assert assert_alike(date(2026, 8, 14))[objective.pk].health == health


def test_what_a_statement_cannot_tell_is_worked_out_row_by_row(team, bob):
    kpi = make_kpi(team=team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent="2026-06-01x9.9/8 2026-07-01x8.41/8")
    linked = make_objective(team=team)
    over = {"baseline": D("12.1"), "target": D(8), "kpi": kpi, "kpi_follows": True}
    make_key_result(linked, **over)
    held = make_objective(team=team)
    make_key_result(held, kind="hold", hold_periods=2, kpi=kpi)
    stepped = make_objective(team=team)
    row = make_key_result(stepped)
    row.checkpoints.create(on=date(2026, 9, 20), value=D(39))
    say(row, bob, D(38), date(2026, 8, 14))
    ours = assert_alike(date(2026, 8, 16))
    assert (ours[linked.pk].progress, ours[stepped.pk].health) == (D("0.9"), "on_track")


def test_a_closed_objective_counts_with_its_frozen_figures(team, bob):
    over = {"state": "closed", "closed_at": NOW}
    objective = make_objective(team=team, **over)
    make_key_result(objective, kind="at_least", target=D(5), final_progress=D("0.25"))
    row = make_key_result(objective, final_value=D(45), final_progress=D("0.5"))
    say(row, bob, D(52), date(2026, 8, 14))
    make_key_result(objective, kind="open")
    found = assert_alike(date(2026, 8, 16))[objective.pk]
    assert found[:2] == (D("0.375"), "closed")


def test_drafts_parked_and_withdrawn_are_in_no_roll_up(team):
    for state in ("draft", "parked"):
        make_objective(team=team, state=state)
    make_objective(team=team, state="withdrawn", withdrawn_from="active", closed_at=NOW)
    assert rolled_up(Objective.objects.all(), DAYS[0]) == {}


def test_only_what_was_asked_for_is_added_up(team, bob, charlie):
    mine = make_objective(team=team)
    make_objective(team=team, is_private=True)
    asked = Objective.objects.visible_to(charlie).filter(team=team, title__startswith="Our ")
    assert list(rolled_up(asked, DAYS[2])) == [mine.pk]


def test_a_thousand_objectives_cost_the_queries_of_ten(team, bob, django_assert_num_queries):
    def fill(count):
        rows = [make_objective(team=team) for _ in range(count)]
        KeyResult.objects.bulk_create(
            KeyResult(objective=row, position=1, title="NPS", baseline=D(38), target=D(52))
            for row in rows
        )

    fill(10)
    with django_assert_num_queries(1):
        rolled_up(Objective.objects.all(), DAYS[2])
    fill(190)
    with django_assert_num_queries(1):
        assert len(rolled_up(Objective.objects.all(), DAYS[2])) == 200


def test_more_teams_than_a_condition_may_name_are_worked_out_too(organisation):
    named = {"organisation": organisation, "created_at": NOW}
    teams = Team.objects.bulk_create(Team(name=f"Team {at}", **named) for at in range(1001))
    over = {"cycle": make_cycle(organisation=organisation), "state": "active", "created_at": NOW}
    over |= {"starts_on": date(2026, 7, 1), "published_at": NOW}
    rows = Objective.objects.bulk_create(
        Objective(team=team, title="Launch", ambition="committed", **over) for team in teams
    )
    KeyResult.objects.bulk_create(
        KeyResult(objective=row, position=1, title="Steps", kind="milestones") for row in rows
    )
    assert len(rolled_up(Objective.objects.all(), DAYS[2])) == 1001
