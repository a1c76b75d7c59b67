"""Routes of the person, inbox and profile, and of the organisation's settings."""

from django.urls import path

from teams import views, views_organisation

app_name = "teams"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("profile/", views.profile, name="profile"),
    path("organisation/", views_organisation.organisation, name="organisation"),
]
