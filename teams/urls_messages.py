"""Routes about the messages a person gets."""

from django.urls import path

from teams import views_messages

urlpatterns = [
    path("profile/messages/", views_messages.message_settings, name="message_settings"),
    path("unsubscribe/<str:token>/", views_messages.unsubscribe, name="unsubscribe"),
]
