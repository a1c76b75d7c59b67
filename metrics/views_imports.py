"""Uploading a CSV: the file, what its columns mean, the dry run, the import."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.csv_mapping import Mapping
from metrics.csv_problems import FileRefused
from metrics.csv_proposing import Proposal, Unanswered, settle
from metrics.forms_imports import ColumnsForm, CommitForm, UploadForm
from metrics.import_jobs import SMALL_ROWS, queue_check, queue_commit
from metrics.import_pages import batch_facts, problem_rows, recent_imports, unseen_words
from metrics.import_reports import DryRun
from metrics.importing import (
    NotImported,
    cancel_batch,
    check_batch,
    commit_batch,
    kpis_of,
    proposal,
    stage_upload,
)
from metrics.models import ImportBatch, Kpi
from teams.guards import get_visible_or_404, require_member
from teams.http import AuthedRequest, wants_fragment
from teams.models import Team

State = ImportBatch.State


@require_http_methods(["GET", "POST"])
def import_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """Upload a file for a team, for one KPI or several; its latest imports stand below."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_member(request.user, team)
    kpis = list(Kpi.objects.of_team(team.pk))
    initial = {"kpi": request.GET.get("kpi")}
    form = UploadForm(request.POST or None, request.FILES or None, kpis=kpis, initial=initial)
    context = {"team": team, "form": form, "kpis": kpis, "recent": recent_imports(team)}
    if request.method == "GET":
        return render(request, "metrics/import_form.html", context)
    if form.is_valid() and (batch := _staged(request, team, form)):
        return _checked_or_asked(batch)
    return render(request, "metrics/import_form.html", context, status=422)


@require_GET
def import_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """The dry run to decide about, the progress while a job works, or what was imported."""
    batch = _batch_or_404(request, pk)
    if batch.state == State.STAGED and not batch.due_at and "mapping" not in batch.mapping:
        return redirect("metrics:import_columns", pk)
    fragment = wants_fragment(request)
    name = "metrics/_import_detail.html" if fragment else "metrics/import_detail.html"
    return render(request, name, _context(batch))


@require_http_methods(["GET", "POST"])
def import_columns(request: AuthedRequest, pk: int) -> HttpResponse:
    """Say what the columns mean and answer what the file leaves open; then the dry run is made."""
    batch = _batch_or_404(request, pk)
    if batch.state != State.STAGED or batch.due_at:
        return redirect("metrics:import_detail", pk)
    found = proposal(batch)
    form = ColumnsForm(
        request.POST or None,
        proposal=_as_chosen(found, batch),
        kpis=kpis_of(batch),
        fiscal_month=batch.team.organisation.fiscal_start_month,
    )
    if request.method == "POST" and form.is_valid():
        return _checked(batch, form.mapping)
    context = {"batch": batch, "team": batch.team, "form": form, "facts": batch_facts(batch)}
    status = 422 if request.method == "POST" else 200
    return render(request, "metrics/import_columns.html", context, status=status)


@require_POST
def import_commit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Import what the dry run showed, here or by a job; sent twice it imports once."""
    batch = _batch_or_404(request, pk)
    if batch.state != State.STAGED or batch.due_at or not batch.report:
        return redirect("metrics:import_detail", pk)
    dry_run = DryRun.from_json(batch.report)
    form = CommitForm(request.POST, changed=dry_run.changed)
    if not form.is_valid():
        context = _context(batch) | {"form": form}
        return render(request, "metrics/import_detail.html", context, status=422)
    batch.reason = form.cleaned_data["reason"]
    batch.save(update_fields=["reason"])
    now = timezone.now()
    if dry_run.readings > SMALL_ROWS:
        queue_commit(batch, now)
        return redirect("metrics:import_detail", pk)
    try:
        commit_batch(batch, now=now)
    except NotImported as error:
        messages.warning(request, str(error))
    return redirect("metrics:import_detail", pk)


@require_POST
def import_cancel(request: AuthedRequest, pk: int) -> HttpResponse:
    """Let the file go without importing it."""
    batch = _batch_or_404(request, pk)
    cancel_batch(batch, now=timezone.now())
    return redirect("metrics:import_create", batch.team_id)


def _batch_or_404(request: AuthedRequest, pk: int) -> ImportBatch:
    """A batch of a visible team, for those who write its values."""
    visible = Team.objects.visible_to(request.user)
    batches = ImportBatch.objects.select_related("team__organisation", "actor")
    batch = get_object_or_404(batches.filter(team__in=visible), pk=pk)
    require_member(request.user, batch.team_id)
    return batch


def _staged(request: AuthedRequest, team: Team, form: UploadForm) -> ImportBatch | None:
    """The kept upload; None after saying at the field why it was refused."""
    file = form.cleaned_data["file"]
    try:
        return stage_upload(
            team,
            file.file,
            file.name,
            kpi=form.cleaned_data["kpi"],
            actor=request.user,
            now=timezone.now(),
        )
    except FileRefused as refused:
        form.add_error("file", f"{refused.problem.reason} {refused.problem.remedy}")
        return None


def _checked_or_asked(batch: ImportBatch) -> HttpResponse:
    """Straight to the dry run where the file leaves nothing open, else to its columns."""
    found = proposal(batch)
    if found.stamp is None or not found.picks:
        return redirect("metrics:import_columns", batch.pk)
    try:
        return _checked(batch, settle(found, {}))
    except Unanswered:
        return redirect("metrics:import_columns", batch.pk)


def _checked(batch: ImportBatch, mapping: Mapping) -> HttpResponse:
    """Make the dry run, here or by a job."""
    batch.mapping = {**batch.mapping, "mapping": mapping.to_json()}
    batch.save(update_fields=["mapping"])
    now = timezone.now()
    if batch.rows_total > SMALL_ROWS:
        queue_check(batch, now)
    else:
        check_batch(batch, now=now)
    return redirect("metrics:import_detail", batch.pk)


def _as_chosen(found: Proposal, batch: ImportBatch) -> Proposal:
    """The proposal with the columns a person chose before, if they come back to change them."""
    if "mapping" not in batch.mapping:
        return found
    chosen = Mapping.from_json(batch.mapping["mapping"])
    return replace(found, stamp=chosen.stamp, picks=chosen.picks)


def _context(batch: ImportBatch) -> dict:
    dry_run = DryRun.from_json(batch.report)
    return {
        "batch": batch,
        "team": batch.team,
        "facts": batch_facts(batch),
        "dry_run": dry_run,
        "problems": problem_rows(dry_run),
        "unseen_words": unseen_words(dry_run),
        "form": CommitForm(changed=dry_run.changed),
        "is_working": batch.due_at is not None,
    }
