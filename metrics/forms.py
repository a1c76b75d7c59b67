"""What people type about KPIs, targets and values. Forms read input; actions write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from metrics.actions.history import note_source
from metrics.form_fields import NumberField
from metrics.kinds import Accumulation, Direction, Theme
from metrics.models import Cadence, Kpi, Source, Target
from metrics.policies import Own
from metrics.sources import KINDS
from teams.models import Team, User

ABSOLUTE, PER_CENT = "absolute", "percent"
LARGEST_PER_CENT = Decimal("999.999")
PER_CENT_STEP = Decimal("0.001")


class DayInput(forms.DateInput):
    """A date picked with the browser's own control."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class KpiForm(forms.ModelForm):
    """The definition of a KPI. Its target, cadence changes and values have forms of their own."""

    source_kind = forms.ChoiceField(
        label="How values arrive",
        choices=[(kind, module.TITLE) for kind, module in KINDS.items()],
        widget=forms.RadioSelect,
    )
    source_name = forms.CharField(
        label="Source",
        required=False,
        max_length=120,
        help_text="Where the number comes from, for example “Billing export, accounts_closed”.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    natural_floor = NumberField(
        label="Lowest possible value", required=False, help_text="Cuts the natural limits."
    )
    natural_ceiling = NumberField(
        label="Highest possible value", required=False, help_text="Cuts the natural limits."
    )

    class Meta:
        model = Kpi
        fields = [
            "name",
            "definition",
            "unit",
            "direction",
            "cadence",
            "starts_on",
            "why",
            "owner",
            "nature",
            "theme",
            "counterpart",
            "aggregation",
            "is_private",
            "patience",
            "recovery",
            "grace_days",
            "settle_days",
            "min_readings",
            "missing_policy",
            "near_policy",
            "max_gap",
            "stale_after",
            "natural_floor",
            "natural_ceiling",
        ]
        widgets = {
            "definition": forms.Textarea(attrs={"rows": 3}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "direction": forms.RadioSelect,
            "nature": forms.RadioSelect,
            "starts_on": DayInput,
        }
        labels = {
            "starts_on": "Watched from",
            "why": "Why it matters",
            "nature": "Kind",
            "theme": "Tells of",
            "counterpart": "Counter-metric",
            "aggregation": "Several values in one period",
            "is_private": "Private: only members of the team see it",
            "patience": "Off-target periods until a signal",
            "recovery": "On-target periods until it resolves",
            "grace_days": "Days of grace",
            "settle_days": "Days to settle",
            "min_readings": "Values a period needs",
            "missing_policy": "A missing period",
            "near_policy": "A near-target period",
            "max_gap": "Missing periods a streak survives",
            "stale_after": "Missing periods until it is stale",
        }
        help_texts = {
            "definition": "What is counted, divided by what, and what is left out.",
            "theme": "Which side of the work it watches, for the quarter’s coverage.",
            "counterpart": "Of the same team: what would slip if this one were won at its cost.",
            "unit": "For example %, h, days or $.",
            "starts_on": "The first period that starts on or after this day is the first judged.",
            "patience": "Empty: as the cadence says.",
            "recovery": "Empty: as the cadence says.",
            "grace_days": "After a period’s end, before a value counts as missing.",
            "settle_days": "During which a value may still change before it is judged.",
        }

    def __init__(self, *args, team: Team, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.instance.team = team
        self.fields["cadence"].queryset = Cadence.objects.filter(organisation=team.organisation_id)
        today = team.organisation.today(timezone.now())
        self.fields["cadence"].label_from_instance = lambda one: cadence_label(one, team, today)
        self.fields["cadence"].empty_label = "No cadence yet"
        self.fields["owner"].queryset = User.objects.filter(
            memberships__team=team, is_active=True
        ).order_by("name")
        self.fields["owner"].empty_label = "Nobody yet"
        self.fields["theme"].choices = [("", "Not said"), *Theme.choices]
        siblings = Kpi.objects.of_team(team.pk).exclude(pk=self.instance.pk)
        self.fields["counterpart"].queryset = siblings
        self.fields["counterpart"].empty_label = "None"
        self.fields["source_kind"].initial = Source.Kind.MANUAL
        if source := self.instance.source:
            self.initial.setdefault("source_kind", source.kind)
            self.initial.setdefault("source_name", source.name)
        for name in ("direction", "nature"):
            self.fields[name].choices = [c for c in self.fields[name].choices if c[0]]
        for name in {"missing_policy", "near_policy"} & self.fields.keys():
            known = [c for c in self.fields[name].choices if c[0]]
            self.fields[name].choices = [("", "as the cadence says"), *known]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Kpi.objects.filter(team=self.team, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError("This team already has a KPI of this name.")
        return name

    def clean_direction(self) -> str:
        """A range has other targets than one value, so a KPI with targets stays what it is."""
        direction = self.cleaned_data["direction"]
        was = self.initial.get("direction")
        switches = direction != was and Direction.RANGE in (direction, was)
        if switches and Target.objects.filter(kpi_id=self.instance.pk).exists():
            raise ValidationError("Its targets were set for another direction: make a new KPI.")
        return direction

    def clean(self) -> dict:
        cleaned = super().clean()
        grace, settle = cleaned.get("grace_days"), cleaned.get("settle_days")
        if settle is not None and (grace is None or settle > grace):
            self.add_error("settle_days", "Settling days need at least as many days of grace.")
        for name in ("patience", "recovery", "min_readings", "stale_after"):
            if cleaned.get(name) == 0:
                self.add_error(name, "At least 1.")
        floor, ceiling = cleaned.get("natural_floor"), cleaned.get("natural_ceiling")
        if floor is not None and ceiling is not None and floor >= ceiling:
            self.add_error("natural_ceiling", "Above the lowest possible value.")
        return cleaned

    def source(self, *, by: User) -> Source | None:
        """The team's source of that name, made if it is new; None where none was named."""
        name = self.cleaned_data["source_name"]
        if not name:
            return None
        source, is_new = Source.objects.get_or_create(
            team=self.team, name=name, defaults={"kind": self.cleaned_data["source_kind"]}
        )
        if is_new:
            note_source(source, by=by)
        return source

    def changes(self) -> dict:
        """Field name to new value, of every field of the model that the form holds."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class KpiEditForm(KpiForm):
    """The same for a KPI that exists: a new cadence needs a day from which it holds.

    What it says for itself has a form of its own, with a day and a reason (`forms_kpi_policies`).
    """

    cadence_from = forms.DateField(
        label="New cadence from",
        required=False,
        widget=DayInput,
        help_text="Only when the cadence changes. It begins with its first period from that day.",
    )

    class Meta(KpiForm.Meta):
        fields = [name for name in KpiForm.Meta.fields if name not in Own._fields]

    def clean(self) -> dict:
        cleaned = super().clean()
        was = self.initial.get("cadence")
        now = cleaned.get("cadence")
        if was and now is None:
            self.add_error("cadence", "A KPI that has a cadence keeps one.")
        elif was and now.pk != was and not cleaned.get("cadence_from"):
            self.add_error("cadence_from", "From which day does the new cadence hold?")
        return cleaned


def cadence_label(cadence: Cadence, team: Team, today: date) -> str:
    """A cadence with its terms: `Monthly, a signal after 3 off target`."""
    terms = cadence.terms_on(today, team.pk)
    among = f" of {terms.window_n}" if terms.window_n else ""
    return f"{cadence.name}, a signal after {terms.patience}{among} off target"


class TargetForm(forms.Form):
    """What counts as on target: one value or a range, with the band that is near.

    With `first` it stands inside the create form: it may stay empty, and has no date or reason.
    """

    value = NumberField(label="Target", required=False)
    low = NumberField(label="From", required=False)
    high = NumberField(label="To", required=False)
    accumulates = forms.ChoiceField(
        label="The target is for",
        choices=[
            (Accumulation.PERIOD, "each period"),
            (Accumulation.QUARTER, "a fiscal quarter"),
            (Accumulation.YEAR, "a fiscal year"),
        ],
        widget=forms.RadioSelect,
        required=False,
        help_text="A total is judged after each period: after half of the days half of it is due.",
    )
    tolerance = NumberField(
        label="Near band", required=False, help_text="How far off still counts as near."
    )
    tolerance_in = forms.ChoiceField(
        label="Band in",
        choices=[(ABSOLUTE, "the KPI’s unit"), (PER_CENT, "per cent of the target")],
        widget=forms.RadioSelect,
        initial=ABSOLUTE,
        required=False,
    )
    effective_on = forms.DateField(
        label="In force from",
        widget=DayInput,
        help_text="A running period keeps the target of its first day.",
    )
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self,
        *args,
        direction: str,
        unit: str = "",
        first: bool = False,
        reason_required: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.direction = direction
        self.first = first
        for name in ("value", "low", "high"):
            self.fields[name].unit = unit
        self.fields["reason"].required = reason_required
        if first:
            del self.fields["effective_on"], self.fields["reason"]
        elif direction == Direction.RANGE:
            del self.fields["value"], self.fields["accumulates"]
        else:
            del self.fields["low"], self.fields["high"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.direction == Direction.RANGE:
            self._check_range(cleaned)
        elif not self.first and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Enter a number.")
        elif cleaned.get("value") is None and any(cleaned.get(end) for end in ("low", "high")):
            self.add_error("value", "A range needs the direction “inside a range”.")
        self._check_tolerance(cleaned)
        return cleaned

    def _check_range(self, cleaned: dict) -> None:
        low, high = cleaned.get("low"), cleaned.get("high")
        if cleaned.get("accumulates"):
            self.add_error("accumulates", "A total is one value: choose a direction up or down.")
        if self.first and low is None and high is None:
            if cleaned.get("value") is not None:
                self.add_error("low", "A range has two bounds: from and to.")
            return
        for name in ("low", "high"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Enter a number.")
        if low is not None and high is not None and low >= high:
            self.add_error("high", "Above the lower bound.")

    def _check_tolerance(self, cleaned: dict) -> None:
        tolerance = cleaned.get("tolerance")
        if tolerance is None:
            return
        if tolerance < 0:
            self.add_error("tolerance", "Zero or more.")
        elif cleaned.get("tolerance_in") == PER_CENT and (
            tolerance > LARGEST_PER_CENT or tolerance != tolerance.quantize(PER_CENT_STEP)
        ):
            self.add_error("tolerance", "At most 999.999 per cent, with at most three decimals.")

    def has_target(self) -> bool:
        """Was a target given?"""
        names = ("low", "high") if self.direction == Direction.RANGE else ("value",)
        return all(self.cleaned_data.get(name) is not None for name in names)

    def numbers(self) -> dict:
        """The numbers of a `Target`, without dates, author and reason."""
        data = self.cleaned_data
        is_range = self.direction == Direction.RANGE
        per_cent = data.get("tolerance_in") == PER_CENT
        tolerance = data.get("tolerance")
        return {
            "value": None if is_range else data.get("value"),
            "low": data.get("low") if is_range else None,
            "high": data.get("high") if is_range else None,
            "tolerance": None if per_cent else tolerance,
            "tolerance_pct": tolerance if per_cent else None,
            "accumulates": data.get("accumulates", ""),
        }


class WithdrawTargetForm(forms.Form):
    """End the judging from a day on."""

    effective_on = forms.DateField(label="From", widget=DayInput)
    reason = forms.CharField(label="Reason", max_length=500)


class ReasonForm(forms.Form):
    """Why a person took a period out of the judging, or put it back."""

    reason = forms.CharField(label="Reason", max_length=500)


class RebaseForm(ReasonForm):
    """Start the natural limits anew at a period."""

    starts_on = forms.DateField(label="From", widget=DayInput)
