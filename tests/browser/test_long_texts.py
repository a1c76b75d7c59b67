"""Names and notes without a blank, and names as long as they may be, on wide and narrow pages."""

import pytest
from playwright.sync_api import Page, expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import PAPER, sideways, sign_in

pytestmark = pytest.mark.browser

# Customer Success gets a sub-team, KPIs and objectives with such names; one review is closed.
SETUP = """
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from metrics.due import mark_due
from metrics.evaluation import evaluate_kpis
from metrics.models import Cadence
from objectives.models import Cycle
from reviews.facts import load_material, review_facts
from reviews.models import ObjectiveDecision, Review
from teams.models import Team, User
from tests.factories import (
    join, make_key_result, make_kpi, make_learning, make_objective, make_review,
    make_review_action, make_team, make_value)
now = timezone.now()
alice = User.objects.get(email="alice@halden.example")
halden = alice.organisation
today = halden.today(now)
spaced = ("Everybody who answers the phone " * 4)[:100]
team = join(make_team(organisation=halden, name=spaced), alice, "lead").teams.get(name=spaced)
monthly = Cadence.objects.get(organisation=halden, kind="monthly")
day = today.replace(day=1)
for _ in range(5):
    day = (day - timedelta(days=1)).replace(day=1)
kpi = make_kpi(team=team, name="K" * 200, target=8, owner=alice, cadence=monthly, starts_on=day,
               definition="D" * 190)
while day < today.replace(day=1):
    make_value(kpi, day, "4")
    day = (day + timedelta(days=32)).replace(day=1)
evaluate_kpis([kpi.pk], now)
quarters = Cycle.objects.filter(kind="quarter", starts_on__lte=today).order_by("-starts_on")
reviews = []
for cycle in quarters[:2]:
    review = make_review(team=team, cycle=cycle, opened_at=now)
    for ambition in ("committed", "aspirational"):
        one = make_objective(
            team=team, cycle=cycle, title="O" * 200, ambition=ambition, owner=alice, grade=None)
        make_key_result(one, title="R" * 200, unit="U" * 20, owner=alice)
        ObjectiveDecision.objects.create(
            review=review, objective=one, decision="keep", note="N" * 190, why_again="W" * 190,
            root_cause="C" * 190, explanation="E" * 190, changed_at=now, changed_by=alice)
    make_learning(review, alice, text="L" * 190, created_at=now)
    make_review_action(review, alice, what="A" * 190, created_at=now)
    reviews.append(review)
closed = Review.objects.select_related("team__organisation", "cycle").get(pk=reviews[1].pk)
closed.closed_at, closed.closed_by = now, alice
closed.frozen = review_facts(load_material(closed, now), now)
closed.save()
print(team.pk, *(one.pk for one in reviews))
"""


@pytest.fixture(scope="module")
def long(demo):
    """The addresses of the dashboard, the open review, the closed review and the statistics."""
    team, begun, closed = demo.run(SETUP).split()
    return (
        f"/quarter/?team={team}",
        f"/reviews/{begun}/",
        f"/reviews/{closed}/",
        f"/statistics/?team={team}",
    )


def signed_in(open_page, demo, width: int) -> Page:
    page = open_page(width=width)
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_long_texts_break_and_widen_no_page(demo, long, open_page, width):
    page = signed_in(open_page, demo, width)
    for path in long:
        page.goto(demo.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert (path, sideways(page)) == (path, 0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_filters_stay_on_the_page(demo, long, open_page, width):
    page = signed_in(open_page, demo, width)
    for path in (long[0], long[3]):
        page.goto(demo.url + path)
        for place in (
            page.get_by_label("Team", exact=True),
            page.get_by_role("button", name="Show"),
        ):
            box = place.first.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_what_is_printed_fits_paper(demo, long, open_page):
    page = signed_in(open_page, demo, PAPER)
    page.emulate_media(media="print")
    for path in long:
        page.goto(demo.url + path)
        assert (path, sideways(page)) == (path, 0)
