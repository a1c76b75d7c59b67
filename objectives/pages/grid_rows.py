"""The rows of the grid: each KPI with the periods it waits for, each key result that runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.kpi_page.history import closed_period
from metrics.models import Kpi
from metrics.owed_values import owed_name
from metrics.periods import Period
from metrics.value_list import is_typed
from metrics.wording import number
from objectives.grid_paste import PasteRow
from objectives.kinds import WITHOUT_VALUE, KeyResultKind
from objectives.models import KeyResult
from objectives.pages.week_owed import Week, mine, owed_values, owned_kpis
from objectives.standing import follows, key_result_standing

MOST_ROWS = 100
MOST_PERIODS = 6
# Kinds whose value may wait: there is something to say before there is a figure.
_MAY_WAIT = frozenset({KeyResultKind.FIND_BASELINE})


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A KPI with its periods without a value, oldest first, and their short names."""

    kpi: Kpi
    periods: tuple[Period, ...]
    labels: tuple[str, ...]
    team: str

    @property
    def name(self) -> str:
        """What the row is called, and matched by."""
        return self.kpi.name

    @property
    def fields(self) -> tuple[str, ...]:
        """The name of each period's field."""
        return tuple(f"v-{self.kpi.pk}-{period.start.isoformat()}" for period in self.periods)


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """A key result with the value and the confidence last given; None where there was none."""

    key_result: KeyResult
    value: Decimal | None
    confidence: int | None
    takes_value: bool

    @property
    def name(self) -> str:
        """What the row is called, and matched by."""
        return self.key_result.title

    @property
    def team(self) -> str:
        """The objective it belongs to, as the second line of the row."""
        return self.key_result.objective.title

    @property
    def needs_value(self) -> bool:
        """Whether a check-in on it has a value."""
        return self.key_result.kind not in _MAY_WAIT

    @property
    def last_words(self) -> str:
        """`last 41`."""
        return "" if self.value is None else f"last {number(self.value)}"

    def field(self, part: str) -> str:
        """The name of one of its fields."""
        return f"k-{self.key_result.pk}-{part}"


GridRow = ValueRow | CheckInRow


def grid_rows(week: Week, posted: Iterable[str] = ()) -> list[GridRow]:
    """Everything the person may enter, values first; `posted` are the fields of a form sent.

    A period that was owed when the form was opened keeps its field, whatever was entered since.
    """
    asked = _asked(posted)
    kpis = [kpi for kpi in owned_kpis(week) if is_typed(kpi)]
    owed = {one.pk: one.periods for one in owed_values(week, kpis)}
    found: list[GridRow] = []
    for kpi in kpis:
        periods = set(owed.get(kpi.pk, ())[-MOST_PERIODS:])
        periods |= set(_still_asked(week, kpi, asked.get(kpi.pk, set()), periods))
        if periods:
            found.append(_value_row(week, kpi, sorted(periods)))
    return [*found, *_check_in_rows(week)][:MOST_ROWS]


def _asked(posted: Iterable[str]) -> Mapping[int, set[date]]:
    found: dict[int, set[date]] = {}
    for name in posted:
        kind, _, rest = name.partition("-")
        pk, _, day = rest.partition("-")
        if kind == "v" and pk.isdecimal() and len(pk) < 19:
            try:
                found.setdefault(int(pk), set()).add(date.fromisoformat(day))
            except ValueError:
                continue
    return found


def _still_asked(week: Week, kpi: Kpi, asked: set[date], owed: set[Period]) -> Iterable[Period]:
    kpi.team = week.teams[kpi.team_id]
    for day in asked - {period.start for period in owed}:
        period = closed_period(kpi, day, week.now)
        if period is not None:
            yield period


def _value_row(week: Week, kpi: Kpi, periods: list[Period]) -> ValueRow:
    kpi.team = week.teams[kpi.team_id]
    labels = tuple(owed_name(period, week.fiscal_month, week.today) for period in periods)
    return ValueRow(kpi, tuple(periods), labels, kpi.team.name)


def _check_in_rows(week: Week) -> list[CheckInRow]:
    rows = KeyResult.objects.filter(mine(week)).with_latest().select_related("objective__cycle")
    found = []
    for key_result in rows.order_by("next_due_on", "objective", "position")[:MOST_ROWS]:
        objective = key_result.objective
        objective.team = week.teams[objective.team_id]
        standing = key_result_standing(key_result, objective, week.today)
        takes = key_result.kind not in WITHOUT_VALUE and not follows(key_result)
        found.append(CheckInRow(key_result, standing.value, standing.confidence, takes))
    return found


def paste_rows(rows: Iterable[GridRow]) -> list[PasteRow]:
    """The rows as a paste fills them: values, then for a key result its confidence and note."""
    found = []
    for row in rows:
        if isinstance(row, ValueRow):
            found.append(PasteRow(row.name, row.fields))
        else:
            parts = ["value"] if row.takes_value else []
            names = tuple(row.field(part) for part in (*parts, "confidence", "note"))
            found.append(PasteRow(row.name, names))
    return found


def value_columns(rows: Iterable[GridRow]) -> int:
    """How many columns of values the grid needs, at least one."""
    return max((len(row.periods) for row in rows if isinstance(row, ValueRow)), default=1)
