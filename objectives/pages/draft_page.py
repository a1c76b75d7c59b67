"""The draft form on the signal page, of a new objective and of a saved draft: one form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import uuid4

from django.http import QueryDict

from metrics.kpi_page.history import History, stored_rule
from metrics.models import Kpi, Signal
from objectives.actions.kept import initiatives_of, reasons_given
from objectives.coach.facts import KpiFacts
from objectives.draft_offers import Offers
from objectives.forms_draft_rows import KeyResultFormSet
from objectives.forms_drafts import ObjectiveForm
from objectives.kinds import Ambition, KeyResultKind, Level
from objectives.models import Objective
from objectives.pages import drafting
from objectives.pages.coach_around import draft_around
from objectives.pages.draft_hints import PREFIX, TITLE, draft_hints, kpi_facts
from objectives.pages.draft_offers import draft_offers
from objectives.pages.draft_rows import row_view
from objectives.pages.measures import will_sentence
from teams.models import Team, User

NEW_ROW = {"kind": KeyResultKind.INCREASE}
# What a link to a new objective may say of it, and of its first key result.
GIVEN = ("title", "why", "cycle", "parent")
MOST_GIVEN = 6
GIVEN_ROW = ("kind", "baseline", "target", "unit", "kpi")


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
    kpi = signal.kpi
    today = kpi.team.organisation.today(now)
    offers = draft_offers(kpi.team, user, today)
    opened = drafting.suggested(signal, history, user, today, offers)
    fields, rows = opened or ({"version": signal.version}, [NEW_ROW])
    form, formset = both(offers, fields, rows, data, is_sent=is_sent, is_private=kpi.is_private)
    known = {kpi.pk: kpi_facts(kpi, history.rule_on(today))}
    context = form_context(form, formset, known, kpi, now, is_sent=is_sent)
    path = f"{signal.get_absolute_url()}draft/"
    return context | places(path) | {"is_private_kpi": kpi.is_private}


def new_context(
    team: Team,
    user: User,
    now: datetime,
    data: QueryDict | None = None,
    *,
    given: QueryDict | None = None,
    is_sent: bool = True,
) -> dict:
    """The form of an objective that answers no signal; `given` is what the link to it says."""
    offers = draft_offers(team, user, team.organisation.today(now))
    fields = {"ambition": Ambition.ASPIRATIONAL, "owner": user.pk, "token": uuid4()}
    fields |= drafting.OPENING | {"cycle": next(iter(offers.cycles), None)}
    rows = [NEW_ROW, NEW_ROW, NEW_ROW]
    if given:
        fields |= {name: given[name] for name in GIVEN if given.get(name)}
        more = [NEW_ROW | {"title": title} for title in given.getlist("key_result")[1:MOST_GIVEN]]
        rows = [NEW_ROW | given_row(given), *more, *rows][: max(3, 1 + len(more))]
    is_sent = is_sent and data is not None
    form, formset = both(offers, fields, rows, data, is_sent=is_sent)
    context = form_context(form, formset, {}, None, now, is_sent=is_sent)
    return context | places(f"{team.get_absolute_url()}objectives/new/")


def given_row(given: QueryDict) -> dict:
    """The first key result as a link proposes it."""
    row = {name: given[name] for name in GIVEN_ROW if given.get(name)}
    titles = given.getlist("key_result")
    return row | ({"title": titles[0]} if titles and titles[0] else {})


def edit_context(
    objective: Objective,
    user: User,
    now: datetime,
    data: QueryDict | None = None,
    *,
    is_sent: bool = True,
) -> dict:
    """The form of a draft that was saved; `is_sent` as for a new one."""
    today = objective.team.organisation.today(now)
    fields, rows = drafting.saved(objective)
    fields["initiatives"] = initiatives_of(objective)
    offers = draft_offers(objective.team, user, today, keep=objective)
    kpi = objective.signal.kpi if objective.signal_id else None
    is_private = kpi is not None and kpi.is_private
    form, formset = both(
        offers, fields, rows or [NEW_ROW], data, is_sent=is_sent, is_private=is_private
    )
    reasons = reasons_given(objective)
    context = form_context(form, formset, {}, kpi, now, is_sent=True, reasons=reasons)
    return context | places(objective.get_absolute_url()) | {"is_private_kpi": is_private}


def places(path: str) -> dict:
    """Where a form asks for hints, and for itself with another row or kind."""
    return {"hints_url": f"{path}hints/", "row_url": f"{path}row/"}


def both(
    offers: Offers,
    fields: dict,
    rows: list[dict],
    data: QueryDict | None,
    *,
    is_sent: bool,
    is_private: bool = False,
) -> tuple[ObjectiveForm, KeyResultFormSet]:
    """Both forms of a draft. What was not sent to be saved is shown without being judged.

    `is_private` says that the draft is private whatever is typed.
    """
    quiet = data is not None and not is_sent
    form = ObjectiveForm(data, initial=fields, offers=offers, quiet=quiet)
    judged = form.is_bound and not quiet
    typed = form.cleaned_data if judged and form.is_valid() is not None else {}
    more = {
        "offers": offers,
        "quiet": quiet,
        "cycle": typed.get("cycle"),
        "is_private": is_private or bool(typed.get("is_private")) or not judged,
    }
    return form, KeyResultFormSet(data, initial=rows, prefix=PREFIX, form_kwargs=more)


def stored_facts(kpi: Kpi, today: date) -> KpiFacts:
    """A KPI as the coach knows it, from what is stored, without judging it again."""
    return kpi_facts(kpi, stored_rule(kpi, today))


def facts_in(formset: KeyResultFormSet, kpis: Mapping[int, Kpi], today: date, known: dict) -> dict:
    """The facts of the KPIs that are chosen in the rows, by id; `known` ones are not loaded."""
    chosen = {form.kpi_key for form in formset.forms if form.is_linked} - known.keys()
    found = {pk: stored_facts(kpis[pk], today) for pk in chosen if pk in kpis}
    return known | found


def form_context(
    form: ObjectiveForm,
    formset: KeyResultFormSet,
    known: dict[int, KpiFacts],
    answers: Kpi | None,
    now: datetime,
    *,
    is_sent: bool,
    reasons: dict[tuple[str, str], str] | None = None,
) -> dict:
    """What `_draft_fields.html` prints: both forms, the hints beside them and the sentence.

    `answers` is the KPI whose signal the draft answers, None without one; `reasons` are those given
    before for what the coach found, by (code, text).
    """
    offers = form.offers
    today = offers.team.organisation.today(now)
    kpis = {kpi.pk: kpi for kpi in offers.kpis.values()}
    if answers is not None:
        kpis[answers.pk] = answers
        known = known or {answers.pk: stored_facts(answers, today)}
    facts = facts_in(formset, kpis, today, known)
    answered = facts.get(answers.pk) if answers else None
    around = draft_around(form, offers.team, today, reasons=reasons)
    hints = draft_hints(form, formset, facts, answered, is_sent=is_sent, around=around)
    rhythm = str(form["rhythm"].value() or "")
    rows = [
        row_view(one, hints.fields[one.prefix], facts.get(one.kpi_key), rhythm)
        for one in formset.forms
    ]
    return {
        "form": form,
        "formset": formset,
        "rows": rows,
        "hints": hints,
        "title_hints": hints.fields[TITLE],
        "cycle_hint": drafting.short_cycle_note(offers, str(form["cycle"].value() or ""), today),
        "rare_words": rare_words(form),
        "has_rare_errors": any(form[name].errors for name in ("level", "origin", "rhythm")),
        "will": will_sentence(
            str(form["title"].value() or ""), [row["measure"] for row in rows if row["measure"]]
        ),
    }


def rare_words(form: ObjectiveForm) -> str:
    """What the folded fields of an objective say, `Team objective, from the team, every week`."""
    level, origin, rhythm = (
        str(dict(form.fields[name].choices).get(str(form[name].value() or ""), ""))
        for name in ("level", "origin", "rhythm")
    )
    parts = [
        f"{level or Level.TEAM.label} objective",
        origin.lower(),
        f"checked in on {rhythm.lower()}" if rhythm else "",
        "private" if form["is_private"].value() in (True, "on", "True") else "",
    ]
    return ", ".join(part for part in parts if part)


def typed_context(
    team: Team, answers: Kpi | None, now: datetime, data: QueryDict, *, is_sent: bool
) -> dict | None:
    """What `_draft_hints_typed.html` prints beside the field that `data` names; None for no field.

    `answers` is the KPI whose signal the draft answers; `is_sent` says that the draft was saved.
    """
    form = ObjectiveForm(data, quiet=True)
    formset = KeyResultFormSet(data, prefix=PREFIX, form_kwargs={"quiet": True})
    today = team.organisation.today(now)
    pks = {one.kpi_key for one in formset.forms if one.is_linked}
    rows = Kpi.objects.filter(team=team, pk__in=pks).select_related("state")
    facts = facts_in(formset, {kpi.pk: kpi for kpi in rows}, today, {})
    answered = None
    if answers is not None:
        answered = facts.setdefault(answers.pk, stored_facts(answers, today))
    around = draft_around(form, team, today)
    hints = draft_hints(form, formset, facts, answered, is_sent=is_sent, around=around)
    shown = hints.fields.get(data.get("field", ""))
    return None if shown is None else {"shown": shown, "hints": hints}


def row_context(context: dict, name: str) -> dict | None:
    """What `_draft_row.html` prints for one row of a form that was built; None for no such row."""
    rows = [*enumerate(context["rows"], start=1)]
    found = [(place, row) for place, row in rows if row["form"].prefix == name]
    return {"row": found[0][1], "number": found[0][0]} if found else None
