"""What people type about the values of periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from metrics.form_fields import NumberField
from metrics.periods import Period


class ValueForm(forms.Form):
    """The first value of a period."""

    value = NumberField(label="Value")

    def __init__(self, *args, unit: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].unit = unit
        self.fields["value"].widget.attrs["autofocus"] = True


class CorrectionForm(ValueForm):
    """Another value for a period that has one; empty withdraws it.

    `revision` is the one the person saw; empty means they saw no period value.
    """

    reason = forms.CharField(label="Reason", max_length=500)
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].required = False


class FillForm(forms.Form):
    """One field for each missed period; empty means it has no value."""

    def __init__(self, *args, periods: list[Period], labels: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.periods = periods
        for position, (period, label) in enumerate(zip(periods, labels, strict=True)):
            self.fields[field_name(period.start)] = NumberField(label=label, required=False)
            if not position:
                self.fields[field_name(period.start)].widget.attrs["autofocus"] = True

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and not any(value is not None for value in cleaned.values()):
            raise ValidationError("Enter at least one value.")
        return cleaned

    def entries(self) -> list[tuple[Period, Decimal]]:
        """The periods that were given a value."""
        given = [(period, self.cleaned_data[field_name(period.start)]) for period in self.periods]
        return [(period, value) for period, value in given if value is not None]


def field_name(start: date) -> str:
    """The name of a period's field in the fill form."""
    return f"value_{start.isoformat()}"
