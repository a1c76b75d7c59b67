"""Fields that several tables share."""

from __future__ import annotations

from django.conf import settings
from django.db import models


def number_field(**options) -> models.DecimalField:
    """A stored quantity: 12 digits before the point, 15 after, at most 15 of them significant.

    15 significant digits come back equal from PostgreSQL's numeric and from SQLite's REAL.
    """
    return models.DecimalField(max_digits=27, decimal_places=15, **options)


class SharedKey(models.OneToOneField):
    """A primary key that is another row's id, and on SQLite the row's own place in the table.

    Django makes it `bigint` there, of which SQLite keeps a second tree beside the table; only a key
    declared `integer` is the rowid by which a row is found and updated at once.
    """

    def db_type(self, connection) -> str | None:
        """`integer` on SQLite, elsewhere the type of the row it points to."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


def person(**options) -> models.ForeignKey:
    """A person named in history; the row outlives the person's account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )
