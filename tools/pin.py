"""Write constraints.txt and constraints-clients.txt: the version of every package that an installation resolves to.

The first is for `[dev]`, the second for `[clients-dev]`: the two don't fit into one environment (see pyproject.toml).

Asks pip what it would install, for each Python of storywatch's range that is on this machine, and joins the answers
(some packages are needed below a certain Python only). Without extras, addresses or hashes: pip refuses extras in a
constraints file.

    make constraints        # or: python tools/pin.py python3.11 python3.12
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")


# File -> extra that it pins
PINNED = {"constraints.txt": "dev", "constraints-clients.txt": "clients-dev"}


def pins(python: str, extra: str) -> dict[str, str]:
    """Name -> version of all that `pip install .[extra]` and the build need under this interpreter."""
    build_requires = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)  # noqa: S603
        asked = subprocess.run(  # noqa: S603
            [
                *(f"{folder}/bin/python", "-m", "pip", "--quiet", "install"),
                *("--dry-run", "--ignore-installed", "--report", "-"),
                *(f"{ROOT}[{extra}]", *build_requires),
            ],
            check=True,
            stdout=subprocess.PIPE,
        )
    found = (item["metadata"] for item in json.loads(asked.stdout)["install"])
    return {item["name"].lower().replace("_", "-"): item["version"] for item in found if item["name"] != "storywatch"}


def write(name: str, extra: str, pythons: list[str]) -> None:
    """Write the constraints file `name`. Exits where two interpreters need two versions of a package."""
    joined: dict[str, str] = {}
    for python in pythons:
        for package, version in pins(python, extra).items():
            if joined.setdefault(package, version) != version:
                sys.exit(f"{package}: {joined[package]} and {version} are both needed ({python}): pin it by hand")
    lines = [f"{package}=={version}" for package, version in sorted(joined.items())]
    head = "# Every version that storywatch was tested with. Made by `make constraints`; not written by hand.\n"
    (ROOT / name).write_text(head + "\n".join(lines) + "\n", "utf-8")
    print(f"{name}: {len(lines)} packages, for {', '.join(pythons)}")


def main() -> None:
    pythons = sys.argv[1:] or [found for v in VERSIONS if (found := shutil.which(f"python{v}"))] or [sys.executable]
    for name, extra in PINNED.items():
        write(name, extra, pythons)


if __name__ == "__main__":
    main()
