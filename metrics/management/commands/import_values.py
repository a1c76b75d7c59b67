"""Import a CSV from the command line, through the same code as the upload page."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metrics.csv_mapping import Mapping, Pick
from metrics.csv_problems import FileRefused
from metrics.csv_proposing import Proposal, Question, Unanswered, proposal_for, settle
from metrics.import_reports import DryRun
from metrics.importing import (
    NotImported,
    cancel_batch,
    check_batch,
    commit_batch,
    proposal,
    stage_upload,
)
from metrics.models import ImportBatch, Kpi
from teams.models import User

ANSWERS = ("date_order", "number_style", "percent", "labels", "round_long", "blanks")


class Command(BaseCommand):
    """Exit code 0: imported, or nothing to do. 1: refused, with the rows and reasons."""

    help = "Import values of one KPI from a CSV file: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kpi", type=int, required=True, help="number of the KPI in its URL")
        parser.add_argument("--column", help="heading of the values")
        parser.add_argument("--date-column", help="heading of the dates or periods")
        parser.add_argument("--where", metavar="COLUMN=TEXT", help="take only these rows")
        parser.add_argument("--denominator", help="heading of a ratio's denominators")
        parser.add_argument("--id-column", help="heading of the source's own ids")
        parser.add_argument("--empty-withdraws", action="store_true")
        parser.add_argument("--date-order", choices=["dmy", "mdy"])
        parser.add_argument("--number-style", metavar="MARKS", help="decimal, then thousands: ,.")
        parser.add_argument("--percent", choices=["keep", "share"])
        parser.add_argument("--labels", choices=["calendar", "fiscal"])
        parser.add_argument("--round-long", choices=["round", "refuse"])
        parser.add_argument("--blanks", choices=["empty", "refuse"])
        parser.add_argument("--reason", default="", help="why stored values change")
        parser.add_argument("--by", metavar="EMAIL", help="who imports")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        kpi, actor = _kpi(options["kpi"]), _person(options["by"])
        now = timezone.now()
        try:
            with options["file"].open("rb") as stream:
                name = options["file"].name
                batch = stage_upload(kpi.team, stream, name, kpi=kpi, actor=actor, now=now)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except FileRefused as error:
            raise CommandError(f"{error.problem.reason} {error.problem.remedy}") from error
        try:
            self._import(batch, kpi, options)
        finally:
            cancel_batch(batch, now=timezone.now())

    def _import(self, batch: ImportBatch, kpi: Kpi, options: dict) -> None:
        batch.mapping["mapping"] = _mapping(batch, kpi, options).to_json()
        batch.reason = options["reason"]
        batch.save(update_fields=["mapping", "reason"])
        dry_run = check_batch(batch, now=timezone.now(), progress=self._progress)
        self._print(dry_run)
        if dry_run.refused:
            raise CommandError("Nothing was imported: a file goes in whole or not at all.")
        if options["dry_run"] or not dry_run.has_effect:
            self.stdout.write("Nothing was written.")
            return
        if dry_run.changed and not options["reason"]:
            raise CommandError("Stored values would change: say why with --reason.")
        try:
            commit_batch(batch, now=timezone.now())
        except NotImported as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Imported into “{kpi.name}”.")

    def _progress(self, rows: int) -> None:
        if rows % 100_000 == 0:
            self.stderr.write(f"{rows} rows read")

    def _print(self, dry_run: DryRun) -> None:
        write = self.stdout.write
        write(f"new {dry_run.new}, changed {dry_run.changed}, same {dry_run.same}, ", ending="")
        write(f"refused {dry_run.refused}, of {dry_run.rows} rows")
        for problem in dry_run.problems:
            place = f"row {problem['row']}" if problem["row"] else "file"
            column = f", {problem['column']}" if problem["column"] else ""
            write(f"  {place}{column}: {problem['reason']} {problem['remedy']}")
        for clash in dry_run.clashes:
            write(f"  row {clash['row']}: {clash['when']} stands twice, {clash['new']} counts")
        for effect in dry_run.effects:
            write(f"  {effect['name']}: {' '.join(effect['sentences'])}")
        for change in dry_run.changes:
            write(f"  row {change['row']}: {change['when']} {change['old']} → {change['new']}")


def _kpi(pk: int) -> Kpi:
    kpi = Kpi.objects.select_related("team__organisation").filter(pk=pk).first()
    if kpi is None:
        raise CommandError(f"There is no KPI {pk}.")
    return kpi


def _person(email: str | None) -> User | None:
    person = User.objects.filter(email=email.lower()).first() if email else None
    if email and person is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return person


def _mapping(batch: ImportBatch, kpi: Kpi, options: dict) -> Mapping:
    """The mapping by the options; what they leave open is asked for by name, never guessed."""
    found = proposal(batch)
    stamp = _column(found, options["date_column"], "--date-column", found.stamp)
    proposed = found.picks[0] if found.picks else None
    value = _column(found, options["column"], "--column", proposed.value if proposed else None)
    below = options["denominator"]
    pick = Pick(
        kpi.pk,
        value,
        _where(found, options["where"]) or (proposed.where if proposed else None),
        _column(found, below, "--denominator") if below else None,
    )
    fiscal_month = kpi.team.organisation.fiscal_start_month
    settled = proposal_for(found.columns, stamp, (pick,), fiscal_month)
    ids = options["id_column"]
    try:
        return settle(
            settled,
            {key: options[key] for key in ANSWERS if options[key]},
            empty_withdraws=options["empty_withdraws"],
            external_id=_column(found, ids, "--id-column") if ids else None,
        )
    except Unanswered as error:
        raise CommandError("\n".join(map(_asked, error.questions))) from error


def _asked(question: Question) -> str:
    option = "--" + question.key.replace("_", "-")
    choices = ", ".join(f"{option} '{value}' ({label})" for value, label in question.choices)
    return f"{question.sentence} Say {choices}."


def _column(found: Proposal, name: str | None, option: str, proposed: int | None = None) -> int:
    """A column by its heading, or the one proposed."""
    names = [column.name for column in found.columns]
    if name is None and proposed is not None:
        return proposed
    if name not in names:
        raise CommandError(f"Say {option}, one of: {', '.join(names)}.")
    return names.index(name)


def _where(found: Proposal, text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    name, mark, cell = text.partition("=")
    if not mark:
        raise CommandError("Say --where COLUMN=TEXT.")
    return _column(found, name, "--where"), cell
