"""Secrets in addresses: made from the instance's key, looked up by their hash, never stored."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils.crypto import salted_hmac

from teams.models import User


def secret_from(salt: str, seed: str) -> str:
    """The secret of an address, 256 bits: the same seed, the same secret."""
    made = salted_hmac(salt, seed, algorithm="sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invitation_secret(nonce: UUID) -> str:
    """The secret of the invitation with this nonce."""
    return secret_from("teams.invitation", str(nonce))


def invitation_path(nonce: UUID) -> str:
    """The path that opens the invitation with this nonce."""
    return f"/invitations/{invitation_secret(nonce)}/"


def password_path(person: User) -> str:
    """The path at which a person chooses a password: works once, as long as a reset link does."""
    key = default_token_generator.make_token(person)
    kwargs = {"uidb36": user_pk_to_url_str(person), "key": key}
    return reverse("account_reset_password_from_key", kwargs=kwargs)
