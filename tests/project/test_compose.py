"""docker-compose.yml: accepted by Compose, no default secret, and every command works natively."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project.processes import ROOT, Place
from tests.services import Postgres, Redis, found, free_port, wait_until

HAS = found()
SECRETS = {"OKRKPI_SECRET_KEY": "a" * 60, "POSTGRES_PASSWORD": "b" * 30}
pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(not HAS["docker-compose"], reason="docker-compose is not on this machine"),
]


def compose_config(**environ: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if k not in SECRETS and k != "DATABASE_URL"}
    return subprocess.run(
        ["docker-compose", "-f", str(ROOT / "docker-compose.yml"), "config"],
        cwd="/",
        env=clean | environ,
        capture_output=True,
        text=True,
    )


def read_yaml(text: str) -> dict:
    """Parsed by the Python that docker-compose itself runs on, which has a YAML reader."""
    shebang = Path(shutil.which("docker-compose")).read_text(errors="replace").splitlines()[0]
    python = shebang[2:].split()[0] if "python" in shebang else sys.executable
    code = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"
    done = subprocess.run(
        [python, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def services() -> dict:
    done = compose_config(**SECRETS)
    assert done.returncode == 0, done.stderr
    return read_yaml(done.stdout)["services"]


def test_compose_accepts_the_file_with_its_five_services(services):
    assert set(services) == {"web", "worker", "beat", "postgres", "redis"}
    assert all("healthcheck" in service for service in services.values())
    assert all(service["volumes"] for service in services.values())


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_has_no_default(secret):
    done = compose_config(**{k: v for k, v in SECRETS.items() if k != secret})

    assert done.returncode != 0
    assert f"set {secret} in .env" in done.stderr


def test_the_example_lists_every_variable_that_is_read():
    example = (ROOT / ".env.example").read_text()
    sources = [ROOT / "docker-compose.yml", *ROOT.glob("okrkpi/**/*.py"), *ROOT.glob("teams/*.py")]
    text = "\n".join(path.read_text() for path in sources)
    read = set(re.findall(r"\b(OKRKPI_[A-Z_]+|POSTGRES_PASSWORD|DATABASE_URL|REDIS_URL)\b", text))
    internal = {"OKRKPI_POLL_PARENT", "OKRKPI_FAULT", "OKRKPI_FAULT_MARK"}
    assert {name for name in read - internal if f"{name}=" not in example} == set()


def native(service: dict, made: Place, port: int) -> tuple[list[str], dict[str, str]]:
    """The command and environment of a service, with the addresses of this machine."""
    environ = service["environment"] | {
        "DATABASE_URL": made.environ["DATABASE_URL"],
        "REDIS_URL": made.environ["REDIS_URL"],
        "OKRKPI_DATA": str(made.folder),
        "OKRKPI_BIND": f"127.0.0.1:{port}",
        "OKRKPI_STATIC_ROOT": str(made.folder / "static"),  # the image holds them collected
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = service["command"]
    return shlex.split(command) if isinstance(command, str) else command, environ


def healthy(service: dict, made: Place, port: int) -> bool:
    _, environ = native(service, made, port)
    command = service["healthcheck"]["test"][1:]
    return not subprocess.run(command, cwd=ROOT, env=environ, capture_output=True).returncode


@pytest.mark.skipif(not (HAS["PostgreSQL"] and HAS["Redis"]), reason="needs PostgreSQL and Redis")
def test_every_service_runs_natively_with_the_same_environment(services, tmp_path):
    port, started = free_port(), []
    with Postgres() as server, Redis() as redis:
        made = Place(tmp_path, server.url("okrkpi"), REDIS_URL=redis.url)
        try:
            for name in ("web", "worker", "beat"):
                command, environ = native(services[name], made, port)
                started.append(subprocess.Popen(command, cwd=ROOT, env=environ))
                if name == "web":
                    wait_until(lambda: healthy(services["web"], made, port), within=120, every=0.5)
                    assert not healthy(services["beat"], made, port)
            wait_until(lambda: healthy(services["beat"], made, port), within=60, every=1)
            assert healthy(services["worker"], made, port)
            assert all(process.poll() is None for process in started)
            begun = time.monotonic()
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(30)
        assert time.monotonic() - begun < 30


@pytest.mark.skipif(not (HAS["PostgreSQL"] and HAS["Redis"]), reason="needs PostgreSQL and Redis")
def test_the_health_checks_of_the_databases_tell_up_from_down(services):
    checks = {name: services[name]["healthcheck"]["test"][1:] for name in ("postgres", "redis")}
    with Postgres() as server, Redis() as redis:
        ports = {"postgres": server.port, "redis": redis.port}
        assert [passes(name, checks[name], ports[name]) for name in checks] == [True, True]
    assert [passes(name, checks[name], ports[name]) for name in checks] == [False, False]


def passes(name: str, check: list[str], port: int) -> bool:
    """Run a database's health check against its port on this machine."""
    where = ["-h", "127.0.0.1", "-p", str(port)]
    command = [check[0], *where, *check[1:]]
    return not subprocess.run(command, capture_output=True).returncode
