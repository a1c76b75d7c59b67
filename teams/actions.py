"""Writes about organisations, teams and people that span rows."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from teams.models import Membership, Organisation, Team, User


@transaction.atomic
def create_organisation(
    *,
    name: str,
    time_zone: str,
    fiscal_start_month: int,
    admin_name: str,
    admin_email: str,
    password: str,
    now: datetime,
) -> Organisation:
    """Create an organisation, its first team and its first administrator, who leads that team."""
    organisation = Organisation(
        name=name, time_zone=time_zone, fiscal_start_month=fiscal_start_month, created_at=now
    )
    organisation.full_clean()
    organisation.save()
    admin = User.objects.create_user(
        admin_email,
        password,
        name=admin_name,
        organisation=organisation,
        is_org_admin=True,
        is_staff=True,
        is_superuser=True,
    )
    team = Team.objects.create(organisation=organisation, name=name, created_at=now)
    Membership.objects.create(team=team, user=admin, role=Membership.Role.LEAD)
    return organisation
