"""The settings of the processes in fault tests: mail goes to files, and takes its time.

Static files keep their names, so that no test waits for their compression.
"""

import os

from okrkpi.settings import *  # noqa: F403

EMAIL_BACKEND = "tests.project.slow_mail.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
if os.environ.get("OKRKPI_UNGUARDED"):
    CELERY_IMPORTS = ["tests.project.unguarded"]
