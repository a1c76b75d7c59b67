"""Every write of the objectives app, each one transaction with its history row."""

from objectives.actions.check_ins import record_check_in
from objectives.actions.closing import Grade, NotGraded, close_objective
from objectives.actions.cycles import (
    CycleReplaced,
    advance_cycles,
    create_custom_cycle,
    cycle_holding,
    ensure_cycles,
)
from objectives.actions.drafted import (
    KeyResultDraft,
    MilestoneDraft,
    ObjectiveDraft,
    StepDraft,
    differences,
    stored_draft,
)
from objectives.actions.drafts import (
    NothingToPublish,
    PublishRefused,
    create_objective,
    draft_objective_from_signal,
    edit_draft,
    publish_objective,
)
from objectives.actions.history import Changed
from objectives.actions.parents import ParentRefused

__all__ = [
    "Changed",
    "CycleReplaced",
    "Grade",
    "KeyResultDraft",
    "MilestoneDraft",
    "NotGraded",
    "NothingToPublish",
    "ObjectiveDraft",
    "ParentRefused",
    "PublishRefused",
    "StepDraft",
    "advance_cycles",
    "close_objective",
    "create_custom_cycle",
    "create_objective",
    "cycle_holding",
    "differences",
    "draft_objective_from_signal",
    "edit_draft",
    "ensure_cycles",
    "publish_objective",
    "record_check_in",
    "stored_draft",
]
