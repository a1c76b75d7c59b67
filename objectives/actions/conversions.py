"""A key result becomes a KPI in one step (product.md M3); the way back opens a draft form."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from metrics.actions import create_kpi
from metrics.actions.history import write_history as write_kpi_history
from metrics.kinds import Direction
from metrics.models import Kpi
from metrics.numbers import NumberError, number_text, parse_number
from objectives.actions.history import take_version, write_history
from objectives.actions.key_results import withdraw_key_result
from objectives.coach.facts import KeyResultText, KpiFacts
from objectives.coach.proposals import kpi_from_key_result
from objectives.models import KeyResult, Objective, ObjectiveEvent
from objectives.states import UNPUBLISHED, MoveRefused
from teams.models import Team, User

CONVERTED = "made_a_kpi"
REASON = "Watched as a KPI from now on."
LONGEST_NAME, LONGEST_UNIT = 200, 20


def kpi_from_text(
    team: Team, text: KeyResultText, *, is_private: bool, actor: User, now: datetime
) -> tuple[Kpi, bool]:
    """The KPI that watches what a text measures, and whether it is new.

    What the text does not say stays empty, so that it is a metric until somebody completes it. A
    KPI of that name is there already, from the same step sent twice or from before: it is the one.
    """
    proposal = kpi_from_key_result(text)
    name = proposal.name.strip()[:LONGEST_NAME]
    known = Kpi.objects.filter(team=team, name=name).first()
    if known is not None:
        return known, False
    kpi = Kpi(
        team=team,
        name=name,
        unit=proposal.unit[:LONGEST_UNIT],
        direction=proposal.direction or Direction.HIGHER,
        owner=actor,
        starts_on=team.organisation.today(now).replace(day=1),
        is_private=is_private,
    )
    target = _storable(proposal.target) if proposal.direction else None
    numbers = None if target is None else {"value": target}
    try:
        with transaction.atomic():
            return create_kpi(kpi, target=numbers, actor=actor, now=now), True
    except IntegrityError:
        return Kpi.objects.get(team=team, name=name), False


def _storable(value: Decimal | None) -> Decimal | None:
    """The number as a target can hold it; None for one with more digits than that."""
    try:
        return None if value is None else parse_number(number_text(value))
    except NumberError:
        return None


@transaction.atomic
def key_result_to_kpi(
    key_result: KeyResult, *, actor: User, now: datetime, version: int
) -> tuple[Kpi, bool]:
    """Watch as a KPI what a key result goes for; it leaves its objective, with the reason.

    Of a draft it is removed, else withdrawn. One that a KPI measures already makes no second one.
    Raises Changed when somebody changed it since `version`, MoveRefused once it has ended.
    """
    objective = key_result.objective
    if key_result.kpi_id:
        kpi, is_new = key_result.kpi, False
    else:
        kpi, is_new = kpi_from_text(
            objective.team,
            saved_text(key_result),
            is_private=objective.is_private,
            actor=actor,
            now=now,
        )
    _leave(key_result, actor=actor, now=now, version=version)
    write_history(
        objective,
        CONVERTED,
        actor=actor,
        now=now,
        reason=REASON,
        after={"key_result": key_result.title, "was": str(key_result.pk), "kpi": str(kpi.pk)},
    )
    if is_new:
        said = {} if objective.is_private else {"objective": objective.title}
        write_kpi_history(kpi, "from_key_result", actor=actor, now=now, after=said)
    return kpi, is_new


def _leave(key_result: KeyResult, *, actor: User, now: datetime, version: int) -> None:
    objective = key_result.objective
    if objective.state not in UNPUBLISHED:
        withdraw_key_result(key_result, reason=REASON, actor=actor, now=now, version=version)
        return
    # The objective first, as saving a draft does; whoever has its form open is told it changed.
    take_version(objective, objective.version)
    take_version(key_result, version)
    if Objective.objects.filter(parent_key_result=key_result).exists():
        raise MoveRefused("An objective is aligned to this key result. Align it to another first.")
    # Its id is still asked for, to lead a second click to the KPI.
    KeyResult.objects.filter(pk=key_result.pk).delete()


def kpi_made_of(objective_ids, key_result_pk: int) -> Kpi | None:
    """The KPI that a key result of these objectives became; None where it did not."""
    events = ObjectiveEvent.objects.filter(
        objective__in=objective_ids, type=CONVERTED, after__was=str(key_result_pk)
    )
    after = events.order_by("-pk").values_list("after", flat=True).first()
    return Kpi.objects.filter(pk=int(after["kpi"])).first() if after else None


def saved_text(key_result: KeyResult) -> KeyResultText:
    """A saved key result as the coach reads it."""
    kpi = key_result.kpi
    facts = (
        KpiFacts(kpi.name, kpi.direction, unit=kpi.unit, key=kpi.pk) if kpi is not None else None
    )
    return KeyResultText(
        key_result.title,
        key_result.kind,
        key_result.baseline,
        key_result.target,
        key_result.unit,
        facts,
    )
