"""Every route of the app."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.usersessions import views as sessions
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives import views_first_steps
from okrkpi import health, prometheus
from teams import views_sign_on

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
account_urls += [
    path("reauthenticate/", page(account.reauthenticate), name="account_reauthenticate"),
    path("sessions/", page(sessions.list_usersessions), name="usersessions_list"),
    # the second step: an authenticator app, recovery codes, passkeys
    path("2fa/", require_GET(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", page(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", page(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/app/", page(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/app/remove/", page(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", require_GET(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", page(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path(
        "2fa/codes/download/",
        require_GET(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    # Its own list is part of the page above.
    path("2fa/passkeys/", require_GET(mfa.index), name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", page(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "2fa/passkeys/reauthenticate/",
        page(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "2fa/passkeys/<int:pk>/remove/", page(passkeys.remove_webauthn), name="mfa_remove_webauthn"
    ),
    path("2fa/passkeys/<int:pk>/edit/", page(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("passkey/", page(passkeys.login_webauthn), name="mfa_login_webauthn"),
    # single sign-on with one OpenID Connect server
    path("oidc/<str:provider_id>/login/", views_sign_on.sign_on, name="openid_connect_login"),
    path(
        "oidc/<str:provider_id>/login/callback/",
        views_sign_on.sign_on_answer,
        name="openid_connect_callback",
    ),
    path("sso/", page(social.connections), name="socialaccount_connections"),
    path(
        "sso/cancelled/",
        require_GET(social.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", prometheus.metrics, name="metrics"),
    path("organisation/jobs/", include("okrkpi.urls_jobs")),
    path("", views_first_steps.home, name="home"),
    path("", include("teams.urls")),
    path("", include("teams.urls_messages")),
    path("", include("metrics.urls")),
    path("", include("objectives.urls")),
    path("", include("reviews.urls")),
    path("accounts/", include(account_urls)),
    path("admin/", admin.site.urls),
]
