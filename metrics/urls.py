"""Routes of KPIs, their values, targets and periods."""

from django.urls import path, register_converter

from metrics import (
    views_cadences,
    views_imports,
    views_kpi,
    views_kpi_policies,
    views_library,
    views_periods,
    views_policies,
    views_signals,
    views_targets,
    views_values,
)
from metrics.url_days import DayConverter

register_converter(DayConverter, "day")

app_name = "metrics"
urlpatterns = [
    path("organisation/cadences/", views_policies.cadence_policies, name="cadence_policies"),
    path("organisation/cadences/new/", views_cadences.cadence_create, name="cadence_create"),
    path(
        "organisation/cadences/<int:pk>/name/", views_cadences.cadence_rename, name="cadence_rename"
    ),
    path(
        "organisation/cadences/<int:pk>/remove/",
        views_cadences.cadence_remove,
        name="cadence_remove",
    ),
    path("signals/", views_signals.signal_list, name="signal_list"),
    path("teams/<int:pk>/kpis/new/", views_kpi.kpi_create, name="kpi_create"),
    path("teams/<int:pk>/kpis/library/", views_library.library, name="library"),
    path("kpis/<int:pk>/", views_kpi.kpi_detail, name="kpi_detail"),
    path("kpis/<int:pk>/edit/", views_kpi.kpi_edit, name="kpi_edit"),
    path("kpis/<int:pk>/periods/", views_kpi.kpi_periods, name="kpi_periods"),
    path("kpis/<int:pk>/policy/", views_kpi_policies.kpi_policy, name="kpi_policy"),
    path("kpis/<int:pk>/targets/", views_targets.target_list, name="target_list"),
    path("kpis/<int:pk>/targets/withdraw/", views_targets.target_withdraw, name="target_withdraw"),
    path("kpis/<int:pk>/limits/", views_targets.limits_rebase, name="limits_rebase"),
    path("kpis/<int:pk>/values/fill/", views_values.value_fill, name="value_fill"),
    path("kpis/<int:pk>/values/<day:start>/", views_values.value_row, name="value_row"),
    path("kpis/<int:pk>/values/<day:start>/edit/", views_values.value_edit, name="value_edit"),
    path(
        "kpis/<int:pk>/periods/<day:start>/exclude/",
        views_periods.period_exclude,
        name="period_exclude",
    ),
    path(
        "kpis/<int:pk>/periods/<day:start>/include/",
        views_periods.period_include,
        name="period_include",
    ),
    path("teams/<int:pk>/imports/", views_imports.import_create, name="import_create"),
    path("imports/<int:pk>/", views_imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/columns/", views_imports.import_columns, name="import_columns"),
    path("imports/<int:pk>/import/", views_imports.import_commit, name="import_commit"),
    path("imports/<int:pk>/cancel/", views_imports.import_cancel, name="import_cancel"),
]
