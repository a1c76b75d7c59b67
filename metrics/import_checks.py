"""The dry run: a file's readings against the KPIs' calendars and against what is stored."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from metrics import bulk
from metrics.csv_mapping import Mapping
from metrics.csv_problems import Problem
from metrics.import_reports import (
    KEPT_SAMPLES,
    DryRun,
    changed_line,
    fresh_dry_run,
    kpi_line,
    problem_line,
)
from metrics.models import CadenceChange, ImportBatch, Kpi
from metrics.staging import Calendar, KpiCalendar, Staged


def calendar_of(batch: ImportBatch, mapping: Mapping, now: datetime) -> Calendar:
    """What a batch's stamps must fit: zone, fiscal year, today, and each KPI's cadences."""
    organisation = batch.team.organisation
    kpi_ids = {pick.kpi for pick in mapping.picks}
    changes: dict[int, list[tuple[date, str]]] = {}
    rows = CadenceChange.objects.filter(kpi__in=kpi_ids).order_by("effective_on", "pk")
    for kpi, day, kind in rows.values_list("kpi_id", "effective_on", "cadence__kind"):
        changes.setdefault(kpi, []).append((day, kind))
    kpis = Kpi.objects.filter(pk__in=kpi_ids).values_list("pk", "starts_on", "cadence__kind")
    calendars = {
        pk: KpiCalendar(tuple(changes.get(pk) or ([(starts_on, kind)] if kind else ())))
        for pk, starts_on, kind in kpis
    }
    return Calendar(
        zone=organisation.zone,
        fiscal_month=organisation.fiscal_start_month,
        today=organisation.today(now),
        kpis=calendars,
    )


def dry_run_of(found: Staged, path: Path, mapping: Mapping, kpis: dict[int, Kpi]) -> DryRun:
    """The dry run of staged readings, without asking the database where nothing is stored yet."""
    stored = bulk.fingerprint(sorted(found.kpis)) if found.kpis else ""
    if stored.startswith("0/") and not (found.may_repeat or found.has_gaps):
        return fresh_dry_run(found, kpis, stored)
    with bulk.staged(path):
        repeats = bulk.repeated(KEPT_SAMPLES) if found.may_repeat else (0, 0, [])
        if repeats[0]:
            bulk.keep_last()
        with bulk.compared():
            dry_run = _compared(found, mapping, kpis, repeats)
            bulk.write_delta(path)
    dry_run.fingerprint = stored
    return dry_run


def _compared(
    found: Staged, mapping: Mapping, kpis: dict[int, Kpi], repeats: tuple[int, int, list]
) -> DryRun:
    """The dry run of the readings in the staged table against what is stored."""
    several, clashing, clashes = repeats
    problems = [*found.problems, *_moved_ids(mapping, kpis)]
    per_kpi = bulk.counts()
    return DryRun(
        rows=found.rows,
        readings=sum(counts.rows for counts in per_kpi),
        new=sum(counts.new for counts in per_kpi),
        changed=sum(counts.changed for counts in per_kpi),
        refused=found.problem_count + len(problems) - len(found.problems),
        repeated=several,
        clashing=clashing,
        kpis=[kpi_line(counts, kpis[counts.kpi]) for counts in per_kpi],
        problems=[problem_line(problem) for problem in problems],
        clashes=[changed_line(change, kpis[change.kpi]) for change in clashes],
        changes=[changed_line(c, kpis[c.kpi]) for c in bulk.differences(KEPT_SAMPLES, new=False)],
        news=[changed_line(c, kpis[c.kpi]) for c in bulk.differences(KEPT_SAMPLES, new=True)],
    )


def _moved_ids(mapping: Mapping, kpis: dict[int, Kpi]) -> list[Problem]:
    """Rows whose external id stands on another day already: a file cannot move a value."""
    if mapping.external_id is None:
        return []
    sources = {pk: kpi.source_id for pk, kpi in kpis.items() if kpi.source_id}
    return [
        Problem(
            f"The id “{external_id}” already stands on {day}.",
            "Withdraw that value, or use another id.",
            row,
            code="moved",
        )
        for row, external_id, day in (
            *bulk.split_ids(KEPT_SAMPLES),
            *bulk.moved(sources, KEPT_SAMPLES),
        )
    ]
