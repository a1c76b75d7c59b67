"""Which lessons a person has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class LessonShown(models.Model):
    """One row is a lesson a person was shown, and the last day of that; one lesson a day."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    lesson = models.CharField(max_length=40)
    on = models.DateField()

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["person", "lesson"], name="lesson_shown_once"),
            models.UniqueConstraint(fields=["person", "on"], name="lesson_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.lesson} on {self.on}"
