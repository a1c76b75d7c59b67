"""What people type into the row of a key result: value by kind, confidence, status, note."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import forms

from metrics.form_fields import NumberField
from objectives.kinds import WITHOUT_VALUE, KeyResultKind, Reported
from objectives.models import KeyResult

LOW_CONFIDENCE = 3
CONFIDENCE_DROP = 3
FIRST_CONFIDENCE = 5
NOT_YET, DONE = "0", "1"
# Kinds whose value may wait: there is something to say before there is a figure.
_MAY_WAIT = frozenset({KeyResultKind.FIND_BASELINE})


def why_question(new: int | None, last: int | None) -> str:
    """What a confidence asks: after a fall by 3 or more, or at 3 or less (product.md 2.4).

    `last` is the confidence given before, None without one. Empty when nothing is asked.
    """
    if new is None:
        return ""
    fall = 0 if last is None else last - new
    if fall >= CONFIDENCE_DROP:
        return f"confidence fell by {fall}: what changed?"
    return f"confidence is {new}: what is in the way?" if new <= LOW_CONFIDENCE else ""


class CheckInForm(forms.Form):
    """Value, confidence, reported status and note of one key result, for one of its due days.

    What is asked depends on the kind: a number, done or not, steps to tick, or no value at all; a
    key result that follows its KPI takes none either. A confidence that asks why (`why_question`)
    is answered once with 422 when the note is empty, everything typed still there; sent again with
    the same confidence it is saved without a note: the question is asked, never insisted on.
    `last_confidence` is what it is compared with. `due_days` are (day, label) of the days it may
    answer, the usual one first; one of them alone is not asked for.
    """

    value = NumberField(label="Value")
    confidence = forms.TypedChoiceField(
        label="Confidence",
        choices=[(str(n), str(n)) for n in range(11)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose from 0 to 10."},
    )
    reported = forms.ChoiceField(
        label="You say",
        required=False,
        choices=[("", "Not said"), *Reported.choices[1:]],
        widget=forms.RadioSelect,
    )
    due_on = forms.TypedChoiceField(label="For", required=False, empty_value=None)
    note = forms.CharField(
        label="Note",
        max_length=280,
        required=False,
        widget=forms.TextInput(attrs={"data-mention": True}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)
    asked = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args,
        key_result: KeyResult,
        follows: bool,
        last_confidence: int | None = None,
        due_days: Sequence[tuple[date, str]] = (),
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.last_confidence = last_confidence
        # Ids are prefixed, since several rows of one page may be open.
        self.auto_id = f"kr-{key_result.pk}-%s"
        self._ask_for_value(key_result, follows)
        if len(due_days) < 2:
            del self.fields["due_on"]
        else:
            self.fields["due_on"].choices = [(day.isoformat(), label) for day, label in due_days]
            self.fields["due_on"].coerce = date.fromisoformat
        first = "value" if "value" in self.fields else "note"
        if key_result.kind != KeyResultKind.MILESTONES:
            self.fields[first].widget.attrs["autofocus"] = True

    def _ask_for_value(self, key_result: KeyResult, follows: bool) -> None:
        """Leave the field that this kind of key result is answered with."""
        if key_result.kind == KeyResultKind.MILESTONES:
            self.fields["milestones"] = forms.TypedMultipleChoiceField(
                label="Steps done",
                required=False,
                coerce=int,
                choices=[(str(step.pk), step.title) for step in key_result.milestones.all()],
                widget=forms.CheckboxSelectMultiple,
            )
        if follows or key_result.kind in WITHOUT_VALUE:
            del self.fields["value"]
        elif key_result.kind == KeyResultKind.YES_NO:
            self.fields["value"] = forms.TypedChoiceField(
                label="Is it so?",
                choices=[(NOT_YET, "Not yet"), (DONE, "Yes")],
                coerce=Decimal,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose one of the two."},
            )
        else:
            self.fields["value"].unit = key_result.unit
            self.fields["value"].required = key_result.kind not in _MAY_WAIT

    @staticmethod
    def first_values(key_result: KeyResult, value: Decimal | None, confidence: int | None) -> dict:
        """What the form opens with: the last values, a new token, the row's version."""
        is_choice = key_result.kind == KeyResultKind.YES_NO
        steps = key_result.milestones.all() if key_result.kind == KeyResultKind.MILESTONES else ()
        return {
            "value": NOT_YET if is_choice and not value else DONE if is_choice else value,
            "confidence": FIRST_CONFIDENCE if confidence is None else confidence,
            "reported": "",
            "milestones": [str(step.pk) for step in steps if step.done_at],
            "token": uuid.uuid4(),
            "version": key_result.version,
        }

    def clean(self) -> dict:
        cleaned = super().clean()
        confidence = cleaned.get("confidence")
        question = why_question(confidence, self.last_confidence)
        is_open = question and "note" not in self.errors and not cleaned.get("note")
        if is_open and cleaned.get("asked") != confidence:
            self.add_error("note", f"{question.capitalize()} Save again to leave it open.")
            # What was asked goes with the form, so that the second answer stands.
            self.data = self.data.copy()
            self.data[self.add_prefix("asked")] = str(confidence)
        return cleaned

    @property
    def typed_confidence(self) -> int | None:
        """The confidence as it stands in the form, None while it is none."""
        typed = str(self["confidence"].value())
        return int(typed) if typed.isdecimal() and len(typed) <= 2 and int(typed) <= 10 else None
