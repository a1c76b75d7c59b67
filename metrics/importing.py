"""An upload's way in: staged, shown as a dry run, then imported whole in one transaction or not.

`stage_upload` keeps the file, `check_batch` is the dry run, `commit_batch` writes what it showed.
Where stored values changed in between, nothing is written and the dry run is made again. Pages,
jobs and the command `import_values` all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import F

from metrics import bulk, bulk_writes, import_files
from metrics.actions.history import note_source
from metrics.csv_columns import look_at
from metrics.csv_mapping import Mapping
from metrics.csv_problems import FileRefused
from metrics.csv_proposing import Proposal, propose_mapping
from metrics.csv_reading import FileFormat, Table, inspect
from metrics.due import mark_due
from metrics.import_checks import calendar_of, dry_run_of
from metrics.import_effects import add_effects
from metrics.import_reports import DryRun, problem_line
from metrics.models import ImportBatch, Kpi, KpiEvent, Source
from metrics.staging import stage
from teams.actions import audit
from teams.faults import fault
from teams.models import Team, User

CSV_SOURCE = "CSV upload"
State = ImportBatch.State


class NotImported(Exception):
    """The batch cannot be imported as it stands; str() says why and what to do."""


class DataChanged(NotImported):
    """Stored values changed since the dry run; nothing was written and it was made again."""


def stage_upload(
    team: Team,
    stream: BinaryIO,
    file_name: str,
    *,
    kpi: Kpi | None = None,
    actor: User | None,
    now: datetime,
) -> ImportBatch:
    """Keep an uploaded file for a team; raises FileRefused, and then keeps nothing.

    `kpi` is the one the file was uploaded for; None where it may hold several.
    """
    name = import_files.keep(stream)
    try:
        with import_files.upload_path(name).open("rb") as kept:
            described = inspect(kept, import_files.limits())
    except FileRefused:
        import_files.discard(name)
        raise
    return ImportBatch.objects.create(
        team=team,
        actor=actor,
        file_name=file_name[:255],
        stored_name=name,
        sha256=described.sha256,
        size=described.size,
        rows_total=described.lines,
        mapping={"format": asdict(described), "kpi": kpi.pk if kpi else None},
        created_at=now,
    )


def file_format(batch: ImportBatch) -> FileFormat:
    """How the batch's file is written, as it was found at the upload."""
    kept = batch.mapping["format"]
    return FileFormat(**{**kept, "names": tuple(kept["names"])})


def proposal(batch: ImportBatch) -> Proposal:
    """The likeliest meaning of the file's columns, and what has to be asked."""
    described = file_format(batch)
    kpis = [(kpi.pk, kpi.name, kpi.unit) for kpi in kpis_of(batch)]
    with import_files.upload_path(batch.stored_name).open("rb") as stream:
        table = Table(stream, described, import_files.limits())
        columns = look_at(table.rows(), described.names)
    return propose_mapping(columns, kpis, batch.team.organisation.fiscal_start_month)


def kpis_of(batch: ImportBatch) -> list[Kpi]:
    """The KPIs this file may hold values of: the one it was uploaded for, or all of the team."""
    kpis = Kpi.objects.of_team(batch.team_id).select_related(
        "source", "cadence", "team__organisation"
    )
    chosen = batch.mapping.get("kpi")
    return list(kpis.filter(pk=chosen) if chosen else kpis)


def check_batch(
    batch: ImportBatch, *, now: datetime, progress: Callable[[int], None] | None = None
) -> DryRun:
    """The dry run of a batch whose columns are mapped; writes nothing but the batch's report."""
    mapping = Mapping.from_json(batch.mapping["mapping"])
    kpis = {kpi.pk: kpi for kpi in kpis_of(batch)}
    path = import_files.staged_path(batch.stored_name)
    try:
        with import_files.upload_path(batch.stored_name).open("rb") as stream:
            table = Table(stream, file_format(batch), import_files.limits())
            found = stage(table, mapping, calendar_of(batch, mapping, now), path, progress)
        dry_run = dry_run_of(found, path, mapping, kpis)
        add_effects(dry_run, path, kpis, now)
    except FileRefused as refused:
        dry_run = DryRun(problems=[problem_line(refused.problem)], refused=1)
    fault("import.after_reading")
    dry_run.checked_at = now.isoformat()
    batch.report = dry_run.to_json()
    batch.rows_done = dry_run.rows
    batch.save(update_fields=["report", "rows_done"])
    return dry_run


def commit_batch(batch: ImportBatch, *, now: datetime) -> DryRun:
    """Write what the dry run showed: all of it, with revisions and provenance, or nothing.

    Raises NotImported, or DataChanged after making the dry run again. A batch that was imported
    already is left as it is and its report returned: a form sent twice imports once.
    """
    dry_run = DryRun.from_json(batch.report)
    if dry_run.refused or not dry_run.checked_at:
        raise NotImported("Some rows are refused. Correct them in the file and upload it again.")
    path = import_files.staged_path(batch.stored_name)
    try:
        with _readings_of(path, dry_run), transaction.atomic():
            if _claim_decision(batch, now):
                _write(batch, dry_run, path, now)
            fault("import.before_commit")
        fault("import.after_commit")
    except FileNotFoundError:
        return _settled(batch)
    except DataChanged:
        again = check_batch(batch, now=now)
        again.changed_meanwhile = True
        batch.report = again.to_json()
        batch.save(update_fields=["report"])
        raise
    batch.refresh_from_db()
    import_files.discard(batch.stored_name)
    return dry_run


