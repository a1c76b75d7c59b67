"""Creating a KPI, editing its definition, changing its cadence."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from metrics.actions.history import write_history
from metrics.actions.targets import add_target
from metrics.due import mark_due
from metrics.models import Cadence, CadenceChange, Kpi, KpiState
from metrics.policies import Own
from teams.models import User

# A change of one of these judges the past anew; the others only change what pages say.
JUDGING_FIELDS = frozenset(
    {
        "definition",
        "direction",
        "aggregation",
        "source",
        "starts_on",
        "min_readings",
        "natural_floor",
        "natural_ceiling",
        "limits_from",
    }
)
# What a KPI says for itself from a day on is written by `set_kpi_policy`, so that the past keeps
# what it was judged by.
DATED_FIELDS = frozenset({*Own._fields, "policies"})


# What the audit record keeps of a new KPI: everything a person chose.
SETTINGS = [
    field.name
    for field in Kpi._meta.fields
    if field.name not in {"id", "team", "position", "version", "created_at", "created_by"}
]


class KpiChanged(Exception):
    """Somebody else edited the KPI since the form was opened; nothing was saved."""


@transaction.atomic
def create_kpi(kpi: Kpi, *, target: dict | None = None, actor: User | None, now: datetime) -> Kpi:
    """Save a new KPI at the end of its team's scorecard, with its first target if there is one.

    `target` holds the numbers of a `Target`; it is in force from the KPI's start.
    """
    last = Kpi.objects.filter(team=kpi.team).aggregate(last=Max("position"))["last"]
    kpi.position = 0 if last is None else last + 1
    kpi.created_at = now
    kpi.created_by = actor
    kpi.save(force_insert=True)
    KpiState.objects.create(kpi=kpi)
    chosen = {name: getattr(kpi, name) for name in SETTINGS}
    settings = {name: value for name, value in chosen.items() if value not in (None, "")}
    write_history(kpi, "created", actor=actor, now=now, after={"name": kpi.name}, settings=settings)
    if target is not None:
        add_target(kpi, {"effective_on": kpi.starts_on, **target}, actor=actor, now=now)
    mark_due([kpi.pk], now, dirty_from=kpi.starts_on, author=actor)
    return kpi


@transaction.atomic
def edit_kpi(
    kpi: Kpi,
    changes: dict,
    *,
    version: int,
    cadence_from: date | None = None,
    reason: str = "",
    actor: User,
    now: datetime,
) -> Kpi:
    """Apply `changes` (field name to value) to the KPI as it was at `version`.

    A new `cadence` among them takes effect on `cadence_from`. Raises KpiChanged when somebody else
    saved in between, and ValueError for one of `DATED_FIELDS`. Changing nothing writes nothing.
    """
    if dated := DATED_FIELDS & changes.keys():
        raise ValueError(f"from which day on? {', '.join(sorted(dated))}: set_kpi_policy")
    stored = Kpi.objects.select_for_update(of=("self",), no_key=True).get(pk=kpi.pk)
    before = {name: getattr(stored, name) for name in changes}
    changes = {name: value for name, value in changes.items() if before[name] != value}
    if not changes:
        return stored
    if stored.version != version:
        raise KpiChanged
    cadence = changes.pop("cadence", None)
    if changes:
        Kpi.objects.filter(pk=kpi.pk).update(**changes)
        write_history(
            stored,
            "edited",
            actor=actor,
            now=now,
            reason=reason,
            before={name: before[name] for name in changes},
            after=changes,
        )
    if cadence is not None:
        assign_cadence(
            stored, cadence, effective_on=cadence_from, reason=reason, actor=actor, now=now
        )
    Kpi.objects.filter(pk=kpi.pk).update(version=version + 1)
    if JUDGING_FIELDS & changes.keys():
        mark_due([kpi.pk], now, dirty_from=date.min, author=actor)
    return Kpi.objects.get(pk=kpi.pk)


@transaction.atomic
def assign_cadence(
    kpi: Kpi,
    cadence: Cadence,
    *,
    effective_on: date | None = None,
    reason: str = "",
    actor: User | None,
    now: datetime,
) -> None:
    """Measure the KPI in another cadence from a date on (signals.md 4.6).

    Without a date, or where the KPI had no cadence, it holds from the KPI's start. The cadence
    before the first change is kept as a row of its own, so that the past keeps its periods.
    """
    old = kpi.cadence
    effective_on = effective_on or kpi.starts_on
    changes = CadenceChange.objects.filter(kpi=kpi)
    rows = []
    if old is not None and effective_on > kpi.starts_on and not changes.exists():
        rows.append(CadenceChange(kpi=kpi, cadence=old, effective_on=kpi.starts_on, created_at=now))
    if rows or changes.exists():
        rows.append(
            CadenceChange(
                kpi=kpi,
                cadence=cadence,
                effective_on=effective_on,
                author=actor,
                reason=reason,
                created_at=now,
            )
        )
    CadenceChange.objects.bulk_create(rows)
    kpi.cadence = cadence
    kpi.save(update_fields=["cadence"])
    write_history(
        kpi,
        "cadence_changed",
        actor=actor,
        now=now,
        reason=reason,
        before={"cadence": old},
        after={"cadence": cadence, "effective_on": effective_on},
    )
    mark_due([kpi.pk], now, dirty_from=kpi.starts_on, author=actor)
