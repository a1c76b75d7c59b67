"""Days and ended spans as the short texts of a checkpoint, and back (signals.md 10)."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from json import JSONDecoder, JSONEncoder

from metrics.episodes import Span

_encode = JSONEncoder(separators=(",", ":")).encode
_decode = JSONDecoder().decode


@lru_cache(maxsize=20_000)
def day_text(day: date | None) -> str:
    """A day as text, "" for none; the same few thousand days come again and again."""
    return day.isoformat() if day else ""


def day_of(text: str | None) -> date | None:
    """The day of a text; None for none."""
    return date.fromisoformat(text) if text else None


def past_text(resolved_at: int, spans: Iterable[Span]) -> str:
    """The ended spans of an episode, and the position of the period it resolved at."""
    return _encode(
        [
            resolved_at,
            [
                [
                    _iso(span.first),
                    _iso(span.raised),
                    _iso(span.ended),
                    _iso(span.until),
                    span.reason,
                    span.severity,
                    span.off_periods,
                ]
                for span in spans
            ],
        ]
    )


def past_of(text: str) -> tuple[int, tuple[Span, ...]]:
    """What `past_text` was made of."""
    resolved_at, spans = _decode(text)
    return resolved_at, tuple(
        Span(
            date.fromisoformat(first),
            date.fromisoformat(raised),
            day_of(ended),
            day_of(until),
            reason,
            severity,
            off_periods,
        )
        for first, raised, ended, until, reason, severity, off_periods in spans
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
