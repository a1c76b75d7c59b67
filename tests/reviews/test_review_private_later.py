"""What is made private after a review was closed is only counted in it outside the team."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from metrics.models import Kpi, Treatment
from objectives.models import Objective
from reviews.models import Review
from tests.factories import (
    NOW,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_signal,
    make_team,
    make_value,
)

pytestmark = pytest.mark.django_db
PATHS = pytest.mark.parametrize("path", ["", "minutes.md"])


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team):
    kpi = make_kpi(team=team, name="Runway", target=8)
    make_value(kpi, date(2026, 7, 1), "77.7")
    return kpi


@pytest.fixture
def review(client, team, alice, organisation, kpi):
    """A closed one in which a KPI, the objective that answers its signal and others are named."""
    cycle = make_cycle(organisation=organisation)
    signal = make_signal(kpi, decision="okr")
    objective = make_objective(team=team, cycle=cycle, title="Buy a rival, or two", signal=signal)
    make_key_result(objective, title="Letter of intent signed", kind="yes_no")
    Treatment.objects.create(
        signal=signal,
        team=team,
        title=objective.title,
        url=objective.get_absolute_url(),
        grade=Decimal("0.6"),
        starts_on=cycle.starts_on,
        ends_on=cycle.ends_on,
        began_at=NOW,
    )
    make_objective(team=team, cycle=cycle, title="Open objective")
    make_kpi(team=team, name="Open figure", target=8)
    review = make_review(team=team, cycle=cycle, kind="quarterly")
    Review.objects.update(kind="mid_cycle")
    client.force_login(alice)
    client.post(f"/reviews/{review.pk}/close/")
    # A mid-cycle page prints no name of what is answered; a quarterly one does.
    Review.objects.update(kind="quarterly")
    frozen = Review.objects.get().frozen | {"kind": "quarterly"}
    Review.objects.update(frozen=frozen)
    return review


def seen(client, person, review, path):
    client.force_login(person)
    answer = client.get(f"/reviews/{review.pk}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def names_in(text):
    names = ("Runway", "77.7", "Buy a rival", "Letter of intent", "Open objective", "Open figure")
    return [name for name in names if name in text]


def hidden_in(text):
    return text.count("1 hidden")


@PATHS
def test_what_is_open_is_told_to_everybody(client, charlie, review, path):
    text = seen(client, charlie, review, path)
    assert len(names_in(text)) == 6
    assert hidden_in(text) == 0
    assert "answered by “Buy a rival, or two”, graded 0.6, still open." in text


@PATHS
@pytest.mark.parametrize("by_its_team", [False, True], ids=["itself", "by its team"])
def test_a_kpi_made_private_is_counted_and_named_nowhere(
    client, alice, charlie, organisation, review, kpi, path, by_its_team
):
    if by_its_team:
        into = make_team(organisation=organisation, is_private=True)
        Kpi.objects.filter(pk=kpi.pk).update(team=into)
    else:
        Kpi.objects.filter(pk=kpi.pk).update(is_private=True)
    text = seen(client, charlie, review, path)
    assert names_in(text) == ["Buy a rival", "Letter of intent", "Open objective", "Open figure"]
    assert hidden_in(text) == 1
    assert len(names_in(seen(client, alice, review, path))) == 6


@PATHS
def test_an_objective_made_private_is_counted_and_named_nowhere(
    client, alice, charlie, review, path
):
    Objective.objects.filter(title__startswith="Buy").update(is_private=True)
    text = seen(client, charlie, review, path)
    assert names_in(text) == ["Runway", "77.7", "Open objective", "Open figure"]
    assert hidden_in(text) == 1
    assert "Signal opened 18\u00a0Aug 2026: fix it with an OKR, still open." in text
    assert "0.6" not in text.replace("0.4 to 0.6", "")
    inside = seen(client, alice, review, path)
    assert len(names_in(inside)) == 6
    assert "answered by “Buy a rival, or two”" in inside


def test_what_is_opened_again_is_told_again_and_what_is_gone_stays_hidden(client, charlie, review):
    frozen = Review.objects.get().frozen
    for row in frozen["kpis"]:
        row["is_private"] = True
    Review.objects.update(frozen=frozen)
    Kpi.objects.filter(name="Open figure").delete()
    text = seen(client, charlie, review, "")
    assert "Runway" in text
    assert "Open figure" not in text
    assert hidden_in(text) == 1
