"""Who is meant by an @ in a text. Pure: the people it may be are an argument."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# An @ inside a word is part of an address, not the beginning of a name.
_AT = re.compile(r"(?<![\w.@])@(?=\w)")
_WORD = re.compile(r"\w+")


def first_words(text: str) -> set[str]:
    """The letters after each @, as they are written: enough to look for the people."""
    text = unicodedata.normalize("NFC", text)
    return {_WORD.match(text, at.end()).group() for at in _AT.finditer(text)}


def mentioned(text: str, people: Iterable[tuple[int, str]]) -> set[int]:
    """The ids of who is mentioned: by the whole name, or by its first word where one person has it.

    `people` are (id, name). The longest name that fits is meant; two people of one name are both.
    """
    text = unicodedata.normalize("NFC", text)
    known = [(pk, unicodedata.normalize("NFC", " ".join(name.split()))) for pk, name in people]
    found: set[int] = set()
    for at in _AT.finditer(text):
        found |= _meant(text[at.end() :], known)
    return found


def _meant(rest: str, known: list[tuple[int, str]]) -> set[int]:
    whole = [(pk, name) for pk, name in known if _begins(rest, name)]
    if whole:
        longest = max(len(name) for _, name in whole)
        return {pk for pk, name in whole if len(name) == longest}
    first = {pk for pk, name in known if name and _begins(rest, name.split()[0])}
    return first if len(first) == 1 else set()


def _begins(rest: str, name: str) -> bool:
    """Whether a text begins with a name that ends where a word ends."""
    given = " ".join(rest[: len(name) + 8].split(" "))
    if not name or given[: len(name)].casefold() != name.casefold():
        return False
    after = given[len(name) : len(name) + 1]
    return not (after.isalnum() or after == "_")
