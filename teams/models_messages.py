"""What a person chose about the messages they get."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from teams.digest_times import MailPlan, MailRhythm

DEFAULT_HOUR, DEFAULT_WEEKDAY = 8, 5


def validate_own_zone(name: str) -> None:
    """Refuse a time zone the IANA database does not know."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not an IANA time zone, for example Europe/Berlin.")


def _hour(**over) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(validators=[MaxValueValidator(23)], **over)


class MessageSettings(models.Model):
    """One row is a person who chose how messages come to them; who has none gets the defaults here.

    `hour` is theirs for digests and reminders, `weekday` (1 Monday to 7 Sunday) for the weekly
    digest, both by `time_zone`, or that of the organisation where it is empty. `kinds` says how far
    a kind of message comes (`teams.message_kinds.Reach`), where it is not all the way.
    """

    user = models.OneToOneField(
        "teams.User", on_delete=models.CASCADE, primary_key=True, related_name="message_settings"
    )
    mail = models.CharField(max_length=7, choices=MailRhythm, default=MailRhythm.DAILY)
    hour = _hour(default=DEFAULT_HOUR)
    weekday = models.PositiveSmallIntegerField(
        default=DEFAULT_WEEKDAY, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_own_zone])
    quiet_from = _hour(null=True, blank=True)
    quiet_until = _hour(null=True, blank=True)
    kinds = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mail__in=MailRhythm.values), name="messages_rhythm"),
            models.CheckConstraint(
                condition=Q(hour__lte=23, weekday__range=(1, 7)), name="messages_hour"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__lte=23, quiet_until__lte=23) & ~Q(quiet_from=F("quiet_until")),
                name="messages_quiet_hours",
                violation_error_message="Choose both quiet hours, and not the same one.",
            ),
        ]

    def __str__(self) -> str:
        return f"messages of {self.user_id}"

    def zone_name(self, organisations: str) -> str:
        """The person's time zone; `organisations` is that of their organisation."""
        return self.time_zone or organisations

    def plan(self, organisations: str) -> MailPlan:
        """When mail leaves for the person; `organisations` is their organisation's time zone."""
        zone = ZoneInfo(self.zone_name(organisations))
        return MailPlan(self.mail, self.hour, self.weekday, zone, self.quiet_from, self.quiet_until)
