"""Support views for superusers; business administration has its own pages."""

from django.contrib import admin

from teams.admin_record import Recorded
from teams.models import InboxItem, Membership, Organisation, OutboxMessage, Team, User


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(Organisation)
class OrganisationAdmin(Recorded):
    list_display = ["name", "time_zone", "fiscal_start_month"]


@admin.register(User)
class UserAdmin(Recorded):
    list_display = ["email", "name", "organisation", "is_org_admin", "is_active"]
    search_fields = ["email", "name"]
    list_select_related = ["organisation"]
    exclude = ["password"]
    readonly_fields = ["last_login", "date_joined"]


@admin.register(Team)
class TeamAdmin(Recorded):
    list_display = ["name", "organisation", "parent", "is_private"]
    search_fields = ["name"]
    list_select_related = ["organisation", "parent"]
    inlines = [MembershipInline]


@admin.register(OutboxMessage, InboxItem)
class MessageAdmin(admin.ModelAdmin):
    """History: to be read, not changed."""

    list_display = ["subject", "recipient", "topic", "created_at"]
    list_select_related = ["recipient"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
