"""What sign-in may do here."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """People are invited by an admin; nobody signs up by themselves."""

    def is_open_for_signup(self, request) -> bool:
        return False
