"""Work on a key result: initiatives, blockers, steps to tick, and thanks for a check-in."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives.actions import Changed, work
from objectives.actions.milestones import tick_milestone
from objectives.forms_work import BlockerForm, InitiativeForm
from objectives.models import Blocker, CheckIn, Initiative, KeyResult, Milestone
from objectives.pages import work_page
from objectives.states import MoveRefused, ObjectiveState
from objectives.views import get_key_result
from objectives.views_key_results import key_result_shown
from teams.guards import get_visible_or_404
from teams.http import AuthedRequest, wants_fragment

_CHANGED = "Somebody changed it meanwhile. This is how it stands now."


def get_worked_on(request: AuthedRequest, pk: int) -> KeyResult:
    """The key result for a member of its team; 404 once its objective has ended."""
    key_result = get_key_result(request, pk)
    if key_result.objective.state != ObjectiveState.ACTIVE:
        raise Http404
    return key_result


def get_part(request: AuthedRequest, rows: QuerySet, pk: int):
    """An initiative, blocker or step with its key result loaded, for a member of the team."""
    part = get_object_or_404(rows, pk=pk)
    part.key_result = get_worked_on(request, part.key_result_id)
    return part


def sent_version(request: AuthedRequest) -> int:
    """The version the button was printed with; 0, which none has, when it is no number."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def shown(request: AuthedRequest, key_result: KeyResult, context: dict, part: str, status: int):
    """One list as a fragment, or the page of the key result with the list as it is."""
    if wants_fragment(request):
        return render(request, f"objectives/_{part}.html", context, status=status)
    return key_result_shown(request, key_result, context, status=status)


# -- initiatives ---------------------------------------------------------------------------------


def initiatives_shown(
    request: AuthedRequest, key_result: KeyResult, *, status: int = 200, **open_form
) -> HttpResponse:
    """The list of initiatives, with a form open in it or without."""
    now = timezone.now()
    context = work_page.initiatives_context(key_result, now, may_write=True, **open_form)
    return shown(request, key_result, context, "initiatives", status)


def initiatives_saved(request: AuthedRequest, key_result: KeyResult, **more) -> HttpResponse:
    """The list after a change; without htmx back to the page."""
    if wants_fragment(request):
        return initiatives_shown(request, key_result, **more)
    return redirect(f"{key_result.get_absolute_url()}#initiatives-{key_result.pk}")


@require_GET
def initiative_list(request: AuthedRequest, pk: int) -> HttpResponse:
    """The list without a form, as Cancel shows it again; without htmx the page."""
    return initiatives_saved(request, get_worked_on(request, pk))


@require_http_methods(["GET", "POST"])
def initiative_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """A new initiative at the end of the list; the form stays open for the next one."""
    key_result = get_worked_on(request, pk)
    form = InitiativeForm(request.POST or None, key_result=key_result)
    if request.method == "GET":
        return initiatives_shown(request, key_result, form=form)
    if not form.is_valid():
        return initiatives_shown(request, key_result, form=form, status=422)
    said = form.cleaned_data
    work.add_initiative(
        key_result,
        title=said["title"],
        owner=said["owner"],
        due_on=said["due_on"],
        token=said["token"],
        actor=request.user,
        now=timezone.now(),
    )
    return initiatives_saved(request, key_result, form=InitiativeForm(key_result=key_result))


@require_http_methods(["GET", "POST"])
def initiative_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change an initiative in its place in the list."""
    initiative = get_part(request, Initiative.objects.filter(deleted_at=None), pk)
    key_result = initiative.key_result
    form = InitiativeForm(request.POST or None, key_result=key_result, row=initiative)
    opened = {"form": form, "editing": pk}
    if request.method == "GET":
        return initiatives_shown(request, key_result, **opened)
    if not form.is_valid():
        return initiatives_shown(request, key_result, **opened, status=422)
    said = form.cleaned_data
    try:
        work.edit_initiative(
            initiative,
            title=said["title"],
            owner=said["owner"],
            due_on=said["due_on"],
            actor=request.user,
            now=timezone.now(),
            version=said["version"] or 0,
        )
    except Changed as problem:
        theirs = problem.current
        opened["form"] = InitiativeForm(
            with_version(request, theirs.version), key_result=key_result, row=initiative
        )
        notice = f"Changed meanwhile to “{theirs.title}”. Yours is kept: save again to replace it."
        return initiatives_shown(request, key_result, **opened, notice=notice, status=409)
    return initiatives_saved(request, key_result)


def with_version(request: AuthedRequest, version: int):
    """What was typed, ready to be sent again on top of what stands now."""
    kept = request.POST.copy()
    kept["version"] = str(version)
    return kept


def initiative_moved(request: AuthedRequest, pk: int, action, **how) -> HttpResponse:
    """Do one thing to an initiative by its button; 409 with the list when it changed meanwhile."""
    initiative = get_part(request, Initiative.objects.all(), pk)
    key_result = initiative.key_result
    version = sent_version(request)
    try:
        action(initiative, actor=request.user, now=timezone.now(), version=version, **how)
    except Changed:
        return initiatives_shown(request, key_result, notice=_CHANGED, status=409)
    except MoveRefused as problem:
        return initiatives_shown(request, key_result, notice=str(problem), status=409)
    return initiatives_saved(request, key_result)


@require_POST
def initiative_done(request: AuthedRequest, pk: int) -> HttpResponse:
    """Tick an initiative, or untick it."""
    is_done = request.POST.get("done") == "1"
    return initiative_moved(request, pk, work.finish_initiative, is_done=is_done)


@require_POST
def initiative_delete(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take an initiative off the list; its undo stands below it for 30 days."""
    return initiative_moved(request, pk, work.delete_initiative)


