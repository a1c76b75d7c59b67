"""What a Prometheus server reads: queues, their ages and the jobs, asked of the database.

Open to who sends `Authorization: Bearer` with OKRKPI_METRICS_TOKEN, and to administrators.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from metrics.models import ImportBatch, KpiState
from okrkpi.late import late_kinds, work_ages
from teams.models import JobRun, OutboxMessage


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text; 403 for everybody else."""
    if not (_has_token(request) or _is_admin(request)):
        raise PermissionDenied("A token or an administrator can read this.")
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(sent, f"Bearer {token}")


def _is_admin(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and (user.is_superuser or user.is_org_admin)


class Figures(Collector):
    """The figures at one moment; counts only, of the whole instance."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        ages = work_ages(self.now)
        age = GaugeMetricFamily(
            "okrkpi_work_age_seconds", "How long the oldest work has been due", labels=["kind"]
        )
        for kind, length in ages.items():
            if length is not None:
                age.add_metric([kind], length.total_seconds())
        yield age
        late = GaugeMetricFamily(
            "okrkpi_work_late", "1 where work is later than it may be", labels=["kind"]
        )
        for kind in ages:
            late.add_metric([kind], kind in late_kinds(ages))
        yield late
        yield from self._queues()
        yield from _jobs()

    def _queues(self) -> Iterator[Metric]:
        unsent = Q(sent_at=None)
        messages = OutboxMessage.objects.filter(unsent).aggregate(
            waiting=Count("pk", filter=Q(parked_at=None)),
            parked=Count("pk", filter=Q(parked_at__isnull=False)),
        )
        kpis = KpiState.objects.aggregate(
            waiting=Count("pk", filter=Q(due_at__lte=self.now)),
            parked=Count("pk", filter=Q(due_at=None) & ~Q(last_error="")),
        )
        uploads = {"waiting": ImportBatch.objects.filter(due_at__lte=self.now).count()}
        found = {"messages": messages, "evaluations": kpis, "imports": uploads}
        queue = GaugeMetricFamily(
            "okrkpi_queue_length", "How much work there is", labels=["queue", "state"]
        )
        for name, counts in found.items():
            for state, count in counts.items():
                queue.add_metric([name, state], count)
        yield queue


def _jobs() -> Iterator[Metric]:
    runs = list(JobRun.objects.order_by("name"))
    ended = GaugeMetricFamily(
        "okrkpi_job_last_run_timestamp_seconds", "When the job last ran", labels=["job"]
    )
    took = GaugeMetricFamily(
        "okrkpi_job_last_work_seconds", "How long it last took when it had work", labels=["job"]
    )
    failing = GaugeMetricFamily("okrkpi_job_failing", "1 when its last run failed", labels=["job"])
    failures = CounterMetricFamily(
        "okrkpi_job_failures", "How many of its runs failed", labels=["job"]
    )
    done = CounterMetricFamily("okrkpi_job_done", "What it did so far", labels=["job"])
    for run in runs:
        ended.add_metric([run.name], run.ended_at.timestamp())
        took.add_metric([run.name], run.worked_ms / 1000)
        failing.add_metric([run.name], run.failing_since is not None)
        failures.add_metric([run.name], run.failures)
        done.add_metric([run.name], run.done)
    yield from (ended, took, failing, failures, done)
