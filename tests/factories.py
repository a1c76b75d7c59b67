"""Plain factories with fixed defaults; each makes what its object needs, any field by name."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from itertools import count
from uuid import uuid4

from django.utils import timezone

from metrics.importing import stage_upload
from metrics.models import (
    Cadence,
    Exclusion,
    ImportBatch,
    Kpi,
    KpiState,
    Measurement,
    Signal,
    Source,
    Target,
    Treatment,
)
from objectives.actions.check_ins import note_latest
from objectives.kinds import CHANGES, change_kind
from objectives.models import (
    Blocker,
    CheckIn,
    Cycle,
    Dependency,
    Initiative,
    KeyResult,
    Milestone,
    Objective,
)
from reviews.models import (
    Conversation,
    Learning,
    Review,
    ReviewAction,
    SavedView,
    ScorecardLink,
)
from teams.actions import invite
from teams.models import (
    Invitation,
    Membership,
    MessageSettings,
    Organisation,
    OutboxMessage,
    Team,
    User,
)

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
PASSWORD = "lighthouse-ferry-9"
_number = count(1)


def make_organisation(**over) -> Organisation:
    fields = {"name": "Halden", "time_zone": "Europe/Oslo", "created_at": NOW}
    fields["first_steps_closed_at"] = NOW
    return Organisation.objects.create(**fields | over)


def make_user(name: str = "Alice Moreau", *, organisation=None, **over) -> User:
    email = over.pop("email", f"{name.split()[0].lower()}{next(_number)}@halden.example")
    password = over.pop("password", PASSWORD)
    return User.objects.create_user(email, password, name=name, organisation=organisation, **over)


def mail_at_once(user: User) -> User:
    """Somebody whose mail does not wait for their hour."""
    MessageSettings.objects.update_or_create(user=user, defaults={"mail": "at_once"})
    return user


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


def make_cycle(*, organisation, **over) -> Cycle:
    """Q3 2026, in which `NOW` lies."""
    fields = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30), "name": "Q3 2026"}
    found = Cycle.objects.filter(organisation=organisation, starts_on=fields["starts_on"]).first()
    if found is not None and not over:
        return found
    return Cycle.objects.create(organisation=organisation, **{"state": "active"} | fields | over)


def make_objective(*, team=None, **over) -> Objective:
    """An active objective of Q3 2026, paced from its first day."""
    team = team or make_team()
    fields = {
        "team": team,
        "cycle": over.pop("cycle", None) or make_cycle(organisation=team.organisation),
        "title": "Our customers love our onboarding",
        "ambition": "committed",
        "state": "active",
        "created_at": NOW,
        "published_at": NOW,
        "starts_on": date(2026, 7, 1),
    }
    return Objective.objects.create(**fields | over)


def make_key_result(objective: Objective, **over) -> KeyResult:
    """NPS from 38 to 52, typed by hand."""
    fields = {
        "objective": objective,
        "position": objective.key_results.count() + 1,
        "title": "NPS rises from 38 to 52",
        "baseline": Decimal(38),
        "target": Decimal(52),
    }
    if over.get("kind", "increase") not in CHANGES:
        fields |= {"baseline": None, "target": None}
    fields |= over
    fields.setdefault("kind", change_kind(fields["baseline"], fields["target"]))
    return KeyResult.objects.create(**fields)


def make_check_in(key_result: KeyResult, author: User, **over) -> CheckIn:
    """A check-in for Friday 21 August 2026 that stands for its key result."""
    fields = {
        "key_result": key_result,
        "confidence": 6,
        "author": author,
        "made_at": NOW,
        "due_on": date(2026, 8, 21),
        "token": uuid4(),
    }
    made = CheckIn.objects.create(**fields | over)
    note_latest(key_result)
    return made


def make_dependency(objective: Objective, team: Team, asked_by: User, **over) -> Dependency:
    """What the objective needs of another team, not answered yet."""
    fields = {"what": "An import of old accounts", "asked_by": asked_by, "asked_at": NOW}
    return Dependency.objects.create(objective=objective, team=team, **fields | over)


def make_milestone(key_result: KeyResult, **over) -> Milestone:
    fields = {"title": "Contract signed", "position": key_result.milestones.count() + 1}
    return Milestone.objects.create(key_result=key_result, **fields | over)


def make_initiative(key_result: KeyResult, **over) -> Initiative:
    fields = {"title": "Call the ten largest accounts", "created_at": NOW}
    return Initiative.objects.create(key_result=key_result, **fields | over)


def make_blocker(key_result: KeyResult, **over) -> Blocker:
    fields = {"what": "Legal has not answered", "created_at": NOW}
    return Blocker.objects.create(key_result=key_result, **fields | over)


def make_closed_objective(kpi: Kpi, **over) -> Objective:
    """A closed objective that answered an earlier signal, its next target still to be chosen."""
    signal = make_signal(
        kpi,
        is_open=False,
        decision="okr",
        first_off_on=date(2026, 1, 1),
        raised_on=date(2026, 3, 1),
        ended_on=date(2026, 4, 1),
        resolved_at=NOW,
    )
    objective = make_objective(
        team=kpi.team, signal=signal, state="closed", closed_at=NOW, grade=Decimal("0.9"), **over
    )
    Treatment.objects.create(
        signal=signal,
        team=kpi.team,
        title=objective.title,
        url=objective.get_absolute_url(),
        starts_on=objective.starts_on,
        ends_on=objective.cycle.ends_on,
        began_at=NOW,
        ended_at=NOW,
        proposal={"today": {"target": "8"}, "held": False, "proposed": None, "values": ["8.41"]},
    )
    return objective


def make_import(kpi: Kpi, text: str = "month,value\n2026-06,5\n2026-07,6\n", **over) -> ImportBatch:
    """An upload for one KPI, kept on disk, its columns not yet said."""
    fields = {"kpi": kpi, "actor": None, "now": NOW} | over
    return stage_upload(kpi.team, BytesIO(text.encode()), "values.csv", **fields)


def make_review(*, team: Team, cycle: Cycle, **over) -> Review:
    """The open review of a cycle."""
    fields = {"kind": "quarterly", "for_on": cycle.starts_on, "opened_at": NOW}
    return Review.objects.create(team=team, cycle=cycle, **fields | over)


def make_learning(review: Review, author: User, **over) -> Learning:
    fields = {"text": "Calls within 48 hours became a habit", "created_at": NOW}
    return Learning.objects.create(
        review=review, author=author, form_token=uuid4(), **fields | over
    )


def make_review_action(review: Review, created_by: User, **over) -> ReviewAction:
    fields = {"what": "Ask Sales before offers are designed", "created_at": NOW}
    fields |= {"team": review.team, "created_by": created_by, "form_token": uuid4()}
    return ReviewAction.objects.create(review=review, **fields | over)


def make_scorecard_link(
    team: Team, cycle: Cycle, created_by: User, /, **over
) -> tuple[ScorecardLink, str]:
    """A live link to a team's cycle, and the secret of its address."""
    secret = f"secret-{next(_number)}"
    fields = {
        "organisation": team.organisation,
        "team": team,
        "secret_hash": sha256(secret.encode()).hexdigest(),
        "prefix": secret[:6],
        "created_at": NOW,
    }
    made = ScorecardLink.objects.create(cycle=cycle, created_by=created_by, **fields | over)
    return made, secret


