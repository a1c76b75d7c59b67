"""Cycles with their own dates, another last day of a cycle, and reopening one."""

from __future__ import annotations

from django import forms

from metrics.forms import DayInput
from metrics.wording import day_year
from objectives.models import Cycle
from teams.models import Organisation


class CustomCycleForm(forms.ModelForm):
    """Name, first and last day; cycles with own dates do not overlap each other."""

    class Meta:
        model = Cycle
        fields = ["name", "starts_on", "ends_on"]
        labels = {"starts_on": "First day", "ends_on": "Last day"}
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}),
            "ends_on": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Cycle.objects.of(self.organisation).filter(name=name).exists():
            raise forms.ValidationError("Another cycle already has this name.")
        return name

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first is None or last is None:
            return cleaned
        if last <= first:
            self.add_error("ends_on", "The last day must come after the first.")
            return cleaned
        other = Cycle.objects.custom_overlapping(self.organisation, first, last).first()
        if other is not None:
            span = f"{day_year(other.starts_on)} to {day_year(other.ends_on)}"
            self.add_error("starts_on", f"It overlaps “{other}” ({span}). Choose other days.")
        return cleaned


class BoundaryForm(forms.Form):
    """Another last day of a cycle, with a reason; `seen` is the one that stood there."""

    ends_on = forms.DateField(
        label="Last day",
        widget=DayInput,
        error_messages={"required": "Choose a day.", "invalid": "Type a date as 2026-09-30."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it is kept with the cycle."},
    )
    seen = forms.DateField(widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    """Until when a closed cycle takes late updates again, and why."""

    open_until = forms.DateField(
        label="Open until",
        widget=DayInput,
        error_messages={"required": "Choose a day.", "invalid": "Type a date as 2026-09-30."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it is kept with the cycle."},
    )
