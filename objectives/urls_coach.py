"""Routes of the coach: its rules, the sorting of ideas, remedies and conversions."""

from django.urls import path

from objectives import views_coach, views_conversions, views_remedies

urlpatterns = [
    path("start/", views_coach.start, name="start"),
    path("coach/rules/", views_coach.rule_list, name="rule_list"),
    path("key-results/<int:pk>/to-kpi/", views_conversions.to_kpi, name="key_result_to_kpi"),
    path(
        "signals/<int:pk>/draft/remedy/",
        views_remedies.signal_draft_remedy,
        name="signal_draft_remedy",
    ),
    path("objectives/<int:pk>/remedy/", views_remedies.objective_remedy, name="objective_remedy"),
    path(
        "teams/<int:pk>/objectives/new/remedy/",
        views_remedies.objective_create_remedy,
        name="objective_create_remedy",
    ),
    path("kpis/<int:pk>/to-key-result/", views_conversions.to_key_result, name="kpi_to_key_result"),
]
