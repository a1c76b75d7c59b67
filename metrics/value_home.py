"""What a list must say to have values typed in its own rows (see views_values).

The list belongs to an upper app, which may know the KPIs; the views of values do not know it.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from django.http import HttpResponse

from metrics.models import Kpi
from teams.http import AuthedRequest


class Home(Protocol):
    """A list whose rows are replaced by the form of a value, and by the row once it is saved."""

    page: str

    def typing(self, request: AuthedRequest, kpi: Kpi, start: date | None) -> dict[str, Any]:
        """Its part of the form's context: `root`, `action`, `cancel`, `cancel_row`, and `listed`,
        the name of the form's template. `start` is the period's first day, None for several.
        """

    def saved(self, request: AuthedRequest, kpi: Kpi, start: date, text: str) -> HttpResponse:
        """The answer to a save: the row as it is now; without htmx back to the list.

        `start` is the first day of the period saved, of several the oldest one's.
        """
