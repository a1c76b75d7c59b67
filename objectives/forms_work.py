"""What people type about the work on a key result: initiatives and blockers."""

from __future__ import annotations

import uuid

from django import forms
from django.db.models import Q

from metrics.wording import day_year
from objectives.models import Blocker, Initiative, KeyResult
from teams.models import User

_LEFT = "This person is not here any more. Choose somebody else."
_A_DATE = "Type a date, for example 2026-09-15."


class InitiativeForm(forms.Form):
    """A piece of work: what, whose, by when. The date lies in the objective's cycle."""

    title = forms.CharField(
        label="Initiative",
        max_length=300,
        error_messages={"required": "Say what is to be done."},
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        error_messages={"invalid_choice": _LEFT},
    )
    due_on = forms.DateField(
        label="By",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _A_DATE},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, key_result: KeyResult, row: Initiative | None = None, **kwargs):
        opens = {"token": uuid.uuid4()}
        if row is not None:
            opens = {"title": row.title, "owner": row.owner_id, "due_on": row.due_on}
            opens["version"] = row.version
        super().__init__(*args, initial=opens, **kwargs)
        self.key_result = key_result
        # Ids are prefixed, since a page has several of these forms.
        self.auto_id = f"initiative-{row.pk if row else 'new'}-%s"
        here = Q(memberships__team=key_result.objective.team_id, is_active=True)
        kept = Q(pk=row.owner_id) if row and row.owner_id else Q(pk=None)
        self.fields["owner"].queryset = User.objects.filter(here | kept).distinct()
        self.fields["title"].widget.attrs["autofocus"] = True

    def clean_due_on(self):
        return within_cycle(self.cleaned_data["due_on"], self.key_result)

    def clean_token(self):
        return self.cleaned_data["token"] or uuid.uuid4()


class BlockerForm(forms.Form):
    """What stands in the way, who can remove it, by when; anybody of the organisation may."""

    what = forms.CharField(
        label="Blocker",
        max_length=300,
        error_messages={"required": "Say what stands in the way."},
    )
    remover = forms.ModelChoiceField(
        label="Who can remove it",
        queryset=User.objects.none(),
        required=False,
        empty_label="Not known yet",
        error_messages={"invalid_choice": _LEFT},
    )
    by_on = forms.DateField(
        label="By",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _A_DATE},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, key_result: KeyResult, row: Blocker | None = None, **kwargs):
        opens = {"token": uuid.uuid4()}
        if row is not None:
            opens = {"what": row.what, "remover": row.remover_id, "by_on": row.by_on}
            opens["version"] = row.version
        super().__init__(*args, initial=opens, **kwargs)
        self.key_result = key_result
        self.auto_id = f"blocker-{row.pk if row else 'new'}-%s"
        organisation = key_result.objective.team.organisation_id
        here = Q(organisation=organisation, is_active=True)
        kept = Q(pk=row.remover_id) if row and row.remover_id else Q(pk=None)
        self.fields["remover"].queryset = User.objects.filter(here | kept).order_by("name", "pk")
        self.fields["what"].widget.attrs["autofocus"] = True

    def clean_by_on(self):
        return within_cycle(self.cleaned_data["by_on"], self.key_result)

    def clean_token(self):
        return self.cleaned_data["token"] or uuid.uuid4()


def within_cycle(day, key_result: KeyResult):
    """The date, if it lies in the objective's cycle; None stays None."""
    cycle = key_result.objective.cycle
    if day is not None and not cycle.starts_on <= day <= cycle.ends_on:
        first, last = day_year(cycle.starts_on), day_year(cycle.ends_on)
        raise forms.ValidationError(f"Choose a day of {cycle.name}: {first} to {last}.")
    return day
