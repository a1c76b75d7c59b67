"""People, teams, and the messages that leave the app."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from teams.models_audit import AuditEvent as AuditEvent
from teams.models_audit import AuditSeal as AuditSeal
from teams.models_jobs import JobFailure as JobFailure
from teams.models_jobs import JobRun as JobRun
from teams.models_messages import MessageSettings as MessageSettings
from teams.models_outbox import InboxAbout as InboxAbout
from teams.models_outbox import InboxItem as InboxItem
from teams.models_outbox import OutboxMessage as OutboxMessage
from teams.models_outgoing import CalendarFeed as CalendarFeed
from teams.models_outgoing import ChatHook as ChatHook
from teams.querysets import InvitationQuerySet, TeamQuerySet, UserQuerySet


def validate_zone(name: str) -> None:
    """Refuse a time zone the IANA database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not an IANA time zone, for example Europe/Berlin.")


class Organisation(models.Model):
    """One row is a firm: its calendar decides where days and quarters begin.

    `check_in_weekday` (1 Monday to 7 Sunday) is the day weekly updates are due. `cycle_scheme` is
    what a year is divided into; `closing_days` is how long after a cycle late updates count.
    `demo_loaded_at` is when the demo was put in, None without it; `first_steps_closed_at` when the
    guided path was done or put aside; `pilot_since` since when only some teams write objectives;
    `settings_confirmed_at` when an administrator last saved these settings, changed or as they are.
    """

    class CycleScheme(models.TextChoices):
        QUARTER = "quarter", "quarters"
        FOUR_MONTH = "four_month", "stretches of four months"

    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    fiscal_start_month = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    check_in_weekday = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    cycle_scheme = models.CharField(max_length=10, choices=CycleScheme, default=CycleScheme.QUARTER)
    closing_days = models.PositiveSmallIntegerField(default=14, validators=[MaxValueValidator(60)])
    has_individual_goals = models.BooleanField(default=False)
    admins_need_second_factor = models.BooleanField(default=False)
    demo_loaded_at = models.DateTimeField(null=True, blank=True)
    first_steps_closed_at = models.DateTimeField(null=True, blank=True)
    pilot_since = models.DateTimeField(null=True, blank=True)
    settings_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fiscal_start_month__range=(1, 12)), name="organisation_fiscal_month"
            ),
            models.CheckConstraint(
                condition=Q(check_in_weekday__range=(1, 7)), name="organisation_weekday"
            ),
            models.CheckConstraint(
                condition=Q(cycle_scheme__in=["quarter", "four_month"]),
                name="organisation_scheme_known",
            ),
            models.CheckConstraint(
                condition=Q(closing_days__lte=60), name="organisation_closing_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which periods begin and end."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        """The local date at the instant `now`."""
        return now.astimezone(self.zone).date()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Makes people; the e-mail address is the name they sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """Create a person; no password means they cannot sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        """Create a person who may use Django's admin site."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """One row is a person; `left_at` is when they left, None while they are here."""

    class Theme(models.TextChoices):
        SYSTEM = "", "as the system"
        LIGHT = "light", "light"
        DARK = "dark", "dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    is_org_admin = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True)
    has_lessons = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(is_active=False, is_org_admin=False),
                name="user_left_has_no_way_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """One or two letters for the round mark beside a name."""
        words = (self.name or self.email).split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def short_name(self) -> str:
        """The first word of the name, as the ledgers print it."""
        return (self.name or self.email).split()[0]


class Team(models.Model):
    """One row is a team; a parent makes it a sub-team.

    Archived, it is out of every list and read only: its members became viewers. `merged_into` is
    the team that took over what it did.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True, max_length=1000)
    is_private = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    people = models.ManyToManyField(User, through="Membership", related_name="teams")

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=models.F("pk")), name="team_not_own_parent"),
            models.CheckConstraint(
                condition=Q(merged_into=None)
                | Q(archived_at__isnull=False) & ~Q(merged_into=models.F("pk")),
                name="team_merged_is_archived",
            ),
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                name="team_name_once",
                violation_error_message="Another team already has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/teams/{self.pk}/"


class Membership(models.Model):
    """One row is a person's role in a team."""

    class Role(models.TextChoices):
        LEAD = "lead", "lead"
        MEMBER = "member", "member"
        VIEWER = "viewer", "viewer"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["lead", "member", "viewer"]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.role}"


class Invitation(models.Model):
    """One row asks somebody, by their address, to join a team or the organisation.

    Its secret is made from `nonce` and the instance's key, and only its SHA-256 is kept: who reads
    the database cannot use it. It opens once, until `expires_at`; sent again it has a new one.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField()
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(
        max_length=6, choices=Membership.Role, default=Membership.Role.MEMBER, blank=True
    )
    nonce = models.UUIDField(unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    def state_at(self, now: datetime) -> str:
        """What it is worth at the instant `now`: open, accepted, revoked or expired."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class Heartbeat(models.Model):
    """One row is the last sign of life of one kind of process: "beat", "evaluate", "deliver"."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
