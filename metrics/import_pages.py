"""What the import pages print, formatted once in Python."""

from __future__ import annotations

from metrics.import_reports import DryRun
from metrics.importing import State
from metrics.models import ImportBatch
from metrics.wording import plural
from teams.models import Team

RECENT = 10
_STATES = {
    State.STAGED: ("Waits for a decision", "near", "s-half"),
    State.QUEUED: ("Being imported", "idle", "clock-hour-9"),
    State.DONE: ("Imported", "on", "s-check"),
    State.CANCELLED: ("Not imported", "idle", "info-circle"),
    State.FAILED: ("Refused", "off", "s-diamond"),
}


def batch_facts(batch: ImportBatch) -> dict:
    """A batch in words: its state, size and how far a job is."""
    word, tone, icon = _STATES[State(batch.state)]
    if batch.state == State.STAGED and DryRun.from_json(batch.report).refused:
        word, tone, icon = _STATES[State.FAILED]
    total = max(batch.rows_total, 1)
    share = min(100 * batch.rows_done // total, 100)
    return {
        "state": word,
        "tone": tone,
        "icon": icon,
        "size": _size(batch.size),
        "rows": grouped(batch.rows_total),
        "done": grouped(batch.rows_done),
        "share": share,
        "width": f"{share}%",
        "at": batch.created_at.astimezone(batch.team.organisation.zone),
    }


def recent_imports(team: Team) -> list[dict]:
    """The latest files of a team, decided or not."""
    batches = ImportBatch.objects.filter(team=team).select_related("actor", "team__organisation")
    return [{"batch": batch, **batch_facts(batch), **_written(batch)} for batch in batches[:RECENT]]


def problem_rows(dry_run: DryRun) -> list[dict]:
    """The refused rows that are kept, as the table prints them."""
    return [
        {**problem, "row": "file" if problem["row"] is None else grouped(problem["row"])}
        for problem in dry_run.problems
    ]


def unseen_words(dry_run: DryRun) -> str:
    """Which KPIs' signals the dry run did not look at; empty where it looked at all."""
    left, seen = dry_run.not_looked_at, dry_run.looked_at
    if not left:
        return ""
    if not seen:
        return "The file is too large to say beforehand which signals it changes."
    rest = plural(left, "other KPI")
    return f"Only the first {grouped(seen)} KPIs were looked at; the {rest} may have signals too."


def grouped(count: int) -> str:
    """A count with a narrow no-break space between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def _written(batch: ImportBatch) -> dict:
    if "new" not in batch.report:
        return {"new": "–", "changed": "–"}
    dry_run = DryRun.from_json(batch.report)
    return {"new": grouped(dry_run.new), "changed": grouped(dry_run.changed)}


def _size(count: int) -> str:
    if count < 10_000:
        return f"{grouped(count)}\u00a0bytes"
    return (
        f"{count / 1000:.0f}\u00a0kB" if count < 1_000_000 else f"{count / 1_000_000:.1f}\u00a0MB"
    )
