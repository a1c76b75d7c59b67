"""Which due days a check-in may answer, and whether one came in time (product.md 2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from metrics.timeliness import Timeliness, timeliness
from metrics.wording import day_week
from objectives import rhythm
from objectives.models import CheckIn, KeyResult, Objective

# How many missed due days are offered, the newest ones.
OFFERED = 12
# What is said of a check-in that did not come in time; on time needs no word.
WORDS = {Timeliness.LATE: "late", Timeliness.MISSED: "filled in afterwards"}


def due_days(
    key_result: KeyResult, standing: Iterable[CheckIn], today: date
) -> list[tuple[date, str]]:
    """The due days a check-in made today may answer, with their words; the usual one first.

    After it come those before it that none of the `standing` check-ins answers, newest first.
    """
    objective = key_result.objective
    weekday = objective.team.organisation.check_in_weekday
    usual = rhythm.answered(today, key_result.next_due_on, objective.rhythm, weekday)
    answered = {row.due_on for row in standing}
    days = [(usual, day_week(usual) + (", late" if usual < today else ""))]
    day = rhythm.due_before(usual, objective.rhythm, weekday)
    while day >= objective.begins_on and len(days) <= OFFERED:
        if day not in answered:
            word = "late" if today <= next_due(day, objective) else "missed"
            days.append((day, f"{day_week(day)}, {word}"))
        day = rhythm.due_before(day, objective.rhythm, weekday)
    return days


def next_due(day: date, objective: Objective) -> date:
    """The due day after `day`."""
    weekday = objective.team.organisation.check_in_weekday
    return rhythm.due_from(day + rhythm.DAY, objective.rhythm, weekday)


def came(check_in: CheckIn, by_pk: Mapping[int, CheckIn], objective: Objective) -> Timeliness:
    """Whether a check-in came in time; of a corrected one the day that counts is its first.

    `by_pk` holds every check-in of the key result.
    """
    first = check_in
    while first.corrects_id is not None and first.corrects_id in by_pk:
        first = by_pk[first.corrects_id]
    came_on = objective.team.organisation.today(first.made_at)
    return timeliness(
        check_in.due_on,
        next_due(check_in.due_on, objective),
        came_on=came_on,
        today=came_on,
        grace_days=rhythm.GRACE_DAYS[rhythm.Rhythm(objective.rhythm)],
    )
