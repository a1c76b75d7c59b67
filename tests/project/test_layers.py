"""Structure and hygiene that a machine can check: layers, migrations, deployment, lint."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("teams", "metrics", "objectives", "reviews")


def run(*command: str, **environ: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_lower_apps_never_import_higher_ones():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("lower", "higher"), [("teams", "metrics"), ("metrics", "reviews"), ("reviews", "okrkpi")]
)
def test_control_an_import_upwards_is_found(tmp_path, lower, higher):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for app in (*APPS, "okrkpi"):
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").touch()
    assert lint_imports(tmp_path).returncode == 0

    (tmp_path / lower / "upwards.py").write_text(f"import {higher}\n")

    assert lint_imports(tmp_path).returncode != 0


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_an_https_deployment_passes_djangos_checks(tmp_path):
    done = run(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        OKRKPI_URL="https://okr.example.org",
        OKRKPI_DATA=str(tmp_path),
        DJANGO_SETTINGS_MODULE="okrkpi.settings",
    )
    assert done.returncode == 0, done.stderr


def test_an_empty_environment_is_safe(tmp_path):
    show = (
        "from django.conf import settings as s;"
        "print(s.DEBUG, len(s.SECRET_KEY) > 50, sorted(s.ALLOWED_HOSTS))"
    )
    done = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={"OKRKPI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "okrkpi.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False True ['127.0.0.1', '127.0.0.1', '[::1]', 'localhost']"
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_ruff_finds_nothing():
    done = run("-m", "ruff", "check", "--no-cache", ".")
    assert done.returncode == 0, done.stdout[-3000:]
