"""The page on which an administrator sees what the jobs do, and asks something of them.

Jobs belong to the instance, so figures count everything; texts of items are those of the person's
own organisation, as far as they may see them.
"""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from metrics.wording import plural
from okrkpi.job_list import Job, scheduled_jobs
from okrkpi.job_page import (
    KINDS,
    Kind,
    failures,
    item_sections,
    job_rows,
    queue_facts,
    shares_instance,
)
from okrkpi.late import length, work_ages
from teams.guards import require_admin
from teams.heartbeats import open_slot
from teams.http import AuthedRequest


@require_GET
def job_list(request: AuthedRequest) -> HttpResponse:
    """Every job, what waits, and what could not be done."""
    require_admin(request.user)
    return _shown(request)


@require_POST
def job_run(request: AuthedRequest, name: str) -> HttpResponse:
    """Have an hourly or daily job run now: a worker takes it within seconds."""
    require_admin(request.user)
    job = _job_or_404(name)
    if not job.is_slot:
        raise Http404
    open_slot(job.name, every=job.every, at=timezone.now())
    messages.success(request, f"{job.label}: asked for. A worker takes it within seconds.")
    return redirect("job_list")


@require_POST
def job_dry_run(request: AuthedRequest, name: str) -> HttpResponse:
    """Say what a job would do now; whatever it writes to find out is taken back."""
    require_admin(request.user)
    job = _job_or_404(name)
    if job.would is None:
        raise Http404
    lines = job.would(request.user.organisation, timezone.now())
    return _shown(request, dry_run={"label": job.label, "lines": lines})


@require_POST
def job_item_retry(request: AuthedRequest, kind: str, pk: int) -> HttpResponse:
    """Try one item again now."""
    require_admin(request.user)
    known = _kind_or_404(kind)
    known.retry(_item_or_404(known, request, pk), timezone.now())
    messages.success(request, f"The {known.noun} is tried again.")
    return redirect("job_list")


@require_POST
def job_item_park(request: AuthedRequest, kind: str, pk: int) -> HttpResponse:
    """Set one item aside until somebody asks for it again."""
    require_admin(request.user)
    known = _kind_or_404(kind)
    known.park(_item_or_404(known, request, pk), timezone.now())
    messages.success(request, f"The {known.noun} is parked.")
    return redirect("job_list")


@require_POST
def job_items_retry(request: AuthedRequest, kind: str) -> HttpResponse:
    """Try all items of a kind again, those in private teams with them."""
    require_admin(request.user)
    known = _kind_or_404(kind)
    count = known.retry(known.stuck(request.user.organisation), timezone.now())
    verb = "is" if count == 1 else "are"
    messages.success(request, f"{plural(count, known.noun)} {verb} tried again.")
    return redirect("job_list")


def _job_or_404(name: str) -> Job:
    found = next((job for job in scheduled_jobs() if job.name == name), None)
    if found is None:
        raise Http404
    return found


def _kind_or_404(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _item_or_404(kind: Kind, request: AuthedRequest, pk: int) -> QuerySet:
    """The item the page may show, as the rows of one."""
    rows = kind.shown(kind.stuck(request.user.organisation), request.user).filter(pk=pk)
    if not rows.exists():
        raise Http404
    return rows


def _shown(request: AuthedRequest, dry_run: dict | None = None) -> HttpResponse:
    now, user = timezone.now(), request.user
    zone, with_text = user.organisation.zone, not shares_instance(user)
    ages = work_ages(now)
    seen = ages["beat"]
    return render(
        request,
        "teams/jobs.html",
        {
            "seen": "not seen yet" if seen is None else f"seen {length(seen)} ago",
            "facts": queue_facts(user.organisation, ages, now),
            "jobs": job_rows(zone, now, with_text=with_text),
            "sections": item_sections(user, now),
            "failures": failures(zone, now, with_text=with_text),
            "with_text": with_text,
            "dry_run": dry_run,
        },
    )
