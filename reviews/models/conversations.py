"""Conversations of two people, private to the two."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from metrics.models import person
from reviews.querysets import ConversationQuerySet


class Conversation(models.Model):
    """One row is that two people talk; `first` has the lower id, so that a pair is one row."""

    first = person()
    second = person()
    created_at = models.DateTimeField()
    next_on = models.DateField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="conversation_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="conversation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class ConversationNote(models.Model):
    """One row is a note in a conversation; only the two read it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = person()
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField()
    form_token = models.UUIDField(unique=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_has_text")]

    def __str__(self) -> str:
        return f"note of {self.author_id}"
