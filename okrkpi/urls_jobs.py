"""Routes of the page of the jobs."""

from django.urls import path

from okrkpi import views_jobs

urlpatterns = [
    path("", views_jobs.job_list, name="job_list"),
    path("<slug:name>/run/", views_jobs.job_run, name="job_run"),
    path("<slug:name>/dry-run/", views_jobs.job_dry_run, name="job_dry_run"),
    path("<slug:kind>/retry/", views_jobs.job_items_retry, name="job_items_retry"),
    path("<slug:kind>/<int:pk>/retry/", views_jobs.job_item_retry, name="job_item_retry"),
    path("<slug:kind>/<int:pk>/park/", views_jobs.job_item_park, name="job_item_park"),
]
