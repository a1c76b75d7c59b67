"""The audit record, read by administrators: searched on a page, taken along as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from teams.audit.chain import head
from teams.audit.searching import ABOUT, OF_TEAM, below, find, matching, with_words
from teams.audit.words import line_of
from teams.csv_cells import guarded
from teams.forms_audit import AuditForm
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.models import AuditEvent, Team

PAGE = "teams/audit.html"
CHUNK = 1000
# So many changes stand on the page of a person or a team.
ON_PAGES = 20
COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "verb",
    "kind",
    "object_id",
    "label",
    "team_id",
    "team__name",
    "before",
    "after",
    "reason",
    "request_id",
    "seal__position",
    "seal__hash",
)


@require_GET
def audit_list(request: AuthedRequest) -> HttpResponse:
    """Every change the administrator may read of, newest first; the filters are the address."""
    require_admin(request.user)
    form = AuditForm(request.GET, reader=request.user)
    return _page(request, form)


def _page(request: AuthedRequest, form: AuditForm) -> HttpResponse:
    asked = form.asked()
    found = find(request.user, asked, before=form.cleaned_data.get("before"))
    zone = request.user.organisation.zone
    context = {
        "form": form,
        "lines": [line_of(event, zone) for event in found.events],
        "found": found,
        "next": form.query(before=found.before) if found.before else "",
        "query": form.query(),
        "is_filtered": bool(form.query()),
        "is_later_page": bool(form.cleaned_data.get("before")),
        "head": head(),
        "zone": request.user.organisation.time_zone,
    }
    return render(request, PAGE, context, status=422 if form.errors else 200)


@require_GET
def audit_export(request: AuthedRequest) -> HttpResponse | StreamingHttpResponse:
    """The same events as CSV, written as they are read: as many as there are, in little memory."""
    require_admin(request.user)
    form = AuditForm(request.GET, reader=request.user)
    asked = form.asked()
    if form.errors:
        return _page(request, form)
    rows = with_words(matching(request.user, asked), asked.words)
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="changes.csv"'
    return answer


class _Line:
    """What a csv.writer writes to: gives the text back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def _csv(rows) -> Iterator[str]:
    """The mark that tells Excel it is UTF-8, the names of the columns, then a chunk at a time."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([name.replace("__", "_") for name in COLUMNS])
    before = None
    while chunk := list(below(rows, before).values_list(*COLUMNS)[:CHUNK]):
        yield "".join(
            writer.writerow([guarded(value) for value in (pk, at.isoformat(), *others)])
            for pk, at, *others in chunk
        )
        before = chunk[-1][0]


def history_of_person(request: AuthedRequest, pk: int) -> dict:
    """The last changes of a person and their roles, for their page; one query."""
    return _history(request, "person", pk, kind__in=ABOUT["person"], object_id=str(pk))


def history_of_team(request: AuthedRequest, pk: int) -> dict:
    """The last changes of a team, its roles and invitations, for its page; one query."""
    return _history(request, "team", pk, kind__in=OF_TEAM, team_id=pk)


def history_of_members(request: AuthedRequest, pk: int) -> dict:
    """The same for its leads, without the links that only administrators may follow; one query."""
    told = history_of_team(request, pk)
    lines = [line._replace(place="", who_id=None) for line in told["history"]]
    return {"history": lines}


def history_of_organisation(request: AuthedRequest) -> dict:
    """The last changes of the organisation's settings, for their page; one query."""
    pk = request.user.organisation_id
    return _history(request, "organisation", pk, kind="organisation", object_id=str(pk))


def history_of_chat(request: AuthedRequest, team: Team | None) -> dict:
    """The last changes of a team's chat, or of the organisation's (None); one query.

    Links that only administrators may follow are left to the organisation's page.
    """
    told = _history(request, "chat", None, kind="chat", team=team)
    if team is None:
        return told
    return {"history": [line._replace(place="", who_id=None) for line in told["history"]]}


def _history(request: AuthedRequest, about: str, pk: int | None, **where) -> dict:
    rows = AuditEvent.objects.visible_to(request.user).filter(**where)
    last = rows.select_related("team").order_by("-pk")[:ON_PAGES]
    zone = request.user.organisation.zone
    return {
        "history": [line_of(event, zone) for event in last],
        "more": f"/organisation/audit/?kind={about}" + (f"&object={pk}" if pk else ""),
    }
