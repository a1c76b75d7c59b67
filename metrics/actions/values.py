"""Values by hand: recording, correcting, withdrawing. What a correction replaces is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from metrics.actions.history import kpi_event, write_history
from metrics.due import mark_due
from metrics.models import Kpi, Measurement, MeasurementRevision, Source
from metrics.periods import Period
from teams.actions import audit
from teams.models import User


class ValueChanged(Exception):
    """Somebody else wrote this period's value meanwhile; `current` is the row as it stands."""

    def __init__(self, current: Measurement | None) -> None:
        super().__init__("the value changed meanwhile")
        self.current = current


@transaction.atomic
def record_value(
    kpi: Kpi, period: Period, value: Decimal, *, actor: User | None, now: datetime
) -> Measurement:
    """Keep the value of a period that has none yet, in the KPI's unit.

    The same value again (a form sent twice) changes nothing. Raises ValueChanged where the period
    has another value: that is a correction and needs a reason.
    """
    row, is_new = _record(kpi, period, value, actor=actor, now=now)
    if is_new:
        _note(kpi, [row], actor)
        mark_due([kpi.pk], now, dirty_from=period.start, author=actor)
    return row


@transaction.atomic
def fill_missed(
    kpi: Kpi,
    entries: Iterable[tuple[Period, Decimal]],
    *,
    actor: User | None,
    now: datetime,
) -> list[Measurement]:
    """Keep the values of several missed periods, all or none. Raises as `record_value`."""
    entries = list(entries)
    results = [_record(kpi, period, value, actor=actor, now=now) for period, value in entries]
    written = [row for row, is_new in results if is_new]
    if written:
        _note(kpi, written, actor)
        mark_due([kpi.pk], now, dirty_from=min(row.day for row in written), author=actor)
    return [row for row, _ in results]


@transaction.atomic
def correct_value(
    kpi: Kpi,
    period: Period,
    value: Decimal | None,
    *,
    revision: int | None,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Measurement | None:
    """Replace the value of a period, keep the old one, and say why.

    `revision` is the one the person saw; None means they saw no period value (the period's readings
    are overruled, or it has none). `value` None withdraws. The same value again changes nothing.
    Raises ValueChanged where the stored revision is another.
    """
    row = _locked(kpi, period)
    if (row.value if row else None) == value:
        return row
    if (row.revision if row else None) != revision:
        raise ValueChanged(row)
    old = row.value if row else None
    if row is None:
        row = _insert(kpi, period, value, actor=actor, now=now)
        if row is None:
            return _unless_changed(_locked(kpi, period), value)
    else:
        _replace(row, value, reason=reason, actor=actor, now=now)
    write_history(
        kpi,
        "value_withdrawn" if value is None else "value_corrected",
        actor=actor,
        now=now,
        reason=reason,
        before={"value": old},
        after={"value": value, "period": period.start, "cadence": period.cadence},
    )
    mark_due([kpi.pk], now, dirty_from=period.start, author=actor)
    return row


def withdraw_value(
    kpi: Kpi,
    period: Period,
    *,
    revision: int | None,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Measurement | None:
    """Take a value back, keeping it in the revisions: the period has no value any more."""
    return correct_value(kpi, period, None, revision=revision, reason=reason, actor=actor, now=now)


def _record(
    kpi: Kpi, period: Period, value: Decimal, *, actor: User | None, now: datetime
) -> tuple[Measurement, bool]:
    """The row and whether something was written."""
    # Most periods have no value yet: to try is cheaper than to look first.
    row = _insert(kpi, period, value, actor=actor, now=now)
    if row is not None:
        return row, True
    row = _locked(kpi, period)
    if row is not None and row.value == value:
        return row, False
    if row is None or row.value is not None:
        raise ValueChanged(row)
    _replace(row, value, reason="", actor=actor, now=now)
    return row, True


def _note(kpi: Kpi, rows: Iterable[Measurement], actor: User | None) -> None:
    """Tell the audit record of values that are new; the log of the KPI has no need of them."""
    audit.record_many(
        kpi_event(
            kpi,
            "value_recorded",
            by=actor,
            after={"value": row.value, "period": row.day, "cadence": row.identity},
        )
        for row in rows
    )


def _unless_changed(row: Measurement | None, value: Decimal | None) -> Measurement:
    """The row that somebody else wrote meanwhile if it says the same; raises ValueChanged."""
    if row is None or row.value != value:
        raise ValueChanged(row)
    return row


def _locked(kpi: Kpi, period: Period) -> Measurement | None:
    """The period value of a period, held until the transaction ends."""
    return (
        Measurement.objects.select_for_update(of=("self",), no_key=True)
        .filter(kpi=kpi, day=period.start, identity=period.cadence)
        .first()
    )


def _insert(
    kpi: Kpi, period: Period, value: Decimal | None, *, actor: User | None, now: datetime
) -> Measurement | None:
    """The new row; None where the period has one already, or gets one from somebody just now."""
    row = Measurement(
        kpi=kpi,
        day=period.start,
        identity=period.cadence,
        value=value,
        source=_hand_source(kpi),
        author=actor,
        recorded_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    return row


def _replace(
    row: Measurement, value: Decimal | None, *, reason: str, actor: User | None, now: datetime
) -> None:
    """Move what stands into the revisions and write the new value."""
    MeasurementRevision.objects.create(
        kpi_id=row.kpi_id,
        day=row.day,
        identity=row.identity,
        revision=row.revision,
        value=row.value,
        denominator=row.denominator,
        source_id=row.source_id,
        batch_id=row.batch_id,
        author_id=row.author_id,
        recorded_at=row.recorded_at,
        replaced_at=now,
        replaced_by=actor,
        reason=reason,
    )
    row.value = value
    row.denominator = None
    row.source = _hand_source(row.kpi)
    row.batch = None
    row.author = actor
    row.recorded_at = now
    row.revision += 1
    Measurement.objects.filter(kpi_id=row.kpi_id, day=row.day, identity=row.identity).update(
        value=value,
        denominator=None,
        source=row.source,
        batch=None,
        author=actor,
        recorded_at=now,
        revision=row.revision,
    )


def _hand_source(kpi: Kpi) -> Source | None:
    """The KPI's source if people type its values; a typed value is not from any other source."""
    source = kpi.source
    return source if source is not None and source.kind == Source.Kind.MANUAL else None
