"""Everything I owe in one table: typed, or pasted from a spreadsheet and looked at first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from metrics.models import Measurement
from metrics.wording import plural, quantity
from objectives.actions.grid import GridConflict, ValueEntry, save_grid
from objectives.forms_grid import GridForm
from objectives.grid_paste import read_paste
from objectives.models import KeyResult
from objectives.pages.grid_rows import CheckInRow, grid_rows, paste_rows, value_columns
from objectives.states import MoveRefused
from objectives.views_week import HOME, week_of
from teams.http import AuthedRequest


@require_http_methods(["GET", "POST"])
def value_grid(request: AuthedRequest) -> HttpResponse:
    """One cell for each value and check-in; saving keeps all of them or none."""
    now = timezone.now()
    week = week_of(request, now)
    form = GridForm(request.POST or None, rows=grid_rows(week, request.POST))
    if request.method == "GET":
        return _grid(request, form)
    if not form.is_valid():
        return _grid(request, form, status=422)
    try:
        values, check_ins = save_grid(form.entries(), actor=request.user, now=now)
    except GridConflict as conflict:
        _say_conflict(form, conflict)
        return _grid(request, form, status=409)
    except MoveRefused as problem:
        return _grid(request, form, status=409, refused=str(problem))
    parts = [plural(values, "value")] if values else []
    parts += [plural(check_ins, "check-in")] if check_ins else []
    messages.success(request, f"Saved {' and '.join(parts)}.")
    return redirect(HOME)


@require_POST
def value_grid_paste(request: AuthedRequest) -> HttpResponse:
    """Bring pasted lines into the cells and show them; nothing is saved."""
    week = week_of(request, timezone.now())
    rows = grid_rows(week)
    text = request.POST.get("lines", "")
    pasted = read_paste(text, paste_rows(rows))
    if pasted.problems:
        form = GridForm(rows=rows)
        return _grid(request, form, status=422, lines=text, unread=pasted.problems)
    empty = GridForm(rows=rows)
    data = {name: empty[name].value() for name in empty.fields}
    filled = {name: str(value) for name, value in data.items() if value is not None}
    form = GridForm(filled | pasted.cells, rows=rows, pasted=pasted.cells)
    status = 200 if form.is_valid() else 422
    return _grid(request, form, status=status, lines=text, filled=len(pasted.cells))


def _grid(request: AuthedRequest, form: GridForm, *, status: int = 200, **more) -> HttpResponse:
    columns = value_columns(form.rows)
    context = {
        "form": form,
        "lines": list(form.lines(columns)),
        "columns": range(columns),
        "has_check_ins": any(isinstance(row, CheckInRow) for row in form.rows),
        "problems": form.problems() if form.is_bound else [],
        "pasted_text": more.pop("lines", ""),
    }
    return render(request, "objectives/value_grid.html", context | more, status=status)


def _say_conflict(form: GridForm, conflict: GridConflict) -> None:
    """Put the sentence at the cell that somebody else wrote first."""
    entry, current = conflict.entry, conflict.current
    if isinstance(entry, ValueEntry):
        field, theirs = _value_field(form, entry, current)
        sentence = (
            f"Somebody else entered {theirs} meanwhile. Empty the cell to keep it, or correct it "
            "on the KPI’s page."
        )
        form.keep_typed(field, sentence, None)
        return
    newest = current if isinstance(current, KeyResult) else entry.key_result
    latest = newest.latest
    said = quantity(latest.value, newest.unit) if latest else "another change"
    who = str(latest.author) if latest else "Somebody else"
    sentence = f"{who} saved {said} meanwhile. Yours is kept here; save again to put it after."
    form.keep_typed(f"k-{newest.pk}-confidence", sentence, newest.version)


def _value_field(
    form: GridForm, entry: ValueEntry, current: Measurement | KeyResult | None
) -> tuple[str, str]:
    """The field of the value that was there first, and what it says."""
    day = current.day if isinstance(current, Measurement) else entry.values[0][0].start
    value = current.value if isinstance(current, Measurement) else None
    return f"v-{entry.kpi.pk}-{day.isoformat()}", quantity(value, entry.kpi.unit)
