"""What a person may change about themselves, and an administrator about the organisation."""

from __future__ import annotations

import zoneinfo
from calendar import day_name, month_name

from django import forms

from teams.actions import SettingsChanged
from teams.models import Organisation, User


class ProfileForm(forms.ModelForm):
    """Name, appearance, and whether a lesson stands in My week."""

    class Meta:
        model = User
        fields = ["name", "theme", "has_lessons"]
        labels = {"theme": "Appearance", "has_lessons": "One short lesson a day in My week"}


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones())]


class OrganisationForm(forms.ModelForm):
    """The settings of an organisation; each field carries what the person saw when it was opened.

    So only what they changed is written, and what somebody else changed meanwhile is noticed. With
    `fixed_year` the fiscal year can be read only.
    """

    time_zone = forms.ChoiceField(label="Time zone", choices=_zones)
    fiscal_start_month = forms.TypedChoiceField(
        label="Fiscal year begins in",
        coerce=int,
        choices=[(n, month_name[n]) for n in range(1, 13)],
    )
    check_in_weekday = forms.TypedChoiceField(
        label="Weekly check-ins are due on",
        coerce=int,
        choices=[(n, day_name[n - 1]) for n in range(1, 8)],
        help_text="Key results move to another day with their next check-in.",
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "time_zone",
            "fiscal_start_month",
            "check_in_weekday",
            "cycle_scheme",
            "closing_days",
            "has_individual_goals",
            "admins_need_second_factor",
        ]
        labels = {
            "cycle_scheme": "A year is divided into",
            "closing_days": "Days after a cycle in which late updates count",
            "has_individual_goals": "Allow objectives of one person, beside those of teams",
            "admins_need_second_factor": "Administrators sign in with a second step",
        }
        help_texts = {
            "admins_need_second_factor": "Who has none yet, you included, is led to set it up "
            "with the next click."
        }
        error_messages = {
            "closing_days": {
                "max_value": "At most 60 days.",
                "min_value": "0 days or more.",
                "invalid": "Type a whole number of days, for example 14.",
            }
        }

    def __init__(self, *args, fixed_year: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if fixed_year:
            month = self.fields["fiscal_start_month"]
            month.disabled = True
            month.help_text = "It stays: values by quarter or year were entered for its periods."
        for field in self.fields.values():
            field.show_hidden_initial = True
            if hasattr(field, "choices"):
                said = f"{field.label}: “%(value)s” is not in the list. Choose from it."
                field.error_messages["invalid_choice"] = said

    def typed(self) -> dict:
        """The settings the person changed, by name."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def seen(self) -> dict[str, str]:
        """What stood in those when the page was opened, as text."""
        return {name: self.data.get(self[name].html_initial_name, "") for name in self.changed_data}

    def tell(self, changed: SettingsChanged) -> None:
        """Say at each field what stands there now; saving again puts one's own in its place."""
        self.data = self.data.copy()
        for name, now in changed.current.items():
            self.data[self[name].html_initial_name] = str(now)
            said = dict(getattr(self.fields[name], "choices", ())).get(now, now)
            said = {True: "yes", False: "no"}.get(said, said) if isinstance(now, bool) else said
            self.add_error(name, f"Changed meanwhile to “{said}”. Save again to put yours there.")
