"""The counterparts of our pages: the same rows through the ORM, signed in, in a plain table."""

from datetime import timedelta

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.urls import path, register_converter
from django.utils import timezone

from metrics.models import Kpi, Measurement, Signal, SignalEvent, Target
from metrics.signal_sections import PAGE
from metrics.url_days import DayConverter
from objectives.models import CheckIn, KeyResult, ObjectiveEvent, Thanks, WeekItem
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

WEEK = Engine().from_string(
    """<!doctype html><html><head><title>{{ user.name }}</title></head><body><table>
{% for kpi in kpis %}<tr><th><a href="/kpis/{{ kpi.pk }}/">{{ kpi.name }}</a></th>
<td>{{ kpi.team.name }}</td><td>{{ kpi.state.latest_value|floatformat:2 }} {{ kpi.unit }}</td>
<td>{{ kpi.state.latest_on|date:"j M y" }}</td><td>{{ kpi.target.value|floatformat:2 }}</td>
<td>{{ kpi.state.latest_status }}</td><td>{{ kpi.state.streak }}</td></tr>{% endfor %}
{% for row in rows %}<tr><th><a href="/key-results/{{ row.pk }}/">{{ row.title }}</a></th>
<td>{{ row.objective.title }}</td><td>{{ row.latest.value|floatformat:2 }} {{ row.unit }}</td>
<td>{{ row.latest.made_at|date:"j M y" }}</td><td>{{ row.latest.confidence }}</td>
<td>{{ row.next_due_on|date:"j M" }}</td><td>{{ row.owner.name }}</td></tr>{% endfor %}</table>
<ul>{% for one in said %}<li>{{ one.made_at|date:"j M" }} {{ one.author.name }}
{{ one.value|floatformat:2 }}
{{ one.key_result.title }}</li>{% endfor %}{% for one in events %}<li>{{ one.at|date:"j M" }}
{{ one.actor.name }} {{ one.objective.title }}</li>{% endfor %}{% for one in signal_events %}
<li>{{ one.at|date:"j M" }} {{ one.signal.kpi.name }}</li>{% endfor %}{% for one in thanks %}
<li>{{ one.at|date:"j M" }} {{ one.person.name }}</li>{% endfor %}{% for one in items %}
<li>{{ one.text }}</li>{% endfor %}{% for one in signals %}<li>{{ one.kpi.name }}
{{ one.decide_by|date:"j M" }}</li>{% endfor %}</ul>{{ past }}</body></html>"""
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


def week(request):
    """The rows of a person's week: what they own with its past, and what their teams did lately."""
    user, now = request.user, timezone.now()
    since, lately = now - timedelta(weeks=8), now - timedelta(days=14)
    kpis = list(Kpi.objects.filter(owner=user).select_related("state", "team", "cadence", "source"))
    targets = {row.kpi_id: row for row in Target.objects.filter(kpi__owner=user)}
    for kpi in kpis:
        kpi.target = targets.get(kpi.pk)
    rows = KeyResult.objects.filter(owner=user, next_due_on__lte=now.date() + timedelta(days=6))
    rows = rows.select_related("objective__cycle", "latest", "owner")
    teams = list(user.memberships.values_list("team_id", flat=True))
    said = CheckIn.objects.filter(key_result__objective__team__in=teams, made_at__gt=lately)
    events = ObjectiveEvent.objects.filter(objective__team__in=teams, at__gt=lately)
    opened = SignalEvent.objects.filter(signal__kpi__team__in=teams, at__gt=lately)
    thanks = Thanks.objects.filter(check_in__author=user, at__gt=lately)
    came = CheckIn.objects.filter(key_result__owner=user, due_on__gte=since.date())
    values = Measurement.objects.filter(kpi__owner=user, day__gte=since.date())
    context = {
        "user": user,
        "kpis": kpis,
        "rows": rows,
        "said": said.exclude(author=user).select_related("author", "key_result")[:40],
        "events": events.exclude(actor=user).select_related("actor", "objective")[:40],
        "signal_events": opened.select_related("signal__kpi")[:40],
        "thanks": thanks.select_related("person")[:40],
        "items": WeekItem.objects.filter(person=user),
        "signals": Signal.objects.filter(kpi__owner=user, is_open=True).select_related("kpi"),
        "past": len(list(came)) + len(list(values)),
    }
    return HttpResponse(WEEK.render(Context(context)))


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


def check_in(request, pk):
    """One value said of a key result, by one statement: nothing asked, kept or drawn."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    now, said = timezone.now(), request.POST
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO objectives_checkin (key_result_id, value, confidence, reported, note,"
            " due_on, author_id, made_at, token, is_retraction)"
            " VALUES (%s, %s, %s, '', '', %s, %s, %s, %s, %s)",
            [
                pk,
                said["value"],
                said["confidence"],
                now.date(),
                request.user.pk,
                now,
                said["token"].replace("-", ""),
                False,
            ],
        )
    return HttpResponseRedirect(f"/key-results/{pk}/")


urlpatterns = [
    path("bare/teams/<int:pk>/", team),
    path("bare/signals/", signals),
    path("bare/my-week/", week),
    path("bare/kpis/<int:pk>/values/<day:start>/", value),
    path("bare/key-results/<int:pk>/check-in/", check_in),
    *real,
]
