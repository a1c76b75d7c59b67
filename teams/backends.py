"""Who a session belongs to."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from teams.models import User


class SignedIn(AuthenticationBackend):
    """allauth's, which reads a person with their organisation: no page does without."""

    def get_user(self, user_id) -> AbstractBaseUser | None:
        """The person while they are active, in one query; None for anybody else."""
        rows = User.objects.select_related("organisation").filter(pk=user_id).order_by()
        user = next(iter(rows), None)
        return user if user is not None and self.user_can_authenticate(user) else None
