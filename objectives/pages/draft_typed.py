"""What was typed in a draft form, changed by a button before it is shown again. Saves nothing."""

from __future__ import annotations

from django.http import QueryDict

from metrics.kinds import Direction
from metrics.models import Kpi
from metrics.numbers import number_text
from objectives.draft_checks import NUMBERS
from objectives.forms_draft_rows import MOST_ROWS
from objectives.kinds import CHANGES, KeyResultKind
from teams.models import Team

ADD, FIELD = "add", "field"


def typed_again(data: QueryDict, team: Team) -> QueryDict:
    """The form as a button leaves it: one more row, or a row that a KPI was chosen for."""
    if ADD in data:
        return one_more_row(data)
    return with_kpi(data, team, data.get(FIELD, ""))


def one_more_row(data: QueryDict) -> QueryDict:
    """What was typed, with room for one more key result."""
    wider = data.copy()
    count = data.get("kr-TOTAL_FORMS", "")
    known = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    count = min(known + 1, MOST_ROWS)
    wider["kr-TOTAL_FORMS"] = str(count)
    wider.setdefault("kr-INITIAL_FORMS", "0")
    if count > known:
        wider.setdefault(f"kr-{count - 1}-kind", KeyResultKind.INCREASE)
    return wider


def with_kpi(data: QueryDict, team: Team, name: str) -> QueryDict:
    """The row called `name` with its start at its KPI's value today, where none was typed."""
    key = data.get(f"{name}-kpi", "")
    kind = data.get(f"{name}-kind") or KeyResultKind.OPEN
    takes_start = "baseline" in NUMBERS.get(kind, ())
    if not (key.isascii() and key.isdigit() and len(key) < 19 and takes_start):
        return data
    kpi = Kpi.objects.filter(team=team, pk=int(key)).select_related("state").first()
    if kpi is None or data.get(f"{name}-baseline", "").strip():
        return data
    filled = data.copy()
    latest = kpi.state.latest_value
    filled[f"{name}-baseline"] = "" if latest is None else number_text(latest)
    if not data.get(f"{name}-unit", "").strip():
        filled[f"{name}-unit"] = kpi.unit
    if kind in CHANGES and not data.get(f"{name}-target", "").strip():
        falls = kpi.direction == Direction.LOWER
        filled[f"{name}-kind"] = KeyResultKind.DECREASE if falls else KeyResultKind.INCREASE
    return filled
