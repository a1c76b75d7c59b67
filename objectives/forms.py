"""What people type about objectives: drafts, check-ins, grades. Forms read input; actions write."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django import forms

from metrics.evaluation.recent import KEPT
from metrics.form_fields import NumberField
from objectives import grading
from objectives.actions import Grade, KeyResultDraft, ObjectiveDraft
from objectives.kinds import CHANGES, Ambition, KeyResultKind, change_kind
from objectives.models import KeyResult
from teams.models import Team, User

LOW_CONFIDENCE = 3
CONFIDENCE_DROP = 3
FIRST_CONFIDENCE = 5
SAME = "From and to are the same: this is a KPI, not a key result."


class ObjectiveForm(forms.Form):
    """An objective without its key results."""

    title = forms.CharField(
        label="Objective", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    why = forms.CharField(
        label="Why now", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    ambition = forms.ChoiceField(
        label="Ambition", choices=Ambition.choices, widget=forms.RadioSelect
    )
    owner = forms.ModelChoiceField(label="Owner", queryset=User.objects.none(), required=False)
    cycle = forms.TypedChoiceField(label="Cycle", choices=[])
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, team: Team, cycles: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.filter(
            memberships__team=team, is_active=True
        ).order_by("name", "pk")
        self.fields["owner"].empty_label = "Nobody yet"
        self.fields["cycle"].choices = cycles
        self.fields["cycle"].coerce = forms.DateField().to_python

    def draft(self, rows: list[KeyResultDraft], *, is_private: bool) -> ObjectiveDraft:
        """What was typed, for the action."""
        data = self.cleaned_data
        return ObjectiveDraft(
            title=data["title"],
            why=data["why"],
            ambition=data["ambition"],
            owner=data["owner"],
            cycle_on=data["cycle"],
            key_results=rows,
            is_private=is_private,
        )


class KeyResultForm(forms.Form):
    """One key result. `linked` ones are measured by the signal's KPI; empty rows are left out.

    What is typed decides the kind: with a target it is a change, without any number it is open.
    """

    title = forms.CharField(
        label="Key result",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
    baseline = NumberField(label="from", required=False)
    target = NumberField(label="to", required=False)
    unit = forms.CharField(label="unit", max_length=20, required=False)
    linked = forms.BooleanField(widget=forms.HiddenInput, required=False)
    hold_periods = forms.IntegerField(
        label="periods in a row", min_value=1, max_value=KEPT, required=False
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        baseline, target = cleaned.get("baseline"), cleaned.get("target")
        if baseline is not None and target is not None and baseline == target:
            self.add_error("target", SAME)
        elif baseline is not None and target is None and "target" not in self.errors:
            self.add_error("target", "Where should it go?")
        if self.errors or cleaned.get("title"):
            return cleaned
        if target is not None:
            self.add_error("title", "Say what is measured.")
        return cleaned

    @property
    def is_linked(self) -> bool:
        """Whether the signal's KPI measures this row; posted, "False" is a text."""
        return self.fields["linked"].to_python(self["linked"].value())

    @property
    def is_hold(self) -> bool:
        """Whether this row holds a KPI on target for some periods."""
        return self.is_linked and bool(self["hold_periods"].value())

    def draft(self, kpi) -> KeyResultDraft | None:
        """What was typed, for the action; None for an empty row. `kpi` measures linked rows."""
        data = self.cleaned_data
        if not data.get("title"):
            return None
        linked = kpi if data["linked"] else None
        if linked is not None and data["hold_periods"]:
            return KeyResultDraft(
                title=data["title"],
                kind=KeyResultKind.HOLD,
                kpi=linked,
                kpi_follows=True,
                hold_periods=data["hold_periods"],
            )
        kind = change_kind(data["baseline"], data["target"], kpi.direction if linked else "")
        follows = linked is not None and kind in CHANGES
        return KeyResultDraft(
            title=data["title"],
            kind=kind,
            baseline=data["baseline"],
            target=data["target"],
            unit=data["unit"],
            kpi=linked if follows else None,
            kpi_follows=follows,
        )


class KeyResultRows(forms.BaseFormSet):
    """The key results of one draft."""

    def drafts(self, kpi) -> list[KeyResultDraft]:
        """What was typed in the rows that are not empty."""
        return [draft for form in self.forms if (draft := form.draft(kpi)) is not None]


KeyResultFormSet = forms.formset_factory(
    KeyResultForm, formset=KeyResultRows, extra=0, max_num=12, absolute_max=12
)


class CheckInForm(forms.Form):
    """Value, confidence and note of one key result.

    A key result that follows its KPI takes no value; a fall of confidence by 3 asks why.
    """

    value = NumberField(label="Value")
    confidence = forms.TypedChoiceField(
        label="Confidence",
        choices=[(str(n), str(n)) for n in range(11)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose from 0 to 10."},
    )
    note = forms.CharField(label="Note", max_length=280, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, key_result: KeyResult, follows: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].unit = key_result.unit
        # Ids are prefixed, since several rows of one page may be open.
        self.auto_id = f"kr-{key_result.pk}-%s"
        if follows:
            del self.fields["value"]
        elif key_result.kind == KeyResultKind.OPEN:
            self.fields["value"].required = False
        self.fields["value" if "value" in self.fields else "note"].widget.attrs["autofocus"] = True

    @staticmethod
    def first_values(key_result: KeyResult, value: Decimal | None, confidence: int | None) -> dict:
        """What the form opens with: the last values, a new token, the row's version."""
        return {
            "value": value,
            "confidence": FIRST_CONFIDENCE if confidence is None else confidence,
            "token": uuid.uuid4(),
            "version": key_result.version,
        }


def asks_why(new: int, last: int | None) -> bool:
    """Whether a confidence asks what changed: a fall by 3 or more, or a value of 3 or less."""
    fell = last is not None and last - new >= CONFIDENCE_DROP
    return fell or new <= LOW_CONFIDENCE


class GradeForm(forms.Form):
    """The grade of one key result; `out` leaves it out with a reason."""

    OUT = "out"

    grade = forms.ChoiceField(
        label="Grade",
        required=False,
        choices=[(str(grade), str(grade)) for grade in grading.SCALE] + [(OUT, "leave out")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason", max_length=500, required=False)

    def given(self) -> Grade:
        """What was decided, for the action."""
        choice = self.cleaned_data["grade"]
        reason = self.cleaned_data["reason"]
        if choice == self.OUT:
            return Grade(None, reason, is_left_out=True)
        return Grade(Decimal(choice) if choice else None, reason)


class ClosingForm(forms.Form):
    """What belongs to the objective as a whole when it is closed."""

    note = forms.CharField(
        label="What kept it from 1.0?",
        max_length=1000,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a draft is given up."""

    reason = forms.CharField(label="Reason", max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput)
