"""Public links of scorecards: who may make and revoke them, and the page they open."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reviews.actions.sharing import create_link, revoke_link
from reviews.forms_scorecard import LinkForm
from reviews.models import ScorecardLink
from reviews.pages.scorecard_public import public_context
from teams.http import AuthedRequest
from teams.links import hash_of
from teams.models import Team, User
from teams.querysets import team_access

LIST = "reviews/scorecard_links.html"


def led_teams(user: User) -> QuerySet[Team]:
    """The teams of their organisation that a person leads."""
    return Team.objects.filter(organisation=user.organisation_id).led_by(user)


def manageable(user: User) -> QuerySet[ScorecardLink]:
    """The links a person may see and revoke: of teams they lead; an administrator's, all others.

    Those of a private team stay with its leads.
    """
    mine = Q(team__in=led_teams(user).values("pk"))
    if user.is_org_admin:
        mine |= Q(team=None) | team_access(user, "team")
    rows = ScorecardLink.objects.filter(mine, organisation=user.organisation_id)
    return rows.select_related("team", "cycle", "created_by", "revoked_by")


def may_share(user: User) -> bool:
    """Leads of a team and administrators share scorecards."""
    return user.is_org_admin or led_teams(user).exists()


def require_sharer(user: User) -> None:
    """Raise 403 unless the person leads a team or administers; 404 without an organisation."""
    if user.organisation_id is None:
        raise Http404
    if not may_share(user):
        raise PermissionDenied("Leads of a team and administrators can share a scorecard.")


@require_http_methods(["GET", "POST"])
def scorecard_link_list(request: AuthedRequest) -> HttpResponse:
    """The links with a form for another one, whose address is shown only in the answer to it."""
    require_sharer(request.user)
    form = LinkForm(request.POST or None, user=request.user)
    context = {"form": form, "links": manageable(request.user)}
    if request.method == "GET":
        return render(request, LIST, context)
    if not form.is_valid():
        return render(request, LIST, context, status=422)
    organisation, now = request.user.organisation, timezone.now()
    made, secret = create_link(organisation, **form.cleaned_data, actor=request.user, now=now)
    if made.revoked_at is None:
        context["made"] = made
        context["address"] = request.build_absolute_uri(f"/scorecard/{secret}/")
    context["form"] = LinkForm(user=request.user)
    return render(request, LIST, context)


@require_POST
def scorecard_link_revoke(request: AuthedRequest, pk: int) -> HttpResponse:
    """Close the page a link opens."""
    link = get_object_or_404(manageable(request.user), pk=pk)
    revoke_link(link, actor=request.user, now=timezone.now())
    messages.success(request, f"The link {link.prefix}… is revoked. Its address opens nothing now.")
    return redirect("reviews:scorecard_link_list")


@login_not_required
@require_GET
def scorecard_public(request: HttpRequest, secret: str) -> HttpResponse:
    """The public page; an unknown address and a revoked one are answered alike.

    Only the hash is looked up, so how long it takes tells nothing of how near a guess was.
    """
    live = ScorecardLink.objects.live().select_related("organisation", "team", "cycle")
    link = get_object_or_404(live, secret_hash=hash_of(secret))
    today = link.organisation.today(timezone.now())
    context = public_context(link, today, request.GET.get("page", "1"))
    answer = render(request, "reviews/scorecard_public.html", context)
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store, private"
    return answer
