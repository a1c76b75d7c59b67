"""What app.js does, in Chromium, against pages served from memory: focus, toasts, keys."""

from pathlib import Path

import django_htmx
import pytest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tests.project.test_shell import SHELL

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
HTMX = Path(django_htmx.__file__).parent
SITE = "http://okrkpi.test"
REST = (
    '<li class="row" id="kr-{0}"><div class="row-what"><a href="/krs/{0}/">KR {0}</a></div>'
    '<div class="row-act"><a class="btn" href="/krs/{0}/" hx-get="/krs/{0}/edit/" '
    'hx-target="#kr-{0}" hx-swap="outerHTML">Update</a></div></li>'
)
EDIT = (
    '<li class="row" id="kr-{0}" data-state="edit"><form action="/krs/{0}/" method="post" '
    'hx-post="/krs/{0}/" hx-target="#kr-{0}" hx-swap="outerHTML">'
    '<input name="value" value="{1}" {2}><textarea name="note"></textarea>'
    '<div class="row-foot"><a class="btn" href="/" hx-get="/krs/{0}/" hx-target="#kr-{0}" '
    'hx-swap="outerHTML">Cancel</a><button class="btn">Save</button></div></form></li>'
)


@pytest.fixture
def site(browser):
    """Open a page of three rows; `site.answers` maps a method and path to what the server says."""
    answers = {f"GET /krs/{n}/edit/": (200, EDIT.format(n, "41", "autofocus"), {}) for n in "123"}
    answers |= {f"GET /krs/{n}/": (200, REST.format(n), {}) for n in "123"}
    rows = SafeString("<ul>" + "".join(REST.format(n) for n in "123") + "</ul>")
    home = render_to_string("base.html", SHELL).replace("</main>", rows + "</main>")
    answers |= {f"GET {path}": (200, home, {}) for path in ("/", "/signals/", "/teams/")}

    def serve(route):
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            root = HTMX if "django_htmx" in path else ROOT
            return route.fulfill(path=root / path[1:])
        answer = answers.get(f"{route.request.method} {path}")
        if answer is None:
            return route.abort()
        status, body, headers = answer
        csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        csp += "font-src 'self'; connect-src 'self'; form-action 'self'"
        headers = {"Content-Type": "text/html", "Content-Security-Policy": csp, **headers}
        return route.fulfill(status=status, body=body, headers=headers)

    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(SITE + "/")
    page.answers = answers
    yield page
    page.close()


def test_an_opened_row_has_its_value_selected(site):
    site.get_by_text("Update").first.click()
    site.wait_for_selector("#kr-1 input")
    site.wait_for_selector("#kr-1 input:focus")
    span = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    assert site.evaluate(span) == [0, 2]


def test_cancelling_returns_to_the_button_that_opened_the_row(site):
    site.get_by_text("Update").first.click()
    site.wait_for_selector("#kr-1 input")
    site.keyboard.press("Escape")
    site.wait_for_selector("#kr-1 .btn:focus")


def test_saving_opens_the_next_row(site):
    trigger = {"HX-Trigger": '{"row:saved": {"id": "kr-1", "next": "kr-3"}}'}
    site.answers["POST /krs/1/"] = (200, REST.format(1), trigger)
    site.get_by_text("Update").first.click()
    site.wait_for_selector("#kr-1 input")
    site.keyboard.type("43")
    site.keyboard.press("Enter")
    site.wait_for_selector("#kr-3 input")
    site.wait_for_selector("#kr-3 input:focus")


def test_saving_the_last_row_returns_to_its_button(site):
    trigger = {"HX-Trigger": '{"row:saved": {"id": "kr-2", "next": ""}}'}
    site.answers["POST /krs/2/"] = (200, REST.format(2), trigger)
    site.locator("#kr-2 .btn").click()
    site.wait_for_selector("#kr-2 input")
    site.keyboard.press("Enter")
    site.wait_for_selector("#kr-2:not([data-state])")
    site.wait_for_selector("#kr-2 .btn:focus")


