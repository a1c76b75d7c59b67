"""The row of a key result while it is edited, just saved, or in conflict with somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime, timedelta

from django.http import QueryDict

from metrics.figures import quantity_mark
from metrics.wording import number
from objectives.forms_check_ins import CheckInForm, why_question
from objectives.kinds import WITHOUT_VALUE, Ambition, KeyResultKind
from objectives.models import CheckIn, KeyResult, Milestone
from objectives.pages.due_days import WORDS, came, due_days
from objectives.pages.happenings import meanwhile
from objectives.pages.rows import (
    OBJECTIVE,
    PLACES,
    TEAM,
    WEEK,
    in_place,
    live_result,
    row_view,
    value_words,
)
from objectives.standing import KeyResultStanding, follows, key_result_standing
from objectives.states import ObjectiveState
from teams.models import User

# The id of a check-in nobody has made: behind every one there is.
_UNMADE = 2**62


def today_of(key_result: KeyResult, now: datetime) -> date:
    """The date in the organisation's zone."""
    return key_result.objective.team.organisation.today(now)


def standing_of(key_result: KeyResult, now: datetime) -> KeyResultStanding:
    """Where the key result stands; it comes `with_parts()` and its objective."""
    return key_result_standing(key_result, key_result.objective, today_of(key_result, now))


def place_of(*sources: Mapping[str, str]) -> str:
    """Which list the row stands in, as the page that printed it said; its objective's page else."""
    named = next((source["list"] for source in sources if "list" in source), OBJECTIVE)
    return named if named in PLACES else OBJECTIVE


def page_of(place: str, key_result: KeyResult) -> str:
    """The address of the page the row stands on, at the row."""
    if place == WEEK:
        return f"/my-week/#{key_result.row_id}"
    objective = key_result.objective
    owner = objective.team if place == TEAM else objective
    return f"{owner.get_absolute_url()}#{key_result.row_id}"


def check_in_form(
    key_result: KeyResult,
    standing: KeyResultStanding,
    now: datetime,
    data: QueryDict | None = None,
    corrects: CheckIn | None = None,
) -> CheckInForm:
    """The form of a row: opens with the last value and confidence, and a new token."""
    initial = CheckInForm.first_values(key_result, standing.value, standing.confidence)
    earlier = [row for row in standing.check_ins if row != corrects]
    days = due_days(key_result, standing.check_ins, today_of(key_result, now))
    if corrects is not None:
        initial |= {"note": corrects.note, "reported": corrects.reported, "corrects": corrects.pk}
        days = []
    return CheckInForm(
        data,
        key_result=key_result,
        follows=follows(key_result),
        last_confidence=earlier[-1].confidence if earlier else None,
        due_days=days,
        initial=initial,
    )


def edit_context(key_result: KeyResult, form: CheckInForm, now: datetime, place: str) -> dict:
    """What `_kr_row_edit.html` prints."""
    standing = standing_of(key_result, now)
    objective = key_result.objective
    takes_value = key_result.kind not in WITHOUT_VALUE and not follows(key_result)
    return {
        "key_result": key_result,
        "objective": objective,
        "root": key_result.row_id,
        "place": place,
        "rest_url": f"{key_result.get_absolute_url()}{in_place(place)}",
        "page_url": page_of(place, key_result),
        "ambition": Ambition(key_result.ambition or objective.ambition).name.lower(),
        "form": form,
        "last_value": last_words(standing) if takes_value else "",
        "last_confidence": form.last_confidence,
        "kpi_value": quantity_mark(standing.value, key_result.unit),
        "kpi": key_result.kpi if follows(key_result) else None,
    } | result_context(key_result, standing, form, now)


def last_words(standing: KeyResultStanding) -> str:
    """The last value as the label says it; empty without one."""
    if standing.value is None:
        return ""
    if standing.key_result.kind == KeyResultKind.YES_NO:
        return value_words(standing.value, standing.key_result).lower()
    return number(standing.value)


def result_context(
    key_result: KeyResult, standing: KeyResultStanding, form: CheckInForm, now: datetime
) -> dict:
    """What `_kr_row_result.html` prints: what the typed value means, and what it asks."""
    typed = proposed(key_result, standing, form, now)
    return {
        "root": key_result.row_id,
        "result": live_result(typed, standing),
        "why": why_question(form.typed_confidence, form.last_confidence),
    }


