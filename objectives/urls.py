"""Routes of signals with their answers, of objectives, and of checking in."""

from django.urls import include, path

from objectives import (
    views,
    views_alignment,
    views_closing,
    views_cycles,
    views_dependencies,
    views_drafts,
    views_grid,
    views_key_results,
    views_lifecycle,
    views_member_card,
    views_organisation,
    views_signal_drafts,
    views_signals,
    views_team,
    views_week,
    views_week_values,
    views_work,
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
    path("draft/", views_signal_drafts.signal_draft, name="signal_draft"),
    path("draft/hints/", views_signal_drafts.signal_draft_hints, name="signal_draft_hints"),
    path("draft/row/", views_signal_drafts.signal_draft_row, name="signal_draft_row"),
    path("publish/", views_signal_drafts.signal_publish, name="signal_publish"),
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
    path("align/", views_alignment.objective_align, name="objective_align"),
    path("children/", views_alignment.objective_children, name="objective_children"),
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
    path("grid/", views_grid.value_grid, name="value_grid"),
    path("grid/paste/", views_grid.value_grid_paste, name="value_grid_paste"),
    path("kpis/<int:pk>/", views_week_values.week_value_row, name="week_value_row"),
    path(
        "kpis/<int:pk>/values/<day:start>/edit/",
        views_week_values.week_value_edit,
        name="week_value_edit",
    ),
    path("kpis/<int:pk>/values/fill/", views_week_values.week_value_fill, name="week_value_fill"),
]
key_result_urls = [
    path("", views_key_results.key_result_detail, name="key_result_detail"),
    path("check-in/", views.check_in, name="check_in"),
    path("check-in/result/", views.check_in_result, name="check_in_result"),
    path("check-ins/", views_key_results.key_result_evidence, name="key_result_evidence"),
    path("revise/", views_key_results.key_result_revise, name="key_result_revise"),
    path("withdraw/", views_key_results.key_result_withdraw, name="key_result_withdraw"),
    path("restore/", views_key_results.key_result_restore, name="key_result_restore"),
    path("initiatives/", views_work.initiative_create, name="initiative_create"),
    path("initiatives/list/", views_work.initiative_list, name="initiative_list"),
    path("blockers/", views_work.blocker_create, name="blocker_create"),
    path("blockers/list/", views_work.blocker_list, name="blocker_list"),
]
initiative_urls = [
    path("edit/", views_work.initiative_edit, name="initiative_edit"),
    path("done/", views_work.initiative_done, name="initiative_done"),
    path("delete/", views_work.initiative_delete, name="initiative_delete"),
    path("restore/", views_work.initiative_restore, name="initiative_restore"),
]
blocker_urls = [
    path("edit/", views_work.blocker_edit, name="blocker_edit"),
    path("done/", views_work.blocker_done, name="blocker_done"),
    path("delete/", views_work.blocker_delete, name="blocker_delete"),
    path("restore/", views_work.blocker_restore, name="blocker_restore"),
]

urlpatterns = [
    path("my-week/", include(week_urls)),
    path("teams/", views_team.team_list, name="team_list"),
    path("teams/<int:pk>/", views_team.team_detail, name="team_detail"),
    path("teams/<int:pk>/card/", views_member_card.team_card, name="team_card"),
    path("signals/<int:pk>/", include(signal_urls)),
    path("objectives/<int:pk>/", include(objective_urls)),
    path("teams/<int:pk>/objectives/new/", views_drafts.objective_create, name="objective_create"),
    path(
        "teams/<int:pk>/objectives/new/row/",
        views_drafts.objective_create_row,
        name="objective_create_row",
    ),
    path(
        "teams/<int:pk>/objectives/new/hints/",
        views_drafts.objective_create_hints,
        name="objective_create_hints",
    ),
    path("teams/<int:pk>/objectives/order/", views_lifecycle.objective_order, name="order"),
    path("teams/<int:pk>/withdrawn/", views_lifecycle.withdrawn_list, name="withdrawn_list"),
    path("alignment/", views_alignment.alignment, name="alignment"),
    path("organisation/", views_organisation.organisation, name="organisation"),
    path("cycles/", views_cycles.cycle_list, name="cycle_list"),
    path("cycles/new/", views_cycles.cycle_create, name="cycle_create"),
    path("cycles/<int:pk>/", views_cycles.cycle_detail, name="cycle_detail"),
    path("cycles/<int:pk>/move/", views_cycles.cycle_move, name="cycle_move"),
    path("cycles/<int:pk>/reopen/", views_cycles.cycle_reopen, name="cycle_reopen"),
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
    path("key-results/<int:pk>/", include(key_result_urls)),
    path("check-ins/<int:pk>/undo/", views.check_in_undo, name="check_in_undo"),
    path("check-ins/<int:pk>/thanks/", views_work.check_in_thank, name="check_in_thank"),
    path("milestones/<int:pk>/tick/", views_work.milestone_tick, name="milestone_tick"),
    path("initiatives/<int:pk>/", include(initiative_urls)),
    path("blockers/<int:pk>/", include(blocker_urls)),
    path("", include("objectives.urls_coach")),
    path("", include("objectives.urls_learning")),
]
