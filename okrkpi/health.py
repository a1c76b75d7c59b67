"""Two addresses for a supervisor or a load balancer: does it answer, and does its work get done."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from metrics.models import ImportBatch, KpiState
from teams.models import Heartbeat, OutboxMessage

BEAT_LIMIT = timedelta(minutes=1)
WORK_LIMIT = timedelta(minutes=2)
QUEUED = ImportBatch.State.QUEUED


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served: the database answers. Else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while jobs keep up, 503 with the same figures when they do not. Ages are in seconds."""
    try:
        ages = work_ages(timezone.now())
        parked = OutboxMessage.objects.filter(sent_at=None, parked_at__isnull=False).count()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    late = [name for name, age in ages.items() if age is None or age > limit(name)]
    seconds = {
        name: None if age is None else round(age.total_seconds()) for name, age in ages.items()
    }
    answer = {"ready": not late, "late": late, "parked_messages": parked, "seconds": seconds}
    return JsonResponse(answer, status=503 if late else 200)


def limit(name: str) -> timedelta:
    """How old a figure of `work_ages` may be before the jobs count as not keeping up."""
    return BEAT_LIMIT if name == "beat" else WORK_LIMIT


def work_ages(now: datetime) -> dict[str, timedelta | None]:
    """How long each kind of work has been due, zero when none is; None for beat: it never ran."""
    waiting = Q(sent_at=None, parked_at=None)
    oldest = {
        "evaluation": KpiState.objects.filter(due_at__lte=now).aggregate(at=Min("due_at"))["at"],
        "message": OutboxMessage.objects.filter(waiting).aggregate(at=Min("due_at"))["at"],
        "import": ImportBatch.objects.filter(state=QUEUED, due_at__lte=now).aggregate(
            at=Min("due_at")
        )["at"],
    }
    ages = {name: max(now - (at or now), timedelta(0)) for name, at in oldest.items()}
    beat = Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
    return ages | {"beat": None if beat is None else max(now - beat, timedelta(0))}
