"""The audit record: what was changed, by whom, and the chain of hashes that seals it.

Both tables are append-only: triggers of the database refuse UPDATE and DELETE (migration
`0009_audit_triggers`). Nothing in them holds on to other rows: what may be deleted still can be.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from django.conf import settings
from django.db import models
from django.utils import timezone

from teams.querysets import AuditQuerySet

# What is sealed of an event, in this order.
SEALED = (
    "id",
    "organisation_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "verb",
    "kind",
    "object_id",
    "label",
    "team_id",
    "is_private",
    "before",
    "after",
    "reason",
    "request_id",
    "at",
)


def canonical(values: tuple) -> str:
    """What is sealed of an event as one line of text, the same from both databases."""
    *others, at = values
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([*others, moment], ensure_ascii=True, separators=(",", ":"))


def seal_hash(previous_hash: str, values: tuple) -> str:
    """The hash that seals an event behind the one before it: over both."""
    return hashlib.sha256(f"{previous_hash}\n{canonical(values)}".encode()).hexdigest()


def _loose(to: str) -> models.ForeignKey:
    """A row that may be deleted while the record still names its id."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
    )


class AuditEvent(models.Model):
    """One row is one change: who made it, of what, what stood before and after, and why.

    `before` and `after` are JSON objects as text, empty where nothing stood; decimals are text in
    them. `team` None is about the whole organisation. `is_private` rows are for members of the team
    only. `request_id` is the one in the answer's header and the logs; empty for jobs.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person", "person"
        JOB = "job", "job"
        COMMAND = "command", "command"
        APP = "app", "the app itself"

    # The clock's time, whatever moment a caller works with: a record cannot be dated back.
    at = models.DateTimeField(default=timezone.now, editable=False)
    organisation = _loose("teams.Organisation")
    actor_kind = models.CharField(max_length=7, choices=ActorKind)
    actor = _loose(settings.AUTH_USER_MODEL)
    actor_name = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=300, blank=True)
    team = _loose("teams.Team")
    is_private = models.BooleanField(default=False)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "id"], name="audit_newest"),
            models.Index(fields=["organisation", "actor", "id"], name="audit_of_actor"),
            models.Index(fields=["organisation", "kind", "id"], name="audit_of_kind"),
            models.Index(fields=["organisation", "verb", "id"], name="audit_of_verb"),
            models.Index(fields=["organisation", "at"], name="audit_of_day"),
            models.Index(fields=["object_id", "kind", "id"], name="audit_of_object"),
            models.Index(fields=["team", "kind", "id"], name="audit_of_team"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["person", "job", "command", "app"]),
                name="audit_actor_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.kind} {self.object_id}"


class AuditSeal(models.Model):
    """One row seals one event: its place in the chain, counted from 1, and the hash up to it."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(
        AuditEvent, on_delete=models.DO_NOTHING, db_constraint=False, related_name="seal"
    )
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"
