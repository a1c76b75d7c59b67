"""A closed objective has the tone and shape of its grade wherever its mark is drawn."""

import re
from decimal import Decimal

import pytest
import time_machine

from objectives.kinds import Level
from tests.factories import NOW, make_cycle, make_key_result, make_objective, make_scorecard_link

pytestmark = pytest.mark.django_db
ENDS = [
    ("0.0", "off", "s-diamond"),
    ("0.3", "off", "s-diamond"),
    ("0.4", "near", "s-half"),
    ("0.6", "near", "s-half"),
    ("0.7", "on", "s-check"),
    ("1.0", "on", "s-check"),
    (None, "idle", "circle"),
]


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def marks_in(text):
    """(tone, icon) of every mark that says Closed."""
    pattern = r'<span class="status" data-tone="(\w+)"><svg[^>]*><use href="[^"]*#([\w-]+)"/></svg>'
    return set(re.findall(pattern + r"<span>Closed\b", text))


@pytest.mark.parametrize("ambition", ["committed", "aspirational"])
@pytest.mark.parametrize(("grade", "tone", "icon"), ENDS)
def test_every_page_draws_the_band_of_the_grade(
    client, team, alice, organisation, grade, tone, icon, ambition
):
    cycle = make_cycle(organisation=organisation)
    objective = make_objective(
        team=team,
        cycle=cycle,
        state="closed",
        closed_at=NOW,
        grade=None if grade is None else Decimal(grade),
        level=Level.COMPANY,
        ambition=ambition,
    )
    make_key_result(objective, grade=objective.grade, suggested_grade=objective.grade)
    _, secret = make_scorecard_link(team, cycle, alice)
    client.force_login(alice)
    for path in (
        objective.get_absolute_url(),
        f"/teams/{team.pk}/?cycle={cycle.pk}",
        "/quarter/",
        f"/cycles/{cycle.pk}/",
        "/alignment/",
        f"/scorecard/{secret}/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        marks = marks_in(answer.content.decode())
        if path.startswith("/cycles/"):
            # The row of the team says that all of its objectives are closed, not how they went.
            marks -= {("idle", "circle")} if grade is not None else set()
        assert marks == {(tone, icon)}, path
