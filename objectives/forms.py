"""What people type when an objective ends: grades, notes, reasons. Actions write."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import forms

from objectives import grading
from objectives.actions import Grade


class GradeForm(forms.Form):
    """The grade of one key result; `out` leaves it out with a reason."""

    OUT = "out"

    grade = forms.ChoiceField(
        label="Grade",
        required=False,
        choices=[(str(grade), str(grade)) for grade in grading.SCALE] + [(OUT, "leave out")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason", max_length=500, required=False)

    def given(self) -> Grade:
        """What was decided, for the action."""
        choice = self.cleaned_data["grade"]
        reason = self.cleaned_data["reason"]
        if choice == self.OUT:
            return Grade(None, reason, is_left_out=True)
        return Grade(Decimal(choice) if choice else None, reason)


class ClosingForm(forms.Form):
    """What belongs to the objective as a whole when it is closed."""

    note = forms.CharField(
        label="What kept it from 1.0?",
        max_length=1000,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why something is given up, and what becomes of what is aligned to it.

    `fates` are the choices for that, empty where nothing is aligned.
    """

    reason = forms.CharField(label="Reason", max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, fates: Sequence[tuple[str, str]] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if fates:
            self.fields["fate"] = forms.ChoiceField(
                label="What becomes of them?",
                choices=fates,
                widget=forms.RadioSelect,
                error_messages={"required": "Say what becomes of what is aligned to it."},
            )
