"""Secrets the app must be able to read again: sealed with the instance's key, which is not in the
database nor in a copy of it. Old keys (`OKRKPI_OLD_SECRET_KEYS`) still open what they sealed."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from django.conf import settings


class CannotOpen(Exception):
    """It was sealed with a key that this instance does not have."""


def _keys():
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [hashlib.sha256(b"teams.sealing:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(one)) for one in made])


def seal(text: str) -> str:
    """The text, readable and changeable only with the instance's key."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises CannotOpen."""
    from cryptography.fernet import InvalidToken

    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotOpen from None
