"""How KPIs stood at a past moment: judged again from what was recorded by then.

Values, their corrections and withdrawals count as they were recorded at the moment. Targets, the
cadence and excluded periods count as they are known today, from the days they hold from: the app
does not keep what was believed of them before.
"""

# ruff: noqa: S608 (what is joined into a query here are constants of metrics.evaluation.sql)

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from metrics.accumulating import run_up
from metrics.evaluation.loading import Subject, load_exclusions, load_subjects, load_targets
from metrics.evaluation.measurements import values_of
from metrics.evaluation.recent import KEPT, entry
from metrics.evaluation.sql import adapted, among, fetch, id_list, number
from metrics.judging import NO_TARGETS
from metrics.replay import Verdict, replay
from reviews.dashboards.kpis import Stood

_COLUMNS = "m.kpi_id, CAST(m.day AS text), m.identity, {value}, {weight}"


def stood_at(ids: Collection[int], moment: datetime) -> dict[int, Stood]:
    """Where each KPI stood, by id: a fixed number of queries; one without a cadence is left out."""
    subjects = {pk: one for pk, one in load_subjects(ids, moment).items() if one.plan is not None}
    if not subjects:
        return {}
    targets, excluded = load_targets(subjects), load_exclusions(subjects)
    values = values_of(_recorded_by(subjects, moment), subjects, subjects)
    found = {}
    for pk, subject in subjects.items():
        plan = subject.plan
        own_targets, own = targets.get(pk, NO_TARGETS), values.get(pk, {})
        out = excluded.get(pk, ())
        if own_targets.windows:
            own_targets, own = run_up(own_targets, plan.line, own, out, plan.today)
        result = replay(
            plan.settings, plan.line, own_targets, own, out, plan.today, want_verdicts=True
        )
        standing = result.standing
        found[pk] = Stood(
            " ".join(
                entry(one.period.start, one.status, one.value, one.rule)
                for one in result.verdicts[-KEPT:]
            ),
            standing.is_stale and own_targets is not NO_TARGETS,
            _since(result.verdicts),
        )
    return found


def _since(verdicts: list[Verdict]) -> date | None:
    """The first period of the latest run of the latest status."""
    first = None
    for one in reversed(verdicts):
        if one.status != verdicts[-1].status:
            break
        first = one.period.start
    return first


def _recorded_by(subjects: dict[int, Subject], moment: datetime) -> list[tuple]:
    """The measurements as they stood at the moment, as `values_of` takes them."""
    day = f"WHERE {among('m.kpi_id')} AND m.value IS NOT NULL AND m.recorded_at <= %s"
    numbers = _COLUMNS.format(value=number("m.value"), weight=number("m.denominator"))
    ids = id_list(subjects)
    standing = fetch(
        f"SELECT {numbers}, m.observed_at, m.recorded_at FROM metrics_measurement m {day}",
        (ids, adapted(moment)),
    )
    replaced = fetch(
        f"SELECT {numbers}, c.observed_at, m.recorded_at FROM metrics_measurementrevision m"
        " LEFT JOIN metrics_measurement c"
        " ON c.kpi_id = m.kpi_id AND c.day = m.day AND c.identity = m.identity"
        f" {day} AND m.replaced_at > %s",
        (ids, adapted(moment), adapted(moment)),
    )
    return [*standing, *replaced]
