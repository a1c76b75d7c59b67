"""Questions about many KPIs, signals and values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from teams.querysets import private_access, team_access

if TYPE_CHECKING:
    from teams.models import User


class KpiQuerySet(models.QuerySet):
    """Questions about many KPIs."""

    def visible_to(self, user: User) -> KpiQuerySet:
        """KPIs of visible teams; a private KPI only for members of its team."""
        return self.filter(private_access(user))

    def of_team(self, team_id: int) -> KpiQuerySet:
        """The KPIs of one team, in the order of its scorecard."""
        return self.filter(team_id=team_id).order_by("position", "pk")

    def inside(self, team_id: int, *, is_member: bool) -> KpiQuerySet:
        """The KPIs of a team the person was let into; private ones for its members only.

        As `of_team(...).visible_to(user)`, without asking for the membership again.
        """
        rows = self.of_team(team_id)
        return rows if is_member else rows.filter(is_private=False)


class KpiPartQuerySet(models.QuerySet):
    """Rows that belong to one KPI through `kpi`."""

    def visible_to(self, user: User) -> KpiPartQuerySet:
        """Rows of KPIs the user may see."""
        member = Q(kpi__team__in=user.memberships.values("team_id"))
        return self.filter(team_access(user, "kpi__team") & (Q(kpi__is_private=False) | member))


class SignalQuerySet(models.QuerySet):
    """Questions about many signals."""

    def visible_to(self, user: User) -> SignalQuerySet:
        """Signals on KPIs the user may see, and on sources of visible teams."""
        member = Q(kpi__team__in=user.memberships.values("team_id"))
        on_kpi = team_access(user, "kpi__team") & (Q(kpi__is_private=False) | member)
        on_source = Q(kpi=None) & team_access(user, "source__team")
        return self.filter(on_kpi | on_source)

    def standing(self) -> SignalQuerySet:
        """Signals that were not retracted."""
        return self.filter(retracted_at=None)

    def open(self) -> SignalQuerySet:
        """Signals whose episode goes on."""
        return self.standing().filter(is_open=True)

    def undecided(self, now: datetime) -> SignalQuerySet:
        """Open off-target signals that nobody has answered and nobody has snoozed."""
        return self.open().filter(
            Q(snoozed_until=None) | Q(snoozed_until__lte=now), kind="off_target", decision=""
        )


class KpiStateQuerySet(models.QuerySet):
    """Questions about work that is due."""

    def due(self, now: datetime) -> KpiStateQuerySet:
        """States to evaluate now: due, and not evaluated at a later moment already."""
        return self.filter(Q(moment=None) | Q(moment__lte=now), due_at__lte=now)
