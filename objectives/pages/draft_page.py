"""The draft form on the signal page and on the page of a saved draft: one form, two beginnings."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import QueryDict

from metrics.kpi_page.history import History
from metrics.models import Kpi, Signal
from objectives.forms import KeyResultFormSet, ObjectiveForm
from objectives.kinds import Ambition
from objectives.models import Objective
from objectives.pages import drafting
from objectives.writing import Hint, aim_hint, key_result_hint, objective_hint
from teams.models import Organisation, Team, User

PREFIX = "kr"


def draft_context(
    signal: Signal,
    history: History,
    user: User,
    now: datetime,
    data: QueryDict | None = None,
) -> dict:
    """The form that drafts an OKR from a signal; `data` is what was typed."""
    organisation = signal.kpi.team.organisation
    today = organisation.today(now)
    opened = drafting.suggested(signal, history, user, today)
    fields, rows = opened or ({"version": signal.version}, [{}])
    cycles = drafting.cycle_choices(organisation, today)
    form = ObjectiveForm(data, initial=fields, team=signal.kpi.team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=rows, prefix=PREFIX)
    return form_context(form, formset, signal.kpi, history, organisation, now)


def new_context(team: Team, user: User, now: datetime, data: QueryDict | None = None) -> dict:
    """The empty form of an objective that answers no signal."""
    today = team.organisation.today(now)
    cycles = drafting.cycle_choices(team.organisation, today)
    fields = {"ambition": Ambition.ASPIRATIONAL, "owner": user.pk}
    form = ObjectiveForm(data, initial=fields, team=team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=[{}, {}, {}], prefix=PREFIX)
    return form_context(form, formset, None, None, team.organisation, now)


def edit_context(
    objective: Objective,
    history: History | None,
    now: datetime,
    data: QueryDict | None = None,
) -> dict:
    """The form of a draft that was saved."""
    organisation = objective.team.organisation
    today = organisation.today(now)
    fields, rows = drafting.saved(objective)
    cycles = drafting.cycle_choices(organisation, today, keep=objective)
    form = ObjectiveForm(data, initial=fields, team=objective.team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=rows or [{}], prefix=PREFIX)
    kpi = objective.signal.kpi if objective.signal_id else None
    return form_context(form, formset, kpi, history, organisation, now)


def form_context(
    form: ObjectiveForm,
    formset: KeyResultFormSet,
    kpi: Kpi | None,
    history: History | None,
    organisation: Organisation,
    now: datetime,
) -> dict:
    """What `_draft_form.html` prints: both forms, the hints beside them and the sentence."""
    today = organisation.today(now)
    rows = [_row(one, kpi, history, today) for one in formset.forms]
    title = str(form["title"].value() or "")
    hints = [objective_hint(title), *[row["hint"] for row in rows]]
    given = [hint for hint in hints if hint is not None]
    return {
        "form": form,
        "formset": formset,
        "rows": rows,
        "title_hint": objective_hint(title),
        "cycle_hint": drafting.short_quarter_note(organisation, today),
        "will": drafting.will_sentence(title, [row["measure"] for row in rows if row["measure"]]),
        "fine": len([hint for hint in given if hint.tone == "on"]),
        "to_look_at": len([hint for hint in given if hint.tone != "on"]),
        "is_private_kpi": kpi is not None and kpi.is_private,
    }


def _number(form, name: str):
    """A number as it stands in a form, typed or suggested; None where it is none."""
    field = form.fields[name]
    try:
        return field.to_python(form[name].value())
    except ValidationError:
        return None


def _row(form, kpi: Kpi | None, history: History | None, today) -> dict:
    """One key result of the form, with its hint and its part of the sentence."""
    title = str(form["title"].value() or "")
    baseline, target = _number(form, "baseline"), _number(form, "target")
    kind = "hold" if form.is_hold else "change" if target is not None else "open"
    hint: Hint | None = key_result_hint(title, kind=kind, baseline=baseline, target=target)
    linked = bool(form["linked"].value())
    if linked and kind == "change" and history is not None:
        hint = _aim(hint, target, kpi, history, today)
    measure = ""
    if title.strip():
        unit = str(form["unit"].value() or "")
        measure = drafting.measure_words(
            title, kind=kind, baseline=baseline, target=target, unit=unit
        )
    return {"form": form, "kind": kind, "linked": linked, "hint": hint, "measure": measure}


def _aim(hint: Hint | None, target, kpi: Kpi, history: History, today) -> Hint | None:
    rule = history.rule_on(today)
    if rule is None:
        return hint
    source = rule.source
    bounds = {"target": source.target, "low": source.low, "high": source.high, "unit": kpi.unit}
    return aim_hint(hint, target, kpi.direction, bounds)
