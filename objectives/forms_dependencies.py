"""What is asked of another team, and the answer."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django import forms

from teams.models import Team, User


class DependencyForm(forms.Form):
    """What an objective needs, of whom and by when."""

    team = forms.ModelChoiceField(
        label="Of which team?", queryset=Team.objects.none(), empty_label="Choose a team"
    )
    what = forms.CharField(label="What do you need?", max_length=300)
    needed_on = forms.DateField(
        label="By when?", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, user: User, team: Team, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        others = Team.objects.visible_to(user).in_use().exclude(pk=team.pk)
        self.fields["team"].queryset = others.order_by("name", "pk")

    def clean_needed_on(self) -> date | None:
        day = self.cleaned_data["needed_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError("This day is over. Choose today or a later day.")
        return day


class AnswerForm(forms.Form):
    """Confirm, or decline with a reason."""

    answer = forms.ChoiceField(
        label="Answer",
        choices=[("confirm", "Confirm"), ("decline", "Decline")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose confirm or decline."},
    )
    reason = forms.CharField(label="Reason", max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("answer") == "decline" and not cleaned.get("reason"):
            self.add_error("reason", "Say why it cannot be done, so that they can plan without it.")
        return cleaned
