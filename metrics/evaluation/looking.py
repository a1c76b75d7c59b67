"""Looking at a KPI without changing anything: its whole history, and what an edit would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.episodes import Episode, Standing
from metrics.evaluation.loading import (
    Material,
    Plan,
    Subject,
    load_exclusions,
    load_subjects,
    load_targets,
    untouched,
)
from metrics.evaluation.measurements import load_values
from metrics.evaluation.stepping import NOTHING, Clock, walk_kpi
from metrics.evaluation.stored import load_signals
from metrics.evaluation.transitions import History, transitions_of
from metrics.judging import NO_TARGETS, Target, Targets, compile_targets
from metrics.models import Kpi
from metrics.policies import compile_under
from metrics.replay import Verdict, beyond_watermark, replay
from metrics.signal_changes import RECORDED


class Replayed(NamedTuple):
    """A KPI's whole history at a moment.

    `verdicts` are the judged periods, oldest first; `waiting` those after the watermark: closed but
    awaiting, then the running one. `episodes` is empty for a KPI without its four essentials. A KPI
    without a cadence has no `plan` and no periods.
    """

    plan: Plan | None
    targets: Targets
    verdicts: list[Verdict]
    waiting: list[Verdict]
    standing: Standing | None
    episodes: tuple[Episode, ...]


class PreviewedEvent(NamedTuple):
    """One thing an edit would do: an event type of `reconcile`, the signal's kind, the period it
    would be dated to, and the stored signal it is about (None: a new one)."""

    type: str
    kind: str
    period: date
    severity: str
    reason: str | None
    signal_id: int | None


class Preview(NamedTuple):
    """What an edit would do to the signals of a KPI, in the order it would happen."""

    events: tuple[PreviewedEvent, ...]

    def of_type(self, *types: str) -> list[PreviewedEvent]:
        """The events of these types: "raised", "resolved", "reopened", "retracted"..."""
        return [event for event in self.events if event.type in types]

    @property
    def is_empty(self) -> bool:
        """Would nothing change that anybody would see? What is only recorded counts as nothing."""
        return all(event.type == RECORDED for event in self.events)


def _load(kpi: Kpi, now: datetime) -> Material:
    """Everything about one KPI, from its first period on."""
    subjects = load_subjects([kpi.pk], now)
    return Material(
        [kpi.pk],
        subjects,
        load_targets(subjects),
        load_values((), [kpi.pk], subjects),
        load_exclusions(subjects),
    )


def replay_kpi(kpi: Kpi, now: datetime) -> Replayed:
    """Judge every period of a KPI as an evaluation at `now` would; nothing is stored."""
    material = _load(kpi, now)
    plan = material.subjects[kpi.pk].plan
    targets = material.targets.get(kpi.pk, NO_TARGETS)
    if plan is None:
        return Replayed(None, targets, [], [], None, ())
    values = material.values.get(kpi.pk, NOTHING)
    excluded = material.excluded.get(kpi.pk, ())
    if targets.windows:
        targets, values = run_up(targets, plan.line, values, excluded, plan.today)
    known = (plan.settings, plan.line, targets, values, excluded, plan.today)
    result = replay(*known, want_verdicts=True)
    return Replayed(
        plan,
        targets,
        result.verdicts,
        beyond_watermark(*known, result.checkpoint),
        result.standing,
        result.episodes if targets is not NO_TARGETS else (),
    )


def preview(
    kpi: Kpi,
    now: datetime,
    *,
    targets: Sequence[Target] | None = None,
    values: Mapping[date, Decimal | None] | None = None,
    exclusions: Mapping[date, bool] | None = None,
) -> Preview:
    """What saving an edit would do to the signals, as the evaluation after it will find it.

    `targets` are entries (`judging.Target`) added to the history, `values` by period start replace
    what the period has (None withdraws), `exclusions` by period start exclude (True) or lift. What
    is due anyhow at `now` is part of the answer.
    """
    material = _load(kpi, now)
    plan = material.subjects[kpi.pk].plan
    if plan is None:
        return Preview(())
    if targets:
        material.targets[kpi.pk] = _with_targets(material.targets.get(kpi.pk), targets, plan)
    if values:
        merged = {**material.values.get(kpi.pk, NOTHING), **values}
        material.values[kpi.pk] = {day: value for day, value in merged.items() if value is not None}
    if exclusions:
        out = set(material.excluded.get(kpi.pk, ()))
        out |= {day for day, is_out in exclusions.items() if is_out}
        material.excluded[kpi.pk] = out - {day for day, is_out in exclusions.items() if not is_out}
    return _previews(material, now)[kpi.pk]


def preview_values(
    values: Mapping[int, Mapping[date, Decimal]], subjects: dict[int, Subject], now: datetime
) -> dict[int, Preview]:
    """What it would do to the signals of several KPIs if these were all the values they have.

    `values` are by KPI id and period start. A fixed number of queries.
    """
    material = Material(
        list(values),
        subjects,
        load_targets(subjects),
        {pk: dict(own) for pk, own in values.items()},
        load_exclusions(subjects),
    )
    return _previews(material, now)


def _previews(material: Material, now: datetime) -> dict[int, Preview]:
    """What an evaluation of this material from the first period on would find, by KPI id."""
    clock = Clock()
    walks = [
        walk_kpi(untouched(pk), subject, subject.plan, material, clock)
        for pk, subject in material.subjects.items()
        if subject.plan is not None
    ]
    found: dict[int, list[PreviewedEvent]] = {pk: [] for pk in material.subjects}
    for one in transitions_of(walks, load_signals(walks), History(material), now):
        row_id = one.row.id if one.row else None
        found[one.kpi_id] += [
            PreviewedEvent(
                event.type, one.signal.kind, event.period, event.severity, event.reason, row_id
            )
            for event in one.events
        ]
    return {pk: Preview(tuple(events)) for pk, events in found.items()}


def _with_targets(stored: Targets | None, added: Sequence[Target], plan: Plan) -> Targets:
    """The compiled history with more entries; of one date the added one counts."""
    known = stored or NO_TARGETS
    kept = [
        rule.source if rule else Target(day, withdrawn=True)
        for day, rule in zip(known.effective, known.rules, strict=True)
    ]
    # A target that was withdrawn before is so again only because the settings changed.
    kept = [
        one
        for one, before in zip(kept, [None, *kept], strict=False)
        if not (one.withdrawn and before is not None and before.withdrawn)
    ]
    if plan.shaping is not None:
        return compile_under(plan.direction, [*kept, *added], plan.shaping)
    settings = plan.settings
    return compile_targets(
        plan.direction,
        [*kept, *added],
        patience=settings.patience,
        recovery=settings.recovery,
    )
