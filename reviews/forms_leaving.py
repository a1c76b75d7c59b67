"""Who takes over from somebody who leaves."""

from __future__ import annotations

from django import forms

from teams.models import User


class LeavingForm(forms.Form):
    """A colleague for everything that is open; without open work nobody need be named."""

    successor = forms.ModelChoiceField(
        label="Who takes over",
        queryset=User.objects.none(),
        required=False,
        empty_label="Choose a person",
        error_messages={"invalid_choice": "Choose somebody who is here."},
    )

    def __init__(self, *args, person: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        colleagues = User.objects.colleagues_of(person).exclude(pk=person.pk)
        self.fields["successor"].queryset = colleagues.order_by("name", "pk")
