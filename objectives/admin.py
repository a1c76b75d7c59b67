"""The tables of the objectives app for support: to look, not to act."""

from django.contrib import admin

from metrics.admin import ReadOnly
from objectives.models import CheckIn, Cycle, KeyResult, Objective, ObjectiveEvent


@admin.register(Cycle)
class CycleAdmin(ReadOnly):
    list_display = ["name", "organisation", "starts_on", "ends_on", "state"]
    list_select_related = ["organisation"]


@admin.register(Objective)
class ObjectiveAdmin(ReadOnly):
    list_display = ["title", "team", "cycle", "owner", "state", "grade"]
    list_select_related = ["team", "cycle", "owner"]
    search_fields = ["title", "team__name"]


@admin.register(KeyResult)
class KeyResultAdmin(ReadOnly):
    list_display = ["title", "objective", "kind", "kpi", "grade"]
    list_select_related = ["objective", "kpi"]
    search_fields = ["title", "objective__title"]


@admin.register(CheckIn)
class CheckInAdmin(ReadOnly):
    list_display = ["key_result", "value", "confidence", "author", "made_at"]
    list_select_related = ["key_result", "author"]


@admin.register(ObjectiveEvent)
class ObjectiveEventAdmin(ReadOnly):
    list_display = ["objective", "type", "at", "actor", "from_state", "to_state"]
    list_select_related = ["objective", "actor"]
