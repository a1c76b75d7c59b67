"""What an organisation starts with: one cadence of each kind, with the named presets."""

from django.db import transaction

from metrics.kinds import CadenceKind
from metrics.models import Cadence
from teams.actions import audit
from teams.models import Organisation, User

# Patience N and recovery M: signals.md 16. Grace in days: product.md 2.11, which has no figure for
# yearly; a yearly value gets the quarterly grace.
PATIENCE = {
    CadenceKind.DAILY: 7,
    CadenceKind.WEEKLY: 4,
    CadenceKind.MONTHLY: 3,
    CadenceKind.QUARTERLY: 2,
    CadenceKind.YEARLY: 1,
}
RECOVERY = {
    CadenceKind.DAILY: 2,
    CadenceKind.WEEKLY: 2,
    CadenceKind.MONTHLY: 2,
    CadenceKind.QUARTERLY: 1,
    CadenceKind.YEARLY: 1,
}
GRACE_DAYS = {
    CadenceKind.DAILY: 1,
    CadenceKind.WEEKLY: 3,
    CadenceKind.MONTHLY: 5,
    CadenceKind.QUARTERLY: 10,
    CadenceKind.YEARLY: 10,
}


def preset_of(kind: CadenceKind | str) -> dict[str, int]:
    """What a new cadence of a kind begins with, by column."""
    return {
        "patience": PATIENCE[kind],
        "recovery": RECOVERY[kind],
        "grace_days": GRACE_DAYS[kind],
    }


@transaction.atomic
def create_preset_cadences(organisation: Organisation) -> list[Cadence]:
    """Create the five cadences of a new organisation; a kind it has already stays as it is."""
    return [_preset(organisation, kind) for kind in CadenceKind]


def _preset(organisation: Organisation, kind: CadenceKind) -> Cadence:
    if known := Cadence.objects.filter(organisation=organisation, kind=kind).first():
        return known
    cadence, is_new = Cadence.objects.get_or_create(
        organisation=organisation,
        name=kind.label.capitalize(),
        defaults={"kind": kind} | preset_of(kind),
    )
    if is_new:
        note_cadence(cadence, by=None)
    return cadence


def note_cadence(cadence: Cadence, *, by: User | None) -> None:
    """Tell the audit record of a new cadence; without `by` it came with the organisation."""
    after = {"kind": cadence.kind} | cadence.preset._asdict()
    pk = cadence.organisation_id
    audit.record("created", "cadence", cadence, by=by, organisation_id=pk, after=after)
