"""Every check-in of a key result as its page prints it: what was said, when, and what became of it.

The same rows give the points of the chart, so chart and table say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.wording import day_near, day_week, leading, names, percent
from objectives import progress, standards
from objectives.actions.check_ins import UNDO_TIME
from objectives.charts import Said
from objectives.kinds import CHANGES, STANDARDS, KeyResultKind, Reported
from objectives.measuring import aim_of, follows, way_gone
from objectives.models import CheckIn, KeyResult, Thanks
from objectives.pages.due_days import WORDS, came
from objectives.pages.rows import check_in_words, value_words
from objectives.standing import key_result_standing
from teams.models import User


class CheckInLine(NamedTuple):
    """One check-in in the table, newest first.

    `became` says that it was corrected or taken back; `undo` is set for the one its author may
    take back now; `thanks` are the names of who thanked, `may_thank` whether the viewer still can.
    """

    check_in: CheckIn
    due: str
    value: str
    confidence: str
    progress: str
    expected: str
    said: str
    mark: str
    became: str
    who: str
    when: str
    thanks: str
    may_thank: bool
    undo: bool


class _Told(NamedTuple):
    """One check-in with what stood before it and the progress it made."""

    check_in: CheckIn
    before: CheckIn | None
    ratio: Decimal | None
    expected: Decimal | None


def told(key_result: KeyResult, today: date) -> list[_Told]:
    """The check-ins in the order they were made, each with what stood before it."""
    objective = key_result.objective
    stands: dict[int, CheckIn] = {}
    found = []
    for row in sorted(key_result.check_ins.all(), key=lambda one: (one.made_at, one.pk)):
        before = _latest(stands.values())
        stands.pop(row.corrects_id or 0, None)
        if not row.is_retraction:
            stands[row.pk] = row
        day = day_of(row, key_result)
        ratio = _ratio(key_result, row, [*stands.values()], day)
        expected = key_result_standing(key_result, objective, day).expected
        found.append(_Told(row, before, ratio, expected))
    return found


def _latest(rows: Iterable[CheckIn]) -> CheckIn | None:
    return max(rows, key=lambda one: (one.due_on, one.made_at, one.pk), default=None)


def day_of(row: CheckIn, key_result: KeyResult) -> date:
    """The day a check-in speaks of: when it was made, or its due day if it was filled in later."""
    made_on = key_result.objective.team.organisation.today(row.made_at)
    return min(made_on, row.due_on)


def _ratio(
    key_result: KeyResult, row: CheckIn, stands: Sequence[CheckIn], day: date
) -> Decimal | None:
    """The progress 0..1 that a check-in stood for, by what the key result goes for now."""
    kind = key_result.kind
    if kind == KeyResultKind.MILESTONES:
        steps = key_result.milestones.all()
        was_done = ((s.weight, s.done_at is not None and s.done_at <= row.made_at) for s in steps)
        way = progress.milestones(was_done)
    elif kind in STANDARDS and not follows(key_result):
        rows = sorted(stands, key=lambda one: (one.due_on, one.made_at, one.pk))
        values = standards.by_hand(key_result.objective, rows, day)
        way = progress.kept(aim_of(key_result), values).progress
    elif kind in CHANGES or kind == KeyResultKind.YES_NO:
        way = None if row.value is None else way_gone(key_result, row.value)
    else:
        way = None
    return way.ratio if way else None


def chart_points(key_result: KeyResult, rows: Sequence[_Told]) -> list[Said]:
    """The check-ins that stand as the chart draws them, oldest day first."""
    replaced = {row.check_in.corrects_id for row in rows}
    points = [
        Said(
            day_of(row.check_in, key_result),
            row.ratio,
            row.check_in.confidence,
            _hover(row, key_result),
        )
        for row in rows
        if row.check_in.pk not in replaced and not row.check_in.is_retraction
    ]
    return sorted(points, key=lambda one: one.on)


def _hover(row: _Told, key_result: KeyResult) -> str:
    words = check_in_words(row.check_in, key_result)
    return words if row.ratio is None else f"{words}: {percent(row.ratio)} of the way"


def lines(
    key_result: KeyResult, rows: Sequence[_Told], user: User, now: datetime, *, may_write: bool
) -> list[CheckInLine]:
    """The table, newest first."""
    by_pk = {row.check_in.pk: row.check_in for row in rows}
    by_corrected = {row.check_in.corrects_id: row.check_in for row in rows}
    given = _thanks(key_result)
    last = rows[-1].check_in if rows else None
    today = key_result.objective.team.organisation.today(now)
    found = []
    for row in reversed(rows):
        one = row.check_in
        thanked = given.get(one.pk, [])
        is_own = one.author_id == user.pk
        may_undo = one is last and is_own and not one.is_retraction and may_write
        stands = one.pk not in by_corrected and not one.is_retraction
        found.append(
            CheckInLine(
                check_in=one,
                due=day_week(one.due_on),
                value="" if one.is_retraction else _moved_value(row, key_result),
                confidence="" if one.is_retraction else _moved_confidence(row),
                progress="" if one.is_retraction else percent(row.ratio),
                expected="" if one.is_retraction else percent(row.expected),
                said=Reported(one.reported).label if one.reported else "",
                mark=_mark(one, by_pk, key_result),
                became=_became(by_corrected.get(one.pk)),
                who=str(one.author),
                when=day_near(key_result.objective.team.organisation.today(one.made_at), today),
                thanks=names([str(t.person) for t in thanked]) if thanked else "",
                may_thank=stands and not is_own and all(t.person_id != user.pk for t in thanked),
                undo=may_undo and now - one.made_at <= UNDO_TIME,
            )
        )
    return found


def _thanks(key_result: KeyResult) -> dict[int, list[Thanks]]:
    found = defaultdict(list)
    rows = Thanks.objects.filter(check_in__key_result=key_result).select_related("person")
    for row in rows:
        found[row.check_in_id].append(row)
    return found


def _moved_value(row: _Told, key_result: KeyResult) -> str:
    now = value_words(row.check_in.value, key_result)
    old = row.before.value if row.before else None
    if old in (None, row.check_in.value):
        return now
    first = value_words(old, key_result)
    if key_result.kind != KeyResultKind.YES_NO:
        first = leading(old, key_result.unit)
    return f"{first} → {now}"


def _moved_confidence(row: _Told) -> str:
    now, old = row.check_in.confidence, row.before.confidence if row.before else None
    return str(now) if old in (None, now) else f"{old} → {now}"


def _mark(one: CheckIn, by_pk: dict[int, CheckIn], key_result: KeyResult) -> str:
    """Whether it came in time, and whether it replaced another."""
    if one.is_retraction:
        return "took it back"
    words = [WORDS.get(came(one, by_pk, key_result.objective), "")]
    words.append("a correction" if one.corrects_id else "")
    return ", ".join(word for word in words if word)


def _became(by: CheckIn | None) -> str:
    if by is None:
        return ""
    return "taken back" if by.is_retraction else "corrected later"
