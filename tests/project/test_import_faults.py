"""kill -9 at every named point of an import: all of it or nothing, and the next try ends it."""

import json
import signal

import pytest

from tests.project.processes import places
from tests.services import found

pytestmark = pytest.mark.services
POINTS = [
    "after_claim",
    "after_reading",
    "after_claim_of_decision",
    "after_values",
    "before_commit",
    "after_commit",
]
DRIVE = ["-m", "tests.project.drive_imports"]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def installations(request):
    if request.param == "postgres" and not found()["PostgreSQL"]:
        pytest.skip("PostgreSQL is not on this machine")
    with places(request.param, "kpis", "1") as made:
        yield made


def finished(process) -> dict:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    return json.loads(out.splitlines()[-1])


def worked(made, *options: str) -> dict:
    return finished(made.start(*DRIVE, "work", *options))


@pytest.fixture(scope="module")
def undisturbed(installations):
    with installations.new() as calm:
        calm.start(*DRIVE, "upload").wait(120)
        return worked(calm)


def killed_and_resumed(made, point: str, *guard: str) -> dict:
    """Die at the point, then work on with a new process once the lease has run out."""
    made.start(*DRIVE, "upload").wait(120)
    first = made.start(*DRIVE, "work", *guard, OKRKPI_FAULT=f"import.{point}")
    assert first.wait(120) == -signal.SIGKILL, first.stdout.read()
    return worked(made, "--later", "600")


def test_the_undisturbed_run_imports_new_and_changed_values(undisturbed):
    assert len(undisturbed["values"]) == 3_000
    assert len(undisturbed["revisions"]) == 150
    assert undisturbed["states"] == ["done", "done"]
    assert undisturbed["events"] == 2
    assert undisturbed["due"]


@pytest.mark.parametrize("point", POINTS)
def test_kill_at_a_point_of_an_import_changes_nothing(installations, undisturbed, point):
    with installations.new() as made:
        assert killed_and_resumed(made, point) == undisturbed


def test_control_without_the_transaction_a_kill_loses_values(installations, undisturbed):
    with installations.new() as made:
        after = killed_and_resumed(
            made, "after_claim_of_decision", "--without", "import_transaction"
        )

    assert after != undisturbed
