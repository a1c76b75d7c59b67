"""Moving teams in a tree of 300 by pointer, by finger and by keys, at both widths."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import axe, faults, sign_in

pytestmark = pytest.mark.browser
ADMIN = "ada@halden.example"
WIDTHS = [1440, 390]
# Each width moves teams of its own.
TREE = """
from django.utils import timezone
from teams.models import Organisation, Team
organisation = Organisation.objects.get()
made = Team.objects.bulk_create(
    Team(organisation=organisation, name=f"Guild {n:03}", created_at=timezone.now())
    for n in range(300))
for n, team in enumerate(made):
    team.parent = made[n // 10] if n % 10 else None
Team.objects.bulk_update(made, ["parent"])
"""


@pytest.fixture(scope="module")
def guilds(demo):
    """The demo with 300 teams more: each tenth at the top, nine under one."""
    demo.run(TREE)
    return demo


def tree(app, open_page, width: int, **options) -> Page:
    page = open_page(width=width, **options)
    sign_in(page, app.url, ADMIN, PASSWORD)
    page.goto(app.url + "/organisation/teams/")
    return page


def row(page: Page, name: str) -> Locator:
    return page.locator("#tree tbody tr", has=page.get_by_role("link", name=name, exact=True))


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=f"Move {name}", exact=True)


def stands_under(page: Page, name: str, parent: str) -> None:
    """As the form of the team says, which is open and closed again."""
    handle(page, name).click()
    expect(page.get_by_label("Stands under").locator("option:checked")).to_have_text(parent)
    page.keyboard.press("Escape")
    expect(handle(page, name)).to_be_focused()


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible(timeout=20_000)


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@contextmanager
def dragged(page: Page, name: str):
    """The team's handle is held, a little away from where it was, and let go at the end."""
    handle(page, name).evaluate("link => link.scrollIntoView({block: 'center'})")
    x, y = middle(handle(page, name))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 9, y + 9)
    expect(page.locator(".treenote")).to_be_visible()
    yield
    page.mouse.up()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_team_is_dragged_onto_another_and_to_the_top(guilds, open_page, width):
    page = tree(guilds, open_page, width)
    moved, onto = ("Guild 031", "Guild 032") if width == 1440 else ("Guild 034", "Guild 035")
    with dragged(page, moved):
        place = row(page, onto)
        page.mouse.move(*middle(place), steps=3)
        expect(place).to_have_attribute("data-drop", "")
        expect(page.locator(".treenote")).to_have_text(f"{moved} under {onto}")
    told(page, f"{moved} stands under {onto}.")
    expect(handle(page, moved)).to_be_focused()
    # The press that ended it opened no form.
    expect(page.locator("tr[data-state=edit]")).to_have_count(0)
    stands_under(page, moved, onto)

    with dragged(page, moved):
        page.mouse.move(*middle(page.locator("#tree-top")), steps=3)
        expect(page.locator("#tree-top")).to_have_attribute("data-drop", "")
    told(page, f"{moved} stands at the top.")
    expect(page.locator("#tree-top")).to_be_hidden()
    stands_under(page, moved, "No team: at the top")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_team_is_dropped_on_itself_or_below_and_escape_lets_go(guilds, open_page, width):
    page = tree(guilds, open_page, width)
    sent = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    for name in ("Guild 004", "Guild 041"):
        with dragged(page, "Guild 004"):
            page.mouse.move(*middle(row(page, name)), steps=2)
            expect(page.locator("[data-drop]")).to_have_count(0)
    # Back on its own row means nothing; below itself, what the form says as well.
    said = "A team cannot stand under itself or under one below it."
    told(page, said)
    expect(page.locator(".toast", has_text=said)).to_have_count(1)
    with dragged(page, "Guild 042"):
        page.mouse.move(*middle(row(page, "Guild 043")), steps=2)
        expect(page.locator("[data-drop]")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(page.locator(".treenote")).to_have_count(0)
    expect(page.locator("[data-drop], [data-drag]")).to_have_count(0)
    assert sent == []


def test_the_window_scrolls_while_a_team_is_held_at_its_edge(guilds, open_page):
    page = tree(guilds, open_page, 390)
    with dragged(page, "Guild 040"):
        place = row(page, "Guild 250")
        page.mouse.move(30, 990)
        is_up = "id => document.getElementById(id).getBoundingClientRect().bottom < 800"
        page.wait_for_function(is_up, arg=place.get_attribute("id"), timeout=20_000)
        page.mouse.move(30, 500)
        page.mouse.move(*middle(place))
        expect(place).to_have_attribute("data-drop", "")
    told(page, "Guild 040 stands under Guild 250.")
    expect(handle(page, "Guild 040")).to_be_focused()
    expect(handle(page, "Guild 040")).to_be_in_viewport()


def test_a_team_is_dragged_with_a_finger(guilds, open_page):
    page = tree(guilds, open_page, 390)
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    handle(page, "Guild 061").evaluate("link => link.scrollIntoView({block: 'center'})")
    (x, y), goal = middle(handle(page, "Guild 061")), middle(row(page, "Guild 062"))

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": px, "y": py} for px, py in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (x, y))
    for step in (0.3, 0.6, 1):
        touch("touchMove", (x + (goal[0] - x) * step, y + (goal[1] - y) * step))
    expect(row(page, "Guild 062")).to_have_attribute("data-drop", "")
    touch("touchEnd")
    told(page, "Guild 061 stands under Guild 062.")
    expect(handle(page, "Guild 061")).to_be_focused()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_team_is_moved_by_keys_alone(guilds, open_page, width):
    page = tree(guilds, open_page, width)
    moved, onto = ("Guild 071", "Guild 072") if width == 1440 else ("Guild 074", "Guild 075")
    handle(page, moved).focus()
    page.keyboard.press("Enter")
    choice = page.get_by_label("Stands under")
    expect(choice).to_be_focused()
    page.keyboard.type(onto)
    page.keyboard.press("Escape")  # nothing is moved
    expect(handle(page, moved)).to_be_focused()
    page.keyboard.press("u")  # as every row is opened
    expect(choice).to_be_focused()
    page.keyboard.type(onto)
    page.keyboard.press("Control+Enter")
    told(page, f"{moved} stands under {onto}.")
    expect(handle(page, moved)).to_be_focused()
    stands_under(page, moved, onto)


def test_what_somebody_else_moved_meanwhile_is_said_where_it_is_chosen(guilds, open_page):
    page, other = (tree(guilds, open_page, width) for width in WIDTHS)
    with dragged(other, "Guild 082"):
        other.mouse.move(*middle(row(other, "Guild 081")), steps=2)
    told(other, "Guild 082 stands under Guild 081.")
    with dragged(page, "Guild 081"):
        page.mouse.move(*middle(row(page, "Guild 082")), steps=2)
    said = page.locator("tr[data-state=edit]", has_text="Guild 081")
    expect(said).to_contain_text("a team cannot stand under itself or under one below it")
    expect(page.get_by_label("Stands under")).to_be_focused()
    assert faults(page) == []


def test_without_script_a_team_is_moved_on_a_page(guilds, open_page):
    page = tree(guilds, open_page, 390, javascript=False)
    handle(page, "Guild 091").click()
    page.get_by_label("Stands under").select_option(label="Guild 092")
    page.get_by_role("button", name="Move", exact=True).click()
    told(page, "Guild 091 stands under Guild 092.")
    assert page.url.partition("#")[2].startswith("team-")


def test_the_tree_of_300_teams_at_rest(guilds, open_page):
    page = tree(guilds, open_page, 390)
    assert axe(page) == []
    page.get_by_role("link", name="New team").click()
    expect(page.locator("script[src*='tree']")).to_have_count(0)
