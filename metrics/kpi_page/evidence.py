"""The evidence table: period by period the value, its target, the verdict, and where it is from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from metrics.figures import status_mark
from metrics.kinds import CadenceKind
from metrics.kpi_page.targets import difference, sign
from metrics.models import Kpi, Measurement, MeasurementRevision
from metrics.periods import Period, period_label
from metrics.replay import Verdict
from metrics.wording import day_near, number, plural, signed

OPEN, AWAITING, MISSING, EXCLUDED = "open", "awaiting", "missing", "excluded"


class Facts(NamedTuple):
    """What is stored about one period: its own value, how many readings, and what was replaced."""

    given: Measurement | None
    readings: int
    newest: Measurement | None
    revisions: Sequence[MeasurementRevision]


class EvidenceRow(NamedTuple):
    """One row of the table, as printed. `edit` is empty for people who may only read."""

    root: str
    label: str
    name: str
    value: str
    target: str
    difference: str
    status: SafeString
    source: str
    revisions: list[str]
    edit: str
    verb: str


NOTHING = Facts(None, 0, None, ())


def collect_facts(
    verdicts: Iterable[Verdict],
    measurements: Iterable[Measurement],
    revisions: Iterable[MeasurementRevision],
) -> dict[date, Facts]:
    """Sort stored rows into the periods shown, by their first day."""
    periods = [verdict.period for verdict in verdicts]
    given: dict[date, Measurement] = {}
    readings: dict[date, list[Measurement]] = {}
    replaced: dict[date, list[MeasurementRevision]] = {}
    place = _Place(periods)
    for row in measurements:
        period = place.of(row.day)
        if period is None:
            continue
        if row.identity == period.cadence and row.day == period.start:
            given[period.start] = row
        elif row.identity not in CadenceKind.values and row.value is not None:
            readings.setdefault(period.start, []).append(row)
    for old in revisions:
        period = place.of(old.day)
        if period is not None:
            replaced.setdefault(period.start, []).append(old)
    return {
        period.start: Facts(
            given.get(period.start),
            len(readings.get(period.start, ())),
            max(readings.get(period.start, ()), key=lambda r: r.recorded_at, default=None),
            replaced.get(period.start, ()),
        )
        for period in periods
    }


class _Place:
    """Finds the period of a day among the periods shown."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self._of_day: dict[date, Period] = {}
        self._periods = sorted(periods, key=lambda period: period.start)

    def of(self, day: date) -> Period | None:
        if day not in self._of_day:
            found = [p for p in self._periods if p.start <= day < p.end]
            self._of_day[day] = found[0] if found else None
        return self._of_day[day]


def evidence_rows(
    kpi: Kpi,
    verdicts: Sequence[Verdict],
    facts: Mapping[date, Facts],
    *,
    fiscal_month: int,
    zone: ZoneInfo,
    today: date,
    may_write: bool,
) -> list[EvidenceRow]:
    """The rows of the table, newest period first."""
    rows = []
    newer: Period | None = None
    for verdict in reversed(verdicts):
        fact = facts.get(verdict.period.start, NOTHING)
        rows.append(
            evidence_row(
                kpi,
                verdict,
                fact,
                fiscal_month=fiscal_month,
                zone=zone,
                today=today,
                may_write=may_write,
                label=short_label(verdict.period, newer, fiscal_month),
            )
        )
        newer = verdict.period
    return rows


def evidence_row(
    kpi: Kpi,
    verdict: Verdict,
    fact: Facts,
    *,
    fiscal_month: int,
    zone: ZoneInfo,
    today: date,
    may_write: bool,
    label: str = "",
) -> EvidenceRow:
    """One period as the table shows it."""
    start = verdict.period.start
    name = period_label(verdict.period, fiscal_month)
    return EvidenceRow(
        root=row_root(kpi, start),
        label=label or name,
        name=name,
        value=number(verdict.own),
        target=_aim(verdict, kpi.direction),
        difference=signed(difference(verdict.value, verdict.rule)),
        status=status_mark(verdict.status) if verdict.status != OPEN else SafeString("–"),
        source=provenance(fact, zone, today),
        revisions=[_revision_words(old, zone, today) for old in fact.revisions],
        edit=edit_url(kpi, start) if may_write else "",
        verb="Enter" if verdict.value is None else "Correct",
    )


def _aim(verdict: Verdict, direction: str) -> str:
    """The target; where it is for a total `310 of 295.89`, the total so far and what is due."""
    rule = verdict.rule
    if rule is None or rule.base is rule or verdict.value is None:
        return sign(rule, direction)
    return f"{number(verdict.value)} of {number(rule.source.target)}"


def row_root(kpi: Kpi, start: date) -> str:
    """The id of a period's row."""
    return f"value-{kpi.pk}-{start.isoformat()}"


def edit_url(kpi: Kpi, start: date) -> str:
    """Where a period's value is entered or corrected."""
    return f"/kpis/{kpi.pk}/values/{start.isoformat()}/edit/"


def short_label(period: Period, newer: Period | None, fiscal_month: int) -> str:
    """`July` where the row above already says the year, else `July 2026`."""
    name = period_label(period, fiscal_month)
    if period.cadence != CadenceKind.MONTHLY or newer is None or period.start.month == 1:
        return name
    return name.rpartition(" ")[0]


def provenance(fact: Facts, zone: ZoneInfo, today: date) -> str:
    """Who or what the value is from, and when it came: `Billing export, 3 Aug`."""
    if fact.given is not None and fact.given.value is not None:
        return _from(fact.given, zone, today)
    if fact.newest is not None:
        readings = plural(fact.readings, "reading")
        return f"{_from(fact.newest, zone, today)}, {readings}"
    if fact.given is not None:
        return f"withdrawn, {_from(fact.given, zone, today)}"
    return "–"


def _from(row: Measurement, zone: ZoneInfo, today: date) -> str:
    when = day_near(row.recorded_at.astimezone(zone).date(), today)
    if row.batch_id is not None:
        return f"{row.source or row.batch}, {when}"
    if row.author is not None:
        return f"{row.author}, {when}"
    return f"{row.source}, {when}" if row.source else when


def _revision_words(old: MeasurementRevision, zone: ZoneInfo, today: date) -> str:
    """What a correction replaced: `was 8.4 until 6 Aug, “Late export”, Alice Moreau`."""
    when = day_near(old.replaced_at.astimezone(zone).date(), today)
    parts = [f"was {number(old.value)} until {when}"]
    if old.reason:
        parts.append(f"“{old.reason}”")
    if old.replaced_by is not None:
        parts.append(str(old.replaced_by))
    return ", ".join(parts)
