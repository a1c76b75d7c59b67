"""What an administrator types about cadences and about when a KPI asks for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from metrics.days_off import countries
from metrics.forms import DayInput
from metrics.kinds import CadenceKind, MissingPolicy, NearPolicy
from metrics.models import Cadence
from metrics.policies import Terms
from teams.models import Team

MOST_DAYS_OFF = 400
TAKEN = "Another cadence already has this name."
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AFTER = {
    CadenceKind.MONTHLY: ("last day", "{} of next month", 28),
    CadenceKind.QUARTERLY: ("last day", "{} day after the quarter", 45),
    CadenceKind.YEARLY: ("last day", "{} day after the year", 90),
}


def due_choices(kind: str, present: int) -> list[tuple[int, str]]:
    """The due days a cadence of a kind offers: days after a period's last one, with their names.

    `present` is offered too.
    """
    if kind == CadenceKind.DAILY:
        found = [(0, "the same day"), (1, "the next day"), (2, "two days later")]
    elif kind == CadenceKind.WEEKLY:
        found = [(0, "Sunday, its last day"), *enumerate(_WEEKDAYS[:6], start=1)]
    else:
        last, words, count = _AFTER[CadenceKind(kind)]
        found = [(0, last), *((n, words.format(ordinal(n))) for n in range(1, count + 1))]
    if present not in dict(found):
        found.append((present, f"{present} days after"))
    return found


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def whole_number(label: str, least: int, *, required: bool = True) -> forms.IntegerField:
    field = forms.IntegerField(
        label=label,
        min_value=least,
        max_value=366,
        required=required,
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={
            "required": "Type a number.",
            "invalid": "Type a whole number.",
            "min_value": f"At least {least}.",
            "max_value": "At most 366.",
        },
    )
    field.widget.attrs.pop("min", None)
    return field


class TermsForm(forms.Form):
    """The terms of one cadence; its labels begin with the cadence's name."""

    due_days = forms.TypedChoiceField(label="due", coerce=int)
    grace_days = whole_number("days of grace", 0)
    settle_days = whole_number("days to settle", 0)
    patience = whole_number("off target", 1)
    window_n = whole_number("of the last", 1, required=False)
    recovery = whole_number("on target to resolve", 1)
    answer_days = whole_number("days to answer", 1, required=False)

    def __init__(self, *args, cadence: Cadence, **kwargs) -> None:
        super().__init__(*args, prefix=f"c{cadence.pk}", **kwargs)
        self.cadence = cadence
        due = self.fields["due_days"]
        due.choices = due_choices(cadence.kind, self.initial["due_days"])
        for field in self.fields.values():
            field.label = f"{cadence.name}: {field.label}"

    def clean(self) -> dict:
        cleaned = super().clean()
        settle, grace = cleaned.get("settle_days"), cleaned.get("grace_days")
        due = cleaned.get("due_days")
        if None not in (settle, grace, due) and settle > due + grace:
            self.add_error(
                "settle_days", f"At most {due + grace}: until a value counts as missing."
            )
        patience, window = cleaned.get("patience"), cleaned.get("window_n")
        if patience and window and window < patience:
            self.add_error("window_n", f"At least {patience}, as many as must be off target.")
        return cleaned


def _clocks() -> list[tuple[str, str]]:
    return [("", "the organisation"), *((name, name) for name in sorted(available_timezones()))]


class CommonForm(forms.Form):
    """The terms that are the same for all cadences of an organisation or team."""

    due_hour = forms.TypedChoiceField(
        label="Due by", coerce=int, choices=[(n, f"{n:02}:00") for n in range(24)]
    )
    time_zone = forms.ChoiceField(
        label="By the clock of",
        required=False,
        choices=_clocks,
        error_messages={"invalid_choice": "Choose a time zone of the list, as Europe/Berlin."},
    )
    country = forms.ChoiceField(label="Public holidays of", required=False)
    days_off = forms.CharField(
        label="Own days off",
        required=False,
        max_length=6000,
        widget=forms.Textarea({"rows": 2, "placeholder": "2026-12-24"}),
        help_text="One date on each line. The due date stays; the reminder comes before.",
    )
    near_policy = forms.ChoiceField(
        label="A near-target period", choices=NearPolicy.choices, widget=forms.RadioSelect
    )
    missing_policy = forms.ChoiceField(
        label="A missing period", choices=MissingPolicy.choices, widget=forms.RadioSelect
    )
    tolerance_pct = forms.DecimalField(
        label="Near band",
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=3,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text="In per cent of the target, for targets that state none.",
    )
    fast_pct = forms.DecimalField(
        label="Fast lane: off by at least",
        required=False,
        min_value=Decimal("0.001"),
        max_digits=6,
        decimal_places=3,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text="In per cent of the target. So far off, fewer periods raise a signal.",
    )
    fast_patience = whole_number("Fast lane: periods in a row", 1, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, prefix="all", **kwargs)
        self.fields["country"].choices = [("", "no country"), *countries()]

    def clean_days_off(self) -> tuple[date, ...]:
        found = set()
        for number, line in enumerate(self.cleaned_data["days_off"].splitlines(), start=1):
            if not line.strip():
                continue
            try:
                found.add(date.fromisoformat(line.strip()))
            except ValueError:
                sentence = f"Line {number}, “{line.strip()}”, is not a date as 2026-12-24."
                raise ValidationError(sentence) from None
        if len(found) > MOST_DAYS_OFF:
            raise ValidationError(f"At most {MOST_DAYS_OFF} days.")
        return tuple(sorted(found))

    def clean(self) -> dict:
        cleaned = super().clean()
        has_gap, has_count = cleaned.get("fast_pct"), cleaned.get("fast_patience")
        if bool(has_gap) != bool(has_count) and not self.errors.keys() & {"fast_pct"}:
            missing = "fast_patience" if has_gap else "fast_pct"
            self.add_error(missing, "A fast lane has both: how far off, and for how many periods.")
        return cleaned


