"""Vendored files are what their packages published; static files name only what is there."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
ENTRIES = json.loads((STATIC / "vendor" / "manifest.json").read_text())
FILES = [file for entry in ENTRIES for file in entry["files"]]


@pytest.mark.parametrize("file", FILES, ids=[file["path"] for file in FILES])
def test_a_vendored_file_has_the_hash_of_its_manifest_line(file):
    assert hashlib.sha256((ROOT / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def test_nothing_is_vendored_without_a_manifest_line_and_a_licence():
    listed = {ROOT / file["path"] for file in FILES}
    own = {STATIC / "vendor" / name for name in ("manifest.json", "README.md", "refetch.py")}
    folders = (STATIC / "vendor", ROOT / "tests" / "vendor")
    present = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {p for p in present - own if "__pycache__" not in p.parts} == listed
    assert {path.parent for path in listed} == {p.parent for p in listed if p.name == "LICENSE"}


def test_plotlys_stylesheet_holds_exactly_the_rules_the_bundle_would_inject():
    """Our CSP refuses plotly's style element: an upgrade that changes its rules must fail here."""
    bundle = (STATIC / "vendor/plotly-4.1.1/plotly-basic.min.js").read_text()
    sheet = (STATIC / "vendor/plotly-4.1.1/plotly.css").read_text()
    shipped = dict(re.findall(r"([^{}]+)\{([^{}]*)\}", sheet))
    rules = bundle_rules(bundle)
    assert len(rules) == 66
    assert {squeeze(k): squeeze(v) for k, v in shipped.items()} == rules


def bundle_rules(bundle):
    """Return the rules of the bundle's style table, selectors written out, squeezed."""
    start = bundle.index('{"X,X div":')
    table = bundle[start : bundle.index("}", start)]
    pairs = re.findall(r"""(?:"([^"]+)"|(\w+)):(?:'([^']*)'|"([^"]*)")""", table)
    names = ((quoted or bare, single or double) for quoted, bare, single, double in pairs)
    return {
        squeeze(name.replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")): (
            squeeze(body)
        )
        for name, body in names
    }


def squeeze(text):
    """Drop what a minifier may change: whitespace, the last semicolon, the kind of quotes."""
    return re.sub(r"\s+", "", text).rstrip(";").replace("'", '"')


def test_our_styles_and_scripts_reach_nothing_outside():
    for path in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|eval\(|new Function|innerHTML", text), path


def test_every_url_of_a_stylesheet_exists():
    for path in STATIC.glob("css/*.css"):
        for url in re.findall(r'url\("([^"]+)"\)', path.read_text()):
            assert (path.parent / url).resolve().is_file(), url


def test_the_styles_ask_for_no_weight_that_the_fonts_were_cut_off_from():
    asked = re.findall(r"font-weight: (\d+)", (STATIC / "css/app.css").read_text())
    assert 400 <= min(map(int, asked)) <= max(map(int, asked)) <= 650


def test_our_own_scripts_stay_small():
    """What every page loads, and what one page needs beside it.

    A list of names to choose from by keys and a tree to drag in, on their pages only, need more.
    """
    lines = {path.name: len(path.read_text().splitlines()) for path in STATIC.glob("js/*.js")}
    assert lines.pop("app.js") <= 120
    assert lines.pop("mention.js") <= 110
    assert lines.pop("tree.js") <= 80
    assert max(lines.values()) <= 40
