"""The roles of one person, as an administrator changes them."""

from __future__ import annotations

from django import forms

from teams.models import Membership, Team, User

NOT_IN = "not in it any more"


class PersonForm(forms.Form):
    """A role for each team the administrator sees, one more team, and the administration.

    Only what was changed is written, so that two administrators keep what each of them changed.
    """

    join = forms.ModelChoiceField(
        label="Another team",
        queryset=Team.objects.none(),
        required=False,
        empty_label="No other team",
        error_messages={"invalid_choice": "Choose a team of the list."},
    )
    join_role = forms.ChoiceField(
        label="Role there", choices=Membership.Role.choices, initial=Membership.Role.MEMBER
    )
    is_org_admin = forms.BooleanField(label="Administers the organisation", required=False)

    def __init__(self, *args, person: User, admin: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.visible_to(admin).in_use().order_by("name", "pk")
        self.held = list(
            person.memberships.filter(team__in=teams).select_related("team").order_by("team__name")
        )
        for held in self.held:
            self.fields[self.name_of(held)] = forms.ChoiceField(
                label=held.team.name,
                choices=[*Membership.Role.choices, ("", NOT_IN)],
                initial=held.role,
                required=False,
                show_hidden_initial=True,
            )
        # Those they are in as well: the same form sent twice finds them joined.
        self.fields["join"].queryset = teams
        self.fields["is_org_admin"].initial = person.is_org_admin
        self.fields["is_org_admin"].show_hidden_initial = True
        self.fields["join_role"].required = False

    @staticmethod
    def name_of(held: Membership) -> str:
        """The name of the field for one role."""
        return f"role-{held.team_id}"

    @property
    def role_fields(self) -> list:
        """The fields of the teams the person is in."""
        return [self[self.name_of(held)] for held in self.held]

    def begin_in_row(self) -> None:
        """Let the first field take the focus: in a row of the ledger it opened under the hand."""
        first = self.role_fields[0] if self.held else self["join"]
        first.field.widget.attrs["autofocus"] = True

    def roles(self) -> dict[Team, str | None]:
        """The roles that were changed; None takes the person out of the team."""
        changed = {
            held.team: self.cleaned_data[self.name_of(held)] or None
            for held in self.held
            if self.name_of(held) in self.changed_data
        }
        if self.cleaned_data["join"]:
            role = self.cleaned_data["join_role"] or Membership.Role.MEMBER
            changed[self.cleaned_data["join"]] = role
        return changed

    def administration(self) -> bool | None:
        """Whether the person administers from now on; None where that was not changed."""
        changed = "is_org_admin" in self.changed_data
        return self.cleaned_data["is_org_admin"] if changed else None
