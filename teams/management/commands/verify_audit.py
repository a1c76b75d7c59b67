"""`manage.py verify_audit`: compute the audit record's chain anew; exit code 1 where it breaks.

Note the position and hash it prints somewhere else, and give them back with `--noted`: so a chain
that somebody made anew as a whole is found out, too.
"""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from teams.audit.chain import Head, verify


def noted_head(text: str) -> Head:
    """`1234:ab12…` as the command prints it."""
    position, _, hashed = text.partition(":")
    if not position.isdecimal() or len(hashed) != 64:
        raise argparse.ArgumentTypeError("Give it as POSITION:HASH, as this command prints it.")
    return Head(int(position), hashed)


class Command(BaseCommand):
    help = "Verify the audit record."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--noted", type=noted_head, metavar="POSITION:HASH")

    def handle(self, *args, noted: Head | None = None, **options) -> None:
        found = verify(timezone.now(), noted=noted)
        if found.problem:
            raise CommandError(found.problem)
        self.stdout.write(
            f"The audit record holds: {found.head.position:,} changes. "
            f"Note {found.head.position}:{found.head.hash}"
        )
