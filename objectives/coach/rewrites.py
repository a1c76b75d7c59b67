"""Texts rewritten by a remedy: numbers swapped, taken out, or one line made two.

Each takes a title as it was typed and returns what the form shows next; a person saves it or not.
"""

from __future__ import annotations

import re

from objectives.coach.key_result_rules import joins_two_results
from objectives.coach.numbers import AMOUNT, Token
from objectives.coach.reading import read

_AND = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
# A number between its currency and its %; a scale (k, M) or a fraction goes with the number.
_NUMBER = re.compile(
    r"([$€£¥₹]?\s?)[\d.,' ]*\d(?:\s?(?:k|m|mn|bn|b|x|×)|/\d+)?(\s?%?)", re.IGNORECASE
)
# What leads to a number and says nothing without it.
_LEADS = (
    r"(?:\b(?:by|to|from|of|at|above|below|over|under|least|most|than|more|less|at least|at most"
    r"|reaches|reach)\b\s*|→\s*|[-–]>\s*)*"
)


def _amounts(title: str) -> list[tuple[int, int, Token]]:
    """(start, end, token) of each number in a title, in its own spelling; empty if it is not
    found letter by letter."""
    plain, at, found = title.casefold(), 0, []
    if len(plain) != len(title):
        return []
    for token in read(title).amounts:
        start = plain.find(token.text, at)
        if start < 0:
            return []
        at = start + len(token.text)
        found.append((start, at, token))
    return found


def swapped(title: str) -> str:
    """A title with the two ends of its way exchanged; the same if it does not say a way."""
    found = _amounts(title)
    if read(title).way is None or len(found) < 2:
        return title
    (start, end, _), (second, last, _) = found[:2]
    return title[:start] + title[second:last] + title[end:second] + title[start:end] + title[last:]


def without_numbers(title: str) -> str:
    """A title without its numbers and what leads to them: "Increase traffic by 10 %"."""
    text = title
    for start, end, token in reversed(_amounts(title)):
        assert token.kind == AMOUNT
        head = re.sub(_LEADS + r"$", "", text[:start].rstrip(), flags=re.IGNORECASE)
        text = head.rstrip() + " " + text[end:].lstrip()
    return " ".join(text.split()).rstrip(" ,;:")


def with_aim(title: str, words: str) -> str:
    """A title with its last number replaced, `words` being the new one; the same without one."""
    found = _amounts(title)
    if not found:
        return title
    start, end, _ = found[-1]
    parts = _NUMBER.fullmatch(title[start:end])
    before, after = (parts[1], parts[2]) if parts else ("", "")
    return title[:start] + before + words + after + title[end:]


def halves(title: str) -> tuple[str, str] | None:
    """The two results of a compound title; None if it is one."""
    for joint in _AND.finditer(title):
        if joins_two_results(title[: joint.start()], title[joint.end() :]):
            second = title[joint.end() :].strip()
            return title[: joint.start()].strip(), second[:1].upper() + second[1:]
    return None
