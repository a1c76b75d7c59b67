"""Where uploaded files wait between dry run and import, under names of our own making.

An upload has two files: the bytes as they came, and the staged readings. Both go when the import is
decided. `MEDIA_ROOT` is shared by web and jobs.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from metrics.csv_problems import FileRefused, Limits, too_big

CHUNK = 1 << 18


def limits() -> Limits:
    """The largest file this installation takes."""
    return Limits(max_bytes=settings.IMPORT_MAX_BYTES)


def keep(stream: BinaryIO) -> str:
    """Copy an upload to a new file and return its name; one that is too large leaves nothing."""
    name, size = uuid.uuid4().hex, 0
    path = upload_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limits().max_bytes:
                break
            out.write(chunk)
    if size > limits().max_bytes:
        discard(name)
        raise FileRefused(too_big(limits()).problem)
    return name


def upload_path(name: str) -> Path:
    """The bytes as they came."""
    return Path(settings.MEDIA_ROOT) / "imports" / f"{name}.csv"


def staged_path(name: str) -> Path:
    """The readings, one line each."""
    return Path(settings.MEDIA_ROOT) / "imports" / f"{name}.rows"


def discard(name: str) -> None:
    """Remove both files; those that are gone already are no error."""
    if name:
        upload_path(name).unlink(missing_ok=True)
        staged_path(name).unlink(missing_ok=True)
