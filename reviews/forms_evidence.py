"""Which of one's own cycles to export, and whether with grades."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from objectives.models import Cycle

CHOSEN_FIRST = 4


class EvidenceForm(forms.Form):
    """The cycles a person had goals in; without a choice the latest ones, without grades."""

    cycle = forms.MultipleChoiceField(
        label="Cycles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose among the cycles that are listed."},
    )
    grades = forms.BooleanField(label="With grades", required=False)

    def __init__(self, *args, cycles: Sequence[Cycle], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.cycles = cycles
        self.fields["cycle"].choices = [(str(one.pk), one.name) for one in cycles]

    def chosen(self) -> list[Cycle]:
        """The cycles to export, the latest first; none of what cannot be understood."""
        if not self.is_valid():
            return []
        wanted = self.cleaned_data["cycle"]
        if not wanted:
            return list(self.cycles[:CHOSEN_FIRST])
        return [one for one in self.cycles if str(one.pk) in wanted]

    @property
    def with_grades(self) -> bool:
        """Whether grades were asked for."""
        return self.is_valid() and self.cleaned_data["grades"]
