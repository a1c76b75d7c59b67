"""The lesson of the day of a person: what the coach noted, their role, what they were shown."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from objectives.coach import advice
from objectives.coach.catalogue import RULES, Level
from objectives.coach.facts import ObjectiveText
from objectives.lesson_choice import lesson_of_day
from objectives.lessons import ADMIN, LEAD, LESSONS, MEMBER, Lesson
from objectives.models import LessonShown, Objective
from objectives.pages.coach_hints import key_result_text
from objectives.pages.coach_policy import silenced
from objectives.states import LIVE
from teams.models import Membership, User

DRAFTS = 5  # how far back the coach's notes are looked for


def todays_lesson(user: User, today: date) -> Lesson | None:
    """What the person reads today; noted as shown, so that it stays through the day."""
    seen = dict(LessonShown.objects.filter(person=user).values_list("lesson", "on"))
    if today in seen.values():
        return lesson_of_day((), MEMBER, seen, today)
    lesson = lesson_of_day(coach_notes(user), role_of(user), seen, today)
    if lesson is not None:
        _note(user, lesson, today)
    return lesson


@transaction.atomic
def _note(user: User, lesson: Lesson, today: date) -> None:
    """Two pages at once choose the same, so the second finds the row of the first."""
    row, made = LessonShown.objects.get_or_create(
        person=user, lesson=lesson.key, defaults={"on": today}
    )
    if not made and row.on != today:
        LessonShown.objects.filter(pk=row.pk).update(on=today)


def role_of(user: User) -> str:
    """Whose lessons the person reads: of administrators, of leads or of members."""
    if user.is_org_admin:
        return ADMIN
    leads = user.memberships.filter(role=Membership.Role.LEAD, team__archived_at=None)
    return LEAD if leads.exists() else MEMBER


def coach_notes(user: User) -> list[str]:
    """The codes the coach would note on the person's latest objectives, the newest first.

    Drafts come before what is running; rules that are off note nothing.
    """
    mine = Q(created_by=user) | Q(owner=user)
    rows = Objective.objects.filter(mine, state__in=LIVE, team__organisation=user.organisation_id)
    rows = rows.prefetch_related("key_results__kpi").order_by("-state", "-pk")[:DRAFTS]
    rows = list(rows)
    if not rows:
        return []
    off = silenced(user.organisation_id)
    codes: list[str] = []
    for row in rows:
        codes += [code for code in _noted(row, off) if code not in codes]
    return codes


def _noted(row: Objective, off: frozenset[str]) -> list[str]:
    key_results = [one for one in row.key_results.all() if one.withdrawn_at is None]
    text = ObjectiveText(row.title, row.why, tuple(key_result_text(one) for one in key_results))
    found = advice.of_objective(text, off=off)
    hints = [*found.objective, *(hint for hints in found.key_results for hint in hints)]
    worth = [hint for hint in hints if hint.level in (Level.WARN, Level.FAIL)]
    return [hint.code for hint in sorted(worth, key=lambda hint: RULES[hint.code].rank)]


def lessons_context(user: User, today: date) -> dict:
    """The page of lessons: today's first, then all of them."""
    lesson = todays_lesson(user, today) if user.has_lessons and user.organisation_id else None
    return {
        "lesson": lesson,
        "lessons": LESSONS,
        "notes": [RULES[code] for code in lesson.rules] if lesson else [],
    }
