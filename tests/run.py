"""The whole suite: `python3 run.py test [pytest options]`.

On SQLite always, with the tests that start PostgreSQL, Redis or Chromium when those are found; what
touches the database runs on PostgreSQL too, at the same time, since many tests on SQLite wait. What
it printed follows at the end. With OKRKPI_REQUIRE=all a missing one is a failure.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.services import Postgres, found

ROOT = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5
OWN = ("OKRKPI_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
# More processes than cores, since many tests wait; each with whole files, since a file's tests
# share a database server of their own.
PARALLEL = ["--dist", "loadfile", "--no-loadscope-reorder", "--durations", "12"]
PROCESSES = {"SQLite": "3", "PostgreSQL": "2"}
KEPT = {"OKRKPI_REQUIRE"}


def main(arguments: list[str]) -> int:
    versions = found()
    url = os.environ.get("DATABASE_URL", "")
    given = url if url.startswith("postgres") else None
    missing = [name for name, version in versions.items() if version is None]
    if missing and os.environ.get("OKRKPI_REQUIRE") == "all":
        print(f"Missing on this machine, and asked for: {', '.join(missing)}")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="okrkpi-migrated-") as folder,
        ThreadPoolExecutor() as other,
    ):
        cluster = other.submit(migrated_cluster, Path(folder)) if versions["PostgreSQL"] else None
        template = Path(folder) / "db.sqlite3"
        migrate(f"sqlite:///{template}", folder)
        made = {"MIGRATED_SQLITE": str(template)}
        if versions["Chromium"] and not arguments:
            made |= demonstrate(template)
        if cluster:
            made["MIGRATED_CLUSTER"] = str(cluster.result())
        with contextlib.ExitStack() as stack:
            second = None
            if given:
                second = other.submit(again, folder, given, arguments)
            elif cluster:
                server = stack.enter_context(Postgres(cluster.result()))
                own = {"MIGRATED_POSTGRES": "migrated"}
                second = other.submit(again, folder, server.url(), arguments, **own)
            codes = [suite("SQLite", arguments, made)]
            if second:
                codes.append(second.result())
                print((Path(folder) / "PostgreSQL").read_text(), end="")
    present = [f"{name} {version}" for name, version in versions.items() if version]
    print(f"\nRan with: SQLite, {', '.join(present)}.")
    if missing:
        print(f"Not found, so their tests were skipped: {', '.join(missing)}.")
    return next((code for code in codes if code), 0)


def again(folder: str, url: str, arguments: list[str], **made: str) -> int:
    """Run what touches the database on a PostgreSQL too; what is printed goes to a file."""
    chosen = ["-p", "tests.database_only", *arguments, "-m", "not browser and not services"]
    environ = {"OKRKPI_TEST_DB": "postgres", "DATABASE_URL": url} | made
    with (Path(folder) / "PostgreSQL").open("w") as said:
        return suite("PostgreSQL", chosen, environ, said)


def migrated_cluster(folder: Path) -> Path:
    """The files of a PostgreSQL that has stopped, with the tables in its database `migrated`."""
    data = folder / "cluster"
    with Postgres() as server, tempfile.TemporaryDirectory(prefix="okrkpi-migrated-") as own:
        migrate(server.url("migrated"), own)
        server.keep(data)
    return data


def migrate(url: str, folder: str) -> None:
    """Make the tables once; every test process starts from a copy (tests/conftest.py)."""
    own = {"DATABASE_URL": url, "OKRKPI_DATA": folder, "DJANGO_SETTINGS_MODULE": "okrkpi.settings"}
    for command in ("migrate", "createcachetable"):
        words = [sys.executable, "manage.py", command, "--verbosity", "0"]
        subprocess.run(words, cwd=ROOT, env=dict(os.environ) | own, check=True)


def demonstrate(template: Path) -> dict[str, str]:
    """Collect the static files and make the demo once for the browsers of all test processes."""
    demo, static = template.parent / "demo", template.parent / "static"
    demo.mkdir()
    shutil.copy(template, demo / "db.sqlite3")
    own = {"OKRKPI_DATA": str(demo), "OKRKPI_STATIC_ROOT": str(static)}
    own |= {"DJANGO_SETTINGS_MODULE": "okrkpi.settings"}
    for words in (
        ["manage.py", "collectstatic", "-v0", "--no-input"],
        ["-m", "okrkpi.prepare", "--demo"],
    ):
        subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=dict(os.environ) | own,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return {"COLLECTED_STATIC": str(static), "MADE_DEMO": str(demo)}


def suite(name: str, arguments: list[str], environ: dict[str, str], said=None) -> int:
    """Run pytest once and return its exit code; a selection without any test is no failure."""
    print(f"\n=== The suite on {name} ===", file=said, flush=True)
    clean = {k: v for k, v in os.environ.items() if k in KEPT or not k.startswith(OWN)}
    # Two hundred processes of ours start in a run: they find their code compiled.
    clean.pop("PYTHONDONTWRITEBYTECODE", None)
    parallel = (
        []
        if any(word.startswith("-n") for word in arguments)
        else ["-n", PROCESSES[name], *PARALLEL]
    )
    command = [sys.executable, "-m", "pytest", *parallel, *arguments]
    code = subprocess.call(command, cwd=ROOT, env=clean | environ, stdout=said, stderr=said)
    return 0 if code == NOTHING_SELECTED and arguments else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
