"""Another fiscal year or division of it: cycles nothing lies in yet are made anew."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from objectives import calendar
from objectives.actions.cycles import dates_of, ensure_cycles, note_cycle
from objectives.kinds import CycleKind
from objectives.models import Cycle
from objectives.querysets import CycleQuerySet
from teams.actions import change_organisation
from teams.models import Organisation, User

CALENDAR = ("fiscal_start_month", "cycle_scheme")


@transaction.atomic
def change_settings(
    organisation: Organisation, typed: dict, *, seen: dict[str, str], now: datetime, by: User
) -> Organisation:
    """As `change_organisation`; with another calendar, its cycles replace those not in use."""
    stood = [getattr(organisation, name) for name in CALENDAR]
    changed = change_organisation(organisation, typed, seen=seen, now=now, by=by)
    if [getattr(changed, name) for name in CALENDAR] != stood:
        renew_cycles(changed, now, by=by)
    return changed


@transaction.atomic
def renew_cycles(organisation: Organisation, now: datetime, *, by: User | None) -> None:
    """Replace running and coming cycles of another calendar by those of the present one.

    What is over stays as it was, cycles with own dates stay, and so does each that something
    refers to: the new one begins where it ends. Safe to repeat.
    """
    # As `ensure_cycles`: two calendars never make cycles at once.
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    today = organisation.today(now)
    made = _made_ahead(organisation, today)
    # Locked before it is asked which are in use: none comes into use from here on.
    list(made.select_for_update(of=("self",)))
    for cycle in made.unused():
        if not _fits(cycle, organisation):
            note_cycle(cycle, "deleted", by=by, before=dates_of(cycle))
            cycle.delete()
    ensure_cycles(organisation, now)


def cycles_in_use(organisation: Organisation, today: date) -> list[Cycle]:
    """The running and coming cycles that another calendar would leave as they are, in order."""
    made = _made_ahead(organisation, today)
    return list(made.exclude(pk__in=made.unused().order_by().values("pk")))


def _made_ahead(organisation: Organisation, today: date) -> CycleQuerySet:
    mine = Cycle.objects.of(organisation).filter(ends_on__gte=today)
    return mine.exclude(kind=CycleKind.CUSTOM)


def _fits(cycle: Cycle, organisation: Organisation) -> bool:
    """Whether the present calendar would make this very cycle."""
    if cycle.kind not in (organisation.cycle_scheme, CycleKind.YEAR):
        return False
    [span] = calendar.spans(cycle.kind, cycle.starts_on, organisation.fiscal_start_month, 1)
    return span == (cycle.name, cycle.starts_on, cycle.ends_on)
