"""Conversations of two people: theirs alone, for everybody else they are not there."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from metrics.wording import day_near
from reviews.actions.conversations import add_note, set_next, start_conversation
from reviews.forms_conversations import NextForm, NoteForm, StartForm
from reviews.models import Conversation
from reviews.pages.conversation_page import conversation_context, talk_of
from teams.guards import get_visible_or_404
from teams.http import AuthedRequest, wants_fragment
from teams.models import User

PAGE = "reviews/conversation_detail.html"
NOTES = "reviews/_conversation_notes.html"
NOTES_SHOWN = 100


def get_conversation(request: AuthedRequest, pk: int) -> Conversation:
    """The conversation for one of its two people; 404 for everybody else, administrators too."""
    if request.user.organisation_id is None:
        raise Http404
    rows = Conversation.objects.select_related("first", "second")
    return get_visible_or_404(rows, request.user, pk)


@require_http_methods(["GET", "POST"])
def conversation_list(request: AuthedRequest) -> HttpResponse:
    """The person's own conversations, and a form to start one."""
    if request.user.organisation is None:
        raise Http404
    now = timezone.now()
    form = StartForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = start_conversation(request.user, form.cleaned_data["person"], now)
        return redirect("reviews:conversation_detail", made.pk)
    today = request.user.organisation.today(now)
    rows = Conversation.objects.visible_to(request.user).select_related("first", "second")
    context = {
        "form": form,
        "rows": [
            {
                "url": f"/conversations/{one.pk}/",
                "other": one.second if one.first_id == request.user.pk else one.first,
                "last": day_near(request.user.organisation.today(one.last), today)
                if one.last
                else "",
                "next": day_near(one.next_on, today) if one.next_on else "",
            }
            for one in rows.annotate(last=Max("notes__created_at")).order_by("next_on", "pk")
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "reviews/conversation_list.html", context, status=status)


@require_GET
def conversation_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """What there is to talk about, the two's notes, and the next date."""
    return page(request, get_conversation(request, pk))


def page(
    request: AuthedRequest,
    conversation: Conversation,
    *,
    note: NoteForm | None = None,
    again: NextForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, with forms that were not saved as they were typed."""
    talk = talk_of(conversation, request.user, timezone.now())
    dates = {"next_on": conversation.next_on, "seen": conversation.next_on}
    context = conversation_context(talk) | notes_context(conversation, talk.user, talk.now, note)
    context["next_form"] = again or NextForm(initial=dates, today=talk.today)
    return render(request, PAGE, context, status=status)


def notes_context(
    conversation: Conversation, user: User, now: datetime, note: NoteForm | None
) -> dict:
    """The notes, newest first, with the form for another one."""
    zoned = user.organisation.today
    rows = conversation.notes.select_related("author")[: NOTES_SHOWN + 1]
    notes = [(day_near(zoned(one.created_at), zoned(now)), one) for one in rows]
    return {
        "conversation": conversation,
        "notes": notes[:NOTES_SHOWN],
        "has_older": len(notes) > NOTES_SHOWN,
        "note_form": note or NoteForm(),
    }


@require_POST
def conversation_note(request: AuthedRequest, pk: int) -> HttpResponse:
    """Append a note; 422 with what was typed."""
    conversation = get_conversation(request, pk)
    form = NoteForm(request.POST)
    is_saved = form.is_valid()
    now = timezone.now()
    if is_saved:
        add_note(conversation, **form.cleaned_data, actor=request.user, now=now)
    if wants_fragment(request):
        context = notes_context(conversation, request.user, now, None if is_saved else form)
        return render(request, NOTES, context, status=200 if is_saved else 422)
    if is_saved:
        return redirect("reviews:conversation_detail", pk)
    return page(request, conversation, note=form, status=422)


@require_POST
def conversation_next(request: AuthedRequest, pk: int) -> HttpResponse:
    """Set the next date, or none; 409 with both when the other one set another meanwhile."""
    conversation = get_conversation(request, pk)
    form = NextForm(request.POST, today=request.user.organisation.today(timezone.now()))
    if not form.is_valid():
        return page(request, conversation, again=form, status=422)
    day, seen = form.cleaned_data["next_on"], form.cleaned_data["seen"]
    if not set_next(conversation, day, seen=seen):
        conversation.refresh_from_db(fields=["next_on"])
        theirs = f"{conversation.next_on:%d %b %Y}" if conversation.next_on else "no date"
        form.data = form.data.copy()
        form.data["seen"] = conversation.next_on.isoformat() if conversation.next_on else ""
        form.add_error("next_on", f"Changed meanwhile to {theirs}. Save again to put yours there.")
        return page(request, conversation, again=form, status=409)
    messages.success(request, "The next date is saved." if day else "There is no next date now.")
    return redirect("reviews:conversation_detail", pk)
