"""What the page of the jobs shows: loaded rows in, printed rows out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from metrics.models import ImportBatch, KpiState
from metrics.stuck import (
    park_imports,
    park_kpis,
    retry_imports,
    retry_kpis,
    shown_kpis,
    stuck_imports,
    stuck_kpis,
)
from metrics.wording import DASH, day_near, plural
from okrkpi.job_list import Job, counts_words, scheduled_jobs
from okrkpi.late import length
from teams.models import Heartbeat, JobFailure, JobRun, Organisation, OutboxMessage, Team, User
from teams.stuck import park_messages, retry_messages, stuck_messages

SHOWN = 50


class JobRow(NamedTuple):
    """A line of the table. `can_run`: somebody can ask for it; others run every few seconds."""

    name: str
    label: str
    every: str
    last: str
    tone: str
    icon: str
    result: str
    took: str
    next: str
    can_run: bool
    can_dry_run: bool


class Item(NamedTuple):
    """Something that could not be done: whose it is, what was said, and what may be asked."""

    pk: int
    title: str
    sub: str
    state: str
    text: str
    is_parked: bool


class Kind(NamedTuple):
    """A kind of items: how to find, show, retry and park them. `name` stands in addresses."""

    name: str
    title: str
    noun: str
    stuck: Callable[[Organisation], QuerySet]
    shown: Callable[[QuerySet, User], QuerySet]
    retry: Callable[[QuerySet, datetime], int]
    park: Callable[[QuerySet, datetime], int]
    item: Callable[..., Item]


def moment(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """A moment by the organisation's clock: `09:00 today`, `17 Aug 09:00`; `–` for None."""
    if at is None:
        return DASH
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M} today"
    if local.date() == today + timedelta(days=1):
        return f"{local:%H:%M} tomorrow"
    return f"{day_near(local.date(), today)} {local:%H:%M}"


def took(ms: int) -> str:
    """How long a run took: `0.1 s`, `1.2 s`, `41 s`; what is shorter than a tenth is `< 0.1 s`."""
    if ms < 100:
        return "< 0.1 s"
    return f"{ms / 1000:.1f} s" if ms < 10_000 else f"{ms // 1000:,} s"


def job_rows(zone: ZoneInfo, now: datetime, *, with_text: bool) -> list[JobRow]:
    """Every scheduled job with its last run; `with_text`: failures may be told in full."""
    runs = {run.name: run for run in JobRun.objects.all()}
    claimed = dict(Heartbeat.objects.values_list("name", "at"))
    texts: dict[str, str] = {}
    if with_text:
        for failure in JobFailure.objects.all():
            texts.setdefault(failure.job, failure.text)
    return [
        _row(job, runs.get(job.name), claimed.get(job.name), texts.get(job.name, ""), zone, now)
        for job in scheduled_jobs()
    ]


def _row(
    job: Job, run: JobRun | None, claimed: datetime | None, text: str, zone: ZoneInfo, now: datetime
) -> JobRow:
    tone, icon, result = _result(run, text, zone, now)
    return JobRow(
        job.name,
        job.label,
        f"every {length(job.every)}" if job.every.total_seconds() % 3600 else _rhythm(job.every),
        moment(run.ended_at if run else None, zone, now),
        tone,
        icon,
        result,
        took(run.worked_ms if run.worked_at else run.took_ms) if run else DASH,
        _next(job, claimed, zone, now),
        job.is_slot,
        job.would is not None,
    )


def _rhythm(every: timedelta) -> str:
    return {timedelta(hours=1): "every hour", timedelta(days=1): "every day"}.get(
        every, f"every {length(every)}"
    )


def _result(run: JobRun | None, text: str, zone: ZoneInfo, now: datetime) -> tuple[str, str, str]:
    """Tone, icon and words of what the last run did."""
    if run is None:
        return "idle", "circle-dashed", "Has not run yet"
    if run.failing_since is not None:
        since = f"Has not finished since {moment(run.failing_since, zone, now)}"
        return "near", "s-half", f"{since}: {text}" if text else since
    if run.worked_at is None:
        return "on", "s-check", "Nothing to do so far"
    did = counts_words(run.counts)
    if run.worked_at == run.ended_at:
        return "on", "s-check", did
    return "on", "s-check", f"Nothing to do. {moment(run.worked_at, zone, now)}: {did}"


