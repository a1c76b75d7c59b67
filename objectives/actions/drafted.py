"""A draft as it was typed, as it is stored, and as the history and a conflict tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.models import Kpi
from metrics.wording import number, quantity
from objectives.actions.kept import Kept
from objectives.kinds import Level, Origin, Rhythm, change_kind
from objectives.models import Cycle, KeyResult, Objective
from teams.models import User


@dataclass(frozen=True, slots=True)
class StepDraft:
    """By this day the value should be here, in the key result's unit."""

    on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """One milestone; its weight is above 0."""

    title: str
    weight: Decimal = Decimal(1)
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class KeyResultDraft:
    """One key result as it was typed; numbers are in `unit`. Without a kind they decide.

    `pk` is the key result it was opened from, None for a new one. Without an owner it is the
    objective's; an empty `ambition` is the objective's too.
    """

    title: str
    kind: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str = ""
    kpi: Kpi | None = None
    kpi_follows: bool = False
    hold_periods: int | None = None
    weight: Decimal = Decimal(1)
    low: Decimal | None = None
    high: Decimal | None = None
    ambition: str = ""
    owner: User | None = None
    steps: tuple[StepDraft, ...] = ()
    milestones: tuple[MilestoneDraft, ...] = ()
    pk: int | None = None

    @property
    def settled_kind(self) -> str:
        """The kind it is saved as."""
        direction = self.kpi.direction if self.kpi else ""
        return self.kind or change_kind(self.baseline, self.target, direction)


@dataclass(frozen=True, slots=True)
class ObjectiveDraft:
    """An objective as it was typed; it is aligned to one `parent` at most.

    `kept` are findings of the coach that stay, with their reasons; `initiatives` is work that was
    kept beside the key results.
    """

    title: str
    ambition: str
    owner: User | None
    cycle: Cycle
    key_results: Sequence[KeyResultDraft]
    why: str = ""
    is_private: bool = False
    level: str = Level.TEAM
    origin: str = Origin.BOTTOM_UP
    rhythm: str = Rhythm.WEEKLY
    parent: Objective | KeyResult | None = None
    kept: Sequence[Kept] = ()
    initiatives: Sequence[str] = ()


def stored_draft(objective: Objective) -> ObjectiveDraft:
    """A draft as it is stored; withdrawn key results are left out."""
    rows = objective.key_results.filter(withdrawn_at=None).select_related("kpi", "owner")
    rows = rows.prefetch_related("checkpoints", "milestones")
    return ObjectiveDraft(
        title=objective.title,
        ambition=objective.ambition,
        owner=objective.owner,
        cycle=objective.cycle,
        key_results=[_stored_row(row) for row in rows.order_by("position")],
        why=objective.why,
        is_private=objective.is_private,
        level=objective.level,
        origin=objective.origin,
        rhythm=objective.rhythm,
        parent=objective.parent_objective or objective.parent_key_result,
    )


def _stored_row(row: KeyResult) -> KeyResultDraft:
    return KeyResultDraft(
        title=row.title,
        kind=row.kind,
        baseline=row.baseline,
        target=row.target,
        unit=row.unit,
        kpi=row.kpi,
        kpi_follows=row.kpi_follows,
        hold_periods=row.hold_periods,
        weight=row.weight,
        low=row.low,
        high=row.high,
        ambition=row.ambition,
        owner=row.owner,
        steps=tuple([StepDraft(step.on, step.value) for step in row.checkpoints.all()]),
        milestones=tuple(
            [MilestoneDraft(one.title, one.weight, one.due_on) for one in row.milestones.all()]
        ),
        pk=row.pk,
    )


def said(draft: ObjectiveDraft) -> dict[str, str]:
    """What a draft says, each thing by its name on the page; two that say the same are equal."""
    told = {
        "Objective": draft.title,
        "Why": draft.why,
        "Ambition": draft.ambition,
        "Owner": str(draft.owner or ""),
        "Cycle": draft.cycle.name,
        "Level": draft.level,
        "Origin": draft.origin.replace("_", "-"),
        "Rhythm": draft.rhythm,
        "Private": "yes" if draft.is_private else "",
        "Aligned to": str(draft.parent or ""),
    }
    for place, row in enumerate(draft.key_results, start=1):
        told[f"Key result {place}"] = _row_said(row, draft.owner)
    return told


def _row_said(row: KeyResultDraft, owner: User | None) -> str:
    """One key result in one line, with everything that was typed of it."""
    parts = [
        row.title,
        row.settled_kind.replace("_", " "),
        f"from {quantity(row.baseline, row.unit)}" if row.baseline is not None else "",
        f"to {quantity(row.target, row.unit)}" if row.target is not None else "",
        _range_said(row),
        row.unit if row.target is None and row.high is None else "",
        f"{row.hold_periods} in a row" if row.hold_periods else "",
        f"KPI {row.kpi}" if row.kpi else "",
        f"weight {number(row.weight)}" if row.weight != 1 else "",
        row.ambition,
        str(row.owner) if row.owner and row.owner != owner else "",
        *(f"{number(step.value)} by {step.on}" for step in row.steps),
        *(_milestone_said(one) for one in row.milestones),
    ]
    return "; ".join(part for part in parts if part)


def _range_said(row: KeyResultDraft) -> str:
    if row.low is None or row.high is None:
        return ""
    return f"between {number(row.low)} and {quantity(row.high, row.unit)}"


def _milestone_said(one: MilestoneDraft) -> str:
    weight = f", weight {number(one.weight)}" if one.weight != 1 else ""
    return f"{one.title}{weight}{f' by {one.due_on}' if one.due_on else ''}"


def differences(theirs: ObjectiveDraft, mine: ObjectiveDraft) -> list[tuple[str, str, str]]:
    """(what, theirs, mine) for everything two drafts say differently, in the form's order."""
    stored, typed = said(theirs), said(mine)
    names = [*stored, *(name for name in typed if name not in stored)]
    pairs = [(name, stored.get(name, ""), typed.get(name, "")) for name in names]
    return [(name, one, other) for name, one, other in pairs if one != other]
