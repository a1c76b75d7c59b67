"""How objectives hang together, and aligning one from either side."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from objectives.actions import Changed
from objectives.actions.alignment import align_objective, parent_of
from objectives.actions.parents import ParentRefused
from objectives.draft_offers import parent_key
from objectives.forms_alignment import AlignForm, ChildForm
from objectives.kinds import CycleKind
from objectives.models import Cycle, Objective
from objectives.pages.alignment_page import alignment_context, possible_children
from objectives.pages.draft_offers import draft_offers
from objectives.pages.surroundings import parent_view
from objectives.states import ENDED, CycleState, MoveRefused
from objectives.views_drafts import get_led, whole_objectives
from teams.guards import get_visible_or_404
from teams.http import AuthedRequest
from teams.models import Organisation


@require_GET
def alignment(request: AuthedRequest) -> HttpResponse:
    """The tree of a cycle's objectives; without a choice that of the running stretch."""
    organisation = request.user.organisation
    if organisation is None:
        raise Http404
    today = organisation.today(timezone.now())
    cycles = Cycle.objects.of(organisation)
    wanted = request.GET.get("cycle", "")
    if wanted:
        pk = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
        cycle = get_object_or_404(cycles, pk=pk)
    else:
        cycle = running_cycle(organisation) or cycles.first()
    context = {"cycles": cycles.exclude(state=CycleState.CLOSED), "cycle": cycle}
    if cycle is not None:
        context |= alignment_context(cycle, request.user, today, request.GET.get("page", "1"))
    return render(request, "objectives/alignment.html", context)


def running_cycle(organisation: Organisation) -> Cycle | None:
    """The active stretch of the organisation's scheme."""
    scheme = CycleKind(organisation.cycle_scheme)
    mine = Cycle.objects.of(organisation).filter(kind=scheme, state=CycleState.ACTIVE)
    return mine.last()


def get_alignable(request: AuthedRequest, pk: int) -> Objective:
    """The objective for a person who leads its team; 404 once it has ended."""
    objective = get_led(request, pk)
    if objective.state in ENDED:
        raise Http404
    return objective


@require_http_methods(["GET", "POST"])
def objective_align(request: AuthedRequest, pk: int) -> HttpResponse:
    """Choose what an objective contributes to."""
    objective = get_alignable(request, pk)
    if request.method == "GET":
        return align_page(request, objective)
    form = align_form(request, objective, request.POST)
    if not form.is_valid():
        return align_page(request, objective, form, 422)
    data = form.cleaned_data
    fields = {"actor": request.user, "now": timezone.now(), "version": data["version"]}
    try:
        align_objective(objective, data["parent"], **fields)
    except ParentRefused as problem:
        form.add_error("parent", str(problem))
        return align_page(request, objective, form, 422)
    except (Changed, MoveRefused):
        fresh = get_alignable(request, pk)
        kept = request.POST.copy()
        kept["version"] = str(fresh.version)
        return align_page(request, fresh, align_form(request, fresh, kept), 409)
    messages.success(request, "Alignment saved.")
    return redirect(objective)


def align_form(request: AuthedRequest, objective: Objective, data=None) -> AlignForm:
    """The form with every parent the person may choose for this objective."""
    today = objective.team.organisation.today(timezone.now())
    offers = draft_offers(objective.team, request.user, today, objective)
    initial = {"parent": parent_key(parent_of(objective)), "version": objective.version}
    return AlignForm(data, offers=offers, initial=initial)


def align_page(
    request: AuthedRequest, objective: Objective, form: AlignForm | None = None, status: int = 200
) -> HttpResponse:
    """The page with the form; a 409 shows what stands now beside what was chosen."""
    context = {
        "objective": objective,
        "team": objective.team,
        "form": form or align_form(request, objective),
        "parent": parent_view(objective, request.user),
        "conflict": status == 409,
    }
    return render(request, "objectives/objective_align.html", context, status=status)


@require_http_methods(["GET", "POST"])
def objective_children(request: AuthedRequest, pk: int) -> HttpResponse:
    """Align an objective one leads to this one, from the parent's side."""
    parent = get_visible_or_404(whole_objectives(), request.user, pk)
    if parent.state in ENDED:
        raise Http404
    children = possible_children(parent, request.user)
    form = ChildForm(request.POST or None, children=children, parent=parent)
    context = {"objective": parent, "team": parent.team, "form": form, "any": children.exists()}
    template = "objectives/objective_children.html"
    if request.method == "GET":
        return render(request, template, context)
    if form.is_valid():
        child, above = form.cleaned_data["child"], form.cleaned_data["via"] or parent
        fields = {"actor": request.user, "now": timezone.now(), "version": child.version}
        try:
            align_objective(child, above, **fields)
        except (ParentRefused, Changed, MoveRefused) as problem:
            form.add_error("child", str(problem))
        else:
            messages.success(request, f"“{child.title}” contributes to it now.")
            return redirect(parent)
    return render(request, template, context, status=422)
