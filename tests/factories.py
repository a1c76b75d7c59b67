"""Plain factories with fixed defaults; each makes what its object needs, any field by name."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from metrics.models import Cadence, Exclusion, Kpi, KpiState, Measurement, Signal, Source, Target
from teams.models import Membership, Organisation, Team, User

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
PASSWORD = "lighthouse-ferry-9"
_number = count(1)


def make_organisation(**over) -> Organisation:
    fields = {"name": "Halden", "time_zone": "Europe/Oslo", "created_at": NOW}
    return Organisation.objects.create(**fields | over)


def make_user(name: str = "Alice Moreau", *, organisation=None, **over) -> User:
    email = over.pop("email", f"{name.split()[0].lower()}{next(_number)}@halden.example")
    password = over.pop("password", PASSWORD)
    return User.objects.create_user(email, password, name=name, organisation=organisation, **over)


def make_team(*, organisation=None, **over) -> Team:
    fields = {
        "organisation": organisation or make_organisation(),
        "name": f"Team {next(_number)}",
        "created_at": NOW,
    }
    return Team.objects.create(**fields | over)


def join(team: Team, user: User, role: str = "member") -> User:
    Membership.objects.create(team=team, user=user, role=role)
    return user


def make_cadence(kind: str = "monthly", *, organisation, **over) -> Cadence:
    presets = {"daily": 7, "weekly": 4, "monthly": 3, "quarterly": 2, "yearly": 1}
    fields = {
        "organisation": organisation,
        "name": kind.capitalize() + f" {next(_number)}",
        "kind": kind,
        "patience": presets[kind],
        "recovery": 1 if kind in ("quarterly", "yearly") else 2,
    }
    return Cadence.objects.create(**fields | over)


def make_source(*, team, **over) -> Source:
    fields = {"team": team, "kind": Source.Kind.MANUAL, "name": f"By hand {next(_number)}"}
    return Source.objects.create(**fields | over)


def make_kpi(*, team=None, cadence="monthly", target=None, **over) -> Kpi:
    """A complete KPI with its state row; `target` is a value in force from the start."""
    team = team or make_team()
    if isinstance(cadence, str):
        cadence = make_cadence(cadence, organisation=team.organisation)
    fields = {
        "team": team,
        "name": f"Churn rate {next(_number)}",
        "definition": "Accounts lost in the month ÷ accounts at its start.",
        "unit": "%",
        "direction": "lower_is_better",
        "cadence": cadence,
        "starts_on": date(2026, 1, 1),
        "created_at": NOW,
    }
    if "source" not in over:
        fields["source"] = make_source(team=team)
    kpi = Kpi.objects.create(**fields | over)
    KpiState.objects.create(kpi=kpi)
    if target is not None:
        make_target(kpi, value=Decimal(str(target)))
    return kpi


def make_target(kpi: Kpi, **over) -> Target:
    fields = {"kpi": kpi, "effective_on": kpi.starts_on, "created_at": NOW}
    return Target.objects.create(**fields | over)


def make_value(kpi: Kpi, day: date, value, **over) -> Measurement:
    """A period value of the KPI's cadence for the period that starts on `day`."""
    fields = {
        "kpi": kpi,
        "day": day,
        "identity": kpi.cadence.kind,
        "value": None if value is None else Decimal(str(value)),
        "source": kpi.source,
        "recorded_at": NOW,
    }
    return Measurement.objects.create(**fields | over)


def make_exclusion(kpi: Kpi, period_on: date, **over) -> Exclusion:
    fields = {
        "kpi": kpi,
        "cadence_kind": kpi.cadence.kind,
        "period_on": period_on,
        "reason": "Billing outage",
        "created_at": NOW,
    }
    return Exclusion.objects.create(**fields | over)


def make_signal(kpi: Kpi, **over) -> Signal:
    fields = {
        "kpi": kpi,
        "kind": "off_target",
        "cadence_kind": kpi.cadence.kind,
        "first_off_on": date(2026, 5, 1),
        "raised_on": date(2026, 7, 1),
        "opened_at": NOW,
        "told": True,
    }
    return Signal.objects.create(**fields | over)
