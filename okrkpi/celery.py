"""The Celery app: configured by Django's settings, tasks found in each app's `tasks.py`."""

import os

from celery import Celery

from okrkpi.launch.parent import poll_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrkpi.settings")
poll_parent()

app = Celery("okrkpi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
