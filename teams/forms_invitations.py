"""Asking somebody in, and coming in."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.contrib.auth.password_validation import validate_password

from teams.models import Invitation, Membership, Team, User


class InviteForm(forms.Form):
    """An address nobody here has, and a team with a role, or the organisation alone."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Type one address, for example vera@example.org."},
    )
    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.none(),
        required=False,
        empty_label="No team yet",
        error_messages={"invalid_choice": "Choose a team of the list."},
    )
    role = forms.ChoiceField(
        label="Role there", choices=Membership.Role.choices, initial=Membership.Role.MEMBER
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, admin: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.admin = admin
        teams = Team.objects.visible_to(admin).in_use()
        self.fields["team"].queryset = teams.order_by("name", "pk")

    def clean(self) -> dict:
        said = super().clean()
        if "email" in said and "token" in said:
            self._refuse_known(said["email"], said["token"])
        return said

    def _refuse_known(self, email: str, token) -> None:
        """Who is here, left, or was asked already needs another step, which is named."""
        person = User.objects.filter(email__iexact=email).first()
        if person is not None:
            ours = person.organisation_id == self.admin.organisation_id
            self.add_error("email", _known(person) if ours else "This address is in use.")
            return
        waiting = Invitation.objects.waiting().exclude(nonce=token)
        if waiting.filter(email__iexact=email, organisation=self.admin.organisation_id).exists():
            self.add_error(
                "email", "This address is invited already. Send a new link from the page of people."
            )


def _known(person: User) -> str:
    if person.left_at is not None:
        return f"{person} left. Let them in again from “Who left” on the page of people."
    return f"{person} is here already. Add them to a team on the page of people."


class AcceptForm(forms.Form):
    """The name and the password of the person invited."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Type your name as colleagues know it."},
    )
    password = forms.CharField(
        label="A password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters. A few words are easy to remember and hard to guess.",
    )

    def __init__(self, *args, invitation: Invitation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict:
        said = super().clean()
        if "password" in said:
            person = User(email=self.invitation.email, name=said.get("name", ""))
            try:
                validate_password(said["password"], person)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return said
