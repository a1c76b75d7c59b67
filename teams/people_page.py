"""The ledger of people: each with their teams, their last sign-in and their state."""

from __future__ import annotations

from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from teams.models import Membership, Team, User

PAGE = 50


class PersonRow(NamedTuple):
    """One person; `hidden` counts their private teams, which an outsider only sees counted."""

    person: User
    roles: list[Membership]
    hidden: int

    @property
    def root(self) -> str:
        """The id of the row on the page."""
        return f"person-{self.person.pk}"


def people_of(admin: User) -> QuerySet[User]:
    """Everybody of the organisation, those who left too, with the teams the administrator sees."""
    seen = Team.objects.visible_to(admin).in_use()
    roles = Membership.objects.filter(team__in=seen).select_related("team")
    hidden = Q(memberships__team__is_private=True) & ~Q(
        memberships__team__in=admin.memberships.values("team_id")
    )
    return (
        User.objects.filter(organisation_id=admin.organisation_id)
        .annotate(hidden=Count("memberships", filter=hidden))
        .prefetch_related(
            Prefetch("memberships", roles.order_by("team__name", "pk"), to_attr="seen_roles")
        )
    )


def row_of(person: User) -> PersonRow:
    """The row of a person loaded by `people_of`."""
    return PersonRow(person, person.seen_roles, person.hidden)


def people_page(admin: User, *, words: str, state: str, number: str | None) -> Page:
    """One page of the ledger, by name; `state` is "left" or, for everything else, who is here."""
    rows = people_of(admin).filter(left_at__isnull=state != "left")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    page = Paginator(rows.order_by(Lower("name"), "pk"), PAGE).get_page(number)
    page.object_list = [row_of(person) for person in page.object_list]
    return page
