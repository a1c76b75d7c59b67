"""Reading about OKRs and KPIs: the lesson of the day, all lessons, and the glossary."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from objectives.glossary import CHOOSE_KPI, CHOOSE_OKR, COMPARISON, TERMS
from objectives.pages.lesson_page import lessons_context, todays_lesson
from teams.http import AuthedRequest, wants_fragment


def today_of(request: AuthedRequest):
    """The day where the person's organisation is; of nobody's, by the clock of the server."""
    now = timezone.now()
    organisation = request.user.organisation
    return organisation.today(now) if organisation else now.date()


@require_GET
def glossary(request: AuthedRequest) -> HttpResponse:
    """OKR and KPI side by side, when which, and every word of the app."""
    context = {
        "comparison": COMPARISON,
        "choose_okr": CHOOSE_OKR,
        "choose_kpi": CHOOSE_KPI,
        "terms": TERMS,
    }
    return render(request, "objectives/glossary.html", context)


@require_GET
def lessons(request: AuthedRequest) -> HttpResponse:
    """All lessons, today's first."""
    context = lessons_context(request.user, today_of(request))
    return render(request, "objectives/lessons.html", context)


@require_GET
def lesson_today(request: AuthedRequest) -> HttpResponse:
    """The lesson of the day for a slot of My week; nothing where it is muted."""
    if not wants_fragment(request):
        return redirect("objectives:lessons")
    user = request.user
    lesson = None
    if user.has_lessons and user.organisation_id is not None:
        lesson = todays_lesson(user, today_of(request))
    return render(request, "objectives/_lesson.html", {"lesson": lesson})


@require_POST
def lesson_mute(request: AuthedRequest) -> HttpResponse:
    """Show no more lessons, or again (`on`); the profile has the same choice."""
    request.user.has_lessons = request.POST.get("on") == "1"
    request.user.save(update_fields=["has_lessons"])
    if wants_fragment(request):
        return render(request, "objectives/_lesson.html", {"lesson": None, "is_muted": True})
    return redirect("objectives:lessons")
