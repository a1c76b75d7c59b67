"""Brings the database and the static files up to date: `python -m okrkpi.prepare [--demo]`.

Safe to run at every start, and to be killed at any moment: the next run does what is missing.
"""

import importlib
import io
import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.utils import timezone

from okrkpi.launch.fingerprint import STAMP, fingerprint

PEOPLE = "demo-people.txt"


def main(arguments: list[str]) -> None:
    """Migrate, make the cache's table, collect static files that changed, load the demo once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrkpi.settings")
    django.setup()
    code = fingerprint()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not os.environ.get("OKRKPI_STATIC_ROOT"):
        collect_static(code)
    if "--demo" in arguments:
        load_demo()
    heartbeats().update_or_create(name="prepared", defaults={"at": timezone.now(), "note": code})


def heartbeats():
    """The rows in which processes leave a sign of what they did."""
    return apps.get_model("teams", "Heartbeat").objects


def collect_static(code: str) -> None:
    """Copy and compress the static files, when the code changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    if stamp.exists() and stamp.read_text() == code:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(code)


def load_demo() -> None:
    """Load the demo organisation into an empty database, and keep who can sign in to it.

    A load that was cut off leaves the row "seeding"; nobody had signed in before it was over, so
    the next start empties the database and loads again.
    """
    if "seed_demo" not in get_commands():
        return
    if heartbeats().filter(name="seeding").exists():
        call_command("flush", verbosity=0, interactive=False)
    if apps.get_model("teams", "Organisation").objects.exists():
        return
    sys.stdout.write("Loading the demo organisation …\n")
    sys.stdout.flush()
    heartbeats().create(name="seeding", at=timezone.now())
    call_command("seed_demo", stdout=io.StringIO())
    command = f"{get_commands()['seed_demo']}.management.commands.seed_demo"
    people = importlib.import_module(command).who_can_sign_in()
    (settings.DATA_DIR / PEOPLE).write_text("\n".join(people) + "\n")
    heartbeats().filter(name="seeding").delete()


if __name__ == "__main__":
    main(sys.argv[1:])
