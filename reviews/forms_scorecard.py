"""Which scorecard a link opens."""

from __future__ import annotations

from uuid import uuid4

from django import forms

from objectives.models import Cycle
from objectives.states import CycleState
from teams.models import Team, User


class LinkForm(forms.Form):
    """A team that the person leads, or for an administrator the whole organisation; and a cycle."""

    team = forms.ModelChoiceField(
        label="Scorecard of",
        queryset=Team.objects.none(),
        error_messages={
            "required": "Choose the team.",
            "invalid_choice": "Choose a team you lead.",
        },
    )
    cycle = forms.ModelChoiceField(
        label="Cycle",
        queryset=Cycle.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose the cycle.", "invalid_choice": "Choose a known cycle."},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        team, cycle = self.fields["team"], self.fields["cycle"]
        own = Team.objects.filter(organisation=user.organisation_id, is_private=False)
        team.queryset = own.led_by(user).order_by("name", "pk")
        team.required = not user.is_org_admin
        team.empty_label = "The whole organisation" if user.is_org_admin else "Choose a team"
        begun = Cycle.objects.of(user.organisation).exclude(state=CycleState.PREPARE)
        cycle.queryset = begun.order_by("-starts_on", "pk")