class ChangeForm(forms.Form):
    """From when on the terms hold, and why. `seen` is what the page showed of the stored ones."""

    effective_on = forms.DateField(
        label="In force from",
        widget=DayInput,
        help_text="Periods that began before keep their terms.",
        error_messages={"required": "Choose a day.", "invalid": "Type a date as 2026-09-01."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Say why: it is kept with the change."},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_effective_on(self) -> date:
        day = self.cleaned_data["effective_on"]
        if day < self.today:
            raise ValidationError("Choose today or a later day: earlier periods keep their terms.")
        return day


class MonthsForm(forms.Form):
    """Over how many months the simulator replays."""

    months = forms.TypedChoiceField(
        label="Replay",
        coerce=int,
        choices=[(12, "12 months"), (24, "24 months")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, initial={"months": 12}, **kwargs)


class ReplayForm(MonthsForm):
    """Which KPIs the simulator replays, over how many months."""

    replay_team = forms.ModelChoiceField(
        Team.objects.none(), label="KPIs of", required=False, empty_label="all teams"
    )
    named = forms.CharField(label="whose name contains", required=False, max_length=100)

    def __init__(self, *args, teams, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replay_team"].queryset = teams


class CadenceForm(forms.ModelForm):
    """Another named cadence."""

    class Meta:
        model = Cadence
        fields = ["name", "kind"]
        labels = {"name": "Name", "kind": "How often"}
        error_messages = {"name": {"required": "Give it a name, for example “Monthly, finance”."}}

    def __init__(self, *args, organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation = organisation

    def clean(self) -> dict:
        """The same again is one effect; a name that means another rhythm already is refused."""
        cleaned = super().clean()
        same = Cadence.objects.filter(
            organisation=self.instance.organisation_id, name=cleaned.get("name")
        )
        if same.exclude(kind=cleaned.get("kind", "")).exists():
            self.add_error("name", TAKEN)
        return cleaned


class CadenceNameForm(forms.ModelForm):
    """Another name for a cadence; `why_it_stays` is empty where its page can remove it."""

    why_it_stays = ""

    class Meta:
        model = Cadence
        fields = ["name"]
        error_messages = {"name": {"required": "Give it a name, for example “Monthly, finance”."}}

    def __init__(self, *args, instance: Cadence, **kwargs) -> None:
        super().__init__(*args, instance=instance, prefix=f"n{instance.pk}", **kwargs)
        self.was = instance.name
        self.fields["name"].label = f"Name of {instance.name}"

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Cadence.objects.filter(organisation=self.instance.organisation_id, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(TAKEN)
        return name


class PolicyForms:
    """The forms of the page together: a row for each cadence, what is common, and the change."""

    def __init__(
        self,
        data: Mapping | None,
        cadences: Sequence[Cadence],
        stored: Mapping[int, Terms],
        *,
        change: dict,
        today: date,
        teams,
    ) -> None:
        self.rows = [
            TermsForm(data, cadence=one, initial=stored[one.pk]._asdict()) for one in cadences
        ]
        first = stored[cadences[0].pk] if cadences else Terms()
        days = "\n".join(day.isoformat() for day in first.days_off)
        self.common = CommonForm(data, initial=first._asdict() | {"days_off": days})
        self.change = ChangeForm(data, initial=change, today=today)
        self.replay = ReplayForm(data, teams=teams)

    @property
    def terms_are_valid(self) -> bool:
        """Are the terms themselves complete? The reason may still be missing."""
        return all(one.is_valid() for one in [*self.rows, self.common, self.replay])

    @property
    def are_valid(self) -> bool:
        """Is everything there that is needed to save?"""
        return self.terms_are_valid and self.change.is_valid()

    def terms(self) -> dict[int, Terms]:
        """The terms typed, by cadence id, of the rows that are valid."""
        if not self.common.is_valid():
            return {}
        common = self.common.cleaned_data
        return {
            row.cadence.pk: Terms(**row.cleaned_data, **common)
            for row in self.rows
            if row.is_valid()
        }

    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong in the rows of cadences: (id of the field's error, its label, sentence)."""
        return [
            (f"{row[name].auto_id}_error", row[name].label, " ".join(errors))
            for row in self.rows
            for name, errors in row.errors.items()
        ]
