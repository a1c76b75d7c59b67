"""What a person may change about themselves."""

from django import forms

from teams.models import User


class ProfileForm(forms.ModelForm):
    """Name and appearance."""

    class Meta:
        model = User
        fields = ["name", "theme"]
        labels = {"theme": "Appearance"}
