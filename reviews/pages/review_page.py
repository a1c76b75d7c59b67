"""The page of a review: what it prints for a person, open or closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics import figures
from metrics.kinds import PeriodStatus
from metrics.models import Kpi, Treatment
from metrics.wording import plural
from objectives.models import Cycle, Objective
from objectives.states import ROLLED_UP
from reviews.calibration import MEAN_AIM, aspirational_mean
from reviews.facts import load_material, review_facts, seen_by
from reviews.figures import Mean, mean_line
from reviews.forms_reviews import ActionForm, LearningForm
from reviews.frozen import frozen_facts
from reviews.kinds import ReviewKind
from reviews.minutes import ambition_word, judged_count, off_words
from reviews.models import Review
from reviews.pages.review_parts import (
    GradePart,
    TextPart,
    Typed,
    grade_part,
    next_part,
    tag_of,
    words_part,
)
from reviews.pages.statistics_facts import counted_of, team_grades
from teams.guards import WRITERS
from teams.models import Membership

# A quarter of weeks fits; of a quarter of days the last two weeks are drawn.
_DRAWN, _STEP = 14, 14
_CYCLES = 4
_MARKS = {"on_target": "on", "near_target": "near", "off_target": "off", "no_target": "info"}


class ObjectiveView(NamedTuple):
    """One objective on the page; the parts are empty where nothing can be entered."""

    fact: dict
    ambition: str
    head_tag: str
    grades: list[GradePart]
    words: TextPart | None
    after: TextPart | None
    next_target: str


class Step(NamedTuple):
    """One of the steps at the top: done, now or to come."""

    anchor: str
    label: str
    words: str
    state: str
    icon: str


class KpiView(NamedTuple):
    """One KPI of the cycle with its figures drawn; `off` says how many of its periods were off."""

    fact: dict
    months: SafeString | str
    off: str
    status: SafeString


def etag_of(review: Review, role: str | None) -> str:
    """Names what a person of that role is shown; it changes with every entry."""
    return f'"{review.pk}-{review.version}-{role or "reader"}"'


def review_context(
    review: Review,
    role: str | None,
    now: datetime,
    *,
    typed: Typed | None = None,
    forms: dict | None = None,
    with_kpis: bool = True,
) -> dict:
    """What `review_detail.html` and its fragments print for a person of that role in the team.

    `typed` is what was sent and not saved; `forms` a learning or action that was not.
    """
    is_open = review.is_open
    material = load_material(review, now) if is_open else None
    if material is None:
        whole = frozen_facts(review)
    else:
        whole = review_facts(material, now, with_kpis=with_kpis)
    facts = seen_by(whole, is_member=role is not None)
    if not with_kpis:
        kpis = Kpi.objects.inside(review.team_id, is_member=role is not None)
        facts["kpi_count"] = kpis.count()
    may_write = is_open and role in WRITERS
    graded = review.kind == ReviewKind.QUARTERLY
    views = _objectives(review, facts, material if may_write and graded else None, typed, role)
    missing = [one for fact in facts["objectives"] for one in fact["missing"]] if is_open else []
    return {
        "review": review,
        "team": review.team,
        "facts": facts,
        "is_open": is_open,
        "is_graded": graded,
        "may_write": may_write,
        "role_is_member": role is not None,
        "may_lead": is_open and role == Membership.Role.LEAD,
        "etag": etag_of(review, role),
        "kpis": [_kpi(fact) for fact in facts["kpis"]],
        "objectives": views,
        "missing": missing,
        "steps": steps_of(facts, graded),
        "steps_tag": tag_of(facts["objectives"], facts["learnings"]),
        "foot_tag": tag_of(missing),
        "learned_tag": tag_of(facts["learnings"]),
        "actions_tag": tag_of(facts["actions"]),
        "earlier_tag": tag_of(facts["earlier"]),
        "calibration": _calibration(review, role) if with_kpis and graded else None,
        **_open_forms(review, may_write, forms or {}, now),
    }


def _calibration(review: Review, role: str | None) -> SafeString | None:
    """The team's means of its last graded cycles as the statistics have them; None before two."""
    mine = Objective.objects.filter(
        team=review.team_id,
        state__in=ROLLED_UP,
        cycle__kind=review.cycle.kind,
        cycle__starts_on__lte=review.cycle.starts_on,
    )
    if role is None:
        mine = mine.filter(is_private=False)
    grades = team_grades(counted_of(mine)).get(review.team_id, {})
    cycles = Cycle.objects.filter(pk__in=list(grades)).order_by("-starts_on", "-pk")[:_CYCLES]
    means = [Mean(one.name, aspirational_mean(grades[one.pk])) for one in reversed(cycles)]
    told = [one for one in means if one.value is not None]
    return mean_line(means, *MEAN_AIM) if len(told) > 1 else None


