"""What an administrator asks of the audit record; all of it stands in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from teams.audit.searching import Asked, used
from teams.audit.words import in_words
from teams.models import User

FILTERS = ("person", "kind", "object", "verb", "since", "until", "q")
NO_DAY = "Choose a day as year-month-day, for example 2026-08-18."
UNKNOWN = "Nothing of this is in the record. Choose from the list."


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d")
    widget.input_type = "date"
    return forms.DateField(
        label=label, required=False, widget=widget, error_messages={"invalid": NO_DAY}
    )


def _sensible(day: date | None) -> date | None:
    """A day the record may hold; clocks of other centuries are a slip of the keyboard."""
    if day is not None and not 2000 <= day.year < 2200:
        raise ValidationError("Choose a day between 2000 and 2199.")
    return day


class AuditForm(forms.Form):
    """Who, what, when and words. What is left empty filters nothing, nor does what is not valid."""

    person = forms.CharField(
        label="Who",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": "Name or e-mail"}),
    )
    kind = forms.ChoiceField(
        label="What", required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    verb = forms.ChoiceField(
        label="Done to it", required=False, error_messages={"invalid_choice": UNKNOWN}
    )
    since = _day("From")
    until = _day("To")
    q = forms.CharField(
        label="Words",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    object = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def __init__(self, data, *, reader: User) -> None:
        super().__init__(data)
        self.reader = reader
        for name, nothing in (("kind", "Anything"), ("verb", "Anything")):
            values = used(name, reader.organisation_id)
            words = sorted((in_words(value), value) for value in values)
            self.fields[name].choices = [("", nothing), *((value, said) for said, value in words)]

    def clean_person(self) -> User | None:
        """Somebody by e-mail, by name, or by the id that links carry; who left is found, too."""
        typed = self.cleaned_data["person"].strip()
        if not typed:
            return None
        people = User.objects.filter(organisation_id=self.reader.organisation_id)
        if typed.isdecimal() and len(typed) < 19:
            found = list(people.filter(pk=int(typed)))
        else:
            same = Q(email__iexact=typed) | Q(name__iexact=typed)
            found = list(people.filter(same)[:2])
        if not found:
            raise ValidationError("Nobody here is called so. Type a whole name or an e-mail.")
        if len(found) > 1:
            raise ValidationError("Several people are called so. Type the e-mail instead.")
        return found[0]

    def clean_since(self) -> date | None:
        return _sensible(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return _sensible(self.cleaned_data["until"])

    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", ValidationError("Choose the first day or a later one."))
        return cleaned

    def asked(self) -> Asked:
        """The filters that were understood, days as instants in the organisation's zone."""
        self.is_valid()
        said = self.cleaned_data
        return Asked(
            person=said.get("person"),
            kind=said.get("kind") or "",
            object_id=said.get("object") or "",
            verb=said.get("verb") or "",
            since=self._begin(said.get("since")),
            until=self._begin(said.get("until"), days=1),
            words=" ".join((said.get("q") or "").split()),
        )

    def _begin(self, day: date | None, days: int = 0) -> datetime | None:
        if day is None:
            return None
        midnight = datetime.combine(day, time.min, tzinfo=self.reader.organisation.zone)
        return midnight + timedelta(days=days)

    def query(self, **over: object) -> str:
        """The filters as they stand in an address, others put in their place."""
        self.is_valid()
        values = {name: self.cleaned_data.get(name) or "" for name in FILTERS} | over
        if isinstance(values["person"], User):
            values["person"] = values["person"].pk
        return urlencode({name: str(value) for name, value in values.items() if value})
