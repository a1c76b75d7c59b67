"""How many of the latest values of a team's KPIs came in time (product.md 2.11), in one query."""

# ruff: noqa: S608 (what is joined into a query here are constants of this module)

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from metrics.evaluation.sql import fetch, is_postgres
from metrics.periods import next_period, period_of
from metrics.timeliness import Timeliness, timeliness
from teams.models import Organisation

# When the value of a period first came: a correction is not late, what it replaced counts.
_CAME = """
    SELECT min(coalesce(r.recorded_at, m.recorded_at)) AS came
    FROM metrics_measurement m LEFT JOIN metrics_measurementrevision r
        ON r.kpi_id = m.kpi_id AND r.day = m.day AND r.identity = m.identity
        AND r.revision = CASE WHEN m.revision > 0 THEN 0 END
    WHERE m.kpi_id = w.kpi_id AND m.day >= w.since AND m.day < w.until AND m.value IS NOT NULL
"""
_ON_POSTGRES = f"""
    SELECT c.came FROM unnest(%s::bigint[], %s::date[], %s::date[])
        WITH ORDINALITY AS w(kpi_id, since, until, at)
    CROSS JOIN LATERAL ({_CAME}) c ORDER BY w.at
"""
_ON_SQLITE = f"""
    SELECT ({_CAME}) FROM (
        SELECT key, json_extract(value, '$[0]') AS kpi_id, json_extract(value, '$[1]') AS since,
            json_extract(value, '$[2]') AS until FROM json_each(%s)) w ORDER BY w.key
"""


class Asked(NamedTuple):
    """A period whose value was asked for: its KPI, first day and cadence, and the days of grace."""

    kpi_id: int
    start: date
    kind: str
    grace_days: int


def updates(
    asked: Sequence[Asked], organisation: Organisation, today: date
) -> dict[Timeliness, int]:
    """How many came in time, late, or not at all.

    A value is due by the end of its period; the KPI's days of grace count as in time.
    """
    month, zone = organisation.fiscal_start_month, organisation.zone
    # KPIs share their periods, and the values of one file the moment they came.
    periods = {(o.start, o.kind): period_of(o.start, o.kind, month) for o in asked}
    moments = _came([(o.kpi_id, o.start, periods[o.start, o.kind].end) for o in asked])
    days = {moment: _aware(moment).astimezone(zone).date() for moment in set(moments) - {None}}
    alike = Counter(
        (one.start, one.kind, one.grace_days, days.get(moment))
        for one, moment in zip(asked, moments, strict=True)
    )
    found = dict.fromkeys(Timeliness, 0)
    for (start, kind, grace_days, came_on), count in alike.items():
        period = periods[start, kind]
        due, next_due = period.last_day, next_period(period).last_day
        verdict = timeliness(due, next_due, came_on=came_on, today=today, grace_days=grace_days)
        found[verdict] += count
    return found


def _came(windows: Sequence[tuple[int, date, date]]) -> list[datetime | None]:
    """The instant the first value of each stretch of days was recorded, in the order given."""
    if not windows:
        return []
    texts = [(pk, since.isoformat(), until.isoformat()) for pk, since, until in windows]
    if is_postgres():
        # Array literals cost a tenth of a parameter for each date.
        arrays = ["{" + ",".join(map(str, one)) + "}" for one in zip(*texts, strict=True)]
        return [row[0] for row in fetch(_ON_POSTGRES, arrays)]
    return [_moment(row[0]) for row in fetch(_ON_SQLITE, (json.dumps(texts),))]


def _moment(text: str | None) -> datetime | None:
    """SQLite gives an expression of a stored instant back as its text, which means UTC."""
    return None if text is None else datetime.fromisoformat(text)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
