"""The wheel holds all that is needed: from an empty folder, without the checkout, everything works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAIN = "from flows.commands import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel, built from a copy of the checkout, is unpacked as pip does."""
    folder = tmp_path_factory.mktemp("wheel")
    left_out = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "data", "demo-data", "dist")
    shutil.copytree(ROOT, folder / "source", ignore=left_out)
    python = [sys.executable, "-m"]
    build = ["build", "--wheel", "--no-isolation", "--outdir", str(folder), str(folder / "source")]
    subprocess.run([*python, *build], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    install = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)]
    subprocess.run([*python, *install], check=True, capture_output=True)
    return folder / "site"


def storywatch(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "HOME": str(folder / "home")}
    return subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_the_wheel_that_is_tested(installed: Path, tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", "import flows, extractors, warehouse; print(flows.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(asked.stdout.strip()).is_relative_to(installed)
    assert not (installed / "tests").exists()
    assert not (installed / "benchmarks").exists()


def test_the_packaged_feeds_and_seeds_are_found(installed: Path, tmp_path: Path) -> None:
    feeds = storywatch(installed, tmp_path, "feeds", "list", "--json")
    seeds = storywatch(installed, tmp_path, "seed", "list", "--json")
    assert len(json.loads(feeds.stdout)) >= 50, feeds.stderr
    assert len(json.loads(seeds.stdout)) == 2, seeds.stderr


def test_the_examples_and_the_migrations_are_in_it(installed: Path, tmp_path: Path) -> None:
    folder = Path("warehouse/sql")
    shipped = {path.relative_to(installed) for path in (installed / folder).rglob("*.sql")}
    assert shipped == {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.sql")}
    code = "from warehouse.examples import examples; print(len(examples()))"
    asked = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(asked.stdout) == len(list((ROOT / folder / "examples").glob("*.sql"))) > 20


def test_the_demo_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    demo = storywatch(installed, tmp_path, "demo", "--no-prefect")
    assert demo.returncode == 0, demo.stderr
    assert "What to try next" in demo.stdout
