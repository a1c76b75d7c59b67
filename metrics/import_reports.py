"""What a dry run found, as plain values a batch keeps and a page prints."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.bulk import Change, KpiCounts
from metrics.csv_problems import Problem
from metrics.kinds import CadenceKind
from metrics.models import Kpi
from metrics.numbers import number_text
from metrics.periods import period_label, period_of
from metrics.staging import Staged

KEPT_SAMPLES = 50

Line = dict[str, Any]


@dataclass(slots=True)
class DryRun:
    """The counts of a file against what is stored, with the first rows of each sort.

    rows: rows of the file. readings: those that are values, one for each identity. refused: rows
    that bar the import. repeated: identities on several rows, the last of which counts; clashing:
    those of them with different values. fingerprint: what was stored for the KPIs at the time.
    is_fresh: nothing was stored for any of its KPIs, and every reading is new. effects: what an
    import would do to the signals of the KPIs that were looked at.
    """

    rows: int = 0
    readings: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    repeated: int = 0
    clashing: int = 0
    is_fresh: bool = False
    changed_meanwhile: bool = False
    checked_at: str = ""
    fingerprint: str = ""
    kpis: list[Line] = field(default_factory=list)
    problems: list[Line] = field(default_factory=list)
    clashes: list[Line] = field(default_factory=list)
    changes: list[Line] = field(default_factory=list)
    news: list[Line] = field(default_factory=list)
    effects: list[Line] = field(default_factory=list)
    looked_at: int = 0
    not_looked_at: int = 0

    @property
    def same(self) -> int:
        """Readings that are stored already with that value."""
        return self.readings - self.new - self.changed

    @property
    def has_effect(self) -> bool:
        """Whether importing would write anything."""
        return bool(self.new or self.changed)

    def to_json(self) -> Line:
        """The dry run as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Line) -> DryRun:
        """The dry run that `to_json` wrote; an empty one from nothing."""
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})


def kpi_line(counts: KpiCounts, kpi: Kpi) -> Line:
    """One KPI's share of a file."""
    return {
        "kpi": kpi.pk,
        "name": kpi.name,
        "rows": counts.rows,
        "new": counts.new,
        "changed": counts.changed,
        "same": counts.rows - counts.new - counts.changed,
        "first": counts.first_on.isoformat(),
        "last": counts.last_on.isoformat(),
        "touched_from": counts.touched_from.isoformat() if counts.touched_from else None,
    }


def fresh_dry_run(found: Staged, kpis: dict[int, Kpi], stored: str) -> DryRun:
    """The dry run of a file whose KPIs have no values yet: every reading is new."""
    counts = [
        KpiCounts(
            kpi=kpi,
            rows=held.rows,
            new=held.rows,
            changed=0,
            first_on=date.fromisoformat(min(held.first, held.last)),
            last_on=date.fromisoformat(max(held.first, held.last)),
            touched_from=date.fromisoformat(min(held.first, held.last)),
        )
        for kpi, held in sorted(found.kpis.items())
    ]
    total = sum(count.rows for count in counts)
    return DryRun(
        rows=found.rows,
        readings=total,
        new=total,
        refused=found.problem_count,
        is_fresh=True,
        kpis=[kpi_line(count, kpis[count.kpi]) for count in counts],
        problems=[problem_line(problem) for problem in found.problems],
        news=[_first_line(line, kpis) for line in found.first_lines],
        fingerprint=stored,
    )


def _first_line(line: str, kpis: dict[int, Kpi]) -> Line:
    row, kpi, day, identity, value, *_ = line.split("\t")
    change = Change(int(row), int(kpi), date.fromisoformat(day), identity, None, Decimal(value))
    return changed_line(change, kpis[change.kpi])


def problem_line(problem: Problem) -> Line:
    """One refused row: where, why and what to do."""
    return asdict(problem)


def changed_line(change: Change, kpi: Kpi) -> Line:
    """One value the file would write, beside the one that stands or that it repeats."""
    return {
        "row": change.row,
        "name": kpi.name,
        "when": moment_label(change.day, change.identity, kpi),
        "old": _shown(change.old, kpi),
        "new": _shown(change.new, kpi),
    }


def moment_label(day: date, identity: str, kpi: Kpi) -> str:
    """A stored identity for people: the period's name, the day, or the day with its time."""
    if identity in CadenceKind.values:
        fiscal = kpi.team.organisation.fiscal_start_month
        return period_label(period_of(day, identity, fiscal), fiscal)
    if not identity or identity.startswith("id:"):
        return day.isoformat()
    return identity.replace("T", " ") if identity.endswith("Z") else f"{day} {identity}"


def _shown(value: Decimal | None, kpi: Kpi) -> str:
    if value is None:
        return "no value"
    return f"{number_text(value)} {kpi.unit}".rstrip()