def test_an_invalid_answer_keeps_what_was_typed_and_has_the_focus(site):
    site.answers["POST /krs/1/"] = (422, EDIT.format(1, "8o", 'aria-invalid="true"'), {})
    site.locator("#kr-1 .btn").click()
    site.locator("#kr-1 input").fill("8o")
    site.keyboard.press("Enter")
    site.wait_for_selector("#kr-1 [aria-invalid]")
    site.wait_for_selector("#kr-1 input:focus")
    assert site.locator("#kr-1 input").input_value() == "8o"


def test_ctrl_enter_saves_from_a_field_of_several_lines(site):
    site.answers["POST /krs/1/"] = (200, REST.format(1), {})
    site.locator("#kr-1 .btn").click()
    site.locator("#kr-1 textarea").press("Control+Enter")
    site.wait_for_selector("#kr-1:not([data-state])")


def test_a_lost_connection_keeps_the_entry_and_offers_to_try_again(site):
    site.locator("#kr-1 .btn").click()
    site.locator("#kr-1 input").fill("43")
    site.keyboard.press("Enter")
    toast = site.get_by_role("status").get_by_text("Not saved: no connection.")
    toast.wait_for()
    assert site.locator("#kr-1 input").input_value() == "43"
    site.answers["POST /krs/1/"] = (200, REST.format(1), {})
    site.get_by_role("button", name="Try again").click()
    site.wait_for_selector("#kr-1:not([data-state])")
    assert toast.count() == 0


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "Not saved: something went wrong on our side. Your entry is kept here."),
        (403, "You can read this, but not change it."),
    ],
)
def test_a_refusal_leaves_the_form_and_says_why(site, status, words):
    site.answers["POST /krs/1/"] = (status, "<h1>no</h1>", {})
    site.locator("#kr-1 .btn").click()
    site.locator("#kr-1 input").fill("43")
    site.keyboard.press("Enter")
    site.get_by_role("status").get_by_text(words).wait_for()
    assert site.locator("#kr-1 input").input_value() == "43"


def test_a_toast_of_the_server_is_text_and_never_markup(site):
    trigger = {"HX-Trigger": '{"toast": {"text": "<b>Saved.</b>", "href": "/undo/"}}'}
    site.answers["GET /krs/1/edit/"] = (200, EDIT.format(1, "41", "autofocus"), trigger)
    site.locator("#kr-1 .btn").click()
    site.get_by_role("status").get_by_text("<b>Saved.</b>").wait_for()
    assert site.get_by_role("link", name="Undo").get_attribute("href") == "/undo/"


def test_keys_move_between_rows_and_open_them(site):
    for key in "jjk":
        site.keyboard.press(key)
    site.wait_for_selector("#kr-1:focus")
    site.keyboard.press("j")
    site.keyboard.press("u")
    site.wait_for_selector("#kr-2 input")


def test_g_and_a_letter_go_to_a_section(site):
    site.keyboard.press("g")
    site.keyboard.press("s")
    site.wait_for_url(SITE + "/signals/")


def test_the_list_of_keys_opens_and_closes(site):
    site.keyboard.press("?")
    assert site.locator("#keys").is_visible()
    site.keyboard.press("?")
    assert not site.locator("#keys").is_visible()


def test_single_keys_are_off_inside_fields_and_by_the_profile(site):
    site.locator("#kr-1 .btn").click()
    site.wait_for_selector("#kr-1 input")
    site.keyboard.type("gs?j")
    assert site.locator("#kr-1 input").input_value() == "gs?j"
    assert not site.locator("#keys").is_visible()
    site.evaluate("document.body.dataset.keys = 'off'; document.activeElement.blur()")
    site.keyboard.press("?")
    assert not site.locator("#keys").is_visible()


def test_nothing_breaks_the_content_security_policy(site):
    seen = []
    # Chromium also tells that it leaves the focus where the script has put it already.
    site.on("console", lambda told: told.type == "error" and seen.append(told.text))
    site.on("pageerror", lambda error: seen.append(str(error)))
    site.reload()
    site.locator("#kr-1 .btn").click()
    site.wait_for_selector("#kr-1 input")
    assert seen == []