def make_invitation(created_by: User, **over) -> Invitation:
    """An open invitation by an administrator, to no team."""
    fields = {"email": f"guest{next(_number)}@halden.example", "team": None, "role": "member"}
    fields |= {"token": uuid4(), "now": timezone.now()}
    return invite(actor=created_by, **fields | over)


def make_conversation(one: User, other: User, **over) -> Conversation:
    """The conversation of two people."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    return Conversation.objects.create(first=first, second=second, **{"created_at": NOW} | over)


def make_saved_view(person: User, **over) -> SavedView:
    """A dashboard a person keeps."""
    fields = {"name": "What is off", "query": "lens=engine", "created_at": NOW}
    return SavedView.objects.create(person=person, **fields | over)


def make_stuck_message(recipient: User, **over) -> OutboxMessage:
    """A message that was tried once and is put off until five minutes past `NOW`."""
    fields = {
        "event_key": f"raised {next(_number)}",
        "channel": "email",
        "run": "run 1",
        "topic": "raised",
        "subject": "Churn rate has been off target for 3 months",
        "created_at": NOW,
        "due_at": NOW + timedelta(minutes=5),
        "attempts": 1,
        "last_error": "ConnectionRefusedError: no mail today",
    }
    return OutboxMessage.objects.create(recipient=recipient, **fields | over)
