"""The way into an empty instance: an organisation, its first team and administrator."""

import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from metrics.presets import create_preset_cadences
from objectives.actions import ensure_cycles
from teams.actions import create_organisation
from teams.models import Organisation


@transaction.atomic
def create(options: dict, password: str) -> Organisation:
    """The organisation with its people, cadences and cycles."""
    now = timezone.now()
    organisation = create_organisation(
        name=options["name"],
        time_zone=options["time_zone"],
        fiscal_start_month=options["fiscal_start_month"],
        admin_name=options["admin_name"],
        admin_email=options["admin_email"],
        password=password,
        now=now,
    )
    create_preset_cadences(organisation)
    ensure_cycles(organisation, now)
    return organisation


class Command(BaseCommand):
    help = (
        "Create an organisation with its first team and administrator. The password is read from "
        "OKRKPI_ADMIN_PASSWORD."
    )

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--admin-name", required=True)
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--fiscal-start-month", type=int, default=1)

    def handle(self, *args, **options):
        password = os.environ.get("OKRKPI_ADMIN_PASSWORD", "")
        try:
            validate_password(password)
            organisation = create(options, password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"{options['admin_email']} already has an account.") from error
        self.stdout.write(f"Created {organisation}. Sign in as {options['admin_email']}.")
