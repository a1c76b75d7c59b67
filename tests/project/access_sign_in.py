"""The lines of the access table about signing in, the second step and single sign-on."""

from tests.project.access_cells import ABSENT, NOBODY, NONE_YET, PUBLIC, SIGNED_IN, Route

SIGNING_IN: dict[str, Route] = {
    # signing in
    "account_login": Route("/accounts/login/", {"GET": PUBLIC, "POST": PUBLIC}, private=False),
    "account_logout": Route("/accounts/logout/", {"POST": PUBLIC}, private=False),
    "account_inactive": Route("/accounts/inactive/", {"GET": PUBLIC}, private=False),
    "account_change_password": Route(
        "/accounts/password/change/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "account_set_password": Route(
        "/accounts/password/set/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "account_reset_password": Route(
        "/accounts/password/reset/", {"GET": PUBLIC, "POST": PUBLIC}, private=False
    ),
    "account_reset_password_done": Route(
        "/accounts/password/reset/done/", {"GET": PUBLIC}, private=False
    ),
    "account_reset_password_from_key": Route(
        "/accounts/password/reset/key/0-none/", {"GET": PUBLIC, "POST": PUBLIC}, private=False
    ),
    "account_reset_password_from_key_done": Route(
        "/accounts/password/reset/key/done/", {"GET": PUBLIC}, private=False
    ),
    "account_reauthenticate": Route(
        "/accounts/reauthenticate/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "usersessions_list": Route(
        "/accounts/sessions/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "teams:session_end": Route("/profile/sessions/0/end/", {"POST": NOBODY}, private=False),
    # the second step and passkeys: one's own, and the password once more before any change
    "mfa_index": Route("/accounts/2fa/", {"GET": SIGNED_IN}, private=False),
    "mfa_list_webauthn": Route("/accounts/2fa/passkeys/", {"GET": SIGNED_IN}, private=False),
    "mfa_authenticate": Route(
        "/accounts/2fa/authenticate/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_reauthenticate": Route(
        "/accounts/2fa/reauthenticate/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_activate_totp": Route(
        "/accounts/2fa/app/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_deactivate_totp": Route(
        "/accounts/2fa/app/remove/", {"GET": NONE_YET, "POST": NONE_YET}, private=False
    ),
    "mfa_view_recovery_codes": Route("/accounts/2fa/codes/", {"GET": NONE_YET}, private=False),
    "mfa_generate_recovery_codes": Route(
        "/accounts/2fa/codes/new/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_download_recovery_codes": Route(
        "/accounts/2fa/codes/download/", {"GET": NONE_YET}, private=False
    ),
    "mfa_add_webauthn": Route(
        "/accounts/2fa/passkeys/add/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_reauthenticate_webauthn": Route(
        "/accounts/2fa/passkeys/reauthenticate/",
        {"GET": SIGNED_IN, "POST": SIGNED_IN},
        private=False,
    ),
    "mfa_remove_webauthn": Route(
        "/accounts/2fa/passkeys/0/remove/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_edit_webauthn": Route(
        "/accounts/2fa/passkeys/0/edit/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "mfa_login_webauthn": Route(
        "/accounts/passkey/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    # single sign-on, which the tests' instance does not have
    "openid_connect_login": Route(
        "/accounts/oidc/sso/login/", {"GET": ABSENT, "POST": ABSENT}, private=False
    ),
    "openid_connect_callback": Route(
        "/accounts/oidc/sso/login/callback/", {"GET": ABSENT}, private=False
    ),
    "socialaccount_connections": Route(
        "/accounts/sso/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "socialaccount_login_cancelled": Route(
        "/accounts/sso/cancelled/", {"GET": PUBLIC}, private=False
    ),
}
