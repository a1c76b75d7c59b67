"""Ticking several examples of the library, each with its target, in one form."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django import forms

from metrics.form_fields import NumberField
from metrics.library import EXAMPLES, Example, by_group


class Row(NamedTuple):
    """An example as the page shows it; without fields the team has it already."""

    example: Example
    take: forms.BoundField | None
    target: forms.BoundField | None


class Group(NamedTuple):
    """The examples of one function; an open one shows them."""

    key: str
    name: str
    rows: list[Row]
    is_open: bool


class LibraryForm(forms.Form):
    """What is ticked, with the targets; `names` are the KPIs that the team has already."""

    def __init__(self, *args, names: set[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        for one in self._offered():
            self.fields[f"take-{one.key}"] = forms.BooleanField(label=one.name, required=False)
            self.fields[f"target-{one.key}"] = NumberField(
                label=f"Target of {one.name}", required=False, unit=one.unit, initial=one.target
            )

    def _offered(self) -> Iterator[Example]:
        return (one for one in EXAMPLES if one.name not in self.names)

    def clean(self) -> dict:
        cleaned = super().clean()
        ticked = [one for one in self._offered() if cleaned.get(f"take-{one.key}")]
        if not ticked:
            raise forms.ValidationError("Tick the examples you want to watch: four to six.")
        for one in ticked:
            name = f"target-{one.key}"
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, f"Type a target for {one.name}, or untick it.")
        # A target of what is not ticked is nobody's business.
        for one in self._offered():
            if one not in ticked:
                self.errors.pop(f"target-{one.key}", None)
        return cleaned

    def wanted(self) -> list[tuple[Example, Decimal]]:
        """The ticked examples with their targets."""
        said = self.cleaned_data
        return [
            (one, said[f"target-{one.key}"]) for one in self._offered() if said[f"take-{one.key}"]
        ]

    def is_sent_again(self) -> bool:
        """Whether all that was ticked is on the scorecard: the same form came twice."""
        keys = {name.removeprefix("take-") for name in self.data if name.startswith("take-")}
        ticked = [one.name for one in EXAMPLES if one.key in keys]
        return bool(ticked) and self.names.issuperset(ticked)

    def groups(self, opened: str) -> list[Group]:
        """Every group; open are the one that was asked for, and those with a tick or an error."""
        return [self._group(*group, opened) for group in by_group()]

    def _group(self, key: str, name: str, examples: list[Example], opened: str) -> Group:
        rows = [self._row(one) for one in examples]
        told = [row for row in rows if row.take and (row.take.value() or row.target.errors)]
        return Group(key, name, rows, key == opened or bool(told))

    def _row(self, one: Example) -> Row:
        if one.name in self.names:
            return Row(one, None, None)
        return Row(one, self[f"take-{one.key}"], self[f"target-{one.key}"])
