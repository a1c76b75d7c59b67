"""Fetch the vendored files again with `npm pack` and compare them with manifest.json.

`python3 static/vendor/refetch.py` compares; `--write` also replaces what is here. Only who
upgrades a bundle runs it, so npm is needed by nobody else. Standard library only.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = Path(__file__).with_name("manifest.json")


def fetch(package: str, version: str, folder: str) -> tarfile.TarFile:
    """Return the opened archive of one npm package, stored in `folder`."""
    command = ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    name = done.stdout.split()[-1]
    return tarfile.open(Path(folder) / name)


def main() -> int:
    """Print one line for each file; return 1 if any differs from its manifest line."""
    differing = 0
    for entry in json.loads(MANIFEST.read_text()):
        with (
            tempfile.TemporaryDirectory() as folder,
            fetch(entry["package"], entry["version"], folder) as archive,
        ):
            for file in entry["files"]:
                member = archive.extractfile("package/" + file["source"])
                content = member.read() if member else b""
                same = hashlib.sha256(content).hexdigest() == file["sha256"]
                differing += not same
                sys.stdout.write(f"{'same   ' if same else 'DIFFERS'} {file['path']}\n")
                if "--write" in sys.argv:
                    (ROOT / file["path"]).write_bytes(content)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
