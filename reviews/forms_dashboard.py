"""What a person chooses on the dashboard: whose, which cycle, as of when, and views to keep."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from metrics.forms import DayInput
from metrics.standpoint import NEAR, OFF, ON
from objectives.kinds import Health
from reviews.dashboards.scope import Known
from reviews.models import SavedView
from teams.models import User

ENGINE, DESTINATION = "engine", "destination"
MEETING = "meeting"
MOST_VIEWS = 30
KPI_STATES = (
    (OFF, "KPIs off target"),
    (NEAR, "KPIs near target"),
    (ON, "KPIs on target"),
    ("stale", "Stale"),
)
HEALTHS = (
    (Health.AT_RISK.value, "Objectives at risk"),
    (Health.BEHIND.value, "Objectives behind"),
    (Health.ON_TRACK.value, "Objectives on track"),
)
FILTERS = ("cycle", "team", "on", "lens", "status")


class QuarterForm(forms.Form):
    """The filters; all of them stand in the address. What is left empty filters nothing.

    A team or cycle that the reader may not know of is an error, whose page is a 404.
    """

    cycle = forms.ChoiceField(label="Cycle", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    on = forms.DateField(
        label="As of",
        required=False,
        widget=DayInput,
        error_messages={"invalid": "Choose a day as year-month-day, for example 2026-08-18."},
    )
    lens = forms.ChoiceField(
        label="Lens",
        required=False,
        choices=[("", "Both lenses"), (ENGINE, "Engine"), (DESTINATION, "Destination")],
    )
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), *KPI_STATES, *HEALTHS]
    )
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, known: Known, today: date) -> None:
        super().__init__(data)
        self.known, self.today = known, today
        cycles = [(str(one.pk), one.name) for one in known.cycles]
        self.fields["cycle"].choices = [("", "Running now"), *cycles]
        teams = [(str(one.pk), one.name) for one in known.visible()]
        self.fields["team"].choices = [("", "All teams"), *teams]
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_on(self) -> date | None:
        day = self.cleaned_data["on"]
        if day is not None and day > self.today:
            raise ValidationError("That day is still to come. Choose today or a day before it.")
        return day

    def chosen(self, name: str):
        """What was chosen; empty or None for all, and for what was not understood."""
        self.is_valid()
        return self.cleaned_data.get(name) or None

    @property
    def is_unknown(self) -> bool:
        """True when it names a team or cycle that is not there for the reader."""
        return bool({"team", "cycle"} & set(self.errors))

    def query(self, **over: str) -> str:
        """The filters as they stand in an address, others put in their place; empty ones left."""
        self.is_valid()
        values = {name: self.cleaned_data.get(name) or "" for name in FILTERS}
        values |= over
        return urlencode({name: str(value) for name, value in values.items() if value})


class SavedViewForm(forms.ModelForm):
    """A name for the filters in the address. Of the address only the filters are kept."""

    class Meta:
        model = SavedView
        fields = ("name", "query")
        widgets = {"query": forms.HiddenInput}
        labels = {"name": "Keep this view as"}

    def __init__(self, data=None, *, person: User, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.instance.person = person

    def clean_query(self) -> str:
        given = QueryDict(self.cleaned_data["query"])
        return urlencode({name: given[name] for name in FILTERS if given.get(name)})

    def clean(self) -> dict:
        cleaned = super().clean()
        mine = SavedView.objects.filter(person=self.instance.person)
        if mine.filter(name=cleaned.get("name")).exists():
            self.add_error("name", "You already keep a view of this name. Choose another.")
        elif mine.count() >= MOST_VIEWS:
            self.add_error("name", f"You keep {MOST_VIEWS} views. Delete one you do not need.")
        return cleaned
