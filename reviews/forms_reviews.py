"""What people type in a review: grades, decisions, learnings and actions. Actions write."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from django import forms
from django.db.models import Q

from objectives import grading
from objectives.actions import Grade
from reviews.kinds import Decision, ReviewKind
from teams.models import Team, User

OUT = "out"


class GradeForm(forms.Form):
    """The grade of one key result; `out` leaves it out. Away from the suggestion it says why."""

    grade = forms.ChoiceField(
        choices=[(str(grade), str(grade)) for grade in grading.SCALE] + [(OUT, "leave out")],
        error_messages={
            "required": "Choose a grade, or leave it out with a reason.",
            "invalid_choice": "Choose a grade of the scale.",
        },
    )
    reason = forms.CharField(max_length=500, required=False)
    version = forms.IntegerField(required=False, min_value=0)

    def __init__(self, *args, suggested: Decimal | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.suggested = suggested

    def clean(self):
        said = super().clean()
        choice, reason = said.get("grade"), said.get("reason")
        if choice is None or reason is None:
            return said
        if choice == OUT:
            if not reason:
                self.add_error("reason", "Say why it is left out.")
        elif Decimal(choice) != self.suggested and not reason:
            words = f"Say why {Decimal(choice):.1f}: the suggestion is {self.suggested}."
            if self.suggested is None:
                words = f"Say how you arrived at {Decimal(choice):.1f}."
            self.add_error("reason", words)
        return said

    def given(self) -> Grade:
        """What was decided; a reason is kept only where the grade needs one."""
        choice, reason = self.cleaned_data["grade"], self.cleaned_data["reason"]
        if choice == OUT:
            return Grade(None, reason, is_left_out=True)
        grade = Decimal(choice)
        return Grade(grade, "" if grade == self.suggested else reason)


class WordsForm(forms.Form):
    """What kept an objective from 1.0, and the root cause of a low grade."""

    explanation = forms.CharField(max_length=1000, required=False)
    root_cause = forms.CharField(max_length=1000, required=False)
    seen = forms.CharField(required=False, max_length=32)


class NextForm(forms.Form):
    """What becomes of an objective; what goes on says why."""

    decision = forms.ChoiceField(
        choices=Decision.choices,
        error_messages={"required": "Choose keep, modify or drop."},
    )
    note = forms.CharField(max_length=1000, required=False)
    why_again = forms.CharField(max_length=500, required=False)
    seen = forms.CharField(required=False, max_length=32)

    def clean(self):
        said = super().clean()
        goes_on = said.get("decision") in (Decision.KEEP, Decision.MODIFY)
        if goes_on and said.get("why_again") == "":
            self.add_error("why_again", "Say why it goes on in the next cycle.")
        return said


class LearningForm(forms.Form):
    """One thing the team learned."""

    text = forms.CharField(
        label="One learning",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "data-mention": True}),
        error_messages={"required": "Write one sentence."},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_token(self):
        return self.cleaned_data["token"] or uuid.uuid4()


class ActionForm(forms.Form):
    """Who does what by when."""

    what = forms.CharField(
        label="Action",
        max_length=300,
        widget=forms.TextInput(attrs={"data-mention": True}),
        error_messages={"required": "Say what is to be done."},
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": "This person is not here any more. Choose another one."},
    )
    due_on = forms.DateField(
        label="By",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Type a date, for example 2026-09-15."},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, team: Team, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        here = Q(memberships__team=team, is_active=True)
        self.fields["owner"].queryset = User.objects.filter(here).distinct().order_by("name", "pk")

    def clean_due_on(self) -> date | None:
        day = self.cleaned_data["due_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(
                "The day by which it is done is over. Choose today or a later day, or none."
            )
        return day

    def clean_token(self):
        return self.cleaned_data["token"] or uuid.uuid4()


class OpenForm(forms.Form):
    """Which look a lead opens by hand; the review of the cycle opens by itself."""

    kind = forms.ChoiceField(
        choices=[one for one in ReviewKind.choices if one[0] != ReviewKind.QUARTERLY],
        error_messages={"required": "Choose a monthly or a mid-cycle look."},
    )
