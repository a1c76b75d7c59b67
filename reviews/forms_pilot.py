"""Which team begins in which cycle, and which follow."""

from __future__ import annotations

from datetime import date

from django import forms

from objectives.models import Cycle
from objectives.states import OPEN_CYCLES
from teams.models import Team, User


class BeginPilotForm(forms.Form):
    """One team and one cycle that is not over."""

    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.none(),
        empty_label="Choose the team",
        error_messages={
            "required": "Choose the team that begins.",
            "invalid_choice": "Choose a team of the list.",
        },
    )
    cycle = forms.ModelChoiceField(
        label="Cycle",
        queryset=Cycle.objects.none(),
        empty_label="Choose the cycle",
        error_messages={
            "required": "Choose the cycle it begins in.",
            "invalid_choice": "Choose a cycle of the list.",
        },
    )

    def __init__(self, *args, admin: User, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.visible_to(admin).in_use()
        self.fields["team"].queryset = teams.order_by("name", "pk")
        cycles = Cycle.objects.filter(
            organisation=admin.organisation_id, state__in=OPEN_CYCLES, ends_on__gte=today
        )
        self.fields["cycle"].queryset = cycles.order_by("starts_on", "ends_on", "pk")


class WidenPilotForm(forms.Form):
    """Some of the teams that wait."""

    teams = forms.ModelMultipleChoiceField(
        label="Teams that begin too",
        queryset=Team.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick the teams that begin too.",
            "invalid_choice": "Choose teams of the list.",
        },
    )

    def __init__(self, *args, others, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = others
