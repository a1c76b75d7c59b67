"""A person's own rhythm: in which of the last weeks everything came in time (product.md 2.11).

Shown to nobody else, and never beside anybody else's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures.fragments import numbers_only
from metrics.models import Kpi, Measurement, MeasurementRevision
from metrics.owed_values import days_of_grace
from metrics.periods import Period, first_period, next_period, period_of
from metrics.timeliness import Timeliness, timeliness
from metrics.wording import plural
from objectives import rhythm
from objectives.models import CheckIn
from objectives.pages.week_owed import WEEK, Mine, Week, in_words, monday_of

SHOWN = 8
# From the worst to the best: a week is what the worst of its updates is.
_WORST = (Timeliness.MISSED, Timeliness.LATE, Timeliness.ON_TIME)
_DAYS_OF = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
_BOXES = {
    Timeliness.ON_TIME: (1, 13, "ok"),
    Timeliness.LATE: (6, 8, "late"),
    Timeliness.MISSED: (11, 3, "missed"),
}


class Rhythm(NamedTuple):
    """The figure with its words; `weeks` are the closed ones in which anything was due."""

    figure: SafeString
    label: str
    words: str


class Due(NamedTuple):
    """One update: the day it was due, and what became of it."""

    on: date
    verdict: Timeliness


def your_rhythm(week: Week, kpis: Sequence[Kpi], rows: Sequence[Mine]) -> Rhythm | None:
    """The last eight weeks, this one included; None while nothing was ever due. Two queries."""
    since = week.monday - (SHOWN - 1) * WEEK
    worst: dict[date, Timeliness] = {}
    for due in [*_of_check_ins(week, rows, since), *_of_values(week, kpis, since)]:
        monday = monday_of(due.on)
        if due.verdict in _WORST and since <= monday <= week.monday:
            worst[monday] = min(worst.get(monday, due.verdict), due.verdict, key=_WORST.index)
    closed = [since + n * WEEK for n in range(SHOWN - 1)]
    verdicts = [worst.get(monday) for monday in closed]
    counted = [verdict for verdict in verdicts if verdict is not None]
    return _drawn(verdicts, counted) if counted else None


def _drawn(verdicts: Sequence[Timeliness | None], counted: Sequence[Timeliness]) -> Rhythm:
    on_time = counted.count(Timeliness.ON_TIME)
    said = [
        f"{in_words(count)} {verdict.label}"
        for verdict in _WORST[::-1]
        if (count := counted.count(verdict))
    ]
    weeks = plural(len(counted), "week")
    span = f"{in_words(len(counted))} weeks" if len(counted) > 1 else "week"
    label = f"Last {span}: {', '.join(said)}; this week open"
    return Rhythm(_figure(verdicts), label, f"{on_time} of {weeks} on time")


def _figure(verdicts: Sequence[Timeliness | None]) -> SafeString:
    boxes = ""
    for at, verdict in enumerate(verdicts):
        if verdict is not None:
            y, height, kind = _BOXES[verdict]
            boxes += (
                f'<rect x="{17 * at}" y="{y}" width="12" height="{height}" rx="2" class="{kind}"/>'
            )
    boxes += f'<rect x="{17 * len(verdicts)}" y="1" width="12" height="13" rx="2" class="now"/>'
    return format_html(
        '<svg width="132" height="16" aria-hidden="true">{}</svg>', numbers_only(boxes)
    )


def _of_check_ins(week: Week, rows: Sequence[Mine], since: date) -> Iterator[Due]:
    """Each due day of the person's key results since then."""
    said = _first_said(week, since) if rows else {}
    weekday = week.user.organisation.check_in_weekday
    for one in rows:
        answers = said.get(one.pk, {})
        for due, following in _due_days(
            max(since, one.begins_on), one.ends_on, week, one.rhythm, weekday
        ):
            verdict = timeliness(
                due,
                following,
                came_on=answers.get(due),
                today=week.today,
                grace_days=rhythm.GRACE_DAYS[rhythm.Rhythm(one.rhythm)],
            )
            yield Due(due, verdict)


def _due_days(
    since: date, ends_on: date, week: Week, beat: str, weekday: int
) -> Iterator[tuple[date, date]]:
    """The due days with the one that follows each, as far as this week."""
    due = rhythm.due_from(since, beat, weekday)
    while due <= min(ends_on, week.last_day):
        following = rhythm.due_from(due + rhythm.DAY, beat, weekday)
        yield due, following
        due = following


def _first_said(week: Week, since: date) -> dict[int, dict[date, date]]:
    """When each due day was first answered, by key result: a later correction changes nothing."""
    prefixed = Q(
        Q(key_result__owner=week.user)
        | Q(key_result__owner=None, key_result__objective__owner=week.user),
        key_result__objective__state="active",
    )
    rows = CheckIn.objects.filter(prefixed, due_on__gte=since, is_retraction=False)
    found: dict[int, dict[date, date]] = defaultdict(dict)
    zone = week.user.organisation.zone
    latest_first = rows.order_by("-made_at").values_list("key_result_id", "due_on", "made_at")
    for pk, due, made_at in latest_first:
        found[pk][due] = made_at.astimezone(zone).date()
    return found


def _of_values(week: Week, kpis: Sequence[Kpi], since: date) -> Iterator[Due]:
    """Each closed period that ended since then of the KPIs whose values are asked of the person."""
    came = _first_recorded(week, kpis, since) if kpis else {}
    zone = week.user.organisation.zone
    for kpi in kpis:
        for period, following in _closed_periods(kpi, since, week):
            recorded = came.get((kpi.pk, *period.key))
            grace_days = days_of_grace(kpi, period.start)
            verdict = timeliness(
                period.last_day,
                following.last_day,
                came_on=recorded.astimezone(zone).date() if recorded else None,
                today=week.today,
                grace_days=grace_days,
            )
            yield Due(period.last_day + timedelta(days=grace_days), verdict)


def _closed_periods(kpi: Kpi, since: date, week: Week) -> Iterator[tuple[Period, Period]]:
    """Each with the one that follows it."""
    kind, month = kpi.cadence.kind, week.fiscal_month
    begin = first_period(kpi.starts_on, kind, month)
    period = max(period_of(since - timedelta(days=days_of_grace(kpi, since)), kind, month), begin)
    while period.end <= week.today:
        following = next_period(period)
        yield period, following
        period = following


def _first_recorded(
    week: Week, kpis: Sequence[Kpi], since: date
) -> dict[tuple[int, str, date], datetime]:
    """When each period's value first came: that of its oldest revision."""
    asked = Q()
    for kind in {kpi.cadence.kind for kpi in kpis}:
        days = max(days_of_grace(kpi, since) for kpi in kpis if kpi.cadence.kind == kind)
        first = since - timedelta(days=days + _DAYS_OF[kind])
        asked |= Q(identity=kind, day__gte=first)
    oldest = MeasurementRevision.objects.filter(
        kpi=OuterRef("kpi"), day=OuterRef("day"), identity=OuterRef("identity"), revision=0
    ).values("recorded_at")
    rows = Measurement.objects.filter(asked, kpi__owner=week.user).annotate(
        first_at=Coalesce(Subquery(oldest), "recorded_at")
    )
    found = rows.values_list("kpi_id", "identity", "day", "first_at")
    return {(pk, kind, day): at for pk, kind, day, at in found}
