"""Questions about many reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from teams.querysets import team_access

if TYPE_CHECKING:
    from teams.models import User


class ReviewQuerySet(models.QuerySet):
    """Questions about many reviews."""

    def visible_to(self, user: User) -> ReviewQuerySet:
        """Reviews of visible teams; what is private in them is left out where it is shown."""
        return self.filter(team_access(user))

    def open(self) -> ReviewQuerySet:
        """Those that can still be written in."""
        return self.filter(closed_at=None)


class ScorecardLinkQuerySet(models.QuerySet):
    """Questions about many links."""

    def live(self) -> ScorecardLinkQuerySet:
        """Those that still open a page."""
        return self.filter(revoked_at=None)


class ConversationQuerySet(models.QuerySet):
    """Questions about many conversations."""

    def visible_to(self, user: User) -> ConversationQuerySet:
        """Those of the two people themselves, and of nobody else."""
        return self.filter(models.Q(first=user) | models.Q(second=user))
