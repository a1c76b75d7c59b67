"""The rows of a draft form as they were sent, to be changed by a remedy before the form is shown.

Every field of a row goes with it, whatever the form has; nothing that was typed is read or judged.
"""

from __future__ import annotations

from django.http import QueryDict

from objectives.kinds import KeyResultKind

PREFIX = "kr"
MOST_ROWS = 12
INITIATIVE = "initiative"


class TypedRows:
    """What was sent: `data` is a copy of the form, `rows` map the fields of each key result."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data.copy()
        count = data.get(f"{PREFIX}-TOTAL_FORMS", "")
        known = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
        self.rows = [self._taken(at) for at in range(min(known, MOST_ROWS))]

    def _taken(self, at: int) -> dict[str, list[str]]:
        head = f"{PREFIX}-{at}-"
        names = [name for name in self.data if name.startswith(head)]
        return {name.removeprefix(head): self.data.pop(name) for name in names}

    def at(self, place: str) -> int | None:
        """The row of a place ("kr-2"); None where the form has no such row."""
        number = place.removeprefix(f"{PREFIX}-")
        is_row = place.startswith(f"{PREFIX}-") and number.isascii() and number.isdigit()
        if not is_row or len(number) > 2 or int(number) >= len(self.rows):
            return None
        return int(number)

    def get(self, at: int, name: str) -> str:
        """One field of a row as it was typed."""
        return (self.rows[at].get(name) or [""])[-1]

    def set(self, at: int, **fields: str) -> None:
        """Replace fields of a row."""
        for name, value in fields.items():
            self.rows[at][name] = [value]

    def is_empty(self, at: int) -> bool:
        """Tell whether nothing was typed in a row."""
        return not any(self.get(at, name).strip() for name in ("title", "baseline", "target"))

    def remove(self, at: int) -> None:
        """Take a row out; the last one stays as an empty row."""
        self.rows.pop(at)
        if not self.rows:
            self.rows.append({})

    def insert(self, at: int, **fields: str) -> int | None:
        """Put a row in, using up the first empty one; its place, or None where there is no room."""
        empty = next((one for one in range(len(self.rows)) if self.is_empty(one)), None)
        if empty is None and len(self.rows) >= MOST_ROWS:
            return None
        row = {"kind": [KeyResultKind.INCREASE.value]} if empty is None else self.rows.pop(empty)
        at = at - 1 if empty is not None and empty < at else at
        self.rows.insert(at, row)
        self.set(at, **fields)
        return at

    def keep_initiative(self, title: str) -> None:
        """Keep a text as an initiative, once."""
        kept = [text.strip() for text in self.data.getlist(INITIATIVE)]
        if title.strip() and title.strip() not in kept:
            self.data.appendlist(INITIATIVE, title.strip())

    def sent(self) -> QueryDict:
        """The form with the rows as they are now."""
        for at, row in enumerate(self.rows):
            for name, values in row.items():
                self.data.setlist(f"{PREFIX}-{at}-{name}", values)
        self.data[f"{PREFIX}-TOTAL_FORMS"] = str(len(self.rows))
        self.data.setdefault(f"{PREFIX}-INITIAL_FORMS", "0")
        return self.data
