"""How firmly each rule of the coach speaks in an organisation: what an administrator decided."""

from __future__ import annotations

from objectives.coach.policy import switched_off
from objectives.models import RuleSetting


def policy_of(organisation_id: int | None) -> dict[str, str]:
    """The strictness of each rule that was decided about, by code; the others advise."""
    rows = RuleSetting.objects.filter(organisation=organisation_id).order_by()
    return dict(rows.values_list("code", "strictness"))


def silenced(organisation_id: int | None) -> frozenset[str]:
    """The codes of the rules that do not speak in an organisation."""
    return switched_off(policy_of(organisation_id))
