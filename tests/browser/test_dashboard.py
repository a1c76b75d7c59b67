"""The quarter in the demo: with axe, by keyboard, without JavaScript, in full screen, on paper."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import PAPER, axe, faults, sideways, sign_in

pytestmark = pytest.mark.browser

ALICE = "alice@halden.example"
# What beat asks for every hour, and a review that it opened.
REVIEW = """
from reviews.models import Review
from reviews.tasks import open_reviews
open_reviews()
print(Review.objects.first().pk)
"""


def test_axe_finds_nothing_and_nothing_scrolls_sideways(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    for path in ("/quarter/", "/quarter/?view=meeting&lens=engine", "/quarter/trend/"):
        page.goto(demo.url + path)
        assert faults(page) == []


def test_the_chart_library_comes_only_when_its_chart_is_seen(demo, open_page):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/quarter/")
    expect(page.get_by_role("heading", name="Quarter at a glance")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not any("plotly-basic" in url for url in asked)
    page.locator("#trend").scroll_into_view_if_needed()
    expect(page.locator("#trend .main-svg").first).to_be_visible(timeout=20_000)
    assert sum("plotly-basic" in url for url in asked) == 1
    expect(page.get_by_role("region", name="Every week").get_by_role("row").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG of the chart").click()
    assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"
    assert axe(page) == []


def test_a_figure_is_explained_and_leads_to_what_it_counts(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/quarter/")
    page.get_by_role("button", name="KPIs on target", exact=True).press("Enter")
    expect(page.locator("#ex-on-target")).to_be_visible()
    page.keyboard.press("Escape")
    count = int(page.locator(".facts > div").nth(1).locator("dd.num").inner_text().split()[0])
    page.get_by_role("link", name="Off target: see what is counted").press("Enter")
    page.wait_for_url("**status=off_target#engine")
    expect(page.locator(".wall > li")).to_have_count(count)


def test_filters_and_kept_views_work_without_javascript(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/quarter/")
    page.get_by_label("Lens", exact=True).select_option(label="Destination")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#engine")).to_have_count(0)
    page.get_by_label("Keep this view as").fill("Where we go")
    page.get_by_role("button", name="Keep this view").click()
    page.goto(demo.url + "/quarter/")
    page.get_by_role("link", name="Where we go").click()
    assert page.url.endswith("/quarter/?lens=destination")
    page.get_by_role("button", name="Forget Where we go").click()
    expect(page.get_by_role("link", name="Where we go")).to_have_count(0)
    page.get_by_role("link", name="Show the chart and its table").click()
    expect(page.get_by_role("region", name="Every week")).to_be_visible()


def test_full_screen_leaves_the_navigation_out_and_back(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/quarter/?lens=engine")
    page.get_by_role("link", name="Full screen").click()
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    expect(page.locator("#engine")).to_be_visible()
    page.get_by_role("link", name="Leave full screen").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert page.url.endswith("?lens=engine")


def test_on_paper_controls_are_gone_and_nothing_is_cut(demo, open_page):
    page = open_page(width=PAPER, scheme="dark")
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/quarter/")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator(".heat")).to_be_visible()
    expect(page.get_by_text("Views you keep")).to_be_hidden()
    expect(page.locator(".sect .more").first).to_be_hidden()
    assert sideways(page) == 0
    for table in (".offs", ".dest"):  # no blocks as on a phone
        expect(page.locator(f"{table} thead")).to_have_css("display", "table-header-group")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    boxes = page.locator("svg.weeks").evaluate_all(
        """found => found.map(one => [one.getBoundingClientRect().width, one.getAttribute("width"),
            one.closest("td").previousElementSibling.querySelector("*").getBoundingClientRect().right
            <= one.getBoundingClientRect().left - 6])"""
    )
    assert boxes
    assert all(drawn == int(meant) and apart for drawn, meant, apart in boxes)


def test_a_button_prints_and_stays_away_without_javascript(demo, open_page):
    page, plain = open_page(), open_page(javascript=False)
    for one in (page, plain):
        sign_in(one, demo.url, ALICE, PASSWORD)
    review = demo.run(REVIEW).strip()
    for path in ("/quarter/", f"/reviews/{review}/"):
        page.goto(demo.url + path)
        page.evaluate("window.print = () => (document.title = 'printed')")
        page.get_by_role("button", name="Print").click()
        expect(page).to_have_title("printed")
        plain.goto(demo.url + path)
        expect(plain.get_by_role("button", name="Print")).to_have_count(0)