def cancel_batch(batch: ImportBatch, *, now: datetime) -> None:
    """Let a staged file go; nothing of it was or will be written."""
    open_states = (State.STAGED, State.QUEUED)
    ImportBatch.objects.filter(pk=batch.pk, state__in=open_states).update(
        state=State.CANCELLED, finished_at=now, due_at=None
    )
    batch.refresh_from_db()
    if batch.state == State.CANCELLED:
        import_files.discard(batch.stored_name)


def _settled(batch: ImportBatch) -> DryRun:
    """The report of a batch whose files are gone, because it was decided meanwhile."""
    batch.refresh_from_db()
    if batch.state != State.DONE:
        raise NotImported("The uploaded file is gone. Upload it again.")
    return DryRun.from_json(batch.report)


def _claim_decision(batch: ImportBatch, now: datetime) -> bool:
    """Take the one chance to import this batch; a second caller waits here and then gets False."""
    undecided = ImportBatch.objects.filter(pk=batch.pk, state__in=(State.STAGED, State.QUEUED))
    return bool(
        undecided.update(state=State.DONE, finished_at=now, due_at=None, rows_done=F("rows_total"))
    )


@contextmanager
def _readings_of(path: Path, dry_run: DryRun) -> Iterator[None]:
    """What will be written, in the database; all new values go in straight from disk."""
    if dry_run.is_fresh:
        path.stat()
        yield
        return
    with bulk.staged(path):
        yield


def _write(batch: ImportBatch, dry_run: DryRun, path: Path, now: datetime) -> None:
    """Revisions first, then the values; every count must be the one that was shown."""
    kpi_ids = [line["kpi"] for line in dry_run.kpis]
    _lock(kpi_ids)
    if bulk.fingerprint(kpi_ids) != dry_run.fingerprint:
        raise DataChanged("Stored values changed since the dry run, so it was made again.")
    by = bulk_writes.Provenance(
        batch=batch.pk,
        author=batch.actor_id,
        sources=_sources(batch, kpi_ids),
        reason=batch.reason,
        now=now,
    )
    fault("import.after_claim_of_decision")
    if dry_run.changed:
        kept, replaced = bulk_writes.keep_revisions(by), bulk_writes.replace_changed(by)
        if not kept == replaced == dry_run.changed:
            raise DataChanged("Stored values changed during the import; nothing was written.")
    if dry_run.new and _insert(by, dry_run, path) != dry_run.new:
        raise DataChanged("Values were added during the import; nothing was written.")
    fault("import.after_values")
    _tell(batch, dry_run, now)


def _insert(by: bulk_writes.Provenance, dry_run: DryRun, path: Path) -> int:
    """Insert the new values; how many. The quick way needs one source for all of them."""
    if not dry_run.is_fresh:
        return bulk_writes.insert_new(by)
    if len(set(by.sources.values())) != 1:
        with bulk.staged(path):
            return bulk_writes.insert_new(by)
    try:
        return bulk_writes.insert_file(path, by)
    except IntegrityError as error:
        raise DataChanged("Values were added during the import; nothing was written.") from error


def _lock(kpi_ids: list[int]) -> None:
    """Hold the KPIs, which nothing else keeps from being deleted under their values."""
    rows = Kpi.objects.filter(pk__in=kpi_ids).order_by("pk")
    held = rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    if len(held) != len(kpi_ids):
        raise NotImported("A KPI of this file was deleted. Upload the file again.")


def _tell(batch: ImportBatch, dry_run: DryRun, now: datetime) -> None:
    """One history row for each KPI that changed, one evaluation due for each; one audit event."""
    touched = [line for line in dry_run.kpis if line["touched_from"]]
    _note(batch, dry_run, [line["kpi"] for line in touched])
    KpiEvent.objects.bulk_create(
        KpiEvent(
            kpi_id=line["kpi"],
            type="values_imported",
            at=now,
            actor_id=batch.actor_id,
            reason=batch.reason,
            after={"file": batch.file_name, "new": line["new"], "changed": line["changed"]},
        )
        for line in touched
    )
    by_day: dict[date, list[int]] = {}
    for line in touched:
        by_day.setdefault(date.fromisoformat(line["touched_from"]), []).append(line["kpi"])
    # Once for each KPI: every KPI has one first day. In the order of the days.
    for day, kpi_ids in sorted(by_day.items()):
        mark_due(kpi_ids, now, dirty_from=day, author=batch.actor)


def _note(batch: ImportBatch, dry_run: DryRun, kpi_ids: list[int]) -> None:
    """Tell the audit record of the whole batch by its counts and the digest of its file.

    Each value names its batch, and what it replaced is a row of its own.
    """
    audit.record(
        "values_imported",
        "import",
        batch,
        by=batch.actor,
        label=batch.file_name,
        team=batch.team,
        is_private=Kpi.objects.filter(pk__in=kpi_ids, is_private=True).exists(),
        after={
            "new": dry_run.new,
            "changed": dry_run.changed,
            "kpis": kpi_ids,
            "sha256": batch.sha256,
        },
        reason=batch.reason,
    )


def _sources(batch: ImportBatch, kpi_ids: list[int]) -> dict[int, int]:
    """The source of each KPI's imported values: its own if that is an upload, else the team's.

    A KPI whose values people type keeps that source; its imported values name the team's uploads.
    """
    kpis = list(Kpi.objects.filter(pk__in=kpi_ids).select_related("source"))
    own = {k.pk: k.source_id for k in kpis if k.source and k.source.kind == Source.Kind.CSV}
    if len(own) == len(kpis):
        return own
    uploads, is_new = Source.objects.get_or_create(
        team_id=batch.team_id, name=CSV_SOURCE, defaults={"kind": Source.Kind.CSV}
    )
    if is_new:
        note_source(uploads, by=batch.actor)
    return {kpi.pk: own.get(kpi.pk, uploads.pk) for kpi in kpis}
