"""What an administrator decides about the coach's rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from objectives.coach.policy import Strictness
from objectives.models import RuleSetting
from teams.actions import audit
from teams.models import Organisation, User


class StrictnessChanged(Exception):
    """Somebody else decided about the same rules since the form was opened; nothing was written.

    `current` maps their codes to what stands now.
    """

    def __init__(self, current: dict[str, str]) -> None:
        super().__init__("changed meanwhile")
        self.current = current


@transaction.atomic
def set_strictness(
    organisation: Organisation,
    wanted: Mapping[str, str],
    *,
    was: Mapping[str, str],
    actor: User,
    now: datetime,
) -> list[str]:
    """Decide how firmly rules speak; return the codes that changed.

    `was` is what the form was opened with: a rule that stands otherwise now, and not as wanted
    either, raises StrictnessChanged. A rule without a row advises.
    """
    # The organisation's row is the lock: two administrators save one after the other.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    rows = {row.code: row for row in RuleSetting.objects.filter(organisation=organisation)}
    stands = {code: rows[code].strictness if code in rows else Strictness.ADVISE for code in wanted}
    changes = {code: mode for code, mode in wanted.items() if mode != was.get(code)}
    met = {c: str(stands[c]) for c, mode in changes.items() if stands[c] not in (was.get(c), mode)}
    if met:
        raise StrictnessChanged(met)
    changed = [code for code, mode in changes.items() if stands[code] != mode]
    audit.record_many(
        audit.event(
            "strictness_set",
            "coach_rule",
            None,
            label=code,
            by=actor,
            before={"strictness": stands[code]},
            after={"strictness": wanted[code]},
        )
        for code in changed
    )
    for code in changed:
        RuleSetting.objects.update_or_create(
            organisation=organisation,
            code=code,
            defaults={"strictness": wanted[code], "changed_by": actor, "changed_at": now},
        )
    return changed
