"""What other terms would have raised: the whole history of KPIs under two sets of terms.

The same loaders and the same replay as an evaluation; nothing is stored. Present terms hold from
their dates on, proposed ones are looked at as if they had always held (`policies.as_if_ever`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.episodes import OFF_KIND, Episode, Span
from metrics.evaluation.loading import (
    NO_OWN_PROPOSED,
    NOTHING_PROPOSED,
    Plan,
    Proposed,
    ProposedOwn,
    load_exclusions,
    load_subjects,
    load_targets,
)
from metrics.evaluation.measurements import load_values
from metrics.evaluation.stepping import NO_DAYS, NOTHING
from metrics.judging import NO_TARGETS, Targets
from metrics.replay import Result, Verdict, replay

BATCH = 1000


class Replay(NamedTuple):
    """A KPI's episodes at a moment, and its judged periods where they were asked for."""

    episodes: tuple[Episode, ...]
    verdicts: list[Verdict]

    @property
    def raises(self) -> tuple[Span, ...]:
        """Each time it would have signalled off target, oldest first."""
        return tuple(
            sorted(span for one in self.episodes if one.kind == OFF_KIND for span in one.spans)
        )


class Simulated(NamedTuple):
    """One KPI under the terms that are in force, and under those that are proposed."""

    present: Replay
    proposed: Replay


_QUIET = Replay((), [])


def simulate(
    kpi_ids: Collection[int],
    now: datetime,
    proposed: Proposed = NOTHING_PROPOSED,
    proposed_own: ProposedOwn = NO_OWN_PROPOSED,
    *,
    want_verdicts: bool = False,
) -> dict[int, Simulated]:
    """What evaluations up to `now` would have found, by KPI id.

    `proposed` are entries by cadence id; cadences that are not among them keep theirs. In
    `proposed_own` is what KPIs would have said for themselves from the beginning on, by KPI id. A
    fixed number of queries for each thousand KPIs.
    """
    found = {}
    ids = list(kpi_ids)
    for at in range(0, len(ids), BATCH):
        batch = ids[at : at + BATCH]
        found |= dict(_simulate(batch, now, proposed, proposed_own, want_verdicts))
    return found


def _simulate(
    ids: Collection[int],
    now: datetime,
    proposed: Proposed,
    proposed_own: ProposedOwn,
    want_verdicts: bool,
) -> Iterator[tuple[int, Simulated]]:
    present, other = load_subjects(ids, now), load_subjects(ids, now, proposed, proposed_own)
    values, excluded = load_values((), ids, present), load_exclusions(present)
    targets, other_targets = load_targets(present), load_targets(other)
    for pk, subject in present.items():
        plan, other_plan = subject.plan, other[pk].plan
        if plan is None or other_plan is None or pk not in targets:
            yield pk, Simulated(_QUIET, _QUIET)
            continue
        data = (values.get(pk, NOTHING), excluded.get(pk, NO_DAYS), want_verdicts)
        now_found = _replay(plan, targets[pk], *data)
        changes = other_plan.settings != plan.settings
        then = _replay(other_plan, other_targets[pk], *data) if changes else now_found
        yield pk, Simulated(now_found, then)


def _replay(
    plan: Plan,
    targets: Targets,
    values: Mapping[date, Decimal],
    excluded: Collection[date],
    want_verdicts: bool,
) -> Replay:
    if targets is NO_TARGETS:
        return _QUIET
    if targets.windows:
        targets, values = run_up(targets, plan.line, values, excluded, plan.today)
    result: Result = replay(
        plan.settings,
        plan.line,
        targets,
        values,
        excluded,
        plan.today,
        want_verdicts=want_verdicts,
    )
    return Replay(result.episodes, result.verdicts)


class Comparison(NamedTuple):
    """How the raises of two sets of terms differ: `pairs` are (present, proposed) of the same
    stretch, `new` only the proposed ones have, `gone` only the present."""

    pairs: list[tuple[Span, Span]]
    new: list[Span]
    gone: list[Span]


def compare(present: Collection[Span], proposed: Collection[Span], since: date) -> Comparison:
    """Match raises whose stretches overlap, earliest first and one to one.

    What was raised for a period that starts before `since` is left out, unless its other half was
    raised later.
    """
    left = sorted(proposed)
    pairs, gone = [], []
    for span in sorted(present):
        match = next((one for one in left if _overlap(one, span)), None)
        if match is None:
            gone.append(span)
        else:
            left.remove(match)
            pairs.append((span, match))
    return Comparison(
        [pair for pair in pairs if max(one.raised for one in pair) >= since],
        [one for one in left if one.raised >= since],
        [one for one in gone if one.raised >= since],
    )


def _overlap(a: Span, b: Span) -> bool:
    return (a.until is None or b.first < a.until) and (b.until is None or a.first < b.until)
