"""What the shell of every page shows."""

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict:
    """Navigation counts and the quarter ruler for signed-in people; nothing for others."""
    return {}
