"""Taking examples of the library onto a team's scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from metrics.actions.kpis import create_kpi
from metrics.library import Example
from metrics.models import Cadence, Kpi, Source
from metrics.periods import period_of
from metrics.presets import create_preset_cadences
from teams.models import Organisation, Team, User

BY_HAND = "Entered by hand"


@transaction.atomic
def take_examples(
    team: Team, wanted: Sequence[tuple[Example, Decimal]], *, actor: User, now: datetime
) -> list[Kpi]:
    """Make a KPI of each example with its target, owned by the actor: all of them or none.

    Each is watched from the start of the running period, its values entered by hand. Raises
    IntegrityError where the team has a KPI of such a name meanwhile.
    """
    organisation = team.organisation
    cadences = _cadences(organisation)
    source, _ = Source.objects.get_or_create(
        team=team, name=BY_HAND, defaults={"kind": Source.Kind.MANUAL}
    )
    today = organisation.today(now)
    return [
        create_kpi(
            _kpi(team, one, cadences[one.cadence], source, actor, today),
            target={"value": target},
            actor=actor,
            now=now,
        )
        for one, target in wanted
    ]


def _cadences(organisation: Organisation) -> dict[str, Cadence]:
    """The organisation's first cadence of each kind; its presets where one is missing."""
    create_preset_cadences(organisation)
    rows = Cadence.objects.filter(organisation=organisation).order_by("-pk")
    return {row.kind: row for row in rows}


def _kpi(
    team: Team, one: Example, cadence: Cadence, source: Source, owner: User, today: date
) -> Kpi:
    starts_on = period_of(today, one.cadence, team.organisation.fiscal_start_month).start
    return Kpi(
        team=team,
        owner=owner,
        name=one.name,
        definition=one.definition,
        why=one.why,
        unit=one.unit,
        direction=one.direction,
        nature=one.nature,
        theme=one.theme,
        cadence=cadence,
        source=source,
        starts_on=starts_on,
    )
