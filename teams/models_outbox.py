"""The messages that leave the app, and those a person reads in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.querysets import InboxQuerySet, OutboxQuerySet


class OutboxMessage(models.Model):
    """One row is a message to one person by one channel, or to a chat, written with its change.

    Rows of one `run` and `lot` for one person and channel leave together as one digest; the first
    claim says the lot. Delivery is at least once; `digest_key` is the idempotency key the receiver
    sees. Who was invited is no person yet: `invitation` says where to, and what the link is, which
    is not stored. `about` names what it tells of (`teams.sight`), so that it is told to nobody who
    may not see that any more; empty for what belongs to no team.
    """

    class Channel(models.TextChoices):
        INBOX = "inbox", "inbox"
        EMAIL = "email", "e-mail"
        CHAT = "chat", "chat"

    event_key = models.CharField(max_length=120)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    invitation = models.ForeignKey(
        "teams.Invitation", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    hook = models.ForeignKey(
        "teams.ChatHook", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    run = models.CharField(max_length=64)
    lot = models.CharField(max_length=36, blank=True, default="", db_default="")
    topic = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    about = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event_key", "recipient", "channel"], name="outbox_once"
            ),
            models.UniqueConstraint(
                fields=["event_key"],
                condition=Q(invitation__isnull=False),
                name="outbox_invited_once",
            ),
            models.UniqueConstraint(
                fields=["event_key", "hook"],
                condition=Q(hook__isnull=False),
                name="outbox_chat_once",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, invitation=None, hook=None)
                | Q(recipient=None, invitation__isnull=False, hook=None, channel="email")
                | Q(recipient=None, invitation=None, hook__isnull=False, channel="chat"),
                name="outbox_to_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, parked_at=None),
                name="outbox_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.recipient_id or self.hook_id}: {self.subject}"

    @property
    def digest_key(self) -> str:
        """The same for every row that leaves in one digest, and for every retry of it."""
        return f"{self.run}:{self.recipient_id or self.hook_id}:{self.channel}"


class InboxItem(models.Model):
    """One row is a message a person can read in the app; made once for each outbox row."""

    message = models.OneToOneField(OutboxMessage, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="inbox"
    )
    topic = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = InboxQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="inbox_unread")
        ]

    def __str__(self) -> str:
        return self.subject


class InboxAbout(models.Model):
    """One row is a thing that an inbox item tells of: who may not see it, sees no such item.

    `kind` is one of `settings.TOLD_OF`, which is why `object_id` is no foreign key.
    """

    item = models.ForeignKey(InboxItem, on_delete=models.CASCADE, related_name="about")
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "kind", "object_id"], name="inbox_about_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"
