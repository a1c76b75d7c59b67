"""What leaves the app for other programs: chats that are told, and calendars that are fetched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class ChatHook(models.Model):
    """One row is a chat that is told what happens to a team, or to the organisation (`team` None).

    Its address lets whoever has it write there, so it is kept sealed (`teams.sealing`) and shown to
    nobody; `host` is the part of it that may be named. `off_at`: the chat answered that it is gone,
    and is told nothing until somebody sets an address again.
    """

    class Shape(models.TextChoices):
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    organisation = models.ForeignKey(
        "teams.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        "teams.Team", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    shape = models.CharField(max_length=5, choices=Shape)
    sealed_url = models.TextField()
    host = models.CharField(max_length=255)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)
    off_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=Q(team__isnull=False), name="chat_hook_of_team"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(team=None), name="chat_hook_of_organisation"
            ),
            models.CheckConstraint(
                condition=Q(shape__in=["slack", "teams"]), name="chat_hook_shape_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_shape_display()} at {self.host}"

    def get_absolute_url(self) -> str:
        return f"/teams/{self.team_id}/chat/" if self.team_id else "/organisation/chat/"


class CalendarFeed(models.Model):
    """One row is the secret address under which a person's calendar is fetched; its hash only."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="calendar_feed",
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
