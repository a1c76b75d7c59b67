"""Fields that several tables share."""

from __future__ import annotations

from django.conf import settings
from django.db import models


def number_field(**options) -> models.DecimalField:
    """A stored quantity: 12 digits before the point, 15 after, at most 15 of them significant.

    15 significant digits come back equal from PostgreSQL's numeric and from SQLite's REAL.
    """
    return models.DecimalField(max_digits=27, decimal_places=15, **options)


def person(**options) -> models.ForeignKey:
    """A person named in history; the row outlives the person's account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )
