"""The shell of every page and the rules every template keeps."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

SHELL = {
    "nav": {
        "home": "/",
        "current": "teams",
        "sections": [
            {"name": "teams", "label": "Teams", "url": "/teams/", "icon": "users", "key": "t"},
            {
                "name": "signals",
                "label": "Signals",
                "url": "/signals/",
                "icon": "activity",
                "key": "s",
                "count": 2,
            },
        ],
        "inbox": "/inbox/",
        "inbox_count": 3,
        "profile": "/profile/",
        "sign_out": "/accounts/logout/",
    },
    "viewer": {"name": "Alice <b>", "initials": "A<", "role": "Lead", "theme": "dark"},
    "organisation": {"name": "Halden"},
    "ruler": {
        "label": "Q4 2026",
        "start": date(2026, 10, 1),
        "end": date(2026, 12, 31),
        "today": date(2026, 11, 22),
    },
}


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(p.relative_to(ROOT)) for p in TEMPLATES])
def test_a_template_keeps_the_content_security_policy(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|\bhx-on|javascript:|\bjs:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\|\s*safe\b|autoescape off", text)


@pytest.mark.parametrize("name", ["base.html", "403.html", "404.html", "403_csrf.html", "500.html"])
def test_the_shell_stands_for_people_who_are_not_signed_in(name):
    page = render_to_string(name)
    assert '<main id="main"' in page
    assert "Sign out" not in page


def test_the_shell_of_a_person():
    page = render_to_string("base.html", SHELL)
    assert '<html lang="en" data-theme="dark">' in page
    assert '<a href="/teams/" data-go="t" aria-current="page">' in page
    assert '<span class="count">2<span class="vh"> to decide</span></span>' in page
    assert 'aria-label="Inbox, 3 new"' in page
    assert 'data-days="31 30 31"' in page
    assert "day 53 of 92" in page
    assert "Alice &lt;b&gt;, account" in page
    assert '<form action="/accounts/logout/" method="post">' in page


def test_a_count_that_is_a_query_is_asked_once():
    asked = []
    section = SHELL["nav"]["sections"][1] | {"count": lambda: asked.append(1) or 4}
    nav = SHELL["nav"] | {"sections": [section]}
    assert '"count">4<' in render_to_string("base.html", SHELL | {"nav": nav})
    assert asked == [1]


def test_single_keys_can_be_switched_off():
    viewer = SHELL["viewer"] | {"keys_off": True}
    assert 'data-keys="off"' in render_to_string("base.html", SHELL | {"viewer": viewer})
    assert "data-keys" not in render_to_string("base.html", SHELL)


def test_every_three_months_have_columns_in_the_stylesheet():
    """`data-days` picks the widths of the ruler's months; without a rule they would be July's."""
    css = (ROOT / "static/css/app.css").read_text()
    days = [(date(2027 + at // 12, at % 12 + 1, 1)) for at in range(40)]
    sizes = [(b - a).days for a, b in pairwise(days)]
    for trio in zip(sizes, sizes[1:], sizes[2:], strict=False):
        text = " ".join(map(str, trio))
        assert text == "31 31 30" or f'[data-days="{text}"]' in css
