"""The counterparts of our pages: the same rows through the ORM, signed in, in a plain table."""

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.urls import path, register_converter
from django.utils import timezone

from metrics.models import Kpi, Signal, Target
from metrics.signal_sections import PAGE
from metrics.url_days import DayConverter
from okrkpi.urls import urlpatterns as real

register_converter(DayConverter, "day")

TEAM = Engine().from_string(
    """<!doctype html><html><head><title>{{ user.name }}</title></head><body><table>
{% for kpi in kpis %}<tr><th><a href="/kpis/{{ kpi.pk }}/">{{ kpi.name }}</a></th>
<td>{{ kpi.owner.name }}</td><td>{{ kpi.cadence.kind }}</td>
<td>{{ kpi.state.latest_value|floatformat:2 }} {{ kpi.unit }}</td>
<td>{{ kpi.state.latest_on|date:"j M y" }}</td><td>{{ kpi.target.value|floatformat:2 }}</td>
<td>{{ kpi.state.latest_status }}</td><td>{{ kpi.state.streak }}</td>
<td>{{ kpi.signal.decide_by|date:"j M" }}</td></tr>{% endfor %}</table></body></html>"""
)
SIGNALS = Engine().from_string(
    """<!doctype html><html><head><title>{{ user.name }}</title></head><body><table>
{% for signal in signals %}<tr>
<th><a href="/signals/{{ signal.pk }}/">{{ signal.kpi.name }}</a></th>
<td>{{ signal.kpi.team.name }}</td><td>{{ signal.kpi.owner.name }}</td>
<td>{{ signal.kpi.state.latest_value|floatformat:2 }} {{ signal.kpi.unit }}</td>
<td>{{ signal.raised_on|date:"j M y" }}</td><td>{{ signal.severity }}</td>
<td>{{ signal.decide_by|date:"j M" }}</td></tr>{% endfor %}</table></body></html>"""
)


def team(request, pk):
    """The KPIs of a team with state, owner, cadence, newest target and open signal."""
    kpis = list(Kpi.objects.filter(team=pk).select_related("state", "owner", "cadence", "source"))
    targets = {row.kpi_id: row for row in Target.objects.filter(kpi__team=pk)}
    signals = {row.kpi_id: row for row in Signal.objects.filter(kpi__team=pk, is_open=True)}
    for kpi in kpis:
        kpi.target, kpi.signal = targets.get(kpi.pk), signals.get(kpi.pk)
    return HttpResponse(TEAM.render(Context({"kpis": kpis, "user": request.user})))


def signals(request):
    """The first page of the open signals."""
    rows = Signal.objects.filter(is_open=True).select_related(
        "kpi__team", "kpi__owner", "kpi__state", "kpi__cadence"
    )[:PAGE]
    return HttpResponse(SIGNALS.render(Context({"signals": rows, "user": request.user})))


def value(request, pk, start):
    """One value written by one statement, without asking who may or keeping what was there."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_measurement (kpi_id, day, identity, value, external_id,"
            " recorded_at, revision) VALUES (%s, %s, 'weekly', %s, '', %s, 0)"
            " ON CONFLICT (kpi_id, day, identity) DO UPDATE SET value = excluded.value",
            [pk, start, request.POST["value"], timezone.now()],
        )
    return HttpResponseRedirect(f"/kpis/{pk}/")


urlpatterns = [
    path("bare/teams/<int:pk>/", team),
    path("bare/signals/", signals),
    path("bare/kpis/<int:pk>/values/<day:start>/", value),
    *real,
]
