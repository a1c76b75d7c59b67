"""Setting the terms of cadences from a day on, and ending those of a team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from metrics import policies
from metrics.due import mark_due
from metrics.models import Cadence, Kpi, Policy
from metrics.policies import Entry, Terms
from teams.actions import audit
from teams.models import AuditEvent, Organisation, Team, User


class PoliciesChanged(Exception):
    """Somebody else set terms since the page was opened; nothing was written."""


class BeganAlready(ValueError):
    """Terms would hold from a day that is over: the periods that began then keep theirs."""


def fingerprint(rows: Iterable[Cadence | Kpi]) -> str:
    """What tells that the terms of cadences, or of a KPI, have changed since somebody saw them."""
    text = "\n".join(f"{one.pk} {one.policies}" for one in sorted(rows, key=lambda c: c.pk))
    return sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def set_policies(
    organisation: Organisation,
    wanted: Mapping[int, Terms],
    *,
    team: Team | None,
    effective_on: date,
    reason: str,
    seen: str,
    actor: User,
    now: datetime,
) -> list[Policy]:
    """Let terms hold from a day on, by cadence id; for one team, or for everybody without one.

    Periods that began before keep theirs. Only what differs is written, so that the same twice is
    one effect; nothing written returns nothing. `seen` is the `fingerprint` of the page. Raises
    PoliciesChanged, or BeganAlready for a day before today.
    """
    cadences = _locked(organisation)
    rows = [
        Policy(cadence=one, team=team, **_columns(wanted[one.pk]))
        for one in cadences
        if one.pk in wanted and wanted[one.pk] != one.terms_on(effective_on, _id(team))
    ]
    _write(rows, cadences, effective_on, reason, seen=seen, actor=actor, now=now)
    return rows


@transaction.atomic
def end_policies(
    team: Team, *, effective_on: date, reason: str, seen: str, actor: User, now: datetime
) -> list[Policy]:
    """Let a team follow the organisation's terms again from a day on. Raises as `set_policies`."""
    cadences = _locked(team.organisation)
    rows = [
        Policy(cadence=one, team=team, is_ended=True)
        for one in cadences
        if has_own_terms(one, team, effective_on)
    ]
    _write(rows, cadences, effective_on, reason, seen=seen, actor=actor, now=now)
    return rows


def has_own_terms(cadence: Cadence, team: Team, day: date) -> bool:
    """Does the team have terms of its own for this cadence on a day?"""
    own = [
        one
        for one in policies.read(cadence.policies)
        if one.team_id == team.pk and one.effective <= day
    ]
    return bool(own) and own[-1].terms is not None


def _id(team: Team | None) -> int | None:
    return None if team is None else team.pk


def _locked(organisation: Organisation) -> list[Cadence]:
    """The organisation's cadences, locked, so that two administrators take turns."""
    rows = Cadence.objects.filter(organisation=organisation).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def _write(
    rows: list[Policy],
    cadences: list[Cadence],
    effective_on: date,
    reason: str,
    *,
    seen: str,
    actor: User,
    now: datetime,
) -> None:
    if not rows:
        return
    if seen != fingerprint(cadences):
        raise PoliciesChanged
    if effective_on < cadences[0].organisation.today(now):
        raise BeganAlready
    for row in rows:
        row.effective_on, row.reason, row.author, row.created_at = effective_on, reason, actor, now
    Policy.objects.bulk_create(rows)
    audit.record_many(_event(row, actor) for row in rows)
    for row in rows:
        _compile(row.cadence)
    kpis = Kpi.objects.filter(cadence__in=[row.cadence for row in rows])
    if rows[0].team_id is not None:
        kpis = kpis.filter(team_id=rows[0].team_id)
    mark_due(kpis.values_list("pk", flat=True), now, dirty_from=effective_on, author=actor)


def _event(row: Policy, actor: User) -> AuditEvent:
    """What a row changes: the terms that held on its day, as its cadence still tells, and its own.

    A team's terms stand under its own name, so that only who may see the team reads of them.
    """
    stood = row.cadence.terms_on(row.effective_on, row.team_id)._asdict()
    own = {} if row.is_ended else terms_of(row)._asdict()
    before, after = audit.differences(stood, own)
    return audit.event(
        "terms_ended" if row.is_ended else "terms_set",
        "policy",
        row.cadence,
        by=actor,
        team=row.team,
        before=stood if row.is_ended else before,
        after=after | {"effective_on": row.effective_on},
        reason=row.reason,
    )


def _compile(cadence: Cadence) -> None:
    """Keep with the cadence what its rows come to: of one day and scope the last."""
    found: dict[tuple[date, int | None], Entry] = {}
    for row in Policy.objects.filter(cadence=cadence).order_by("effective_on", "pk"):
        terms = None if row.is_ended else terms_of(row)
        found[row.effective_on, row.team_id] = Entry(row.effective_on, row.team_id, terms)
    cadence.policies = policies.write(found.values())
    cadence.save(update_fields=["policies"])


def _columns(terms: Terms) -> dict:
    return terms._asdict() | {"days_off": [day.isoformat() for day in terms.days_off]}


def terms_of(row: Policy) -> Terms:
    """The terms a row states."""
    values = {name: getattr(row, name) for name in Terms._fields}
    values["days_off"] = tuple(date.fromisoformat(day) for day in row.days_off)
    return Terms(**values)
