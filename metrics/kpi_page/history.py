"""A KPI's whole verdict history at a moment, with the calendar and targets it was judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from metrics.evaluation.loading import load_exclusions, load_subjects, load_targets, load_values
from metrics.judging import NO_TARGETS, Rule, Targets
from metrics.models import Kpi
from metrics.periods import Period, Timeline
from metrics.replay import ALL_QUIET, Standing, Verdict, replay


@dataclass(frozen=True, slots=True)
class History:
    """`verdicts` are the closed periods, oldest first; `line` None: the KPI has no cadence."""

    verdicts: list[Verdict]
    standing: Standing
    line: Timeline | None
    targets: Targets
    today: date

    @property
    def running(self) -> Period | None:
        """The period that is open, or the first to come; None without a cadence."""
        if self.line is None:
            return None
        after = self.verdicts[-1].period.end if self.verdicts else self.line.first
        return self.line.next_after(after)

    def rule_on(self, day: date) -> Rule | None:
        """The target in force on a day; None without one."""
        return self.targets.in_force(day)

    def verdict_of(self, start: date) -> Verdict | None:
        """The closed period that starts on a day; None where none does."""
        return next((v for v in self.verdicts if v.period.start == start), None)


def judged_history(kpi: Kpi, now: datetime) -> History:
    """Judge every closed period of a KPI from what is stored, without writing anything."""
    subjects = load_subjects([kpi.pk], now)
    plan = subjects[kpi.pk].plan
    if plan is None:
        return History([], ALL_QUIET, None, NO_TARGETS, kpi.team.organisation.today(now))
    targets = load_targets(subjects).get(kpi.pk, NO_TARGETS)
    result = replay(
        plan.settings,
        plan.line,
        targets,
        load_values((), [kpi.pk], subjects).get(kpi.pk, {}),
        load_exclusions(subjects).get(kpi.pk, frozenset()),
        plan.today,
        want_verdicts=True,
    )
    return History(result.verdicts, result.standing, plan.line, targets, plan.today)
