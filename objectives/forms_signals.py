"""The answers to a signal, as people type them. Each carries the version it was opened with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms

from metrics.form_fields import NumberField
from metrics.forms import DayInput
from metrics.kinds import Direction
from metrics.models import Kpi
from metrics.next_target import Bounds, Choice


class AnswerForm(forms.Form):
    """An answer with its reason."""

    reason = forms.CharField(label="Reason", max_length=1000, widget=forms.Textarea({"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput)


class UntilForm(AnswerForm):
    """An answer that holds until a day after today."""

    until = forms.DateField(label="Until", widget=DayInput)
    field_order = ["until", "reason"]

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until = self.cleaned_data["until"]
        if until <= self.today:
            raise forms.ValidationError("A day after today.")
        return until


class AcceptForm(UntilForm):
    """Accept for now: to a level, until a date, with a reason."""

    level = NumberField(label="Down to", help_text="A worse value ends it.")
    field_order = ["level", "until", "reason"]

    def __init__(self, *args, unit: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].unit = unit


class BoundsForm(forms.Form):
    """A target: one value, or the two bounds of a range."""

    value = NumberField(label="Target")
    low = NumberField(label="From")
    high = NumberField(label="To")

    def __init__(self, *args, kpi: Kpi, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value", "low", "high"):
            self.fields[name].unit = kpi.unit
        for name in ("value",) if kpi.direction == Direction.RANGE else ("low", "high"):
            del self.fields[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is not None and high is not None and low >= high:
            self.add_error("high", "Above the lower bound.")
        return cleaned

    def numbers(self) -> dict[str, Decimal]:
        """The numbers that were typed, by the names of a target's fields."""
        names = ("value", "low", "high")
        found = {name: self.cleaned_data.get(name) for name in names}
        return {name: number for name, number in found.items() if number is not None}


class RetargetForm(BoundsForm, AnswerForm):
    """Revise the target from a date on, with a reason."""

    effective_on = forms.DateField(
        label="In force from",
        widget=DayInput,
        help_text="A running period keeps the target of its first day.",
    )
    field_order = ["value", "low", "high", "effective_on", "reason"]


class NextTargetForm(BoundsForm):
    """Keep, tighten to the proposal, or an own value with a reason, from a period on."""

    choice = forms.ChoiceField(label="Next target", choices=Choice.choices)
    effective_on = forms.TypedChoiceField(label="From", choices=[])
    reason = forms.CharField(
        label="Reason", max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
    field_order = ["choice", "value", "low", "high", "effective_on", "reason"]

    def __init__(self, *args, periods: list[tuple[str, str]], tighten: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value", "low", "high"):
            if name in self.fields:
                self.fields[name].required = False
        self.fields["effective_on"].choices = periods
        self.fields["effective_on"].coerce = forms.DateField().to_python
        if not tighten:
            self.fields["choice"].choices = [
                c for c in Choice.choices if c[0] != Choice.TIGHTEN.value
            ]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("choice") == Choice.OWN:
            for name in ("value", "low", "high"):
                if name in self.fields and cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, "Enter the new target.")
            if not (cleaned.get("reason") or "").strip():
                self.add_error("reason", "Say why this target: it stays in the history.")
        return cleaned

    def own(self) -> Bounds | None:
        """The bounds that were typed, None unless an own value was chosen."""
        if self.cleaned_data["choice"] != Choice.OWN:
            return None
        found = self.numbers()
        return Bounds(found.get("value"), found.get("low"), found.get("high"))
