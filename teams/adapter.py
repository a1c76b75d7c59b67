"""What sign-in may do here: by password, second step, passkey or single sign-on."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from functools import lru_cache

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.shortcuts import render
from django.utils import timezone

from teams.actions.invitations import InvitationClosed, accept
from teams.models import Invitation, User


class AccountAdapter(DefaultAccountAdapter):
    """People are invited by an admin; nobody signs up by themselves."""

    def is_open_for_signup(self, request) -> bool:
        return False


def needs_second_factor(user: User) -> bool:
    """Whether the person administers an organisation that asks its administrators for one."""
    return user.is_org_admin and bool(
        user.organisation_id and user.organisation.admins_need_second_factor
    )


@lru_cache
def _locks(*keys: str) -> MultiFernet:
    """Locks made from the instance's keys; the first one closes, every one opens."""
    hashed = (hashlib.sha256(b"teams.mfa:" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(urlsafe_b64encode(one)) for one in hashed])


def _lock() -> MultiFernet:
    return _locks(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie encrypted in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code does not fit. Type the six digits the app shows now.",
        "cannot_delete_authenticator": "Administrators here sign in with a second step. "
        "Add another one before you remove this.",
    }

    def encrypt(self, text: str) -> str:
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _lock().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last second step of an administrator stays where one is asked for."""
        steps = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        rows = Authenticator.objects.filter(user=authenticator.user, type__in=steps)
        is_last = not rows.exclude(pk=authenticator.pk).exists()
        return not (is_last and needs_second_factor(authenticator.user))


class SocialAdapter(DefaultSocialAccountAdapter):
    """Single sign-on lets in who is here or invited under an address the server vouches for."""

    def pre_social_login(self, request, sociallogin) -> None:
        if sociallogin.is_existing or request.user.is_authenticated:
            return  # known, or connecting it to themselves
        vouched = [one.email for one in sociallogin.email_addresses if one.verified]
        name = _name_in(sociallogin.account.extra_data)
        people = (_person_of(email, name) for email in vouched)
        person = next(filter(None, people), None)
        if person is None:
            context = {"email": vouched[0] if vouched else ""}
            answer = render(request, "socialaccount/unknown.html", context, status=403)
            raise ImmediateHttpResponse(answer)
        sociallogin.connect(request, person)

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False


def _name_in(said: dict) -> str:
    """The name the server tells, or nothing."""
    told = said.get("userinfo") or said.get("id_token") or said
    return str(told.get("name") or "")[:200]


def _person_of(email: str, name: str) -> User | None:
    """The person with this address; somebody invited comes in by it."""
    person = User.objects.filter(email__iexact=email).first()
    if person is not None:
        return person
    for invitation in Invitation.objects.waiting().filter(email__iexact=email):
        name = name or email.partition("@")[0]
        try:
            return accept(invitation.secret_hash, name=name, password=None, now=timezone.now())
        except InvitationClosed:
            continue
    return None
