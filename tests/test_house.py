"""The house keeps its rules: import directions at run time, SQL in its files, no names of registries or machines."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def modules_after(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after the statement."""
    code = f"{statement}\nimport sys; print(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import extractors.records, extractors.errors", {"aiohttp", "lxml", "pydantic", "duckdb", "prefect"}),
        (
            "import extractors.story, extractors.dedup, extractors.seeds",
            {"trafilatura", "feedparser", "duckdb", "prefect"},
        ),
        ("import extractors.feeds", {"trafilatura", "duckdb", "prefect"}),
        ("import extractors.articles", {"feedparser", "duckdb", "prefect"}),
        (
            "import warehouse.load, warehouse.read, warehouse.publish",
            {"prefect", "trafilatura", "feedparser", "aiohttp"},
        ),
        ("import flows.commands", {"prefect", "duckdb", "trafilatura", "feedparser", "aiohttp"}),
        ("import flows.pipeline", {"prefect"}),
    ],
)
def test_a_room_loads_only_what_is_its_business(statement: str, absent: set[str]) -> None:
    assert modules_after(statement) & absent == set()


@pytest.mark.parametrize("command", ["why", "query", "status"])
def test_commands_that_read_never_load_prefect_or_an_extractor(command: str, tmp_path: Path) -> None:
    arguments = {"why": ["http://a.example/"], "query": ["SELECT 1"], "status": []}[command]
    statement = (
        f"import sys; sys.argv = ['storywatch', {command!r}, *{arguments!r}, '--data', {str(tmp_path)!r}]\n"
        "from flows.commands import main\n"
        "try: main()\nexcept SystemExit: pass"
    )
    assert modules_after(statement) & {"prefect", "trafilatura", "feedparser", "aiohttp"} == set()


def test_sql_stands_in_sql_files_alone() -> None:
    statement = re.compile(
        r"[\"'](INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|VIEW|OR)|WITH \w+ AS)", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for folder in ("flows", "extractors", "warehouse")
        for path in (ROOT / folder).rglob("*.py")
        for match in statement.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_tracked_files_name_no_registry_and_no_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    registry = re.compile(r"index-url\s*=|https?://\S+\.(whl|tar\.gz)\b|--hash=sha256", re.IGNORECASE)
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{name}: {match.group()}" for match in registry.finditer(text)]
        found += [f"{name}: {ROOT}"] * (str(ROOT) + "/" in text)
    assert found == []


@pytest.mark.parametrize(
    ("file", "extras"), [("constraints.txt", ["dev"]), ("constraints-clients.txt", ["clients", "clients-dev"])]
)
def test_every_requirement_is_pinned_exactly(file: str, extras: list[str]) -> None:
    pins = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][\w.+!]*", pin) for pin in pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    wanted += [one for extra in extras for one in project["project"]["optional-dependencies"][extra]]
    names = {re.split(r"[<>=;\[ ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    assert names - {pin.split("==")[0] for pin in pins} - {"storywatch"} == set()
    assert all("==" in requirement for requirement in project["build-system"]["requires"])
