"""Tells of signals whose decision is past its day: the owner first, then the leads, then admins.

Each person hears of each signal and each day once, at their own hour; so it is safe to repeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from metrics.models import Signal
from metrics.wording import day_week, plural
from teams.models import Membership, Organisation, OutboxMessage, User
from teams.outbox import channels, queue_messages
from teams.sight import about
from teams.their_hours import their_moment

TOPIC = "decision"
OWNER_AFTER, LEADS_AFTER, ADMINS_AFTER = 1, 3, 7
# Nobody is told of what was forgotten long before this was there.
FORGOTTEN_AFTER = timedelta(days=60)


def tell_overdue(organisation: Organisation, now: datetime) -> int:
    """Queue a message for everybody who should hear and has not; how many people are told."""
    today = organisation.today(now)
    signals = list(
        Signal.objects.undecided(now)
        .filter(
            kpi__team__organisation=organisation,
            decide_by__lt=today,
            decide_by__gte=today - FORGOTTEN_AFTER,
        )
        .select_related("kpi")
        .order_by("decide_by", "pk")
    )
    if not signals:
        return 0
    wanted = _wanted(signals, organisation, today)
    told = OutboxMessage.objects.filter(event_key__in={_key(signal) for signal in signals})
    heard = set(told.values_list("event_key", "recipient_id"))
    missing = [(one, person) for one, person in wanted if (_key(one), person) not in heard]
    moments = their_moment(organisation, {person for _, person in missing}, now)
    queue_messages(
        _row(signal, person, channel, moments[person], today, now)
        for signal, person in missing
        for channel in channels()
    )
    return len({person for _, person in missing})


def _key(signal: Signal) -> str:
    return f"{signal.pk}:decision:{signal.decide_by.isoformat()}"


def audience(days_past: int, owner: int | None, leads: Collection[int], admins: Collection[int]):
    """Who should have heard of a decision that many days past its day, by id.

    The owner after one day, or the leads where there is none; the leads after three, administrators
    who may see the KPI after seven.
    """
    people: set[int] = set()
    if days_past >= OWNER_AFTER:
        people |= {owner} if owner is not None else set(leads)
    if days_past >= LEADS_AFTER:
        people |= set(leads)
    if days_past >= ADMINS_AFTER:
        people |= set(admins)
    return people


def _wanted(
    signals: Iterable[Signal], organisation: Organisation, today: date
) -> list[tuple[Signal, int]]:
    signals = list(signals)
    members = _members({signal.kpi.team_id for signal in signals})
    people = User.objects.filter(organisation=organisation, is_active=True)
    active = dict(people.values_list("pk", "is_org_admin"))
    open_teams = set(organisation.teams.filter(is_private=False).values_list("pk", flat=True))
    admins = {pk for pk, is_admin in active.items() if is_admin}
    found = []
    for signal in signals:
        kpi, roles = signal.kpi, members[signal.kpi.team_id]
        leads = [person for person, role in roles.items() if role == Membership.Role.LEAD]
        is_open = kpi.team_id in open_teams and not kpi.is_private
        seeing = admins if is_open else admins & roles.keys()
        owner = kpi.owner_id if kpi.owner_id in active else None
        days = (today - signal.decide_by).days
        found += [
            (signal, one) for one in sorted(audience(days, owner, leads, seeing)) if one in active
        ]
    return found


def _members(team_ids: Collection[int]) -> Mapping[int, dict[int, str]]:
    """The roles in these teams, by team and person."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Membership.objects.filter(team__in=team_ids)
    for team, person, role in rows.values_list("team_id", "user_id", "role"):
        found[team][person] = role
    return found


def _row(
    signal: Signal, person: int, channel: str, at: datetime, today: date, now: datetime
) -> OutboxMessage:
    past = plural((today - signal.decide_by).days, "day")
    return OutboxMessage(
        event_key=_key(signal),
        recipient_id=person,
        channel=channel,
        run=f"decision:{at:%Y%m%dT%H%M%S}",
        topic=TOPIC,
        subject=f"{signal.kpi.name} waits for a decision"[:300],
        body=f"It was due {day_week(signal.decide_by)}, {past} ago.",
        link=signal.get_absolute_url(),
        about=about(signal.kpi),
        created_at=now,
        due_at=at,
    )
