"""A KPI's whole verdict history at a moment, with the calendar and targets it was judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from metrics.actions.targets import target_on
from metrics.evaluation import replay_kpi
from metrics.judging import OPEN, Rule, Target, Targets
from metrics.models import CadenceChange, Kpi
from metrics.periods import Period, reckoned_day, timeline
from metrics.policies import shaped
from metrics.replay import ALL_QUIET, Standing, Verdict


@dataclass(frozen=True, slots=True)
class History:
    """`verdicts` are the closed periods, oldest first, those that still wait for a value included.

    `running` is the period that is open or the first to come; None without a cadence.
    """

    verdicts: list[Verdict]
    standing: Standing
    running: Period | None
    targets: Targets

    def rule_on(self, day: date) -> Rule | None:
        """The target in force on a day; None without one."""
        return self.targets.in_force(day)

    def verdict_of(self, start: date) -> Verdict | None:
        """The closed period that starts on a day; None where none does."""
        return next((v for v in self.verdicts if v.period.start == start), None)


def judged_history(kpi: Kpi, now: datetime) -> History:
    """Judge every closed period of a KPI from what is stored, without writing anything."""
    found = replay_kpi(kpi, now)
    if found.plan is None:
        return History([], ALL_QUIET, None, found.targets)
    line = found.plan.line
    closed = [*found.verdicts, *(one for one in found.waiting if one.status != OPEN)]
    running = line.next_after(closed[-1].period.end if closed else line.first)
    return History(closed, found.standing or ALL_QUIET, running, found.targets)


def closed_period(kpi: Kpi, start: date, now: datetime) -> Period | None:
    """The closed period that starts on a day, from the calendar alone; None where none does."""
    if kpi.cadence is None:
        return None
    organisation = kpi.team.organisation
    changes = CadenceChange.objects.filter(kpi=kpi).values_list("effective_on", "cadence__kind")
    first, *later = list(changes.order_by("effective_on", "pk")) or [(None, kpi.cadence.kind)]
    line = timeline(kpi.starts_on, first[1], tuple(later), organisation.fiscal_start_month)
    period = line.containing(start)
    today = reckoned_day(now, organisation.zone)
    is_closed = period is not None and period.start == start and period.end <= today
    return period if is_closed else None


def stored_rule(kpi: Kpi, day: date) -> Rule | None:
    """The target in force on a day, also of a metric, which is judged by none; None without one.

    For display: patience and recovery of the rule say nothing.
    """
    row = target_on(kpi, day)
    if row is None or row.is_withdrawn:
        return None
    target = Target(
        row.effective_on,
        target=row.value,
        low=row.low,
        high=row.high,
        tolerance=row.tolerance,
        tolerance_pct=row.tolerance_pct,
        over=row.accumulates,
    )
    if kpi.cadence is not None:
        target = shaped(target, kpi.settings_on(day), kpi.direction)
    return Rule(kpi.direction, target, 1, 1)
