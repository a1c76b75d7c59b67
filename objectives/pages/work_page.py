"""The lists of initiatives and blockers under a key result, as fragments and on its page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from metrics.wording import day_week, day_year, plural
from objectives.actions.work import UNDO_TIME
from objectives.forms_work import BlockerForm, InitiativeForm
from objectives.models import Blocker, Initiative, KeyResult

WorkForm = InitiativeForm | BlockerForm


class WorkLine(NamedTuple):
    """One initiative or blocker as printed; `form` is set for the one that is being edited."""

    root: str
    url: str
    edit_url: str
    version: int
    text: str
    who: str
    by: str
    is_past: bool
    is_done: bool
    form: WorkForm | None


class WorkList(NamedTuple):
    """A list as `_work_list.html` prints it; `form` is the open one for a new line.

    `verbs` are the words of the tick for what is open and for what is done.
    """

    root: str
    title: str
    sub: str
    url: str
    add: str
    empty: str
    verbs: tuple[str, str]
    lines: list[WorkLine]
    deleted: list[WorkLine]
    form: WorkForm | None
    notice: str


def initiatives_context(
    key_result: KeyResult,
    now: datetime,
    *,
    may_write: bool,
    form: InitiativeForm | None = None,
    editing: int | None = None,
    notice: str = "",
) -> dict:
    """What `_initiatives.html` prints; `form` is the open one, for row `editing` or a new one."""
    rows = list(key_result.initiatives.select_related("owner"))
    today = key_result.objective.team.organisation.today(now)

    def line(row: Initiative) -> WorkLine:
        return _line(row, "initiative", row.title, row.owner, row.due_on, row.done_at, today)

    lines = [_opened(line(r), r.pk, editing, form) for r in rows if r.deleted_at is None]
    done = sum(one.is_done for one in lines)
    found = WorkList(
        root=f"initiatives-{key_result.pk}",
        title="Initiatives",
        sub=f"{done} of {plural(len(lines), 'initiative')} done" if lines else "What we do for it",
        url=f"/key-results/{key_result.pk}/initiatives/",
        add="Add an initiative",
        empty="None yet. What will move this key result?",
        verbs=("Done", "Not done after all"),
        lines=lines,
        deleted=[line(row) for row in _deleted(rows, now)] if may_write else [],
        form=form if editing is None else None,
        notice=notice,
    )
    return {"key_result": key_result, "initiatives": found, "may_write": may_write}


def blockers_context(
    key_result: KeyResult,
    now: datetime,
    *,
    may_write: bool,
    form: BlockerForm | None = None,
    editing: int | None = None,
    notice: str = "",
) -> dict:
    """What `_blockers.html` prints; those that are resolved come last."""
    rows = list(key_result.blockers.select_related("remover"))
    today = key_result.objective.team.organisation.today(now)

    def line(row: Blocker) -> WorkLine:
        return _line(row, "blocker", row.what, row.remover, row.by_on, row.resolved_at, today)

    lines = [_opened(line(r), r.pk, editing, form) for r in rows if r.deleted_at is None]
    found = WorkList(
        root=f"blockers-{key_result.pk}",
        title="Blockers",
        sub="What stands in the way, and who can remove it",
        url=f"/key-results/{key_result.pk}/blockers/",
        add="Add a blocker",
        empty="Nothing stands in the way.",
        verbs=("Resolved", "In the way again"),
        lines=sorted(lines, key=lambda one: one.is_done),
        deleted=[line(row) for row in _deleted(rows, now)] if may_write else [],
        form=form if editing is None else None,
        notice=notice,
    )
    return {"key_result": key_result, "blockers": found, "may_write": may_write}


def _line(row, noun: str, text: str, person, day: date | None, done_at, today: date) -> WorkLine:
    return WorkLine(
        root=f"{noun}-{row.pk}",
        url=f"/{noun}s/{row.pk}/",
        edit_url=f"/{noun}s/{row.pk}/edit/",
        version=row.version,
        text=text,
        who=str(person) if person else "",
        by="" if day is None else day_week(day) if day.year == today.year else day_year(day),
        is_past=day is not None and done_at is None and day < today,
        is_done=done_at is not None,
        form=None,
    )


def _opened(line: WorkLine, pk: int, editing: int | None, form: WorkForm | None) -> WorkLine:
    return line._replace(form=form) if pk == editing else line


def _deleted(rows: Iterable[Initiative | Blocker], now: datetime) -> list:
    """Those that can still be brought back, the last one deleted first."""
    found = [r for r in rows if r.deleted_at is not None and now - r.deleted_at <= UNDO_TIME]
    return sorted(found, key=lambda row: row.deleted_at, reverse=True)
