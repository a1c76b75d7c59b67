"""Routes of teams' pages, objectives and signals."""

from django.urls import path

from objectives import views_team

app_name = "objectives"
urlpatterns = [
    path("teams/", views_team.team_list, name="team_list"),
    path("teams/<int:pk>/", views_team.team_detail, name="team_detail"),
]
