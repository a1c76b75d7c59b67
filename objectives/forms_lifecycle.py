"""Parking, withdrawing, copying: the reasons people give, and what they carry over."""

from __future__ import annotations

from uuid import uuid4

from django import forms

from metrics.form_fields import NumberField
from objectives.actions.copies import Carried
from objectives.kinds import CHANGES, KeyResultKind
from objectives.models import Cycle, KeyResult


class CopyForm(forms.Form):
    """The cycle an objective is drafted again for, and why."""

    cycle = forms.ModelChoiceField(label="Cycle", queryset=Cycle.objects.none(), empty_label=None)
    why_again = forms.CharField(
        label="Why again?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What did not work the last time, and what is different now?",
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, cycles, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cycle"].queryset = cycles


class CarryForm(forms.Form):
    """Whether one key result is carried over; a change says from where to where."""

    carry = forms.BooleanField(required=False)
    baseline = NumberField(label="from", required=False)
    target = NumberField(label="to", required=False)

    def __init__(self, *args, key_result: KeyResult, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.key_result = key_result
        self.fields["carry"].label = key_result.title
        if key_result.kind not in CHANGES:
            del self.fields["baseline"], self.fields["target"]

    @property
    def is_change(self) -> bool:
        """Whether it goes from one value to another."""
        return "target" in self.fields

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.is_change or not cleaned.get("carry") or self.errors:
            return cleaned
        start, end = cleaned.get("baseline"), cleaned.get("target")
        if end is None:
            self.add_error("target", "Where should it go?")
        elif start is not None and not self._goes_on(start, end):
            self.add_error("target", self._sentence())
        return cleaned

    def _goes_on(self, start, end) -> bool:
        return end > start if self.key_result.kind == KeyResultKind.INCREASE else end < start

    def _sentence(self) -> str:
        way = "above" if self.key_result.kind == KeyResultKind.INCREASE else "below"
        return f"It starts at today’s value, so the target must lie {way} it. Aim further?"

    def carried(self) -> Carried | None:
        """What is carried over, for the action; None where it stays behind."""
        if not self.cleaned_data["carry"]:
            return None
        return Carried(
            self.key_result,
            baseline=self.cleaned_data.get("baseline"),
            target=self.cleaned_data.get("target"),
        )
