"""Cycles of the fiscal year, made ahead and moved on by the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from objectives import calendar
from objectives.kinds import CycleKind
from objectives.models import Cycle, Objective
from objectives.querysets import CycleQuerySet
from objectives.states import CycleState, ObjectiveState
from teams.actions import audit
from teams.models import Organisation, User

AHEAD = {CycleKind.QUARTER: 4, CycleKind.FOUR_MONTH: 3, CycleKind.YEAR: 1}


class CycleReplaced(ValueError):
    """The cycle something was to lie in was made anew meanwhile; nothing was written."""

    field = "cycle"


@contextmanager
def as_replaced(cycle: Cycle) -> Iterator[None]:
    """Around a transaction: say CycleReplaced where it fails since the cycle is gone."""
    try:
        yield
    except IntegrityError:
        if Cycle.objects.filter(pk=cycle.pk).exists():
            raise
        sentence = f"{cycle} was made anew after another calendar was chosen: choose a cycle again."
        raise CycleReplaced(sentence) from None


@transaction.atomic
def ensure_cycles(
    organisation: Organisation, now: datetime, *, ahead: int | None = None
) -> list[Cycle]:
    """Make the cycles that hold today and those ahead of them, and move states on.

    Years stand beside the stretches the organisation divides them into. `ahead` counts the
    stretches to come. Safe to repeat: a cycle that exists stays, whatever the calendar says now
    (`new_calendar` replaces those not in use); the organisation's row is locked, so that two
    calendars never make cycles at once. Returns the running stretch and those ahead, in order.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    today = organisation.today(now)
    scheme = CycleKind(organisation.cycle_scheme)
    count = AHEAD[scheme] if ahead is None else ahead
    stretches = list(_made(organisation, scheme, today, count))
    for _ in _made(organisation, CycleKind.YEAR, today, AHEAD[CycleKind.YEAR]):
        pass
    advance_cycles(organisation, now)
    for cycle in stretches:
        cycle.refresh_from_db(fields=["state", "closed_at"])
    return stretches


def ensured_cycles(organisation: Organisation, now: datetime) -> list[Cycle]:
    """As `ensure_cycles`; returns the cycles that are new or moved on."""
    mine = Cycle.objects.of(organisation)
    before = dict(mine.values_list("pk", "state"))
    ensure_cycles(organisation, now)
    return [cycle for cycle in mine.all() if before.get(cycle.pk) != cycle.state]


def _made(organisation: Organisation, kind: str, day: date, ahead: int) -> Iterator[Cycle]:
    """The cycle of a kind that holds the day and those after it, made where there is none.

    Those made by an earlier calendar stay; the next begins where they end.
    """
    known = list(Cycle.objects.of(organisation).filter(kind=kind))
    for _ in range(ahead + 1):
        cycle = next((one for one in known if one.starts_on <= day <= one.ends_on), None)
        if cycle is None:
            cycle = _make(organisation, kind, day, known)
            known.append(cycle)
        yield cycle
        day = cycle.ends_on + timedelta(days=1)


def _make(organisation: Organisation, kind: str, day: date, known: list[Cycle]) -> Cycle:
    whole, after = calendar.spans(kind, day, organisation.fiscal_start_month, 2)
    taken = [(one.starts_on, one.ends_on) for one in known]
    span = calendar.free_part(whole, day, taken)
    if span.starts_on == span.ends_on:
        # One day that a moved boundary left: it begins the stretch after it.
        span = calendar.free_part(after._replace(starts_on=whole.starts_on), day, taken)
    name = span.name
    if Cycle.objects.of(organisation).filter(name=name).exclude(starts_on=span.starts_on).exists():
        # Of an earlier calendar, or one with own dates.
        name = f"{name} from {span.starts_on:%b %Y}"
    cycle, is_new = Cycle.objects.get_or_create(
        organisation=organisation,
        kind=kind,
        starts_on=span.starts_on,
        defaults={"ends_on": span.ends_on, "name": name},
    )
    if is_new:
        note_cycle(cycle, "created", by=None, after=dates_of(cycle))
    return cycle


def note_cycle(cycle: Cycle, verb: str, *, by: User | None, **said) -> None:
    """Tell the audit record what became of a cycle; without `by` the calendar did it."""
    pk = cycle.organisation_id
    audit.record(verb, "cycle", cycle, by=by, organisation_id=pk, **said)


def dates_of(cycle: Cycle) -> dict:
    """What the audit record tells of a cycle that is made or deleted."""
    return {"kind": cycle.kind, "starts_on": cycle.starts_on, "ends_on": cycle.ends_on}


@transaction.atomic
def advance_cycles(organisation: Organisation, now: datetime) -> None:
    """Move every cycle on to where the calendar says it is; guarded, so it never goes back.

    A cycle closes when the days for late updates are over and nothing in it is still active;
    until then it stays closing, however long that takes. So does one that was reopened, until the
    day that was chosen for it is over.
    """
    today = organisation.today(now)
    mine = Cycle.objects.of(organisation)
    _move_on(mine.filter(state=CycleState.PREPARE, starts_on__lte=today), CycleState.ACTIVE)
    _move_on(mine.filter(state=CycleState.ACTIVE, ends_on__lt=today), CycleState.CLOSING)
    late_until = today - timedelta(days=organisation.closing_days)
    running = Objective.objects.filter(state=ObjectiveState.ACTIVE).values("cycle_id")
    over = mine.filter(state=CycleState.CLOSING, ends_on__lt=late_until).exclude(pk__in=running)
    over = over.exclude(open_until__gte=today)
    _move_on(over, CycleState.CLOSED, closed_at=now)


def _move_on(rows: CycleQuerySet, state: str, **more) -> None:
    """Give the rows another state; each that had another one until now is told of."""
    for cycle in rows:
        stood = Cycle.objects.filter(pk=cycle.pk, state=cycle.state)
        if stood.update(state=state, **more):
            was, then = {"state": cycle.state}, {"state": state}
            note_cycle(cycle, f"cycle_{state}", by=None, before=was, after=then)


@transaction.atomic
def cycle_holding(organisation: Organisation, day: date) -> Cycle:
    """The organisation's stretch that holds the day, made if it is not there yet."""
    return next(_made(organisation, CycleKind(organisation.cycle_scheme), day, 0))


class Overlaps(ValueError):
    """A cycle with own dates would overlap another one, or bears its name."""


@transaction.atomic
def create_custom_cycle(
    organisation: Organisation,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    now: datetime,
    by: User | None = None,
) -> Cycle:
    """Make a cycle with its own first and last day. Raises Overlaps.

    The organisation's row is locked, so that two made at once cannot overlap unseen. The same
    cycle again returns the one that is there.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    twin = Cycle.objects.of(organisation).filter(name=name).first()
    if twin is not None:
        if (twin.starts_on, twin.ends_on) == (starts_on, ends_on):
            return twin
        raise Overlaps("Another cycle already has this name.")
    other = Cycle.objects.custom_overlapping(organisation, starts_on, ends_on).first()
    if other is not None:
        raise Overlaps(f"It overlaps “{other}”. Choose other days.")
    cycle = Cycle.objects.create(
        organisation=organisation,
        kind=CycleKind.CUSTOM,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    note_cycle(cycle, "created", by=by, after=dates_of(cycle))
    advance_cycles(organisation, now)
    cycle.refresh_from_db(fields=["state", "closed_at"])
    return cycle
