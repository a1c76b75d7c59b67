"""The Celery app: configured by Django's settings, tasks found in each app's `tasks.py`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrkpi.settings")

app = Celery("okrkpi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
