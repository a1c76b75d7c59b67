"""One step of the coach applied to a draft that is typed: the form comes back, nothing is saved.

Only "Make it a KPI" writes: the KPI, once however often it is sent; the draft still saves nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_POST

from objectives.actions.conversions import kpi_from_text
from objectives.coach.facts import KeyResultText
from objectives.pages.draft_hints import FieldHint, row_text
from objectives.pages.draft_page import edit_context, new_context, stored_facts
from objectives.pages.draft_remedies import Remedied, Sick, apply
from objectives.pages.typed_rows import TypedRows
from objectives.views_conversions import made_words
from objectives.views_drafts import draft_response, get_draft, get_writing_team, new_response
from objectives.views_signal_drafts import signal_context
from objectives.views_signals import get_answerable, signal_response
from teams.http import AuthedRequest
from teams.models import Team

NO_LONGER = "That step no longer fits what stands here."


@require_POST
def objective_create_remedy(request: AuthedRequest, pk: int) -> HttpResponse:
    """A remedy in the form of a new objective."""
    team = get_writing_team(request, pk)

    def build(data: QueryDict) -> dict:
        return new_context(team, request.user, timezone.now(), data, is_sent=False)

    return new_response(request, team, remedied(request, team, build))


@require_POST
def objective_remedy(request: AuthedRequest, pk: int) -> HttpResponse:
    """A remedy in the form of a saved draft."""
    objective = get_draft(request, pk)

    def build(data: QueryDict) -> dict:
        return edit_context(objective, request.user, timezone.now(), data, is_sent=False)

    return draft_response(request, objective, remedied(request, objective.team, build))


@require_POST
def signal_draft_remedy(request: AuthedRequest, pk: int) -> HttpResponse:
    """A remedy in the draft that answers a signal."""
    signal = get_answerable(request, pk)

    def build(data: QueryDict) -> dict:
        return signal_context(request, signal, data, is_sent=False)

    context = remedied(request, signal.kpi.team, build)
    return signal_response(request, signal, "okr", extra=context)


def remedied(request: AuthedRequest, team: Team, build: Callable[[QueryDict], dict]) -> dict:
    """The form with a remedy applied to what was typed, the cursor where it goes on."""
    action, _, place = request.POST.get("remedy", "").partition(":")
    before = build(request.POST)
    hint = hint_at(before, action, place)
    if hint is None:
        return before | {"remedied": NO_LONGER}
    rows = TypedRows(request.POST)
    at = rows.at(place)
    sick = Sick(rows, at, text_at(before, team, at), hint.hint.remedy.value, last_day(before))
    if action == "convert_to_kpi":
        done = converted(request, team, before, sick)
    else:
        done = apply(action, sick)
    if done is None:
        return before | {"remedied": NO_LONGER}
    context = build(rows.sent())
    focus(context, done)
    return context | {"remedied": f"{done.words} Nothing else is saved yet."}


def hint_at(context: dict, action: str, place: str) -> FieldHint | None:
    """The hint whose step was taken; None where what is typed no longer gives it."""
    hints = context["hints"].fields.get(place, ())
    wanted = f"{action}:{place}"
    return next((hint for hint in hints if hint.step and hint.step.value == wanted), None)


def text_at(context: dict, team: Team, at: int | None) -> KeyResultText:
    """What the remedy works on as the coach reads it; the objective's words without a row."""
    if at is None:
        return KeyResultText(str(context["form"]["title"].value() or ""))
    form = context["formset"].forms[at]
    kpi = form.offers.kpis.get(str(form.kpi_key)) if form.is_linked else None
    today = team.organisation.today(timezone.now())
    return row_text(form, {kpi.pk: stored_facts(kpi, today)} if kpi else {})


def last_day(context: dict):
    """The last day of the cycle that is chosen; None while none is."""
    form = context["form"]
    found = form.offers.cycles.get(str(form["cycle"].value() or ""))
    return found[0].ends_on if found else None


def converted(request: AuthedRequest, team: Team, context: dict, sick: Sick) -> Remedied:
    """A KPI made of a row, or of the objective's words, which leave the form."""
    is_private = context["form"]["is_private"].value() in (True, "on", "True")
    kpi, is_new = kpi_from_text(
        team,
        sick.text,
        is_private=is_private or bool(context.get("is_private_kpi")),
        actor=request.user,
        now=timezone.now(),
    )
    if sick.at is None:
        sick.rows.data["title"] = ""
    else:
        sick.rows.remove(sick.at)
    return Remedied(made_words(kpi, is_new=is_new), sick.at and max(sick.at - 1, 0))


def focus(context: dict, done: Remedied) -> None:
    """Put the cursor where a person goes on."""
    forms = context["formset"].forms
    form = context["form"] if done.row is None else forms[min(done.row, len(forms) - 1)]
    form.fields[done.field].widget.attrs["autofocus"] = True
