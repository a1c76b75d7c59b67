"""What an import would do to the signals, before it is decided: the last part of a dry run.

The staged file holds what would be written, nothing more. Of a few KPIs that is put over what is
stored, in memory, and judged as the evaluation after the import would judge it; so the memory this
takes has a bound whatever the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db.models import Count

from metrics.bulk import NULL
from metrics.evaluation import preview_values
from metrics.evaluation.loading import load_subjects
from metrics.evaluation.measurements import load_rows, values_of
from metrics.import_reports import DryRun, Line
from metrics.kpi_page.effects import import_sentences
from metrics.models import Kpi, Measurement

# So many KPIs are looked at, with at most so many readings, stored and new together.
LOOKED_AT = 50
LOOKED_AT_READINGS = 50_000
# Of a larger file nothing is looked at: finding the rows of a few KPIs means reading all of it.
LARGE_FILE = 200_000

Key = tuple[int, str, str]


def add_effects(dry_run: DryRun, path: Path, kpis: Mapping[int, Kpi], now: datetime) -> None:
    """Say in the dry run what importing the staged file would do; nothing of a refused one."""
    touched = {line["kpi"]: line["new"] + line["changed"] for line in dry_run.kpis}
    touched = {pk: rows for pk, rows in touched.items() if rows}
    if dry_run.refused or not touched:
        return
    chosen = [] if sum(touched.values()) > LARGE_FILE else _affordable(touched)
    dry_run.effects = _lines(chosen, path, kpis, now) if chosen else []
    dry_run.looked_at = len(chosen)
    dry_run.not_looked_at = len(touched) - len(chosen)


def _affordable(touched: Mapping[int, int]) -> list[int]:
    """The first KPIs whose readings stay within the bounds."""
    first = list(touched)[:LOOKED_AT]
    stored = Measurement.objects.filter(kpi__in=first).values_list("kpi").annotate(Count("day"))
    held = dict(stored.order_by())
    chosen, readings = [], 0
    for pk in first:
        readings += touched[pk] + held.get(pk, 0)
        if readings <= LOOKED_AT_READINGS:
            chosen.append(pk)
    return chosen


def _lines(chosen: Sequence[int], path: Path, kpis: Mapping[int, Kpi], now: datetime) -> list[Line]:
    """One line for each KPI whose signals would change."""
    subjects = load_subjects(chosen, now)
    judged = [pk for pk in chosen if subjects[pk].plan is not None]
    rows = {row[:3]: row for row in load_rows(judged)}
    rows.update(_staged_rows(path, frozenset(judged), now))
    values = values_of((row for row in rows.values() if row[3] is not None), judged, subjects)
    found = preview_values(values, {pk: subjects[pk] for pk in judged}, now)
    return [
        {"kpi": pk, "name": kpis[pk].name, "sentences": sentences}
        for pk in judged
        if (sentences := import_sentences(kpis[pk], found[pk]))
    ]


def _staged_rows(path: Path, chosen: frozenset[int], now: datetime) -> Iterator[tuple[Key, tuple]]:
    """The staged readings of some KPIs by their key, as `values_of` takes them."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            _, kpi, rest = line.split("\t", 2)
            if int(kpi) not in chosen:
                continue
            day, identity, value, below, observed, _ = rest.rstrip("\n").split("\t")
            yield (
                (int(kpi), day, identity),
                (
                    int(kpi),
                    day,
                    identity,
                    None if value == NULL else value,
                    None if below == NULL else below,
                    None if observed == NULL else datetime.fromisoformat(observed),
                    now,
                ),
            )
