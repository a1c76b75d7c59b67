"""The tables of the metrics app for support: to look, not to act."""

from django.contrib import admin

from metrics.models import Cadence, Kpi, KpiEvent, Signal, Source, Target
from teams.admin_record import Recorded


@admin.register(Cadence)
class CadenceAdmin(Recorded):
    list_display = ["name", "organisation", "kind", "patience", "recovery", "grace_days"]
    list_select_related = ["organisation"]


@admin.register(Source)
class SourceAdmin(Recorded):
    list_display = ["name", "team", "kind"]
    list_select_related = ["team"]
    search_fields = ["name"]


class ReadOnly(admin.ModelAdmin):
    """History and what the engine writes: shown, never edited here."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Kpi)
class KpiAdmin(ReadOnly):
    list_display = ["name", "team", "cadence", "owner", "is_private"]
    list_select_related = ["team", "cadence", "owner"]
    search_fields = ["name", "team__name"]


@admin.register(Target)
class TargetAdmin(ReadOnly):
    list_display = ["kpi", "effective_on", "value", "low", "high", "is_withdrawn", "author"]
    list_select_related = ["kpi", "author"]
    search_fields = ["kpi__name"]


@admin.register(Signal)
class SignalAdmin(ReadOnly):
    list_display = ["kpi", "kind", "raised_on", "is_open", "severity", "decision"]
    list_select_related = ["kpi"]
    search_fields = ["kpi__name"]


@admin.register(KpiEvent)
class KpiEventAdmin(ReadOnly):
    list_display = ["kpi", "type", "at", "actor", "reason"]
    list_select_related = ["kpi", "actor"]
    search_fields = ["kpi__name"]
