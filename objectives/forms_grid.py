"""What people type into the grid of everything they owe: one field for each cell."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from django import forms

from metrics.form_fields import NumberField
from objectives.actions.grid import CheckInEntry, ValueEntry
from objectives.forms_check_ins import FIRST_CONFIDENCE, why_question
from objectives.kinds import KeyResultKind
from objectives.pages.grid_rows import CheckInRow, GridRow, ValueRow

_YES_NO = {"yes": Decimal(1), "y": Decimal(1), "1": Decimal(1), "no": Decimal(0), "n": Decimal(0)}
_YES_NO["0"] = Decimal(0)
RANGE = "Choose from 0 to 10."


class Cell(NamedTuple):
    """One cell as the template prints it; `bound` is its field."""

    label: str
    bound: forms.BoundField
    changed: bool


class Problem(NamedTuple):
    """A sentence about one cell, which it links to."""

    id: str
    where: str
    sentence: str


class YesNoField(forms.CharField):
    """Yes or no, typed: `yes`, `no`, `1`, `0`; cleans to 1 or 0, None where empty."""

    def to_python(self, value: object) -> Decimal | None:
        text = str(value or "").strip().casefold()
        if not text:
            return None
        if text not in _YES_NO:
            raise forms.ValidationError("Type yes or no.")
        return _YES_NO[text]

    def run_validators(self, value: object) -> None:
        """Nothing further: there are only two."""


class GridForm(forms.Form):
    """A field for each cell of `rows`; a cell left empty is left alone.

    `pasted` are the fields that a paste filled, which the page marks.
    """

    def __init__(self, *args, rows: list[GridRow], pasted: Mapping = (), **kwargs) -> None:
        super().__init__(*args, auto_id="g-%s", **kwargs)
        self.rows = rows
        self.pasted = frozenset(pasted)
        self.columns: dict[str, str] = {}
        for row in rows:
            if isinstance(row, ValueRow):
                self._add_values(row)
            else:
                self._add_check_in(row)

    def _add(self, name: str, field: forms.Field, column: str, row: GridRow) -> None:
        field.widget.attrs["aria-label"] = f"{row.name}, {column}"
        self.fields[name] = field
        self.columns[name] = f"{row.name}, {column}"

    def _add_values(self, row: ValueRow) -> None:
        for name, label in zip(row.fields, row.labels, strict=True):
            self._add(name, NumberField(required=False, unit=row.kpi.unit), label, row)

    def _add_check_in(self, row: CheckInRow) -> None:
        if row.takes_value:
            is_choice = row.key_result.kind == KeyResultKind.YES_NO
            field = YesNoField(required=False) if is_choice else NumberField(required=False)
            self._add(row.field("value"), field, "value", row)
        confidence = forms.IntegerField(
            required=False,
            min_value=0,
            max_value=10,
            initial=row.confidence,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), RANGE),
        )
        self._add(row.field("confidence"), confidence, "confidence", row)
        note = forms.CharField(required=False, max_length=280)
        self._add(row.field("note"), note, "note", row)
        hidden = {"widget": forms.HiddenInput, "required": False}
        version = row.key_result.version
        self.fields[row.field("version")] = forms.IntegerField(initial=version, **hidden)
        self.fields[row.field("token")] = forms.UUIDField(initial=uuid.uuid4, **hidden)
        self.fields[row.field("asked")] = forms.IntegerField(**hidden)

    def clean(self) -> dict:
        cleaned = super().clean()
        for row in self.rows:
            if isinstance(row, CheckInRow) and self._says_something(row):
                self._check(row)
        if not self.errors and not any(True for _ in self._typed()):
            raise forms.ValidationError("Type or paste at least one value.")
        return cleaned

    def _check(self, row: CheckInRow) -> None:
        """What one check-in lacks; a confidence that asks why asks once."""
        data = self.cleaned_data
        value = row.field("value")
        lacks = row.takes_value and row.needs_value and row.value is None
        if lacks and data.get(value) is None and value not in self.errors:
            self.add_error(value, "Enter a value too.")
        confidence = data.get(row.field("confidence"))
        question = why_question(confidence, row.confidence)
        note = row.field("note")
        is_open = question and note not in self.errors and not data.get(note)
        if is_open and data.get(row.field("asked")) != confidence:
            self.add_error(note, f"{question.capitalize()} Save again to leave it open.")
            self.data = self.data.copy()
            self.data[row.field("asked")] = str(confidence)

    def _says_something(self, row: CheckInRow) -> bool:
        """Whether a row was touched: a value, another confidence, or a note."""
        data = self.cleaned_data
        confidence = data.get(row.field("confidence"))
        return (
            data.get(row.field("value")) is not None
            or bool(data.get(row.field("note")))
            or (confidence is not None and confidence != row.confidence)
        )

    def _typed(self) -> Iterator[ValueEntry | CheckInEntry]:
        data = self.cleaned_data
        for row in self.rows:
            if isinstance(row, ValueRow):
                given = [
                    (period, data[name])
                    for period, name in zip(row.periods, row.fields, strict=True)
                    if data.get(name) is not None
                ]
                if given:
                    yield ValueEntry(row.kpi, tuple(given))
            elif self._says_something(row):
                yield self._check_in(row)

    def _check_in(self, row: CheckInRow) -> CheckInEntry:
        data = self.cleaned_data
        value, confidence = data.get(row.field("value")), data.get(row.field("confidence"))
        if confidence is None:
            confidence = FIRST_CONFIDENCE if row.confidence is None else row.confidence
        return CheckInEntry(
            row.key_result,
            row.value if value is None else value,
            confidence,
            data.get(row.field("note"), ""),
            data.get(row.field("token")) or uuid.uuid4(),
            data.get(row.field("version")) or row.key_result.version,
        )

    def entries(self) -> list[ValueEntry | CheckInEntry]:
        """What was typed, for the action."""
        return list(self._typed())

    def lines(self, columns: int) -> Iterator[dict]:
        """The rows for the template, each with `columns` places for values, the newest last."""
        for row in self.rows:
            values = row.fields if isinstance(row, ValueRow) else ()
            labels = row.labels if isinstance(row, ValueRow) else ()
            if isinstance(row, CheckInRow) and row.takes_value:
                values, labels = (row.field("value"),), (row.last_words,)
            pairs = zip(labels, values, strict=True)
            cells = [Cell(label, self[name], name in self.pasted) for label, name in pairs]
            yield {
                "row": row,
                "cells": [None] * (columns - len(cells)) + cells,
                "said": self._said(row),
            }

    def _said(self, row: GridRow) -> dict | None:
        if isinstance(row, ValueRow):
            return None
        shown = {
            name: Cell("", self[row.field(name)], row.field(name) in self.pasted)
            for name in ("confidence", "note")
        }
        hidden = [self[row.field(name)] for name in ("version", "token", "asked")]
        return shown | {"hidden": hidden}

    def problems(self) -> list[Problem]:
        """A sentence for each cell that cannot be kept, naming row and column."""
        return [
            Problem(f"g-{name}", self.columns.get(name, ""), str(errors[0]))
            for name, errors in self.errors.items()
            if name != "__all__"
        ]

    def keep_typed(self, field: str, sentence: str, version: int | None) -> None:
        """Say at a cell what somebody else did meanwhile; what was typed stays."""
        self.add_error(field, sentence)
        self.data = self.data.copy()
        if version is not None:
            self.data[f"{field.rpartition('-')[0]}-version"] = str(version)
