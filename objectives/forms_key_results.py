"""What people type to revise a running key result, or to withdraw it."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from metrics.form_fields import NumberField
from metrics.wording import number
from objectives.actions.key_results import Aim, step_words, steps_off_the_way
from objectives.forms import ReasonForm
from objectives.kinds import CHANGES, STANDARDS, KeyResultKind, change_kind
from objectives.models import KeyResult

# Which numbers each kind goes for; a found baseline and a named driver come with their target.
_NUMBERS = {
    **dict.fromkeys(CHANGES, ("baseline", "target")),
    **dict.fromkeys(STANDARDS, ("target",)),
    KeyResultKind.RANGE: ("low", "high"),
    KeyResultKind.FIND_BASELINE: ("baseline", "target", "unit"),
    KeyResultKind.OPEN: ("baseline", "target", "unit"),
}
_ALL = ("baseline", "target", "low", "high", "unit")


class RevisionForm(forms.Form):
    """What a running key result goes for from now on, and why; the kind stays.

    `find_baseline` and `open` become an increase or a decrease with the numbers typed. Steps of a
    path that lie beyond the new way are named first: they go only once that was said.
    """

    baseline = NumberField(label="From", required=False)
    target = NumberField(
        label="To", error_messages={"required": "Where should it go? Type the target."}
    )
    low = NumberField(label="At least", error_messages={"required": "Type the lower bound."})
    high = NumberField(label="At most", error_messages={"required": "Type the upper bound."})
    unit = forms.CharField(label="Unit", max_length=20, required=False)
    weight = NumberField(label="Weight")
    drop_steps = forms.BooleanField(label="Drop the steps that lie beyond", required=False)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it stands beside the old figures."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, key_result: KeyResult, **kwargs) -> None:
        now = {name: getattr(key_result, name) for name in (*_ALL, "weight", "version")}
        super().__init__(*args, initial=now, **kwargs)
        self.key_result = key_result
        shown = _NUMBERS.get(KeyResultKind(key_result.kind), ())
        for name in _ALL:
            if name not in shown:
                del self.fields[name]
        if not key_result.checkpoints.all():
            del self.fields["drop_steps"]
        if key_result.kind in STANDARDS and "target" in self.fields:
            self.fields["target"].label = "Target"
        if key_result.kind == KeyResultKind.FIND_BASELINE:
            self.fields["baseline"].required = True
            self.fields["baseline"].error_messages["required"] = "Type the baseline you found."

    def clean_weight(self) -> Decimal:
        weight = self.cleaned_data["weight"]
        if not 0 <= weight <= 100 or weight != round(weight, 2):
            raise forms.ValidationError("Type a weight from 0 to 100, for example 1 or 0.5.")
        return weight

    def clean(self) -> dict:
        cleaned = super().clean()
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is not None and high is not None and high <= low:
            self.add_error("high", "The upper bound must lie above the lower one.")
        if cleaned.get("target") is not None and cleaned.get("baseline") is not None:
            self._check_way(cleaned["baseline"], cleaned["target"])
        if not self.errors and self.aim() == Aim.of(self.key_result):
            self.add_error(None, "Nothing differs from what it goes for now.")
        if not self.errors and "drop_steps" in self.fields and not cleaned["drop_steps"]:
            self._check_steps()
        return cleaned

    def _check_steps(self) -> None:
        """Name the steps that the new way would leave beside it."""
        aim = self.aim()
        if steps := steps_off_the_way(self.key_result, aim):
            named = ", ".join(step_words(step, aim.unit) for step in steps)
            self.add_error(
                "drop_steps",
                f"Not on the new way: {named}. Choose other figures, or drop what lies beyond.",
            )

    def _check_way(self, baseline: Decimal, target: Decimal) -> None:
        """Refuse a target on the start, or behind it: that is another key result, or a KPI."""
        if baseline == target:
            self.add_error("target", "From and to are the same: this is a KPI, not a key result.")
        elif self.key_result.kind == KeyResultKind.INCREASE and target < baseline:
            self.add_error("target", f"It rises: the target must lie above {number(baseline)}.")
        elif self.key_result.kind == KeyResultKind.DECREASE and target > baseline:
            self.add_error("target", f"It falls: the target must lie below {number(baseline)}.")

    def aim(self) -> Aim:
        """What was typed, for the action."""
        said = self.cleaned_data
        key_result = self.key_result
        numbers = {name: said.get(name, getattr(key_result, name)) for name in _ALL}
        kind = key_result.kind
        if kind in (KeyResultKind.FIND_BASELINE, KeyResultKind.OPEN):
            direction = key_result.kpi.direction if key_result.kpi else ""
            kind = change_kind(numbers["baseline"], numbers["target"], direction)
        return Aim(kind=kind, weight=said["weight"], **numbers)


class WithdrawalForm(ReasonForm):
    """Why a key result is withdrawn, and what becomes of what is aligned to it."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it stays with the key result."},
    )
