"""With whom, what was said, and when again."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django import forms

from teams.models import User


class StartForm(forms.Form):
    """A colleague to talk with."""

    person = forms.ModelChoiceField(
        label="Talk with",
        queryset=User.objects.none(),
        empty_label="Choose a colleague",
        error_messages={
            "required": "Choose a colleague.",
            "invalid_choice": "Choose a colleague from the list.",
        },
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.colleagues_of(user).exclude(pk=user.pk)
        self.fields["person"].queryset = others.order_by("name", "pk")


class NoteForm(forms.Form):
    """A note for the two."""

    text = forms.CharField(
        label="Note",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the note first."},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class NextForm(forms.Form):
    """The next date; `seen` is the one that stood there when the form was opened."""

    next_on = forms.DateField(
        label="Next conversation",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    seen = forms.DateField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": "Open the page again."}
    )

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_next_on(self) -> date | None:
        day = self.cleaned_data["next_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError("This day is over. Choose today or a later day.")
        return day
