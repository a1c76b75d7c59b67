"""What superusers change on Django's admin site stands in the audit record, as everything does."""

from __future__ import annotations

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet, ModelForm
from django.http import HttpRequest

from teams.actions import audit
from teams.models import Membership, Organisation, Team, User

KINDS = {"user": "person", "membership": "role"}


class Recorded(admin.ModelAdmin):
    """A page of the admin site whose changes are recorded, those of its inlines too."""

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _note(request, obj, "changed" if change else "created", *_moved(form))

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm,
        formset: BaseFormSet,
        change: bool,
    ) -> None:
        super().save_formset(request, form, formset, change)
        moved = {id(one.instance): _moved(one) for one in formset.forms}
        for obj, _ in formset.changed_objects:
            _note(request, obj, "changed", *moved[id(obj)])
        for obj in formset.new_objects:
            _note(request, obj, "created", *moved[id(obj)])
        for obj in formset.deleted_objects:
            _note(request, obj, "deleted", {}, {})

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            _note(request, obj, "deleted", {}, {})
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with transaction.atomic():
            for obj in queryset:
                _note(request, obj, "deleted", {}, {})
            super().delete_queryset(request, queryset)


def _moved(form: ModelForm) -> tuple[dict, dict]:
    """What stood in the fields that were changed, and what stands now."""
    names = [name for name in form.changed_data if name in form.cleaned_data]
    return (
        {name: form.initial.get(name) for name in names},
        {name: form.cleaned_data[name] for name in names},
    )


def _note(request: HttpRequest, obj: Model, verb: str, before: dict, after: dict) -> None:
    name = obj._meta.model_name
    audit.record(
        verb,
        KINDS.get(name, name),
        obj.user if isinstance(obj, Membership) else obj,
        by=request.user,
        team=_team_of(obj),
        organisation_id=_organisation_id(obj),
        before=before,
        after=after,
        reason="On the admin site.",
    )


def _team_of(obj: Model) -> Team | None:
    return obj if isinstance(obj, Team) else getattr(obj, "team", None)


def _organisation_id(obj: Model) -> int | None:
    if isinstance(obj, Organisation):
        return obj.pk
    if isinstance(obj, User | Team):
        return obj.organisation_id
    return getattr(obj, "organisation_id", None) or obj.team.organisation_id
