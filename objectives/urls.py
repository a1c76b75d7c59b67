"""Routes of signals with their answers, of objectives, and of checking in."""

from django.urls import include, path

from objectives import (
    views,
    views_closing,
    views_cycles,
    views_dependencies,
    views_drafts,
    views_lifecycle,
    views_signals,
    views_team,
    views_week,
    views_week_values,
)

app_name = "objectives"
signal_urls = [
    path("", views_signals.signal_detail, name="signal_detail"),
    path("acknowledge/", views_signals.signal_acknowledge, name="signal_acknowledge"),
    path("snooze/", views_signals.signal_snooze, name="signal_snooze"),
    path("accept/", views_signals.signal_accept, name="signal_accept"),
    path("fix-data/", views_signals.signal_fix_data, name="signal_fix_data"),
    path("revise-target/", views_signals.signal_revise_target, name="signal_revise_target"),
    path("dismiss/", views_signals.signal_dismiss, name="signal_dismiss"),
    path("draft/", views_drafts.signal_draft, name="signal_draft"),
    path("draft/hints/", views_drafts.signal_draft_hints, name="signal_draft_hints"),
    path("draft/row/", views_drafts.signal_draft_row, name="signal_draft_row"),
    path("publish/", views_drafts.signal_publish, name="signal_publish"),
]
objective_urls = [
    path("", views.objective_detail, name="objective_detail"),
    path("edit/", views_drafts.objective_edit, name="objective_edit"),
    path("hints/", views_drafts.objective_hints, name="objective_hints"),
    path("row/", views_drafts.objective_row, name="objective_row"),
    path("publish/", views_drafts.objective_publish, name="objective_publish"),
    path("park/", views_lifecycle.objective_park, name="objective_park"),
    path("unpark/", views_lifecycle.objective_unpark, name="objective_unpark"),
    path("withdraw/", views_lifecycle.objective_withdraw, name="objective_withdraw"),
    path("restore/", views_lifecycle.objective_restore, name="objective_restore"),
    path("copy/", views_lifecycle.objective_copy, name="objective_copy"),
    path("ask/", views_dependencies.dependency_create, name="dependency_create"),
    path("close/", views_closing.objective_close, name="objective_close"),
    path("next-target/", views_closing.objective_next_target, name="objective_next_target"),
]

week_urls = [
    path("", views_week.my_week, name="my_week"),
    path("plan/<day:day>/", views_week.week_plan, name="week_plan"),
    path("ahead/<day:day>/", views_week.week_ahead, name="week_ahead"),
    path("outcome/<day:day>/", views_week.week_outcome, name="week_outcome"),
    path("squares/<slug:kind>/", views_week.week_square, name="week_square"),
    path("kpis/<int:pk>/", views_week_values.week_value_row, name="week_value_row"),
    path(
        "kpis/<int:pk>/values/<day:start>/edit/",
        views_week_values.week_value_edit,
        name="week_value_edit",
    ),
    path("kpis/<int:pk>/values/fill/", views_week_values.week_value_fill, name="week_value_fill"),
]

urlpatterns = [
    path("my-week/", include(week_urls)),
    path("teams/", views_team.team_list, name="team_list"),
    path("teams/<int:pk>/", views_team.team_detail, name="team_detail"),
    path("signals/<int:pk>/", include(signal_urls)),
    path("objectives/<int:pk>/", include(objective_urls)),
    path("teams/<int:pk>/objectives/new/", views_drafts.objective_create, name="objective_create"),
    path(
        "teams/<int:pk>/objectives/new/hints/",
        views_drafts.objective_create_hints,
        name="objective_create_hints",
    ),
    path("teams/<int:pk>/objectives/order/", views_lifecycle.objective_order, name="order"),
    path("teams/<int:pk>/withdrawn/", views_lifecycle.withdrawn_list, name="withdrawn_list"),
    path("cycles/", views_cycles.cycle_list, name="cycle_list"),
    path("cycles/new/", views_cycles.cycle_create, name="cycle_create"),
    path("cycles/<int:pk>/", views_cycles.cycle_detail, name="cycle_detail"),
    path("dependencies/<int:pk>/", views_dependencies.dependency_detail, name="dependency_detail"),
    path(
        "dependencies/<int:pk>/answer/",
        views_dependencies.dependency_answer,
        name="dependency_answer",
    ),
    path(
        "dependencies/<int:pk>/take-back/",
        views_dependencies.dependency_take_back,
        name="dependency_take_back",
    ),
    path("key-results/<int:pk>/", views.key_result_row, name="key_result_row"),
    path("key-results/<int:pk>/check-in/", views.check_in, name="check_in"),
]
