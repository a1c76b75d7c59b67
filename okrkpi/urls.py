"""Every route of the app."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from okrkpi import health, prometheus
from teams import views as people

page = require_http_methods(["GET", "POST"])

# Only the parts of allauth that are in use: nobody signs up or manages addresses by themselves.
account_urls = [
    path("login/", page(account.login), name="account_login"),
    path("logout/", require_POST(account.logout), name="account_logout"),
    path("inactive/", require_GET(account.account_inactive), name="account_inactive"),
    path("password/change/", page(account.password_change), name="account_change_password"),
    path("password/set/", page(account.password_set), name="account_set_password"),
    path("password/reset/", page(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/",
        require_GET(account.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        page(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        require_GET(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", prometheus.metrics, name="metrics"),
    path("organisation/jobs/", include("okrkpi.urls_jobs")),
    path("", people.home, name="home"),
    path("", include("teams.urls")),
    path("", include("teams.urls_messages")),
    path("", include("metrics.urls")),
    path("", include("objectives.urls")),
    path("", include("reviews.urls")),
    path("accounts/", include(account_urls)),
    path("admin/", admin.site.urls),
]
