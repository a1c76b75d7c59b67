"""Setting what a KPI says for itself from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from metrics import policies
from metrics.actions.history import write_history
from metrics.actions.policies import BeganAlready, PoliciesChanged, fingerprint
from metrics.due import mark_due
from metrics.models import Kpi, KpiPolicy
from metrics.policies import Own
from teams.actions import audit
from teams.models import User


@transaction.atomic
def set_kpi_policy(
    kpi: Kpi,
    own: Own,
    *,
    effective_on: date,
    reason: str,
    seen: str,
    actor: User,
    now: datetime,
) -> KpiPolicy | None:
    """Let a KPI say this for itself from a day on; `Own()` lets it follow its team again.

    Periods that began before keep what they are judged by. What holds on that day anyhow is not
    written, so that the same twice is one effect: None then. `seen` is the `fingerprint` of the
    KPI the person saw. Raises PoliciesChanged, or BeganAlready for a day before today.
    """
    stored = Kpi.objects.select_for_update(of=("self",), no_key=True).get(pk=kpi.pk)
    stood = stored.own_on(effective_on)
    if own == stood:
        return None
    if seen != fingerprint([stored]):
        raise PoliciesChanged
    if effective_on < kpi.team.organisation.today(now):
        raise BeganAlready
    row = KpiPolicy.objects.create(
        kpi=stored,
        effective_on=effective_on,
        reason=reason,
        author=actor,
        created_at=now,
        **own._asdict(),
    )
    rows = KpiPolicy.objects.filter(kpi=stored).order_by("effective_on", "pk")
    by_day = {one.effective_on: one.own for one in rows}
    stored.policies = policies.write_own(by_day.items())
    stored.save(update_fields=["policies"])
    before, after = audit.differences(stood._asdict(), own._asdict())
    write_history(
        stored,
        "policy_set" if own != Own() else "policy_ended",
        actor=actor,
        now=now,
        reason=reason,
        before=before,
        after=after | {"effective_on": effective_on},
    )
    mark_due([stored.pk], now, dirty_from=effective_on, author=actor)
    return row
