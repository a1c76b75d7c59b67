"""Two addresses for a supervisor or a load balancer: does it answer, and does its work get done."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from okrkpi.late import late_kinds, late_words, work_ages
from teams.models import OutboxMessage


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served: the database answers. Else 503.

    Late work is told in a second line and changes nothing: to restart the web would not help it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        late = late_words(work_ages(timezone.now()))
    except DatabaseError:
        return HttpResponse("database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse(f"ok\n{late}\n" if late else "ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while jobs keep up, 503 with the same figures when they do not. Ages are in seconds."""
    try:
        ages = work_ages(timezone.now())
        parked = OutboxMessage.objects.filter(sent_at=None, parked_at__isnull=False).count()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    late = late_kinds(ages)
    seconds = {
        name: None if age is None else round(age.total_seconds()) for name, age in ages.items()
    }
    answer = {"ready": not late, "late": late, "parked_messages": parked, "seconds": seconds}
    return JsonResponse(answer, status=503 if late else 200)
