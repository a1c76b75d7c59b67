"""What the rows of one scorecard share, read once however many KPIs there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from metrics.models import Kpi, Signal, Target, Treatment
from teams.guards import WRITERS
from teams.models import Organisation, Team

# How long a KPI shows that its last trouble was answered by an OKR.
LOOP_REMEMBERED = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rows of one scorecard share: the calendar, the reader, and rows by KPI id."""

    organisation: Organisation
    today: date
    now: datetime
    may_write: bool
    is_member: bool
    targets: dict[int, Target]
    signals: dict[int, Signal]


def shared_facts(team: Team, kpis: Sequence[Kpi], role: str | None, now: datetime) -> Shared:
    """Read them for some KPIs of a team, for a person of that role in it (None: a stranger)."""
    ids = [kpi.pk for kpi in kpis]
    organisation = team.organisation
    today = organisation.today(now)
    return Shared(
        organisation,
        today,
        now,
        role in WRITERS,
        role is not None,
        targets_of(ids, today),
        _signals(ids, now),
    )


def targets_of(ids: Sequence[int], today: date) -> dict[int, Target]:
    """The target in force today of each KPI, or the first to come; withdrawn ones left out."""
    found: dict[int, Target] = {}
    # Sorted here: to put an ORDER BY together takes the ORM longer.
    rows = Target.objects.filter(kpi_id__in=ids).order_by()
    for target in sorted(rows, key=lambda row: (row.effective_on, row.pk)):
        if target.effective_on <= today or target.kpi_id not in found:
            found[target.kpi_id] = target
    return {pk: target for pk, target in found.items() if not target.is_withdrawn}


def _signals(ids: Sequence[int], now: datetime) -> dict[int, Signal]:
    """The off-target signal of each KPI that is open, or was answered by an OKR lately."""
    lately = Q(is_open=True) | Q(treatment__ended_at__gte=now - LOOP_REMEMBERED)
    rows = Signal.objects.filter(lately, kpi_id__in=ids, kind="off_target", retracted_at=None)
    found = rows.select_related("treatment").defer("evidence", "spans", "workflow").order_by()
    ordered = sorted(found, key=lambda row: (row.is_open, row.raised_on, row.pk))
    return {signal.kpi_id: signal for signal in ordered}


def treatment_of(signal: Signal) -> Treatment | None:
    """The OKR that answers a signal; None where none does."""
    return getattr(signal, "treatment", None)