def _open_forms(review: Review, may_write: bool, forms: dict, now: datetime) -> dict:
    """The empty forms below the lists, or what was typed in them and not saved."""
    if not may_write:
        return {}
    today = review.team.organisation.today(now)
    return {
        "learning_form": forms.get("learning") or LearningForm(initial={"token": uuid4()}),
        "action_form": forms.get("action")
        or ActionForm(team=review.team, today=today, initial={"token": uuid4()}),
    }


def _objectives(review: Review, facts: dict, material, typed, role) -> list[ObjectiveView]:
    links = _next_targets(facts) if role == Membership.Role.LEAD else {}
    views = []
    for fact in facts["objectives"]:
        is_entered = material is not None
        grades = [
            grade_part(material, one, typed)
            for one in fact["key_results"]
            if is_entered and not fact["is_closed"] and not one["is_withdrawn"]
        ]
        views.append(
            ObjectiveView(
                fact,
                ambition_word(fact),
                tag_of(fact["grade"], fact["ending"]),
                grades,
                words_part(material, fact, typed) if is_entered else None,
                next_part(material, fact, typed) if is_entered else None,
                links.get(fact["id"], ""),
            )
        )
    return views


def _next_targets(facts: dict) -> dict[int, str]:
    """Where the KPI's next target is chosen, of closed objectives that answered a signal."""
    pages = {
        f"/objectives/{fact['id']}/": fact["id"]
        for fact in facts["objectives"]
        if fact["is_closed"] and fact["has_signal"]
    }
    if not pages:
        return {}
    ended = Treatment.objects.filter(url__in=pages, ended_at__isnull=False)
    return {pages[url]: f"{url}next-target/" for url in ended.values_list("url", flat=True)}


def _kpi(fact: dict) -> KpiView:
    return KpiView(
        fact,
        period_marks(fact["statuses"]),
        _periods_words(fact),
        figures.status_mark(fact["state"], fact["age"]),
    )


def _periods_words(fact: dict) -> str:
    """`2 of 12 weeks off`, and what a look at the marks does not tell; empty without a target."""
    told = [f"{off_words(fact)} off"] if judged_count(fact) else []
    if fact["missing"]:
        told.append(f"{fact['missing']} missing")
    if len(fact["statuses"]) > _DRAWN:
        told.append(f"the last {_DRAWN} drawn")
    return ", ".join(told)


def period_marks(statuses: list[str]) -> SafeString | str:
    """The last periods of the cycle as dots and diamonds, oldest first; empty without any."""
    shown = statuses[-_DRAWN:]
    if not shown:
        return ""
    names = [_MARKS.get(status, "miss") for status in shown]
    marks = format_html_join("", "{}", ((_mark(n, 7 + _STEP * at),) for at, n in enumerate(names)))
    return format_html(
        '<svg class="months" width="{}" height="14" role="img" aria-label="{}">{}</svg>',
        _STEP * len(shown),
        ", ".join(PeriodStatus(status).label.lower() for status in shown),
        marks,
    )


def _mark(name: str, x: int) -> SafeString:
    if name == "off":
        return format_html('<path class="off" d="M{} 1l6 6l-6 6l-6-6z"/>', x)
    radius = 4 if name == "miss" else 5
    return format_html('<circle class="{}" cx="{}" cy="7" r="{}"/>', name, x, radius)


def steps_of(facts: dict, is_graded: bool) -> list[Step]:
    """KPIs, grades, decisions, learnings: how far each is; the first unfinished one is now."""
    rows = [one for fact in facts["objectives"] for one in fact["key_results"]]
    asked = [one for one in rows if not one["is_withdrawn"]]
    done = sum(bool(one["grade"] or one["is_left_out"]) for one in asked)
    decided = sum(bool(fact["decision"]) for fact in facts["objectives"])
    count, written = len(facts["objectives"]), len(facts["learnings"])
    kpis = facts.get("kpi_count", len(facts["kpis"]))
    told = [("kpis", "KPIs", plural(kpis, "KPI"), True)]
    if is_graded:
        told += [
            ("grades", "Grades", f"{done} of {len(asked)} graded", done == len(asked)),
            ("next", "Decisions", f"{decided} of {count} made", decided == count),
        ]
    else:
        told += [("grades", "Objectives", plural(count, "objective"), True)]
    told += [("learned-h", "Learnings", f"{written} written", written > 0)]
    return list(_stated(told))


def _stated(told: list[tuple[str, str, str, bool]]) -> Iterable[Step]:
    waits = True
    for anchor, label, words, is_done in told:
        if is_done:
            yield Step(anchor, label, words, "done", "s-check")
        else:
            yield Step(
                anchor, label, words, "now" if waits else "", "progress" if waits else "circle"
            )
            waits = False
