"""Words of people inside Markdown. Pure."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[ \t\r\n]+")  # not the no-break space of a quantity
# What marks up anywhere, an entity, and what begins a list or a line.
_SPECIAL = re.compile(
    r"([\\`*_{}\[\]<>#|]|&(?=#?\w+;)|^[-+=~](?=[-=~\s]|$)|(?:(?<=^\d)|(?<=^\d\d))[.)](?=\s|$))"
)


def plain(text: str) -> str:
    """Text that Markdown prints as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
