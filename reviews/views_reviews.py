"""Reviews: the list, one review, what changed in it, its minutes, opening and closing it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.wording import plural
from objectives.actions import Changed, NotGraded
from objectives.pilots import outside_words
from objectives.states import MoveRefused
from objectives.views_drafts import get_led_team
from reviews.actions.closing import NotReady, close_review
from reviews.actions.entries import ReviewClosed
from reviews.actions.opening import first_day_of, open_review
from reviews.facts import load_material, review_facts, seen_by
from reviews.forms_reviews import OpenForm
from reviews.frozen import frozen_facts
from reviews.kinds import Decision
from reviews.minutes import minutes
from reviews.models import Review
from reviews.pages.review_list import list_context, owed_context, running_cycle
from reviews.pages.review_page import etag_of, review_context
from teams.guards import get_visible_or_404, require_lead, role_in
from teams.http import AuthedRequest

PAGE = "reviews/review_detail.html"


def whole_reviews() -> QuerySet[Review]:
    """Reviews with what their pages read."""
    return Review.objects.select_related("team__organisation", "cycle", "closed_by", "opened_by")


def get_review(request: AuthedRequest, pk: int) -> tuple[Review, str | None]:
    """The review if the person may see its team, and their role in it; else 404."""
    review = get_visible_or_404(whole_reviews(), request.user, pk)
    return review, role_in(request.user, review.team_id)


@require_GET
def review_list(request: AuthedRequest) -> HttpResponse:
    """Reviews by team and cycle, open ones first, and what a lead could look at now."""
    context = list_context(request.user, timezone.now(), team=request.GET.get("team", ""))
    return render(request, "reviews/review_list.html", context)


@require_GET
def review_owed(request: AuthedRequest) -> HttpResponse:
    """The open reviews of a person's teams, for a slot of another page; 204 without one."""
    context = owed_context(request.user)
    if not context["rows"]:
        return HttpResponse(status=204)
    return render(request, "reviews/_review_owed.html", context)


@require_http_methods(["GET", "POST"])
def review_open(request: AuthedRequest, pk: int) -> HttpResponse:
    """Open a monthly or mid-cycle look at the running cycle; opened twice it is one."""
    team = get_led_team(request, pk)
    now = timezone.now()
    today = team.organisation.today(now)
    cycle = running_cycle(team, today)
    form = OpenForm(request.POST or None)
    if request.method == "GET" or cycle is None or not form.is_valid():
        context = {"team": team, "cycle": cycle, "form": form}
        status = 200 if request.method == "GET" else 422
        return render(request, "reviews/review_open.html", context, status=status)
    kind = form.cleaned_data["kind"]
    day = first_day_of(kind, cycle, today)
    review, _ = open_review(team, cycle, kind, for_on=day, actor=request.user, now=now)
    return redirect(review)


@require_GET
def review_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """The review on one page: KPIs, grades, decisions, learnings."""
    review, role = get_review(request, pk)
    return render(request, PAGE, review_context(review, role, timezone.now()))


@require_GET
def review_changes(request: AuthedRequest, pk: int) -> HttpResponse:
    """What people fill in as it stands now, when it is not what `If-None-Match` names.

    Unchanged it is 304; 204 for htmx, which would swap an empty 304 in.
    """
    review, role = get_review(request, pk)
    etag = etag_of(review, role)
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=204 if request.htmx else 304)
    elif not review.is_open:
        response = render(request, "reviews/_review_closed.html", {"review": review})
    else:
        context = review_context(review, role, timezone.now(), with_kpis=False)
        response = render(request, "reviews/review_changes.html", context)
    response.headers["ETag"] = etag
    return response


@require_GET
def review_minutes(request: AuthedRequest, pk: int) -> HttpResponse:
    """The minutes as Markdown, of what this person may see."""
    review, role = get_review(request, pk)
    now = timezone.now()
    if review.is_open:
        facts = review_facts(load_material(review, now), now)
    else:
        facts = frozen_facts(review)
    text = minutes(seen_by(facts, is_member=role is not None))
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="minutes-{review.pk}.md"'
    return response


@require_POST
def review_close(request: AuthedRequest, pk: int) -> HttpResponse:
    """Close the review; 422 with what is missing, and nothing closed."""
    review, role = get_review(request, pk)
    require_lead(request.user, review.team)
    if not review.is_open:
        return _closed_before(request, review)
    now = timezone.now()
    try:
        close_review(review, actor=request.user, now=now)
    except (NotReady, NotGraded):
        context = review_context(review, role, now) | {"refused": True}
        return render(request, PAGE, context, status=422)
    except ReviewClosed:
        return _closed_before(request, review)
    except (Changed, MoveRefused):
        messages.warning(request, "An objective was changed meanwhile. Look at it and close again.")
        return redirect(review)
    messages.success(request, f"Closed. The minutes are ready. {_drafted_words(review)}".strip())
    return redirect(review)


def _drafted_words(review: Review) -> str:
    """What became of the objectives that go on; empty where none does, as after a monthly look."""
    going_on = review.decisions.filter(decision__in=[Decision.KEEP, Decision.MODIFY])
    count = going_on.count()
    if not count:
        return ""
    drafted = going_on.exclude(follow_up=None).count()
    if drafted == count:
        return f"Drafted for the next cycle: {plural(drafted, 'objective')}."
    if words := outside_words(review.team):
        return f"Nothing was drafted for the next cycle. {words}"
    return f"Drafted for the next cycle: {drafted} of {plural(count, 'objective')}."


def _closed_before(request: AuthedRequest, review: Review) -> HttpResponse:
    messages.info(request, "This review is closed already. This is how it ended.")
    return redirect(review)
