"""A weekly KPI as in the worked examples of signals.md 15, evaluated through the database."""

from datetime import UTC, date, datetime, time, timedelta

from metrics.due import mark_due
from metrics.evaluation import evaluate_due, evaluate_kpis
from metrics.models import Measurement, Signal, SignalEvent
from tests.factories import make_cadence, make_kpi, make_organisation, make_team, make_value

FIRST = date(2026, 6, 1)


def week(number: int) -> date:
    """The first day of a week, counted from 1."""
    return FIRST + timedelta(weeks=number - 1)


def after(number: int) -> datetime:
    """Monday 06:00 UTC after a week."""
    return datetime.combine(week(number + 1), time(6), UTC)


def weekly_kpi(*, patience=2, recovery=2, team=None, target=40, **over):
    """Higher is better, target 40 from the first week, N = M = 2."""
    team = team or make_team(organisation=make_organisation(time_zone="UTC"))
    cadence = make_cadence(
        "weekly", organisation=team.organisation, patience=patience, recovery=recovery
    )
    fields = {"direction": "higher_is_better", "starts_on": FIRST, "cadence": cadence}
    return make_kpi(team=team, target=target, **fields | over)


def put(kpi, series: str, first: int = 1) -> None:
    """Values of the weeks from `first` on, as in the examples: "37 · 36"."""
    for number, text in enumerate(series.split(), start=first):
        if text != "·":
            make_value(kpi, week(number), text)


def evaluate(kpi, number: int):
    """Evaluate one KPI on the morning after a week."""
    return evaluate_kpis([kpi.pk], after(number))


def evaluate_each(kpi, series: str, first: int = 1) -> None:
    """Let the values arrive one by one, with an evaluation after each week."""
    for number, text in enumerate(series.split(), start=first):
        put(kpi, text, number)
        evaluate(kpi, number)


def correct(kpi, number: int, value, *, at: int, author=None) -> None:
    """Another value for a week, marked due as an action does, and evaluated."""
    Measurement.objects.filter(kpi=kpi, day=week(number)).update(value=value)
    now = after(at)
    mark_due([kpi.pk], now, dirty_from=week(number), author=author)
    evaluate_due(now, worker="test")


def events(kpi) -> list[tuple]:
    """(type, week, told, reason) of every event of the KPI, in the order they were written."""
    rows = SignalEvent.objects.filter(signal__kpi=kpi).order_by("pk")
    return [
        (type_, (on - FIRST).days // 7 + 1, told, reason)
        for type_, on, told, reason in rows.values_list("type", "period_on", "told", "reason")
    ]


def the_signal(kpi) -> Signal:
    """The only signal of the KPI."""
    return Signal.objects.get(kpi=kpi)
