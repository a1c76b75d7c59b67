"""Routes about the messages a person gets."""

from django.urls import path

from teams import views_chat, views_messages

urlpatterns = [
    path("profile/messages/", views_messages.message_settings, name="message_settings"),
    path("unsubscribe/<str:token>/", views_messages.unsubscribe, name="unsubscribe"),
    path("organisation/chat/", views_chat.organisation_chat, name="organisation_chat"),
    path("teams/<int:pk>/chat/", views_chat.team_chat, name="team_chat"),
]
