"""How firmly each rule of the coach speaks in an organisation: what an administrator decided."""

from __future__ import annotations

from django.db import connection

from objectives.coach.policy import switched_off

_DECIDED = "SELECT code, strictness FROM objectives_rulesetting WHERE organisation_id = %s"


def policy_of(organisation_id: int | None) -> dict[str, str]:
    """The strictness of each rule that was decided about, by code; the others advise.

    By hand: every team page and draft asks, and the ORM took longer to ask than the database to
    answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [organisation_id])
        return dict(cursor.fetchall())


def silenced(organisation_id: int | None) -> frozenset[str]:
    """The codes of the rules that do not speak in an organisation."""
    return switched_off(policy_of(organisation_id))