@require_POST
def initiative_restore(request: AuthedRequest, pk: int) -> HttpResponse:
    """Bring a deleted initiative back."""
    return initiative_moved(request, pk, work.restore_initiative)


# -- blockers ------------------------------------------------------------------------------------


def blockers_shown(
    request: AuthedRequest, key_result: KeyResult, *, status: int = 200, **open_form
) -> HttpResponse:
    """The list of blockers, with a form open in it or without."""
    now = timezone.now()
    context = work_page.blockers_context(key_result, now, may_write=True, **open_form)
    return shown(request, key_result, context, "blockers", status)


def blockers_saved(request: AuthedRequest, key_result: KeyResult) -> HttpResponse:
    """The list after a change; without htmx back to the page."""
    if wants_fragment(request):
        return blockers_shown(request, key_result)
    return redirect(f"{key_result.get_absolute_url()}#blockers-{key_result.pk}")


@require_GET
def blocker_list(request: AuthedRequest, pk: int) -> HttpResponse:
    """The list without a form, as Cancel shows it again; without htmx the page."""
    return blockers_saved(request, get_worked_on(request, pk))


@require_http_methods(["GET", "POST"])
def blocker_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """Say what stands in the way, who can remove it and by when."""
    key_result = get_worked_on(request, pk)
    form = BlockerForm(request.POST or None, key_result=key_result)
    if request.method == "GET":
        return blockers_shown(request, key_result, form=form)
    if not form.is_valid():
        return blockers_shown(request, key_result, form=form, status=422)
    said = form.cleaned_data
    work.add_blocker(
        key_result,
        what=said["what"],
        remover=said["remover"],
        by_on=said["by_on"],
        token=said["token"],
        actor=request.user,
        now=timezone.now(),
    )
    return blockers_saved(request, key_result)


@require_http_methods(["GET", "POST"])
def blocker_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change a blocker in its place in the list."""
    blocker = get_part(request, Blocker.objects.filter(deleted_at=None), pk)
    key_result = blocker.key_result
    form = BlockerForm(request.POST or None, key_result=key_result, row=blocker)
    opened = {"form": form, "editing": pk}
    if request.method == "GET":
        return blockers_shown(request, key_result, **opened)
    if not form.is_valid():
        return blockers_shown(request, key_result, **opened, status=422)
    said = form.cleaned_data
    try:
        work.edit_blocker(
            blocker,
            what=said["what"],
            remover=said["remover"],
            by_on=said["by_on"],
            actor=request.user,
            now=timezone.now(),
            version=said["version"] or 0,
        )
    except Changed as problem:
        theirs = problem.current
        opened["form"] = BlockerForm(
            with_version(request, theirs.version), key_result=key_result, row=blocker
        )
        notice = f"Changed meanwhile to “{theirs.what}”. Yours is kept: save again to replace it."
        return blockers_shown(request, key_result, **opened, notice=notice, status=409)
    return blockers_saved(request, key_result)


def blocker_moved(request: AuthedRequest, pk: int, action, **how) -> HttpResponse:
    """Do one thing to a blocker by its button; 409 with the list when it changed meanwhile."""
    blocker = get_part(request, Blocker.objects.all(), pk)
    key_result = blocker.key_result
    version = sent_version(request)
    try:
        action(blocker, actor=request.user, now=timezone.now(), version=version, **how)
    except Changed:
        return blockers_shown(request, key_result, notice=_CHANGED, status=409)
    except MoveRefused as problem:
        return blockers_shown(request, key_result, notice=str(problem), status=409)
    return blockers_saved(request, key_result)


@require_POST
def blocker_done(request: AuthedRequest, pk: int) -> HttpResponse:
    """Say that a blocker is out of the way, or in the way again."""
    is_resolved = request.POST.get("done") == "1"
    return blocker_moved(request, pk, work.resolve_blocker, is_resolved=is_resolved)


@require_POST
def blocker_delete(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take a blocker off the list; its undo stands below it for 30 days."""
    return blocker_moved(request, pk, work.delete_blocker)


@require_POST
def blocker_restore(request: AuthedRequest, pk: int) -> HttpResponse:
    """Bring a deleted blocker back."""
    return blocker_moved(request, pk, work.restore_blocker)


# -- steps and thanks ----------------------------------------------------------------------------


@require_POST
def milestone_tick(request: AuthedRequest, pk: int) -> HttpResponse:
    """Tick a step, or untick it; back to the page with the new progress."""
    step = get_part(request, Milestone.objects.all(), pk)
    version = sent_version(request)
    is_done = request.POST.get("done") == "1"
    try:
        tick_milestone(
            step, is_done=is_done, actor=request.user, now=timezone.now(), version=version
        )
    except Changed:
        messages.warning(request, _CHANGED)
    except MoveRefused as problem:
        messages.warning(request, str(problem))
    return redirect(f"{step.key_result.get_absolute_url()}#steps")


@require_POST
def check_in_thank(request: AuthedRequest, pk: int) -> HttpResponse:
    """Say thanks for a check-in, once a person; everybody who sees it may."""
    rows = CheckIn.objects.select_related("key_result")
    check_in = get_visible_or_404(rows, request.user, pk)
    try:
        work.thank(check_in, person=request.user, now=timezone.now())
    except MoveRefused as problem:
        messages.warning(request, str(problem))
    return redirect(f"{check_in.key_result.get_absolute_url()}#check-ins")
