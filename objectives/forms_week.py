"""What people type about their own week: three priorities, what came of them, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django import forms

from objectives.actions.week import ItemChanged, ItemEntry, OutcomeEntry
from objectives.models import KeyResult, WeekItem
from objectives.models.week import PRIORITIES
from objectives.pages.week_squares import week_label

NO_WHY = "Say in a few words why, so that the next plan can start from it."


class SquareForm(forms.Form):
    """Texts for the places of a square. The same form twice is done once (see actions/week.py)."""

    title = ""
    back = ""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}-%s", **kwargs)
        self.conflicts: dict[int, str] = {}

    def version_of(self, number: int) -> int | None:
        """The version of the item the form was opened with; None where there was none."""
        return self.cleaned_data.get(f"version_{number}")

    def add_place(self, number: int, label: str, item: WeekItem | None, *, first: bool) -> None:
        """The text of one place with its version."""
        text = forms.CharField(label=label, max_length=200, required=False)
        text.initial = item.text if item else ""
        if first:
            text.widget.attrs["autofocus"] = True
        self.fields[f"text_{number}"] = text
        self.fields[f"version_{number}"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=item.version if item else None
        )

    def keep_typed(self, changed: ItemChanged) -> None:
        """Say what stands now beside what was typed; sent again, what was typed replaces it."""
        number = self.number_of(changed.entry)
        now = changed.current
        self.data = self.data.copy()
        self.data[f"version_{number}"] = str(now.version) if now else ""
        theirs = f"“{now.text}”" if now else "nothing"
        self.conflicts[number] = (
            f"Changed in another window meanwhile: it says {theirs} now. Yours is kept here; save "
            "again to put it in its place."
        )

    def number_of(self, entry: ItemEntry) -> int:
        """Which place of the form an entry is."""
        return entry.position


class PlanForm(SquareForm):
    """This week's three, each for one of the person's key results if they like."""

    title = "This week’s three"
    back = "priority"

    def __init__(
        self,
        *args,
        monday: date,
        items: Sequence[WeekItem],
        key_results: Sequence[tuple[int, str]],
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.monday = monday
        standing = {item.position: item for item in items}
        choices = [("", "for no key result"), *((str(pk), title) for pk, title in key_results)]
        for number in range(1, PRIORITIES + 1):
            item = standing.get(number)
            self.add_place(number, f"Priority {number}", item, first=number == 1)
            field = forms.TypedChoiceField(
                label=f"Key result of priority {number}",
                choices=self._with_own(choices, item),
                required=False,
                coerce=int,
                empty_value=None,
            )
            field.initial = str(item.key_result_id or "") if item else ""
            self.fields[f"key_result_{number}"] = field

    def _with_own(self, choices: list, item: WeekItem | None) -> list:
        """The choices with the item's own key result, which may have ended since."""
        if item is None or item.key_result is None:
            return choices
        own = (str(item.key_result_id), item.key_result.title)
        return choices if own in choices else [*choices, own]

    def rows(self) -> list[dict]:
        """The places, for the template."""
        return [
            {
                "text": self[f"text_{number}"],
                "version": self[f"version_{number}"],
                "key_result": self[f"key_result_{number}"],
                "conflict": self.conflicts.get(number, ""),
            }
            for number in range(1, PRIORITIES + 1)
        ]

    def entries(self) -> list[ItemEntry]:
        """What was typed, for the action."""
        data = self.cleaned_data
        return [
            ItemEntry(
                self.monday,
                WeekItem.Kind.PRIORITY,
                number,
                data[f"text_{number}"],
                _key_result(data[f"key_result_{number}"]) if data[f"text_{number}"] else None,
                self.version_of(number),
            )
            for number in range(1, PRIORITIES + 1)
        ]


def _key_result(pk: int | None) -> KeyResult | None:
    """A key result by the id a choice gave; the action needs no more of it."""
    return KeyResult(pk=pk) if pk else None


class AheadForm(SquareForm):
    """What comes in each of the next weeks."""

    title = "Next four weeks"
    back = "upcoming"

    def __init__(
        self,
        *args,
        mondays: Sequence[date],
        items: Mapping[date, WeekItem],
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mondays = mondays
        for number, monday in enumerate(mondays, 1):
            label = f"{week_label(monday)}, from {monday.day} {monday:%b}"
            self.add_place(number, label, items.get(monday), first=number == 1)

    def rows(self) -> list[dict]:
        """The places, for the template."""
        return [
            {
                "text": self[f"text_{number}"],
                "version": self[f"version_{number}"],
                "conflict": self.conflicts.get(number, ""),
            }
            for number in range(1, len(self.mondays) + 1)
        ]

    def entries(self) -> list[ItemEntry]:
        """What was typed, for the action."""
        return [
            ItemEntry(
                monday,
                WeekItem.Kind.UPCOMING,
                1,
                self.cleaned_data[f"text_{number}"],
                None,
                self.version_of(number),
            )
            for number, monday in enumerate(self.mondays, 1)
        ]

    def number_of(self, entry: ItemEntry) -> int:
        return self.mondays.index(entry.week_on) + 1


class OutcomeForm(SquareForm):
    """Done or not, and why, for each priority of a week."""

    title = "Done or not, and why"
    back = "priority"

    def __init__(self, *args, items: Sequence[WeekItem], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            number = item.position
            self.fields[f"outcome_{number}"] = forms.ChoiceField(
                label=item.text,
                choices=WeekItem.Outcome.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=item.outcome,
            )
            self.fields[f"why_{number}"] = forms.CharField(
                label=f"Why not? {item.text}", max_length=300, required=False, initial=item.why
            )
            self.fields[f"version_{number}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=item.version
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        for item in self.items:
            is_not_done = cleaned.get(f"outcome_{item.position}") == WeekItem.Outcome.NOT_DONE
            why = f"why_{item.position}"
            if is_not_done and not cleaned.get(why) and why not in self.errors:
                self.add_error(why, NO_WHY)
        return cleaned

    def rows(self) -> list[dict]:
        """The priorities, for the template."""
        return [
            {
                "outcome": self[f"outcome_{item.position}"],
                "why": self[f"why_{item.position}"],
                "version": self[f"version_{item.position}"],
                "conflict": self.conflicts.get(item.position, ""),
            }
            for item in self.items
        ]

    def entries(self) -> list[OutcomeEntry]:
        """What was answered, for the action; a reason belongs to what was not done."""
        data = self.cleaned_data
        return [
            OutcomeEntry(
                item,
                data[f"outcome_{item.position}"],
                data[f"why_{item.position}"]
                if data[f"outcome_{item.position}"] == WeekItem.Outcome.NOT_DONE
                else "",
                data[f"version_{item.position}"],
            )
            for item in self.items
        ]
