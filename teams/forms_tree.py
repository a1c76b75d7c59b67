"""A team of the tree: its name, what it is for, where it stands, who sees it."""

from __future__ import annotations

from django import forms

from teams.models import Membership, Team, User
from teams.tree import is_under


class TeamForm(forms.ModelForm):
    """A team as an administrator makes or changes it; only what was changed is written."""

    class Meta:
        model = Team
        fields = ["name", "purpose", "parent", "is_private"]
        labels = {
            "purpose": "What is it for?",
            "parent": "Stands under",
            "is_private": "Private: only its members know of it",
        }
        widgets = {"purpose": forms.Textarea(attrs={"rows": 3})}

    lead = forms.ModelChoiceField(
        label="First lead",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": "Choose somebody who is here."},
    )

    def __init__(self, *args, admin: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation_id = admin.organisation_id
        teams = Team.objects.visible_to(admin).in_use()
        if self.instance.pk:
            del self.fields["lead"]
            rows = Team.objects.filter(organisation_id=admin.organisation_id)
            parents = dict(rows.values_list("pk", "parent_id"))
            below = [pk for pk in parents if is_under(parents, pk, self.instance.pk)]
            teams = teams.exclude(pk__in=below)
            for field in self.fields.values():
                field.show_hidden_initial = True
        else:
            people = User.objects.colleagues_of(admin)
            self.fields["lead"].queryset = people.order_by("name", "pk")
        self._offer_parents(teams)

    def _offer_parents(self, teams) -> None:
        """The teams it may stand under; one that the administrator may not know of stays unnamed.

        Under such a one, the first choice says that, and choosing it leaves the team where it is.
        """
        parent, above = self.fields["parent"], self.instance.parent_id
        parent.queryset = teams.order_by("name", "pk")
        parent.empty_label = "No team: at the top"
        parent.error_messages["invalid_choice"] = (
            "Choose a team of the list: a team cannot stand under itself or under one below it."
        )
        self.is_under_hidden = above is not None and not parent.queryset.filter(pk=above).exists()
        if self.is_under_hidden:
            parent.empty_label = "As it is: under a team that is not listed"
            self.initial["parent"] = None

    def _get_validation_exclusions(self) -> set[str]:
        """The name is once in an organisation, which is no field of the form."""
        return super()._get_validation_exclusions() - {"organisation"}

    def clean(self) -> dict:
        said = super().clean()
        private = said.get("is_private")
        if private and "lead" in self.fields and not said.get("lead") and "lead" in said:
            self.add_error("lead", "A private team needs a lead: nobody else would see it.")
        if private and self.instance.pk and "is_private" in self.changed_data:
            leads = self.instance.memberships.filter(role=Membership.Role.LEAD)
            if not leads.filter(user__is_active=True).exists():
                self.add_error("is_private", "Nobody leads it. Make somebody lead first.")
        return said

    def changes(self) -> dict:
        """What was changed, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class MoveForm(TeamForm):
    """Where a team stands, and nothing else of it."""

    class Meta(TeamForm.Meta):
        fields = ["parent"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        # Dragging sends no more than the new place.
        parent.show_hidden_initial = False
        parent.widget.attrs["autofocus"] = True

    def clean(self) -> dict:
        if self.instance.archived_at is not None:
            self.add_error("parent", "The team is archived. Put it back first.")
        return super().clean()


class MergeForm(forms.Form):
    """The team that takes over."""

    into = forms.ModelChoiceField(
        label="Merge into",
        queryset=Team.objects.none(),
        empty_label="Choose the team",
        error_messages={
            "required": "Choose the team that takes over.",
            "invalid_choice": "Choose a team of the list.",
        },
    )

    def __init__(self, *args, team: Team, admin: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        others = Team.objects.visible_to(admin).in_use().exclude(pk=team.pk)
        self.fields["into"].queryset = others.order_by("name", "pk")
