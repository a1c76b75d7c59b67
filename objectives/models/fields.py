"""Columns that several models of the app share."""

from __future__ import annotations

from django.db import models


def grade_field(**options) -> models.DecimalField:
    """A grade 0.0 to 1.0 in tenths; None means not graded."""
    return models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True, **options)


def share_field(**options) -> models.DecimalField:
    """A share 0 to 1, unrounded to 15 decimals; None means there is nothing to measure."""
    return models.DecimalField(max_digits=16, decimal_places=15, null=True, blank=True, **options)
