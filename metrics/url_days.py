"""A day in a URL."""

from datetime import date


class DayConverter:
    """`2026-07-01`; a day that is not in the calendar matches no route."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)
