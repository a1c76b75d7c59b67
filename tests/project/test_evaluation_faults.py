"""kill -9 at every named point of an evaluation: signals, events and messages as if undisturbed."""

import signal

import pytest

from tests.project.processes import JOBS, places
from tests.services import found, wait_until

pytestmark = pytest.mark.services
POINTS = [
    "before_claim",
    "after_claim",
    "after_load",
    "before_signals",
    "after_signals",
    "after_states",
    "after_outbox",
    "before_commit",
    "after_commit",
]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def installations(request):
    """Installations with twelve KPIs to judge, in batches of four."""
    if request.param == "postgres" and not found()["PostgreSQL"]:
        pytest.skip("PostgreSQL is not on this machine")
    with places(request.param, "kpis", "12") as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(installations):
    with installations.new() as calm:
        return calm.drive("judge")


def killed_and_resumed(made, point: str, *guard: str) -> dict:
    """Die at the point in the second batch, judge on with a new process, return what stands."""
    command = ["-m", "tests.project.drive", "judge", *guard]
    first = made.start(*command, OKRKPI_FAULT=f"evaluation.{point}:2")
    assert first.wait(90) == -signal.SIGKILL, first.stdout.read()
    return made.drive("judge", *guard)


def test_the_undisturbed_run_raises_resolves_and_tells(undisturbed):
    raised = [row for row in undisturbed["signals"] if "off_target" in row and "True" in row]
    assert len(raised) == 4
    assert undisturbed["messages"]
    assert undisturbed["unsent"] == 0


@pytest.mark.parametrize("point", POINTS)
def test_kill_at_a_point_of_an_evaluation_changes_nothing(installations, undisturbed, point):
    with installations.new() as made:
        assert killed_and_resumed(made, point) == undisturbed


def test_control_without_the_transaction_a_kill_loses_messages(installations, undisturbed):
    with installations.new() as made:
        after = killed_and_resumed(made, "after_states", "--without", "evaluation_transaction")

    assert after != undisturbed


def test_the_jobs_process_killed_in_an_evaluation_loses_and_doubles_nothing(installations):
    """The real process, by the real clock; so what stands there is compared with a calm one."""

    def judged(made, **fault: str) -> dict:
        jobs = made.start(*JOBS, **fault)
        if fault:
            assert jobs.wait(90) == -signal.SIGKILL
            made.start(*JOBS)
        return wait_until(lambda: finished(made), within=90, every=1)

    def finished(made) -> dict | None:
        now = made.drive("judgements")
        done = now["messages"] and now["inbox"] and not now["unsent"]
        return now if done else None

    with installations.new() as calm:
        expected = judged(calm)
    with installations.new() as made:
        assert judged(made, OKRKPI_FAULT="evaluation.after_signals:1") == expected
