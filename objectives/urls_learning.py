"""Routes of the way in: first steps, the glossary, lessons, the pilot."""

from django.urls import path

from objectives import views_first_steps, views_learning

urlpatterns = [
    path("first-steps/", views_first_steps.steps, name="first_steps"),
    path("first-steps/close/", views_first_steps.steps_close, name="first_steps_close"),
    path("first-steps/open/", views_first_steps.steps_reopen, name="first_steps_reopen"),
    path("glossary/", views_learning.glossary, name="glossary"),
    path("lessons/", views_learning.lessons, name="lessons"),
    path("lessons/today/", views_learning.lesson_today, name="lesson_today"),
    path("lessons/mute/", views_learning.lesson_mute, name="lesson_mute"),
]
