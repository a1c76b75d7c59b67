"""Writing key results of every kind: what is typed is what is stored, and comes back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from objectives.models import KeyResult, Objective
from tests.factories import make_kpi
from tests.objectives.drafts import bare, change, sent

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
D = Decimal


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def saved(lead, team, *rows, **over) -> Objective:
    answer = lead.post(f"/teams/{team.pk}/objectives/new/", sent(team, *rows, **over))
    assert answer.status_code == 302, answer.content.decode()
    return Objective.objects.get()


def stored(lead, team, row: dict) -> KeyResult:
    return saved(lead, team, row).key_results.get()


@pytest.mark.parametrize(
    ("row", "kind", "numbers"),
    [
        (change(), "increase", (D(38), D(52), None, None)),
        (change(kind="decrease", target="20"), "decrease", (D(38), D(20), None, None)),
        (change(kind=""), "increase", (D(38), D(52), None, None)),
        (change(kind="open", target="20"), "decrease", (D(38), D(20), None, None)),
        (change(baseline=""), "increase", (None, D(52), None, None)),
        (change(baseline="", target=""), "open", (None, None, None, None)),
        (bare("at_least", target="45"), "at_least", (None, D(45), None, None)),
        (bare("at_most", target="8", baseline="9"), "at_most", (None, D(8), None, None)),
        (bare("range", low="4", high="6", target="9"), "range", (None, None, D(4), D(6))),
        (bare("yes_no", baseline="x", target="y"), "yes_no", (None, None, None, None)),
        (bare("find_baseline", unit="%"), "find_baseline", (None, None, None, None)),
        (bare("open"), "open", (None, None, None, None)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_only_what_the_kind_needs_is_stored(lead, team, row, kind, numbers):
    found = stored(lead, team, row)
    assert found.kind == kind
    assert (found.baseline, found.target, found.low, found.high) == numbers


def test_milestones_keep_their_order_weight_and_day(lead, team):
    row = bare("milestones") | {
        "milestone-0-title": "Contract signed",
        "milestone-0-due_on": "2026-08-31",
        "milestone-2-title": "First customer",
        "milestone-2-weight": "2.5",
    }
    found = stored(lead, team, row).milestones.values_list("position", "title", "weight", "due_on")
    assert list(found) == [
        (1, "Contract signed", D(1), date(2026, 8, 31)),
        (2, "First customer", D("2.5"), None),
    ]


def test_steps_on_the_way_are_kept_in_order(lead, team):
    row = change(**{"step-0-on": "2026-09-15", "step-0-value": "50"})
    row |= {"step-1-on": "2026-08-15", "step-1-value": "42"}
    found = stored(lead, team, row).checkpoints.values_list("on", "value")
    assert list(found) == [(date(2026, 8, 15), D(42)), (date(2026, 9, 15), D(50))]


def test_a_kpi_gives_its_unit_and_its_value_follows(lead, team):
    kpi = make_kpi(team=team, target=8)
    found = stored(lead, team, change(kind="decrease", target="8", unit="", kpi=kpi.pk))
    assert (found.kpi, found.kpi_follows, found.unit) == (kpi, True, "%")


def test_a_hold_names_its_kpi_and_its_periods(lead, team):
    kpi = make_kpi(team=team, target=8)
    found = stored(lead, team, bare("hold", kpi=kpi.pk, hold_periods="2"))
    assert (found.kind, found.kpi, found.hold_periods) == ("hold", kpi, 2)


def test_weight_owner_and_ambition_are_its_own_or_those_of_the_objective(lead, team, alice, bob):
    rows = (
        change(weight="0", owner=bob.pk, ambition="committed"),
        change(title="Renewals rise from 1 to 2", baseline="1", target="2"),
    )
    own, plain = saved(lead, team, *rows, owner=alice.pk).key_results.all()
    assert (own.weight, own.owner, own.ambition) == (D(0), bob, "committed")
    assert (plain.weight, plain.owner, plain.ambition) == (D(1), alice, "")


def test_rows_that_are_empty_or_removed_are_left_out(lead, team):
    rows = ({"title": "", "kind": "increase"}, change(is_removed="on", target="x"), change())
    assert saved(lead, team, *rows).key_results.count() == 1


def test_a_form_that_opens_again_says_what_was_saved(lead, team, bob):
    row = change(weight="2", owner=bob.pk, **{"step-0-on": "2026-08-31", "step-0-value": "45"})
    stones = bare("milestones") | {"milestone-0-title": "Contract signed"}
    objective = saved(lead, team, row, stones, rhythm="monthly", origin="top_down")
    path = f"/objectives/{objective.pk}/edit/"
    before = list(KeyResult.objects.order_by("pk").values())
    form = {}
    context = lead.get(path).context
    for one in (context["form"], context["formset"].management_form):
        form |= {field.html_name: field.value() for field in one}
    for kr in context["formset"].forms:
        for part in (kr, *kr.steps, *kr.milestones):
            form |= {field.html_name: field.value() for field in part}
    form = {name: value for name, value in form.items() if value not in (None, False)}
    assert lead.post(path, form).status_code == 302
    assert list(KeyResult.objects.order_by("pk").values()) == before
    assert objective.events.count() == 2


def test_a_range_has_its_numbers_so_the_coach_asks_for_none(lead, team):
    form = sent(team, bare("range", title="Load stays in range", low="4", high="6", target="x"))
    hints = lead.post(f"/teams/{team.pk}/objectives/new/row/", form).context["rows"][0]["hints"]
    assert "W7" not in [hint.code for hint in hints]
