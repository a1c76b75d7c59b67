"""The one step a hint offers beside a field of a draft: a button that applies it, or a link."""

from __future__ import annotations

from dataclasses import dataclass

from objectives.coach.catalogue import Hint

# What is applied to what was typed; the form comes back with it, and nothing is saved.
APPLIED = frozenset(
    {
        *("swap_numbers", "keep_as_initiative", "split_key_result", "find_baseline"),
        *("use_kpi_value", "match_kpi_target", "add_numbers", "move_number_to_key_result"),
        *("add_key_result", "park_key_result", "convert_to_kpi"),
    }
)
# What only a person can write: the step leads to the field.
_FIELDS = {
    "add_why": "#id_why",
    "edit_objective": "#id_title",
    "choose_cycle": "#id_cycle",
    "change_parent": "#id_parent",
}


@dataclass(frozen=True, slots=True)
class Step:
    """`value` is what the button sends ("swap_numbers:kr-0"), empty for a link; `url` the link."""

    label: str
    value: str = ""
    url: str = ""


def step_of(hint: Hint, place: str) -> Step | None:
    """The step of a hint beside a field ("title", "kr-0"); None where it asks for nothing."""
    remedy = hint.remedy
    if remedy is None or hint.tone == "on":
        return None
    if remedy.action in APPLIED:
        return Step(remedy.label, value=f"{remedy.action}:{place}")
    return Step(remedy.label, url=_FIELDS.get(remedy.action, f"/coach/rules/#{hint.code}"))
