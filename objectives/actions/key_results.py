"""What a running key result goes for: revised with a reason, withdrawn, brought back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from metrics.actions.history import as_text
from metrics.wording import day_year, quantity
from objectives.actions.check_ins import note_latest, require_open
from objectives.actions.giving_up import align_again, move_aligned
from objectives.actions.history import take_version, write_history
from objectives.actions.parents import lock_tree
from objectives.kinds import CHANGES, KeyResultKind
from objectives.models import Checkpoint, KeyResult, Revision
from objectives.states import MoveRefused, ObjectiveState
from teams.models import User

# How long a withdrawn key result can be brought back.
UNDO_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a key result goes for; quantities in its unit, None where its kind has none."""

    kind: str
    baseline: Decimal | None
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight: Decimal
    unit: str

    @classmethod
    def of(cls, key_result: KeyResult) -> Aim:
        """What it goes for now."""
        return cls(**{name: getattr(key_result, name) for name in cls.__slots__})


def steps_off_the_way(key_result: KeyResult, aim: Aim) -> list[Checkpoint]:
    """The steps of its path that do not lie between the start and the target of `aim`.

    Empty for a kind without a path; an unknown start leaves only the side of the target.
    """
    if aim.kind not in CHANGES or aim.target is None:
        return []
    sign = 1 if aim.kind == KeyResultKind.INCREASE else -1
    return [
        step
        for step in key_result.checkpoints.all()
        if step.value * sign > aim.target * sign
        or (aim.baseline is not None and step.value * sign < aim.baseline * sign)
    ]


def step_words(step: Checkpoint, unit: str) -> str:
    """`45 NPS by 1 Sep 2026`."""
    return f"{quantity(step.value, unit)} by {day_year(step.on)}"


@transaction.atomic
def revise_key_result(
    key_result: KeyResult, aim: Aim, *, reason: str, actor: User, now: datetime, version: int
) -> KeyResult:
    """Change what a running key result goes for; the first aim is kept beside the new one.

    A found baseline is a revision too: it gives `find_baseline` its direction. Steps of its path
    that lie beyond the new way are dropped, and named beside the old aim. Raises Changed when
    somebody changed it since `version`, MoveRefused once it has ended, or when nothing differs.
    """
    before = Aim.of(key_result)
    if aim == before:
        raise MoveRefused("Nothing differs from what it goes for now.")
    take_version(key_result, version)
    require_open(key_result)
    _keep_original(key_result, aim)
    for name, value in asdict(aim).items():
        setattr(key_result, name, value)
    key_result.save(
        update_fields=[*asdict(aim), "original_baseline", "original_target"],
    )
    was, then = _differences(before, aim)
    dropped = _drop_steps(key_result, aim)
    Revision.objects.create(
        key_result=key_result,
        at=now,
        actor=actor,
        reason=reason,
        before={name: as_text(value) for name, value in (asdict(before) | dropped).items()},
        after={name: as_text(value) for name, value in (asdict(aim) | _gone(dropped)).items()},
    )
    write_history(
        key_result.objective,
        "key_result_revised",
        actor=actor,
        now=now,
        key_result=key_result,
        reason=reason,
        before=was | dropped,
        after=then | _gone(dropped),
    )
    key_result.version = version + 1
    return key_result


def _drop_steps(key_result: KeyResult, aim: Aim) -> dict[str, str]:
    """Delete the steps off the new way; what they were, empty where there were none."""
    steps = steps_off_the_way(key_result, aim)
    key_result.checkpoints.filter(pk__in=[step.pk for step in steps]).delete()
    return {"steps": ", ".join(step_words(step, aim.unit) for step in steps)} if steps else {}


def _gone(dropped: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(dropped, "")


def _keep_original(key_result: KeyResult, aim: Aim) -> None:
    """Keep the first way from a baseline to a target when a revision replaces it."""
    is_first = key_result.original_target is None and key_result.kind in CHANGES
    moved = (aim.baseline, aim.target) != (key_result.baseline, key_result.target)
    if is_first and moved:
        key_result.original_baseline = key_result.baseline
        key_result.original_target = key_result.target


def _differences(before: Aim, after: Aim) -> tuple[dict, dict]:
    was, then = asdict(before), asdict(after)
    names = [name for name in was if was[name] != then[name]]
    return {name: was[name] for name in names}, {name: then[name] for name in names}


@transaction.atomic
def withdraw_key_result(
    key_result: KeyResult,
    *,
    reason: str,
    actor: User,
    now: datetime,
    version: int,
    fate: str = "",
) -> KeyResult:
    """Take a key result out of every roll-up, with its reason; what was said about it stays.

    `fate` says what becomes of the objectives aligned to it. Raises Changed when it changed since
    `version`, MoveRefused once it has ended, Undecided where something is aligned and there is no
    `fate`.
    """
    lock_tree(key_result.objective.team.organisation)
    take_version(key_result, version)
    require_open(key_result)
    move_aligned(key_result, fate, actor=actor, now=now)
    key_result.withdrawn_at, key_result.withdrawn_reason = now, reason
    key_result.next_due_on = None
    key_result.save(update_fields=["withdrawn_at", "withdrawn_reason", "next_due_on"])
    _write(key_result, "key_result_withdrawn", actor, now, reason)
    key_result.version = version + 1
    return key_result


@transaction.atomic
def restore_key_result(
    key_result: KeyResult, *, actor: User, now: datetime, version: int
) -> KeyResult:
    """Bring a withdrawn key result back within 30 days; nothing when it is back already.

    What its withdrawal aligned to something else comes back with it, unless it was moved on since.
    Raises Changed when it changed since `version`, MoveRefused later or once the objective ended.
    """
    if key_result.withdrawn_at is None:
        return key_result
    if now - key_result.withdrawn_at > UNDO_TIME:
        raise MoveRefused("A withdrawn key result is brought back within 30 days.")
    lock_tree(key_result.objective.team.organisation)
    take_version(key_result, version)
    key_result.objective.refresh_from_db(fields=["state"])
    if key_result.objective.state != ObjectiveState.ACTIVE:
        raise MoveRefused("Key results are brought back while their objective is active.")
    was_withdrawn_at = key_result.withdrawn_at
    key_result.withdrawn_at, key_result.withdrawn_reason = None, ""
    key_result.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    note_latest(key_result)
    align_again(key_result, was_withdrawn_at, actor=actor, now=now)
    _write(key_result, "key_result_restored", actor, now, "")
    key_result.version = version + 1
    return key_result


def _write(key_result: KeyResult, kind: str, actor: User, now: datetime, reason: str) -> None:
    objective = key_result.objective
    write_history(objective, kind, actor=actor, now=now, key_result=key_result, reason=reason)
