"""The people of one team, as its leads change them."""

from __future__ import annotations

from django import forms
from django.db.models.functions import Lower

from teams.forms_people import NOT_IN
from teams.models import Membership, Team, User


class MembersForm(forms.Form):
    """A role for everybody in a team, and somebody more; only what was changed is written."""

    join = forms.ModelChoiceField(
        label="Somebody else",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody else",
        error_messages={"invalid_choice": "Choose somebody who is here."},
    )
    join_role = forms.ChoiceField(
        label="Their role",
        choices=Membership.Role.choices,
        initial=Membership.Role.MEMBER,
        required=False,
    )

    def __init__(self, *args, team: Team, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rows = team.memberships.select_related("user")
        self.held = list(rows.order_by(Lower("user__name"), "pk"))
        for held in self.held:
            away = "" if held.user.is_active else " (not active)"
            self.fields[self.name_of(held.user)] = forms.ChoiceField(
                label=f"{held.user}{away}",
                choices=[*Membership.Role.choices, ("", NOT_IN)],
                initial=held.role,
                required=False,
                show_hidden_initial=True,
            )
        # Those who are in it as well: the same form sent twice finds them joined.
        here = User.objects.filter(organisation=team.organisation_id, is_active=True)
        self.fields["join"].queryset = here.order_by(Lower("name"), "pk")

    @staticmethod
    def name_of(person: User) -> str:
        """The name of the field for one person."""
        return f"role-{person.pk}"

    @property
    def role_fields(self) -> list:
        """The fields of who is in the team."""
        return [self[self.name_of(held.user)] for held in self.held]

    def roles(self) -> dict[User, str | None]:
        """The roles that were changed; None takes the person out of the team."""
        changed = {
            held.user: self.cleaned_data[self.name_of(held.user)] or None
            for held in self.held
            if self.name_of(held.user) in self.changed_data
        }
        if self.cleaned_data["join"]:
            role = self.cleaned_data["join_role"] or Membership.Role.MEMBER
            changed[self.cleaned_data["join"]] = role
        return changed


class LeadForm(forms.Form):
    """Who leads a private team that nobody is in any more, and why it is opened to them."""

    person = forms.ModelChoiceField(
        label="Who leads it from now on",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        error_messages={
            "required": "Choose who leads it.",
            "invalid_choice": "Choose somebody who is here.",
        },
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it stands in the audit log."},
    )

    def __init__(self, *args, admin: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.colleagues_of(admin)
        self.fields["person"].queryset = people.order_by(Lower("name"), "pk")