def proposed(
    key_result: KeyResult, standing: KeyResultStanding, form: CheckInForm, now: datetime
) -> KeyResultStanding:
    """Where it would stand with what was typed; as it is while nothing was, or nothing readable."""
    if not form.is_bound:
        return standing
    form.is_valid()
    told = {**key_result._prefetched_objects_cache}
    if form.cleaned_data.get("value") is not None:
        told["check_ins"] = [*key_result.check_ins.all(), _hypothetical(standing, form, now)]
    if "milestones" in form.cleaned_data:
        done = form.cleaned_data["milestones"]
        told["milestones"] = [_ticked(step, step.pk in done, now) for step in told["milestones"]]
    as_typed = copy(key_result)
    as_typed._prefetched_objects_cache = told
    return standing_of(as_typed, now)


def _hypothetical(standing: KeyResultStanding, form: CheckInForm, now: datetime) -> CheckIn:
    """A check-in nobody has made, with the value that was typed."""
    key_result = standing.key_result
    today = today_of(key_result, now)
    usual = due_days(key_result, standing.check_ins, today)[0][0]
    return CheckIn(
        pk=_UNMADE,
        value=form.cleaned_data["value"],
        confidence=form.cleaned_data.get("confidence") or 0,
        due_on=form.cleaned_data.get("due_on") or usual,
        made_at=now,
        corrects_id=form.cleaned_data.get("corrects"),
    )


def _ticked(step: Milestone, is_done: bool, now: datetime) -> Milestone:
    told = copy(step)
    told.done_at = now if is_done else None
    return told


def rest_context(
    key_result: KeyResult, now: datetime, *, may_write: bool, place: str = OBJECTIVE
) -> dict:
    """What `_kr_row.html` prints at rest."""
    objective = key_result.objective
    standing, today = standing_of(key_result, now), today_of(key_result, now)
    row = row_view(standing, objective, today, may_write=may_write, place=place)
    return {"row": row, "objective": objective}


def add_check_in(key_result: KeyResult, made: CheckIn) -> None:
    """Put a check-in just made behind those that were loaded, to draw the row without asking anew.

    Afterwards the key result is drawn, and not written any more.
    """
    loaded = key_result._prefetched_objects_cache
    loaded["check_ins"] = [*key_result.check_ins.all(), made]


def saved_context(
    key_result: KeyResult, made: CheckIn, before: KeyResultStanding, now: datetime, place: str
) -> dict:
    """What `_kr_row.html` prints just after saving: what it was, how far it moved, and Undo."""
    objective = key_result.objective
    standing, today = standing_of(key_result, now), today_of(key_result, now)
    row = row_view(standing, objective, today, may_write=True, place=place, before=before)
    by_pk = {one.pk: one for one in key_result.check_ins.all()}
    mark = WORDS.get(came(made, by_pk, objective), "")
    query = f"{in_place(place)}{'&' if in_place(place) else '?'}corrects={made.pk}"
    return {
        "row": row,
        "objective": objective,
        "saved": True,
        "mark": mark,
        "made": made,
        "place": place,
        "edit_url": f"/key-results/{key_result.pk}/check-in/{query}",
    }


def conflict_context(key_result: KeyResult, form: CheckInForm) -> dict:
    """The row in conflict: what happened meanwhile beside what was typed, which is kept."""
    kept = form.data.copy()
    kept["version"] = str(key_result.version)
    form.data = kept
    return {"conflict": meanwhile(key_result)}


def next_owed(place: str, key_result: KeyResult, user: User, now: datetime) -> str:
    """The id of the row to open next on the page; empty when nothing is owed on it any more.

    Of the rows of the objective or the team, those behind this one first (My week has an order of
    its own, see `pages.week.following`). Owed is what is due by the end of this week.
    """
    objective = key_result.objective
    today = today_of(key_result, now)
    sunday = today + timedelta(days=7 - today.isoweekday())
    rows = KeyResult.objects.filter(withdrawn_at=None, next_due_on__lte=sunday)
    names, here = ["position", "pk"], (key_result.position, key_result.pk)
    if place == TEAM:
        rows = rows.visible_to(user).filter(
            objective__team_id=objective.team_id, objective__state=ObjectiveState.ACTIVE
        )
        names = ["objective__position", "objective_id", *names]
        here = (objective.position, objective.pk, *here)
    elif objective.state == ObjectiveState.ACTIVE:
        rows = rows.filter(objective=objective)
    else:
        return ""
    owed = [one for one in sorted(rows.order_by().values_list(*names)) if one != here]
    following = next((one for one in owed if one > here), owed[0] if owed else None)
    return f"kr-{following[-1]}" if following else ""
