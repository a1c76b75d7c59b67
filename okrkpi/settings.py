"""The one settings file: driven by the environment, safe when the environment is empty.

With nothing set the app keeps everything under `var/` (SQLite, secret key, mail as files), serves
only this machine and runs its jobs over an in-memory broker. `DATABASE_URL` switches to PostgreSQL,
`REDIS_URL` to a Redis broker. `.env.example` lists every variable.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("OKRKPI_DATA") or BASE_DIR / "var")
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = os.environ.get("OKRKPI_DEBUG") == "1"


def _secret_key() -> str:
    """The key from the environment, else one made once and kept, readable by the owner only."""
    if key := os.environ.get("OKRKPI_SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def _origin(url: str) -> str:
    """Scheme, host and port of an address, as policies name it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("OKRKPI_OLD_SECRET_KEYS", "").split(",") if k]

SITE_URL = os.environ.get("OKRKPI_URL", "http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS = [
    host
    for host in (
        *os.environ.get("OKRKPI_ALLOWED_HOSTS", "").split(","),
        _site.hostname,
        *("127.0.0.1", "localhost", "[::1]"),
    )
    if host
]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if _site.scheme == "https" else []

INSTALLED_APPS = [
    "teams",
    "metrics",
    "objectives",
    "reviews",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "teams.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "teams.middleware.private_pages",
    "teams.middleware.local_dates",
    "teams.middleware.second_factor",
    "objectives.middleware.close_path",
]

ROOT_URLCONF = "okrkpi.urls"
WSGI_APPLICATION = "okrkpi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "okrkpi.context.shell",
            ]
        },
    }
]

# SQLite: WAL keeps readers and the one writer apart; IMMEDIATE takes the write lock at BEGIN, where
# the busy timeout works, instead of at the first write, where SQLite gives up at once. The log is
# written back every 32 MB, not every 4: which an evaluation of everything would wait for;
# and 16 MB of pages are kept, so that one batch's rows need not be read twice.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
    "PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-16000;",
}
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    # Compiling a plan takes longer than any query here runs: what is long is many short look-ups.
    # The quarter of a thousand teams groups 70,000 check-ins, which 4 MB would spill to the disk.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=5, options="-c lock_timeout=10000 -c jit=off -c work_mem=16MB"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in throttles live here. The database, not Redis: pages never wait for a broker.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "okrkpi_cache",
    }
}

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = ["teams.backends.SignedIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "teams.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses strangers type
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_ADAPTER = "teams.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "okrkpi"
# The code before or after the present one counts too: who types it as it changes is not refused.
MFA_TOTP_TOLERANCE = 1
# Single sign-on with one OpenID Connect server: its address is the one it announces as issuer.
OIDC_URL = os.environ.get("OKRKPI_OIDC_URL", "").rstrip("/")
SOCIALACCOUNT_ADAPTER = "teams.adapter.SocialAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": os.environ.get("OKRKPI_OIDC_NAME") or "single sign-on",
                "client_id": os.environ.get("OKRKPI_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("OKRKPI_OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("OKRKPI_PROXY_COUNT", "0"))

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _site.scheme == "https":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A form that leads to single sign-on is followed to its server, too.
        "form-action": [SELF, *([_origin(OIDC_URL)] if OIDC_URL else [])],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("OKRKPI_STATIC_ROOT") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "okrkpi.assets.Storage"},
}
MEDIA_ROOT = DATA_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES = 50 * 1024 * 1024

EMAIL_URL = os.environ.get("OKRKPI_SMTP_URL", "")
DEFAULT_FROM_EMAIL = os.environ.get("OKRKPI_MAIL_FROM", "okrkpi@localhost")
EMAIL_TIMEOUT = 10
if EMAIL_URL:
    _smtp = urlsplit(EMAIL_URL)
    EMAIL_HOST, EMAIL_PORT = _smtp.hostname, _smtp.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _smtp.username or "", _smtp.password or ""
    EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# Chats are told by https at public machines only. Hosts inside that may be told too, as `host` or
# `host:port` with commas, and the file of the certificates that vouch for them.
OUTGOING_HOSTS = [h for h in os.environ.get("OKRKPI_OUTGOING_HOSTS", "").lower().split(",") if h]
OUTGOING_CA_FILE = os.environ.get("OKRKPI_OUTGOING_CA_FILE", "")

# Prometheus sends this with every question; empty: only signed-in administrators may ask.
METRICS_TOKEN = os.environ.get("OKRKPI_METRICS_TOKEN", "")

# Jobs. The database is the truth about what is due; the broker only says "look now". A message that
# nobody took in `expires` is dropped: the next tick says the same. No request talks to the broker.
TICK_SECONDS = 3
LEASE_SECONDS = int(os.environ.get("OKRKPI_LEASE_SECONDS", "20"))
REDIS_URL = os.environ.get("REDIS_URL", "")
TICKED_TASKS = [
    "teams.tasks.tick",
    "teams.tasks.deliver_outbox",
    "metrics.tasks.evaluate_due",
    "metrics.tasks.import_queued",
]
SLOT_JOBS = {
    "sweep": ("metrics.tasks.sweep", 60 * 60),
    "advance_cycles": ("objectives.tasks.advance_cycles", 60 * 60),
    "open_reviews": ("reviews.tasks.open_reviews", 60 * 60),
    "remind": ("objectives.tasks.remind", 15 * 60),
    "escalate": ("metrics.tasks.escalate", 60 * 60),
    "seal_audit": ("teams.tasks.seal_audit", 60),
    "clean_up": ("teams.tasks.clean_up", 24 * 60 * 60),
}
# What messages tell of, by the kind they name it with (`teams.sight`).
TOLD_OF = {"team": "teams.Team", "kpi": "metrics.Kpi", "objective": "objectives.Objective"}
# Whose `visible_to` says who may read of these kinds of events in the audit record, by their id.
RECORDED_OF = {
    "metrics.Kpi": ("kpi", "value", "target", "exclusion"),
    "metrics.Signal": ("signal",),
    "objectives.Objective": ("objective",),
    "objectives.KeyResult": ("key_result",),
}
CELERY_BEAT_SCHEDULER = "okrkpi.beat:Ticker"
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS * 2}}
    for name in TICKED_TASKS
}
CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_POOL = "prefork" if REDIS_URL else "threads"
CELERY_WORKER_CONCURRENCY = int(
    os.environ.get("OKRKPI_WORKERS") or (2 if REDIS_URL else len(TICKED_TASKS))
)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# SQLite files need no new connection for each task; a server's connection may have gone stale.
CELERY_DB_REUSE_MAX = 1000 if DATABASES["default"]["ENGINE"].endswith("sqlite3") else None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# A child is replaced when it grew; a task is cut off before its message could be given out again.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = (240, 280) if REDIS_URL else (None, None)
# A broker that stays away ends the process after some tries, and the supervisor starts it afresh:
# so the waits between tries stay short however long the broker was gone.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = 3
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
    if REDIS_URL
    else {}
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "teams.audit.origin.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("OKRKPI_LOG_LEVEL", "WARNING")},
}
