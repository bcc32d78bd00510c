"""Write constraints.txt: the version of every package that an installation with `[dev]` resolves to.

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


def pins(python: str) -> dict[str, str]:
    """Name -> version of all that `pip install .[dev]` and the build need under this interpreter."""
    build_requires = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)  # noqa: S603
        asked = subprocess.run(  # noqa: S603
            [
                *(f"{folder}/bin/python", "-m", "pip", "--quiet", "install"),
                *("--dry-run", "--ignore-installed", "--report", "-"),
                *(f"{ROOT}[dev]", *build_requires),
            ],
            check=True,
            stdout=subprocess.PIPE,
        )
    found = (item["metadata"] for item in json.loads(asked.stdout)["install"])
    return {item["name"].lower().replace("_", "-"): item["version"] for item in found if item["name"] != "storywatch"}


def main() -> None:
    pythons = sys.argv[1:] or [found for v in VERSIONS if (found := shutil.which(f"python{v}"))] or [sys.executable]
    joined: dict[str, str] = {}
    for python in pythons:
        for name, version in pins(python).items():
            if joined.setdefault(name, version) != version:
                sys.exit(f"{name}: {joined[name]} and {version} are both needed ({python}): pin it by hand")
    lines = [f"{name}=={version}" for name, version in sorted(joined.items())]
    head = "# Every version that storywatch was tested with. Made by `make constraints`; not written by hand.\n"
    (ROOT / "constraints.txt").write_text(head + "\n".join(lines) + "\n", "utf-8")
    print(f"constraints.txt: {len(lines)} packages, for {', '.join(pythons)}")


if __name__ == "__main__":
    main()
