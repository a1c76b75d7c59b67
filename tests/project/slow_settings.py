"""The settings of the processes in fault tests: mail goes to files, and takes its time."""

import os

from okrkpi.settings import *  # noqa: F403

EMAIL_BACKEND = "tests.project.slow_mail.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if os.environ.get("OKRKPI_UNGUARDED"):
    CELERY_IMPORTS = ["tests.project.unguarded"]
