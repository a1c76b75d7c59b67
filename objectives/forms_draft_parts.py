"""What people type about the parts of a key result: the steps of its path, its milestones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms

from metrics.form_fields import NumberField
from metrics.forms import DayInput
from metrics.wording import day_year
from objectives.actions import MilestoneDraft, StepDraft
from objectives.forms_draft_fields import Quiet, WordsField
from objectives.models import Cycle

LARGEST_WEIGHT = Decimal("999.99")


def weight_problem(weight: Decimal | None, *, may_be_zero: bool) -> str:
    """What is wrong with a weight; empty where nothing is. None counts as 1."""
    if weight is None:
        return ""
    if weight < 0 and may_be_zero:
        return "A weight is 0 or more; 0 counts for nothing."
    if weight <= 0 and not may_be_zero:
        return "A milestone’s weight is above 0."
    if weight > LARGEST_WEIGHT or weight != weight.quantize(Decimal("0.01")):
        return "At most 999.99, with at most two decimals."
    return ""


def day_problem(day: date, cycle: Cycle | None) -> str:
    """Why a day cannot be a step; empty where it lies in the cycle or that is not known."""
    if cycle is None or cycle.starts_on <= day <= cycle.ends_on:
        return ""
    return (
        f"{cycle} runs from {day_year(cycle.starts_on)} to {day_year(cycle.ends_on)}."
        " Choose a day in it, or another cycle."
    )


class StepForm(Quiet):
    """One step of a phased target: by a day, a value."""

    on = forms.DateField(label="by", widget=DayInput, required=False)
    value = NumberField(label="at", required=False)

    def __init__(self, *args, cycle: Cycle | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle

    def clean(self) -> dict:
        cleaned = super().clean()
        on, value = cleaned.get("on"), cleaned.get("value")
        if on is not None and (problem := day_problem(on, self.cycle)):
            self.add_error("on", problem)
        if value is not None and on is None and "on" not in self.errors:
            self.add_error("on", "By which day? Choose it, or empty the value.")
        if on is not None and value is None and "value" not in self.errors:
            self.add_error("value", "How far by then? Enter it, or empty the day.")
        return cleaned

    @property
    def is_blank(self) -> bool:
        """True when nothing stands in it."""
        return not (self["on"].value() or self["value"].value() not in (None, ""))

    def draft(self) -> StepDraft | None:
        """What was typed; None for an empty one."""
        on = self.cleaned_data["on"]
        return StepDraft(on, self.cleaned_data["value"]) if on else None


class MilestoneForm(Quiet):
    """One milestone."""

    title = WordsField(label="Milestone", max_length=200, required=False)
    weight = NumberField(label="weight", required=False)
    due_on = forms.DateField(label="by", widget=DayInput, required=False)

    def __init__(self, *args, cycle: Cycle | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle

    def clean(self) -> dict:
        cleaned = super().clean()
        due_on = cleaned.get("due_on")
        if problem := weight_problem(cleaned.get("weight"), may_be_zero=False):
            self.add_error("weight", problem)
        if due_on is not None and (problem := day_problem(due_on, self.cycle)):
            self.add_error("due_on", problem)
        if due_on is not None and not cleaned.get("title") and "title" not in self.errors:
            self.add_error("title", "Name what is done by then, or empty the day.")
        return cleaned

    @property
    def is_blank(self) -> bool:
        """True when nothing stands in it; a weight alone is nothing."""
        return not (self["title"].value() or self["due_on"].value())

    def draft(self) -> MilestoneDraft | None:
        """What was typed; None for an empty one."""
        data = self.cleaned_data
        if not data["title"]:
            return None
        return MilestoneDraft(data["title"], data["weight"] or Decimal(1), data["due_on"])
