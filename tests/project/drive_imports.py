"""One process of an import's fault test: `python -m tests.project.drive_imports COMMAND`.

  upload    import a first file into the first KPI, then leave a second one to the jobs
  work      take jobs until none is due; a checked file is queued for import; print what stands
`--without import_transaction` switches the transaction off; `--later S` moves the clock.
"""

import argparse
import contextlib
import io
import json
import os
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.slow_settings")
django.setup()

from django.utils import timezone  # noqa: E402

from metrics import importing  # noqa: E402
from metrics.csv_mapping import Mapping, Pick  # noqa: E402
from metrics.import_jobs import queue_check, queue_commit, run_next_import  # noqa: E402
from metrics.models import (  # noqa: E402
    ImportBatch,
    Kpi,
    KpiEvent,
    KpiState,
    Measurement,
    MeasurementRevision,
)

ROWS = 3_000
FIRST = date(2015, 1, 1)


def text(rows: int, *, changed: bool) -> str:
    days = (FIRST + timedelta(n) for n in range(rows))
    values = (n + (n % 10 == 0 and changed) for n in range(rows))
    return "day,value\n" + "".join(
        f"{day},{value}\n" for day, value in zip(days, values, strict=True)
    )


def staged(rows: int, *, changed: bool) -> ImportBatch:
    kpi = Kpi.objects.earliest("pk")
    data = io.BytesIO(text(rows, changed=changed).encode())
    batch = importing.stage_upload(kpi.team, data, "x.csv", actor=None, now=timezone.now())
    batch.mapping["mapping"] = Mapping(0, (Pick(kpi.pk, 1),)).to_json()
    batch.save()
    return batch


def upload() -> None:
    batch = staged(ROWS // 2, changed=False)
    importing.check_batch(batch, now=timezone.now())
    importing.commit_batch(batch, now=timezone.now())
    KpiState.objects.update(due_at=None)
    queue_check(staged(ROWS, changed=True), timezone.now())


def work(later: float) -> None:
    def clock():
        return timezone.now() + timedelta(seconds=later)

    while run_next_import(clock, "driven"):
        for batch in ImportBatch.objects.filter(state="staged", due_at=None):
            queue_commit(batch, clock())


def standing() -> dict:
    kpi = Kpi.objects.earliest("pk")
    values = Measurement.objects.filter(kpi=kpi, identity="").order_by("day")
    revisions = MeasurementRevision.objects.order_by("day")
    return {
        "values": [(str(m.day), str(m.value.normalize()), m.revision) for m in values],
        "revisions": [(str(r.day), str(r.value.normalize()), r.revision) for r in revisions],
        "events": KpiEvent.objects.filter(type="values_imported").count(),
        "states": list(ImportBatch.objects.order_by("pk").values_list("state", flat=True)),
        "due": KpiState.objects.get(kpi=kpi).due_at is not None,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["upload", "work"])
    parser.add_argument("--without", choices=["import_transaction"])
    parser.add_argument("--later", type=float, default=0)
    options = parser.parse_args()
    if options.without:
        importing.transaction.atomic = contextlib.nullcontext
        importing._lock = lambda kpi_ids: None
        importing.mark_due = lambda *args, **kwargs: None
    if options.command == "upload":
        upload()
        return
    work(options.later)
    print(json.dumps(standing()))


main()
