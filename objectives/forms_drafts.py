"""What people type about an objective before it is published."""

from __future__ import annotations

import uuid

from django import forms

from objectives.actions import KeyResultDraft, ObjectiveDraft
from objectives.actions.parents import parent_problem
from objectives.draft_offers import Offers
from objectives.forms_draft_fields import PickField, Quiet, WordsField
from objectives.kinds import Ambition, Level, Origin, Rhythm
from objectives.models import Objective

LEFT = "{} is no longer in the team. Choose somebody else, or nobody yet."
HIDDEN_ENDS = "What it is aligned to does not fit this cycle any more. Choose another, or none."
NOT_OFFERED = (
    "This is not among the objectives you can align to: it may be private, ended, or of another"
    " organisation. Choose another, or none."
)


class ObjectiveForm(Quiet):
    """An objective without its key results. Without `offers` it only holds what was typed."""

    title = WordsField(
        label="Objective",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "This field is required: where should the team be?",
            "max_length": "At most 300 characters; this has %(show_value)d. Shorten it.",
        },
    )
    why = WordsField(
        label="Why now", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    ambition = forms.ChoiceField(
        label="Ambition", choices=Ambition.choices, widget=forms.RadioSelect
    )
    owner = PickField(
        label="Owner",
        required=False,
        error_messages={"invalid_choice": LEFT.format("This person")},
    )
    cycle = PickField(
        label="Cycle",
        error_messages={
            "required": "Choose a cycle.",
            "invalid_choice": "Select a valid choice: this cycle takes no new objectives.",
        },
    )
    parent = PickField(
        label="Aligned to",
        required=False,
        error_messages={"invalid_choice": NOT_OFFERED},
        help_text="What this contributes to, in the same cycle or a longer one around it.",
    )
    level = forms.ChoiceField(
        label="Level",
        choices=Level.choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "This level is not yours to choose. Choose another."},
    )
    origin = forms.ChoiceField(
        label="Where it came from",
        choices=[(Origin.BOTTOM_UP, "From the team"), (Origin.TOP_DOWN, "From above")],
        required=False,
        widget=forms.RadioSelect,
    )
    rhythm = forms.ChoiceField(
        label="Checked in on",
        choices=[(Rhythm.WEEKLY, "Every week"), (Rhythm.MONTHLY, "Every month")],
        required=False,
        widget=forms.RadioSelect,
    )
    is_private = forms.BooleanField(
        label="Private: only members of the team see it", required=False
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, offers: Offers | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        if offers is None:
            return
        people = offers.people | offers.gone
        names = [
            *((key, str(who)) for key, who in offers.people.items()),
            *((key, f"{who}, left") for key, who in offers.gone.items()),
        ]
        self.fields["owner"].offer(people, names, empty="Nobody yet")
        cycles = {key: cycle for key, (cycle, _) in offers.cycles.items()}
        self.fields["cycle"].offer(
            cycles, [(key, label) for key, (_, label) in offers.cycles.items()]
        )
        self.fields["parent"].offer(
            offers.parents, offers.parent_groups, empty="Nothing, it stands for itself"
        )
        self.fields["level"].choices = offers.levels
        self.fields["level"].help_text = _level_help(offers)
        if not cycles:
            self.fields["cycle"].help_text = "The cycles are made within the hour."
        if offers.is_cut:
            self.fields["parent"].help_text += " The nearest are listed."

    def clean_owner(self):
        owner = self.cleaned_data["owner"]
        if owner is not None and str(owner.pk) in self.offers.gone:
            raise forms.ValidationError(LEFT.format(owner))
        return owner

    def clean_token(self) -> uuid.UUID | None:
        token = self.cleaned_data["token"]
        taken = Objective.objects.exclude(team=self.offers.team).filter(form_token=token)
        if token is not None and taken.exists():
            raise forms.ValidationError("Open the page again and repeat your entry.")
        return token

    def clean(self) -> dict:
        cleaned = super().clean()
        parent, cycle = cleaned.get("parent"), cleaned.get("cycle")
        if parent is not None and cycle is not None:
            problem = parent_problem(self.offers.pk, cycle, parent, self.offers.above)
            if problem:
                is_hidden = parent == self.offers.hidden
                self.add_error("parent", HIDDEN_ENDS if is_hidden else problem)
        is_own = cleaned.get("level") == Level.INDIVIDUAL
        if is_own and cleaned.get("owner") is None and "owner" not in self.errors:
            self.add_error("owner", "Whose objective is it? Choose its owner.")
        return cleaned

    def draft(self, rows: list[KeyResultDraft], *, is_private: bool = False) -> ObjectiveDraft:
        """What was typed, for the action; `is_private` says that it is, whatever was typed."""
        data = self.cleaned_data
        return ObjectiveDraft(
            title=data["title"],
            why=data["why"],
            ambition=data["ambition"],
            owner=data["owner"],
            cycle=data["cycle"],
            key_results=rows,
            is_private=data["is_private"] or is_private,
            level=data["level"] or Level.TEAM,
            origin=data["origin"] or Origin.BOTTOM_UP,
            rhythm=data["rhythm"] or Rhythm.WEEKLY,
            parent=data["parent"],
        )


def _level_help(offers: Offers) -> str:
    """Why there are these levels and no others."""
    keys = {key for key, _ in offers.levels}
    told = []
    if Level.COMPANY in keys:
        told.append("A company objective is what the whole organisation goes for.")
    else:
        told.append("Company objectives are written by administrators and by leads at the top.")
    if Level.INDIVIDUAL not in keys:
        told.append("Individual ones are switched off.")
    return " ".join(told)
