"""Routes of the person: inbox and profile."""

from django.urls import path

from teams import views

app_name = "teams"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("profile/", views.profile, name="profile"),
]
