"""What a person may choose about the messages they get."""

from __future__ import annotations

import zoneinfo
from calendar import day_name

from django import forms

from teams.message_kinds import KINDS, Reach
from teams.models import MessageSettings

HOURS = [(n, f"{n:02}:00") for n in range(24)]
NO_HOUR = [("", "none"), *HOURS]


def _zones() -> list[tuple[str, str]]:
    own = [("", "as the organisation")]
    return [*own, *((name, name) for name in sorted(zoneinfo.available_timezones()))]


def _quiet(label: str, **over) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=NO_HOUR, coerce=int, empty_value=None, required=False, **over
    )


class MessageSettingsForm(forms.ModelForm):
    """When mail comes, and how far each kind of message comes; a field for each kind."""

    hour = forms.TypedChoiceField(label="Hour of digests and reminders", choices=HOURS, coerce=int)
    weekday = forms.TypedChoiceField(
        label="Day of the weekly digest",
        choices=[(n, day_name[n - 1]) for n in range(1, 8)],
        coerce=int,
    )
    time_zone = forms.ChoiceField(
        label="Your time zone",
        choices=_zones,
        required=False,
        error_messages={"invalid_choice": "Choose a time zone of the list, as Europe/Berlin."},
    )
    quiet_from = _quiet("Quiet hours begin at")
    quiet_until = _quiet("Quiet hours end at", help_text="Mail that comes at once waits for it.")

    class Meta:
        model = MessageSettings
        fields = ["mail", "hour", "weekday", "time_zone", "quiet_from", "quiet_until"]
        labels = {"mail": "Mail comes"}
        help_texts = {"mail": "The inbox does not wait for it."}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            self.fields[self.name_of(kind.name)] = forms.ChoiceField(
                label=kind.label,
                choices=Reach,
                initial=self.instance.kinds.get(kind.name, Reach.MAIL),
            )

    @staticmethod
    def name_of(kind: str) -> str:
        """The name of the field of a kind."""
        return f"kind_{kind}"

    def clean(self) -> dict:
        """Quiet hours are two different hours, or none."""
        cleaned = super().clean()
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begin is None) != (end is None):
            empty = "quiet_from" if begin is None else "quiet_until"
            self.add_error(empty, "Choose both hours, or none for both.")
        elif begin is not None and begin == end:
            self.add_error("quiet_until", "Choose another hour than the one they begin at.")
        return cleaned

    def chosen(self) -> MessageSettings:
        """What to store: only kinds that do not come all the way are written down."""
        picked = {kind.name: self.cleaned_data[self.name_of(kind.name)] for kind in KINDS}
        self.instance.kinds = {name: reach for name, reach in picked.items() if reach != Reach.MAIL}
        return self.instance

    def when(self) -> list[forms.BoundField]:
        """The fields about when mail comes."""
        return [self[name] for name in self.Meta.fields]

    def what(self) -> list[forms.BoundField]:
        """The fields of the kinds."""
        return [self[self.name_of(kind.name)] for kind in KINDS]
