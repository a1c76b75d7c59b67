"""Fields and ways of the draft forms."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.forms.utils import ErrorDict


class Quiet(forms.Form):
    """A form that can hold what was typed without judging it: nothing was sent to be saved."""

    def __init__(self, *args, quiet: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.quiet = quiet

    def full_clean(self) -> None:
        """Judge what was typed, unless it is only shown again."""
        if self.quiet:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()


class WordsField(forms.CharField):
    """A text whose length is checked here: a browser would cut what is pasted without a word."""

    def __init__(self, **kwargs) -> None:
        long = "At most %(limit_value)d characters; this has %(show_value)d. Shorten it."
        kwargs.setdefault("error_messages", {"max_length": long})
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {}


class PickField(forms.ChoiceField):
    """One of some rows that are at hand, chosen by key; None for no choice."""

    rows: Mapping[str, object] = {}

    def offer(
        self, rows: Mapping[str, object], choices: list | None = None, empty: str = ""
    ) -> None:
        """Take the rows; `choices` are those to show, by default all, by their own names."""
        self.rows = rows
        shown = [(key, str(row)) for key, row in rows.items()] if choices is None else choices
        self.choices = [("", empty), *shown] if empty else shown

    def to_python(self, value: object) -> object | None:
        text = "" if value is None else str(value)
        if not text:
            return None
        if text not in self.rows:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid")
        return self.rows[text]

    def validate(self, value: object) -> None:
        """A row that was found is a choice; only a missing one may be asked for."""
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
