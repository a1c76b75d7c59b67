"""Typing the organisation's name, so that nobody removes the demo by a slip."""

from __future__ import annotations

from django import forms

from teams.models import Organisation


class RemoveDemoForm(forms.Form):
    """The name as it stands on the page; capitals and blanks around it do not matter."""

    name = forms.CharField(
        label="Name of the organisation",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        wanted = f"Type “{organisation.name}” to remove the demo."
        self.fields["name"].error_messages["required"] = wanted

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if name.strip().casefold() != self.organisation.name.strip().casefold():
            raise forms.ValidationError(f"Type “{self.organisation.name}” to remove the demo.")
        return name
