"""What a dry run says an import would do to the signals, and that the import then does it."""

import pytest
from django.utils import timezone

from metrics import import_effects
from metrics.evaluation import evaluate_due, evaluate_kpis
from metrics.importing import commit_batch
from metrics.models import ImportBatch, Signal, SignalEvent
from tests.factories import NOW, make_kpi, make_target, make_value
from tests.metrics.test_import_pages import upload
from tests.metrics.uploads import staged

pytestmark = pytest.mark.django_db

MONTHS = [f"2026-{month:02}-01" for month in range(1, 8)]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kpi(team):
    """Churn of at most 8 %, judged monthly from January 2026; a signal after three months."""
    return make_kpi(team=team, target=8, name="Churn")


def file(*values, start=0):
    return "month,churn\n" + "".join(
        f"{month[:7]},{value}\n" for month, value in zip(MONTHS[start:], values, strict=False)
    )


def sentences(dry_run):
    return [sentence for line in dry_run.effects for sentence in line["sentences"]]


def happens(batch):
    """The types of events after the import and its evaluation."""
    before = set(SignalEvent.objects.values_list("pk", flat=True))
    commit_batch(batch, now=NOW)
    evaluate_due(NOW, worker="test")
    return sorted(e.type for e in SignalEvent.objects.all() if e.pk not in before)


def test_a_raise_is_foretold_and_comes(kpi):
    batch, dry_run = staged(kpi, file(7, 7, 7, 7, 9, 9, 9))
    assert sentences(dry_run) == ["Raises a signal, minor, for July 2026."]
    assert (dry_run.looked_at, dry_run.not_looked_at) == (1, 0)
    assert not Signal.objects.exists()
    assert happens(batch) == ["raised"]


def test_a_resolution_is_foretold_and_comes(kpi):
    for month, value in zip(MONTHS[:5], (7, 7, 9, 9, 9), strict=False):
        make_value(kpi, month, value)
    evaluate_kpis([kpi.pk], NOW.replace(month=6, day=9))
    batch, dry_run = staged(kpi, file(7, 7, start=5))
    assert sentences(dry_run) == ["Resolves the open signal for July 2026."]
    assert happens(batch) == ["resolved"]


def test_a_withdrawal_is_foretold_and_comes(kpi):
    for month, value in zip(MONTHS, (7, 7, 7, 7, 9, 9, 9), strict=False):
        make_value(kpi, month, value)
    evaluate_kpis([kpi.pk], NOW)
    batch, dry_run = staged(kpi, file(7, start=5))
    assert sentences(dry_run) == [
        "Withdraws the signal of July 2026: the data would no longer show it."
    ]
    assert happens(batch) == ["retracted"]


def test_a_file_that_changes_no_verdict_changes_no_signal(kpi):
    _, dry_run = staged(kpi, file(7, 7, 7, 7, 7, 7, 7))
    assert (dry_run.effects, dry_run.looked_at) == ([], 1)


def test_the_past_is_counted_and_told_to_nobody(kpi):
    _, dry_run = staged(kpi, file(9, 9, 9, 7, 7, 7, 7))
    assert sentences(dry_run) == ["Records 1 signal of the past; nobody is told."]


def test_readings_are_aggregated_over_what_is_stored(team):
    kpi = make_kpi(team=team, target=10, aggregation="sum", cadence="weekly", name="Tickets")
    kpi.cadence.patience = 1
    kpi.cadence.save()
    make_value(kpi, "2026-07-28", 6, identity="")
    make_value(kpi, "2026-07-29", 3, identity="")
    evaluate_kpis([kpi.pk], NOW)
    batch, dry_run = staged(kpi, "date,value\n2026-07-29,3\n2026-07-30,1\n")
    assert not [one for one in sentences(dry_run) if "Raises" in one]
    batch, dry_run = staged(kpi, "date,value\n2026-07-29,3\n2026-07-30,2\n")
    assert [one for one in sentences(dry_run) if one.startswith("Raises a signal")]
    assert "raised" in happens(batch)


def test_the_same_file_again_and_a_refused_one_say_nothing(kpi):
    batch, _ = staged(kpi, file(7, 7, 9, 9, 9))
    commit_batch(batch, now=NOW)
    _, again = staged(kpi, file(7, 7, 9, 9, 9))
    assert (again.effects, again.looked_at) == ([], 0)
    _, refused = staged(kpi, file(7, 7, 9, 9, "x"))
    assert (refused.effects, refused.looked_at) == ([], 0)


def test_a_target_for_a_total_is_foretold_by_the_total(team):
    kpi = make_kpi(team=team, name="Spending", unit="k€")
    make_target(kpi, value=1200, accumulates="yearly")
    batch, dry_run = staged(kpi, file(100, 100, 110, 110))
    assert [one for one in sentences(dry_run) if "Raises" in one]
    assert "raised" in happens(batch)


def test_only_the_first_kpis_are_looked_at_and_the_page_says_so(
    client, bob, team, kpi, monkeypatch
):
    others = [make_kpi(team=team, target=8, name=f"Churn {n}") for n in range(3)]
    monkeypatch.setattr(import_effects, "LOOKED_AT", 2)
    client.force_login(bob)
    heads = ",".join(["month", "Churn", *(one.name for one in others)])
    rows = "".join(f"{month[:7]},9,9,9,9\n" for month in MONTHS)
    page = upload(client, team, f"{heads}\n{rows}").content.decode()
    dry_run = ImportBatch.objects.get().report
    assert (dry_run["looked_at"], dry_run["not_looked_at"]) == (2, 2)
    assert page.count("Raises a signal") == 2
    assert "Only the first 2 KPIs were looked at; the 2 other KPIs may have signals too." in page


def test_of_a_large_file_nothing_is_looked_at_and_the_page_says_so(
    client, bob, team, kpi, monkeypatch
):
    monkeypatch.setattr(import_effects, "LARGE_FILE", 5)
    client.force_login(bob)
    page = upload(client, team, file(9, 9, 9, 9, 9, 9, 9)).content.decode()
    assert "The file is too large to say beforehand which signals it changes." in page
    assert "Raises a signal" not in page


def test_a_kpi_with_too_many_readings_is_passed_over(kpi, monkeypatch):
    monkeypatch.setattr(import_effects, "LOOKED_AT_READINGS", 6)
    _, dry_run = staged(kpi, file(9, 9, 9, 9, 9, 9, 9))
    assert (dry_run.looked_at, dry_run.not_looked_at) == (0, 1)


@pytest.mark.parametrize("count", [2, 20])
def test_the_look_costs_the_same_queries_at_any_size(
    team, count, tmp_path, django_assert_num_queries
):
    kpis = {one.pk: one for one in (make_kpi(team=team, target=8) for _ in range(count))}
    path = tmp_path / "staged"
    path.write_text(
        "".join(f"1\t{pk}\t{month}\tmonthly\t9\t\\N\t\\N\t\n" for pk in kpis for month in MONTHS)
    )
    dry_run = import_effects.DryRun(kpis=[{"kpi": pk, "new": 7, "changed": 0} for pk in kpis])
    whole = {k.pk: k for k in type(kpis[min(kpis)]).objects.select_related("team__organisation")}
    for one in whole.values():
        assert one.cadence
    with django_assert_num_queries(10):
        import_effects.add_effects(dry_run, path, whole, timezone.now())
    assert len(dry_run.effects) == count
