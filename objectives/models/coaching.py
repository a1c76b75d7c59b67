"""What an administrator decided about the coach's rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models import person
from objectives.coach.policy import Strictness
from teams.models import Organisation


class RuleSetting(models.Model):
    """One row: how firmly a rule speaks in an organisation; a rule without a row advises."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=4)
    strictness = models.CharField(
        max_length=6, choices=[(one.value, one.value) for one in Strictness]
    )
    changed_at = models.DateTimeField()
    changed_by = person()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="rule_setting_once"),
            models.CheckConstraint(
                condition=Q(strictness__in=[one.value for one in Strictness]),
                name="rule_setting_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.strictness}"
