"""A person's own goals as evidence for a talk about their work. Nobody exports another's."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from reviews.evidence import Evidence, markdown
from reviews.forms_evidence import EvidenceForm
from reviews.pages.evidence_page import load_evidence, own_cycles
from teams.http import AuthedRequest


def asked(request: AuthedRequest) -> tuple[EvidenceForm, Evidence]:
    """What the address asks for, always of the person who asks; 404 without an organisation."""
    if request.user.organisation is None:
        raise Http404
    form = EvidenceForm(request.GET, cycles=own_cycles(request.user))
    cycles = form.chosen()
    evidence = load_evidence(request.user, cycles, timezone.now(), with_grades=form.with_grades)
    return form, evidence


@require_GET
def evidence(request: AuthedRequest) -> HttpResponse:
    """The page to read, print and choose on."""
    form, found = asked(request)
    chosen = {str(one.pk) for one in form.chosen()}
    context = {
        "form": form,
        "evidence": found,
        "choices": [(str(one.pk), one.name, str(one.pk) in chosen) for one in form.cycles],
        "query": request.GET.urlencode(),
    }
    status = 200 if form.is_valid() else 422
    return render(request, "reviews/evidence.html", context, status=status)


@require_GET
def evidence_markdown(request: AuthedRequest) -> HttpResponse:
    """The same as a Markdown file; 422 with the page when the choice cannot be understood."""
    form, found = asked(request)
    if not form.is_valid():
        return evidence(request)
    answer = HttpResponse(markdown(found), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="my-goals.md"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
