"""The coach stays pure: no model, no clock, no float, nothing read from outside its arguments."""

import ast
from pathlib import Path

import pytest

from objectives import coach

SOURCES = sorted(Path(coach.__file__).parent.glob("*.py"))
# What the modules may build on; of the lower app only vocabularies and wording.
ALLOWED = {
    *("__future__", "collections", "dataclasses", "datetime", "decimal", "enum", "functools"),
    *("itertools", "re", "typing", "unicodedata"),
    *("metrics.kinds", "metrics.suggestion", "metrics.wording"),
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_module_of_the_coach_is_pure(source):
    tree = ast.parse(source.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        else:
            names = []
        for name in names:
            own = name == "objectives.coach" or name.startswith("objectives.coach.")
            assert own or name in ALLOWED or name.split(".")[0] in ALLOWED, name
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id in {"float", "open"})
        assert not (isinstance(node, ast.Attribute) and node.attr in {"now", "today"})


def test_there_are_sources_to_look_at():
    assert {"advice", "numbers", "reading", "wizard"} <= {source.stem for source in SOURCES}
