"""The production settings with a fast hasher, mail in memory and no static manifest."""

import os
import tempfile
import warnings

os.environ.setdefault("OKRKPI_DATA", tempfile.mkdtemp(prefix="okrkpi-test-"))
os.environ.setdefault("OKRKPI_SECRET_KEY", "only-for-tests-" + "x" * 50)
if os.environ.get("OKRKPI_TEST_DB") == "postgres":
    os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")

from okrkpi.settings import *  # noqa: F403
from okrkpi.settings import DATA_DIR, DATABASES, STORAGES

# A file, not :memory:, so that tests with threads and processes meet the real locks.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
elif template := os.environ.get("MIGRATED_POSTGRES"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
SECURE_SSL_REDIRECT = False
warnings.filterwarnings("ignore", message="No directory at", module="whitenoise")
