"""What stands around a draft that is typed: rules, earlier cycles, what it is aligned to."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from objectives.forms_drafts import ObjectiveForm
from objectives.models import Cycle, KeyResult, Objective
from objectives.pages.coach_facts import depth_of, past_cycles
from objectives.pages.coach_policy import policy_of
from objectives.pages.draft_hints import DraftAround
from teams.models import Team


def draft_around(
    form: ObjectiveForm,
    team: Team,
    today: date,
    *,
    reasons: dict[tuple[str, str], str] | None = None,
) -> DraftAround:
    """What the coach knows of a draft beside its words, for a lead of its team.

    A number of queries that depends on nothing but how deep the draft is aligned.
    """
    cycle = _chosen(Cycle.objects.filter(organisation=team.organisation_id), form, "cycle")
    history = ()
    if cycle is not None:
        history = past_cycles(
            team, cycle.starts_on, kind=cycle.kind, with_private=True, with_targets=True
        )
    title, depth = _parent(str(form["parent"].value() or ""), team)
    return DraftAround(policy_of(team.organisation_id), history, title, depth, reasons or {})


def _chosen(rows, form: ObjectiveForm, name: str) -> Cycle | None:
    key = str(form[name].value() or "")
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    return rows.filter(pk=int(key)).first() if is_key else None


def _parent(key: str, team: Team) -> tuple[str, int]:
    """(title, depth) of what is chosen as parent: `o12` an objective, `k34` a key result.

    A hint tells of its words, so only what everybody of the team may see is compared.
    """
    pk = key[1:]
    if key[:1] not in {"o", "k"} or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return "", 1
    others = Q(team__organisation=team.organisation_id, is_private=False, team__is_private=False)
    rows = Objective.objects.filter(Q(team=team) | others)
    rows = rows.filter(pk=int(pk)) if key[0] == "o" else rows.filter(key_results=int(pk))
    above = rows.values("pk", "title", "parent_objective_id", "parent_key_result_id").first()
    if above is None:
        return "", 1
    title, depth = above["title"], depth_of(above)
    if key[0] == "k":
        title = KeyResult.objects.filter(pk=int(pk)).values_list("title", flat=True).get()
    return title, depth + 1
