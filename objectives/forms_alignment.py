"""What an objective is aligned to, asked from its own side and from its parent's."""

from __future__ import annotations

from django import forms

from objectives.draft_offers import Offers
from objectives.forms_draft_fields import PickField
from objectives.forms_drafts import NOT_OFFERED
from objectives.models import Objective


class AlignForm(forms.Form):
    """The parent of one objective, or none."""

    parent = PickField(
        label="Aligned to", required=False, error_messages={"invalid_choice": NOT_OFFERED}
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, offers: Offers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        empty = "Nothing, it stands for itself"
        self.fields["parent"].offer(offers.parents, offers.parent_groups, empty=empty)


class ChildForm(forms.Form):
    """An objective without a parent that is aligned to this one, or to one of its key results."""

    child = forms.ModelChoiceField(
        label="Which objective contributes?",
        queryset=Objective.objects.none(),
        empty_label="Choose an objective",
        error_messages={"invalid_choice": "It has a parent already, or is not yours to align."},
    )
    via = PickField(label="To what?", required=False)

    def __init__(self, *args, children, parent: Objective, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["child"].queryset = children
        self.fields["child"].label_from_instance = lambda one: f"{one.team}: {one.title}"
        rows = {str(row.pk): row for row in parent.key_results.all() if row.withdrawn_at is None}
        self.fields["via"].offer(rows, empty="The objective as a whole")
