"""Keeping a view of the dashboard under a name."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from reviews.forms_dashboard import SavedViewForm


def keep_view(form: SavedViewForm, *, now: datetime) -> bool:
    """Store a valid form's view; False, told at the field, where its name was taken meanwhile."""
    form.instance.created_at = now
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", "You already keep a view of this name. Choose another.")
        return False
    return True