def _next(job: Job, claimed: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    if not job.is_slot:
        return f"in {length(job.every)}"
    if claimed is None or claimed + job.every <= now:
        return "now"
    return moment(claimed + job.every, zone, now)


def queue_facts(organisation: Organisation, ages: dict, now: datetime) -> list[dict]:
    """The headline figures: what waits in the instance, for how long, and what is parked."""
    messages = OutboxMessage.objects.filter(sent_at=None).aggregate(
        waiting=Count("pk", filter=Q(parked_at=None)),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
    )
    kpis = KpiState.objects.aggregate(
        waiting=Count("pk", filter=Q(due_at__lte=now)),
        parked=Count("pk", filter=Q(due_at=None) & ~Q(last_error="")),
    )
    uploads = ImportBatch.objects.filter(due_at__lte=now).count()
    beat = ages["beat"]
    return [
        _fact("Messages", messages["waiting"], ages["message"], messages["parked"]),
        _fact("KPIs due", kpis["waiting"], ages["evaluation"], kpis["parked"]),
        _fact("Uploads", uploads, ages["import"], 0),
        {
            "term": "Last sign of the jobs",
            "value": DASH if beat is None else length(beat),
            "below": "none yet" if beat is None else "ago",
        },
    ]


def _fact(term: str, waiting: int, age: timedelta, parked: int) -> dict:
    below = f"the oldest for {length(age)}" if age else "none is late"
    return {
        "term": term,
        "value": f"{waiting:,}",
        "below": f"{below}, {parked:,} parked" if parked else below,
    }


def failures(zone: ZoneInfo, now: datetime, *, with_text: bool) -> list[dict]:
    """The last failures of the jobs, newest first."""
    labels = {job.name: job.label for job in scheduled_jobs()}
    return [
        {
            "label": labels.get(one.job, one.job),
            "last": moment(one.last_at, zone, now),
            "times": f"{one.times:,} times" if one.times > 1 else "",
            "text": one.text if with_text else "",
        }
        for one in JobFailure.objects.all()[:SHOWN]
    ]


def shares_instance(user: User) -> bool:
    """Whether another organisation's rows may be told of in the text of a failure."""
    return not user.is_superuser and Organisation.objects.exclude(pk=user.organisation_id).exists()


def item_sections(user: User, now: datetime) -> list[dict]:
    """The items of the organisation that could not be done; what is private only as a count."""
    sections = []
    for kind in KINDS.values():
        rows = kind.stuck(user.organisation)
        total = rows.count()
        if not total:
            continue
        shown = list(kind.shown(rows, user)[:SHOWN])
        items = [kind.item(row, user.organisation.zone, now) for row in shown]
        hidden = total - len(items)
        more = f"and {plural(hidden, kind.noun)} not shown here" if hidden else ""
        sections.append({"kind": kind, "items": items, "total": total, "more": more})
    return sections


def _state(parked: bool, tries: int, due: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    tried = f"tried {tries} times" if tries != 1 else "tried once"
    if parked:
        return f"Parked, {tried}"
    when = "now" if due is None or due <= now else moment(due, zone, now)
    return f"{tried.capitalize()}, next {when}"


def _message(row: OutboxMessage, zone: ZoneInfo, now: datetime) -> Item:
    """A message to somebody else: whom it is for, never what it says."""
    parked = row.parked_at is not None
    topic, at = row.topic.replace("_", " "), moment(row.created_at, zone, now)
    sub = f"{row.get_channel_display()}, {topic}, {at}"
    state = _state(parked, row.attempts, row.due_at, zone, now)
    whom = row.invitation.email if row.invitation else str(row.recipient or row.hook)
    return Item(row.pk, whom, sub, state, row.last_error, parked)


def _kpi(row: KpiState, zone: ZoneInfo, now: datetime) -> Item:
    parked = row.due_at is None
    state = _state(parked, row.attempts, row.due_at, zone, now)
    return Item(row.pk, row.kpi.name, row.kpi.team.name, state, row.last_error, parked)


def _upload(row: ImportBatch, zone: ZoneInfo, now: datetime) -> Item:
    parked = row.due_at is None
    state = _state(parked, row.report.get("attempts", 0), row.due_at, zone, now)
    sub = f"{row.team}, {row.actor or DASH}"
    return Item(row.pk, row.file_name, sub, state, "Earlier tries were cut off.", parked)


def _seen_messages(rows: QuerySet, user: User) -> QuerySet:
    mine = Q(hook=None) | Q(hook__team=None)
    mine |= Q(hook__team__in=Team.objects.visible_to(user).order_by().values("pk"))
    return rows.filter(mine).select_related("recipient", "invitation", "hook")


def _team_uploads(rows: QuerySet, user: User) -> QuerySet:
    teams = Team.objects.visible_to(user).order_by().values("pk")
    return rows.filter(team__in=teams).select_related("team", "actor")


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "messages",
            "Messages not delivered",
            "message",
            stuck_messages,
            _seen_messages,
            retry_messages,
            park_messages,
            _message,
        ),
        Kind(
            "kpis",
            "KPIs not evaluated",
            "KPI",
            stuck_kpis,
            shown_kpis,
            retry_kpis,
            park_kpis,
            _kpi,
        ),
        Kind(
            "imports",
            "Uploads cut off",
            "upload",
            stuck_imports,
            _team_uploads,
            retry_imports,
            park_imports,
            _upload,
        ),
    )
}
