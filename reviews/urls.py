"""Routes of reviews, dashboards, statistics and what people share."""

from django.urls import path

from reviews import views_statistics

app_name = "reviews"

statistics_urls = [
    path("statistics/", views_statistics.statistics, name="statistics"),
    path(
        "statistics/<slug:name>.csv", views_statistics.statistics_export, name="statistics_export"
    ),
]

urlpatterns = [*statistics_urls]
