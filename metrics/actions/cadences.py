"""Adding, renaming and removing the named cadences of an organisation."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction

from metrics.models import Cadence, CadenceChange, Kpi, Policy
from metrics.presets import note_cadence, preset_of
from teams.actions import audit
from teams.models import Organisation, User


class CadenceInUse(ValueError):
    """The cadence has to stay; its text says why."""


@transaction.atomic
def create_cadence(
    organisation: Organisation, *, name: str, kind: str, by: User | None = None
) -> Cadence:
    """Add a named cadence with the presets of its kind; one of that name and kind stays."""
    cadence, is_new = Cadence.objects.get_or_create(
        organisation=organisation, name=name, kind=kind, defaults=preset_of(kind)
    )
    if is_new:
        note_cadence(cadence, by=by)
    return cadence


@transaction.atomic
def rename_cadence(cadence: Cadence, name: str, *, by: User) -> Cadence:
    """Give a cadence another name; the present one changes nothing."""
    cadence = Cadence.objects.select_for_update(no_key=True).get(pk=cadence.pk)
    was, cadence.name = cadence.name, name
    if name != was:
        cadence.save(update_fields=["name"])
        _note(cadence, "renamed", by=by, before={"name": was}, after={"name": name})
    return cadence


@transaction.atomic
def remove_cadence(cadence: Cadence, *, by: User) -> None:
    """Remove a cadence no KPI ever had, with its terms; the audit record keeps them.

    Raises CadenceInUse where a KPI has or had it, or where no other one of its kind is there.
    """
    # The organisation's cadences: two administrators never remove the last two of a kind.
    rows = Cadence.objects.filter(organisation=cadence.organisation_id).order_by("pk")
    locked = list(rows.select_for_update())
    if why := why_it_stays(cadence, locked, used_cadences([cadence])):
        raise CadenceInUse(why)
    before = {"kind": cadence.kind} | cadence.preset._asdict()
    _note(cadence, "deleted", by=by, before=before)
    Policy.objects.filter(cadence=cadence).delete()
    cadence.delete()


def why_it_stays(cadence: Cadence, cadences: Iterable[Cadence], used: Collection[int]) -> str:
    """Why one of an organisation's `cadences` cannot be removed, in a sentence; empty: it can.

    `used` are those of `used_cadences`.
    """
    kind = cadence.get_kind_display()
    if not any(one.kind == cadence.kind and one.pk != cadence.pk for one in cadences):
        return f"The only {kind} cadence stays."
    if cadence.pk in used:
        return "It stays: KPIs have it or had it."
    return ""


def used_cadences(cadences: Iterable[Cadence]) -> set[int]:
    """The ids of those that a KPI has or ever had. One query."""
    now = Kpi.objects.filter(cadence__in=cadences).order_by().values_list("cadence_id")
    earlier = CadenceChange.objects.filter(cadence__in=cadences).order_by()
    return {pk for [pk] in now.union(earlier.values_list("cadence_id"))}


def _note(cadence: Cadence, verb: str, *, by: User, **said) -> None:
    pk = cadence.organisation_id
    audit.record(verb, "cadence", cadence, by=by, organisation_id=pk, **said)
