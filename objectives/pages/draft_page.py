"""The draft form on the signal page and on the page of a saved draft: one form, two beginnings."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict

from metrics.kpi_page.history import History, stored_rule
from metrics.models import Kpi, Signal
from objectives.coach.catalogue import Hint
from objectives.coach.facts import KpiFacts
from objectives.forms import KeyResultForm, KeyResultFormSet, ObjectiveForm
from objectives.kinds import Ambition
from objectives.models import Objective
from objectives.pages import drafting
from objectives.pages.draft_hints import (
    PREFIX,
    TITLE,
    draft_hints,
    kind_in,
    kpi_facts,
    number_in,
    typed_hints,
)
from teams.models import Organisation, Team, User


def draft_context(
    signal: Signal,
    history: History,
    user: User,
    now: datetime,
    data: QueryDict | None = None,
    *,
    is_sent: bool = False,
) -> dict:
    """The form that drafts an OKR from a signal; `data` is what was typed.

    `is_sent` says that it came to be saved, not for one more row.
    """
    organisation = signal.kpi.team.organisation
    today = organisation.today(now)
    opened = drafting.suggested(signal, history, user, today)
    fields, rows = opened or ({"version": signal.version}, [{}])
    cycles = drafting.cycle_choices(organisation, today)
    form = ObjectiveForm(data, initial=fields, team=signal.kpi.team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=rows, prefix=PREFIX)
    facts = kpi_facts(signal.kpi, history.rule_on(today))
    context = form_context(form, formset, facts, organisation, now, is_sent=is_sent)
    return context | {"is_private_kpi": signal.kpi.is_private}


def new_context(team: Team, user: User, now: datetime, data: QueryDict | None = None) -> dict:
    """The empty form of an objective that answers no signal."""
    today = team.organisation.today(now)
    cycles = drafting.cycle_choices(team.organisation, today)
    fields = {"ambition": Ambition.ASPIRATIONAL, "owner": user.pk}
    form = ObjectiveForm(data, initial=fields, team=team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=[{}, {}, {}], prefix=PREFIX)
    is_sent = data is not None
    return form_context(form, formset, None, team.organisation, now, is_sent=is_sent)


def edit_context(objective: Objective, now: datetime, data: QueryDict | None = None) -> dict:
    """The form of a draft that was saved."""
    organisation = objective.team.organisation
    today = organisation.today(now)
    fields, rows = drafting.saved(objective)
    cycles = drafting.cycle_choices(organisation, today, keep=objective)
    form = ObjectiveForm(data, initial=fields, team=objective.team, cycles=cycles)
    formset = KeyResultFormSet(data, initial=rows or [{}], prefix=PREFIX)
    kpi = objective.signal.kpi if objective.signal_id else None
    facts = stored_facts(kpi, organisation, now)
    context = form_context(form, formset, facts, organisation, now, is_sent=True)
    return context | {"is_private_kpi": kpi is not None and kpi.is_private}


def stored_facts(kpi: Kpi | None, organisation: Organisation, now: datetime) -> KpiFacts | None:
    """A KPI as the coach knows it, from what is stored, without judging it again."""
    return kpi_facts(kpi, stored_rule(kpi, organisation.today(now)) if kpi else None)


def form_context(
    form: ObjectiveForm,
    formset: KeyResultFormSet,
    facts: KpiFacts | None,
    organisation: Organisation,
    now: datetime,
    *,
    is_sent: bool,
) -> dict:
    """What `_draft_fields.html` prints: both forms, the hints beside them and the sentence.

    `facts` are those of the KPI whose signal the draft answers, None without one.
    """
    hints = draft_hints(form, formset, facts, is_sent=is_sent)
    rows = [_row(one, hints.fields[one.prefix]) for one in formset.forms]
    return {
        "form": form,
        "formset": formset,
        "rows": rows,
        "hints": hints,
        "title_hints": hints.fields[TITLE],
        "cycle_hint": drafting.short_quarter_note(organisation, organisation.today(now)),
        "will": drafting.will_sentence(
            str(form["title"].value() or ""), [row["measure"] for row in rows if row["measure"]]
        ),
    }


def typed_context(
    team: Team, kpi: Kpi | None, now: datetime, data: QueryDict, *, is_sent: bool
) -> dict | None:
    """What `_draft_hints_typed.html` prints beside the field that `data` names; None for no field.

    `kpi` is the one whose signal the draft answers; `is_sent` says that the draft was saved.
    """
    facts = stored_facts(kpi, team.organisation, now)
    hints = typed_hints(data, team, facts, is_sent=is_sent)
    shown = hints.fields.get(data.get("field", ""))
    return None if shown is None else {"shown": shown, "hints": hints}


def _row(form: KeyResultForm, hints: tuple[Hint, ...]) -> dict:
    """One key result of the form, with its hints and its part of the sentence."""
    title = str(form["title"].value() or "")
    kind = kind_in(form)
    measure = ""
    if title.strip():
        measure = drafting.measure_words(
            title,
            kind=kind,
            baseline=number_in(form, "baseline"),
            target=number_in(form, "target"),
            unit=str(form["unit"].value() or ""),
        )
    return {
        "form": form,
        "kind": kind,
        "linked": form.is_linked,
        "hints": hints,
        "measure": measure,
    }
