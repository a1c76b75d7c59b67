"""What the tests of importing share: a batch of a text with its dry run, and stored values."""

import io

from metrics.csv_mapping import Mapping, Pick
from metrics.importing import check_batch, commit_batch, stage_upload
from metrics.models import Measurement
from tests.factories import NOW


def staged(kpi, data, *, actor=None, now=NOW, **mapping):
    """A batch of a file with its dry run, columns date and value unless said otherwise."""
    data = data if isinstance(data, bytes) else data.encode()
    batch = stage_upload(kpi.team, io.BytesIO(data), "values.csv", actor=actor, now=now)
    mapping = Mapping(**{"stamp": 0, "picks": (Pick(kpi.pk, 1),), **mapping})
    batch.mapping["mapping"] = mapping.to_json()
    batch.save()
    return batch, check_batch(batch, now=now)


def imported(kpi, data, **over):
    batch, _ = staged(kpi, data, **over)
    return commit_batch(batch, now=over.get("now", NOW))


def values(kpi):
    rows = Measurement.objects.filter(kpi=kpi).order_by("day", "identity")
    return [(row.day, row.identity, row.value) for row in rows]
