"""Load the demo organisation: `manage.py seed_demo`."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reviews.demo import create_demo
from reviews.demo_story import PASSWORD, PEOPLE, TEAMS
from teams.models import User


class Command(BaseCommand):
    help = "Load the demo organisation Halden, with two years of history that ends today."

    def handle(self, *args, **options):
        if User.objects.filter(email=PEOPLE[0][2]).exists():
            raise CommandError("The demo organisation is loaded already.")
        create_demo(timezone.now())
        for line in who_can_sign_in():
            self.stdout.write(line)


def who_can_sign_in() -> list[str]:
    """The demo people who are there, with their roles; empty without the demo."""
    there = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    lines = [
        f"{email}  {_roles(key, is_admin)}" for key, _, email, is_admin in PEOPLE if email in there
    ]
    return [f"Demo people, password {PASSWORD}:", *lines] if lines else []


def _roles(person: str, is_admin: bool) -> str:
    roles = [
        f"{role} of {name}" if role != "viewer" else f"viewer in {name}"
        for _, name, _, _, _, members in TEAMS
        for key, role in members
        if key == person
    ]
    return ", ".join((["admin"] if is_admin else []) + roles)
