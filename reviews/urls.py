"""Routes of reviews, dashboards, statistics and what people share."""

from django.urls import include, path

from reviews import (
    views_calendar,
    views_conversations,
    views_dashboard,
    views_demo,
    views_ending_teams,
    views_evidence,
    views_leaving,
    views_pilot,
    views_review_entries,
    views_reviews,
    views_scorecard,
    views_statistics,
)

app_name = "reviews"

dashboard_urls = [
    path("", views_dashboard.dashboard, name="dashboard"),
    path("trend/", views_dashboard.dashboard_trend, name="dashboard_trend"),
    path("compare/", views_dashboard.dashboard_compare, name="dashboard_compare"),
    path("<slug:name>.csv", views_dashboard.dashboard_export, name="dashboard_export"),
    path("<slug:name>.xlsx", views_dashboard.dashboard_sheet, name="dashboard_sheet"),
    path("views/", views_dashboard.view_create, name="view_create"),
    path("views/<int:pk>/delete/", views_dashboard.view_delete, name="view_delete"),
]

statistics_urls = [
    path("statistics/", views_statistics.statistics, name="statistics"),
    path(
        "statistics/<slug:name>.csv", views_statistics.statistics_export, name="statistics_export"
    ),
    path("statistics/<slug:name>.xlsx", views_statistics.statistics_sheet, name="statistics_sheet"),
]

evidence_urls = [
    path("profile/evidence/", views_evidence.evidence, name="evidence"),
    path("profile/evidence.md", views_evidence.evidence_markdown, name="evidence_markdown"),
]

calendar_urls = [
    path("profile/calendar/", views_calendar.calendar, name="calendar"),
    path("calendar/<str:secret>.ics", views_calendar.calendar_feed, name="calendar_feed"),
]

conversation_urls = [
    path("", views_conversations.conversation_list, name="conversation_list"),
    path("<int:pk>/", views_conversations.conversation_detail, name="conversation_detail"),
    path("<int:pk>/notes/", views_conversations.conversation_note, name="conversation_note"),
    path("<int:pk>/next/", views_conversations.conversation_next, name="conversation_next"),
]

scorecard_urls = [
    path("scorecard-links/", views_scorecard.scorecard_link_list, name="scorecard_link_list"),
    path(
        "scorecard-links/<int:pk>/revoke/",
        views_scorecard.scorecard_link_revoke,
        name="scorecard_link_revoke",
    ),
    path("scorecard/<str:secret>/", views_scorecard.scorecard_public, name="scorecard_public"),
]

review_urls = [
    path("reviews/", views_reviews.review_list, name="review_list"),
    path("reviews/owed/", views_reviews.review_owed, name="review_owed"),
    path("teams/<int:pk>/reviews/new/", views_reviews.review_open, name="review_open"),
    path("reviews/<int:pk>/", views_reviews.review_detail, name="review_detail"),
    path("reviews/<int:pk>/changes/", views_reviews.review_changes, name="review_changes"),
    path("reviews/<int:pk>/minutes.md", views_reviews.review_minutes, name="review_minutes"),
    path("reviews/<int:pk>/close/", views_reviews.review_close, name="review_close"),
    path(
        "reviews/<int:pk>/key-results/<int:key_result_pk>/",
        views_review_entries.review_grade,
        name="review_grade",
    ),
    path(
        "reviews/<int:pk>/objectives/<int:objective_pk>/words/",
        views_review_entries.review_words,
        name="review_words",
    ),
    path(
        "reviews/<int:pk>/objectives/<int:objective_pk>/next/",
        views_review_entries.review_next,
        name="review_next",
    ),
    path(
        "reviews/<int:pk>/learnings/", views_review_entries.learning_create, name="learning_create"
    ),
    path(
        "reviews/<int:pk>/learnings/<int:learning_pk>/delete/",
        views_review_entries.learning_delete,
        name="learning_delete",
    ),
    path("reviews/<int:pk>/actions/", views_review_entries.action_create, name="action_create"),
    path(
        "reviews/<int:pk>/actions/<int:action_pk>/done/",
        views_review_entries.action_done,
        name="action_done",
    ),
    path(
        "reviews/<int:pk>/actions/<int:action_pk>/delete/",
        views_review_entries.action_delete,
        name="action_delete",
    ),
]

urlpatterns = [
    *review_urls,
    path("quarter/", include(dashboard_urls)),
    *statistics_urls,
    *scorecard_urls,
    *evidence_urls,
    *calendar_urls,
    path(
        "organisation/teams/<int:pk>/archive/",
        views_ending_teams.team_archive,
        name="team_archive",
    ),
    path("organisation/teams/<int:pk>/merge/", views_ending_teams.team_merge, name="team_merge"),
    path("organisation/people/<int:pk>/leave/", views_leaving.person_leave, name="person_leave"),
    path("organisation/demo/", views_demo.demo, name="demo"),
    path("organisation/pilot/", views_pilot.pilot, name="pilot"),
    path("organisation/pilot/widen/", views_pilot.pilot_widen, name="pilot_widen"),
    path("organisation/pilot/end/", views_pilot.pilot_end, name="pilot_end"),
    path("conversations/", include(conversation_urls)),
]
