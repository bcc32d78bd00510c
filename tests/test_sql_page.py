"""docs/sql.md: each client connects as written, reads what was published, and can't write to it.

Runs what is installed here; `make clients` installs all of it. The warehouse is that of stocked.py.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.records_factory import at, make_article, make_entry, make_judged
from tests.sql_page import PAGE, blocks, runnable
from tests.stocked import SECOND, stocked_place
from warehouse import connect, load, publish
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
EXPECTED = Path(__file__).parent / "data" / "sql_page"
# Client -> modules that it needs, beside storywatch's own
NEEDED = {
    "storywatch": (),
    "parquet-duckdb": (),
    "parquet-polars": ("polars",),
    "parquet-pandas": ("pandas",),
    "duckdb-cli": ("duckdb_cli",),
    "duckdb": (),
    "polars": ("polars",),
    "pandas": ("pandas",),
    "sqlalchemy": ("duckdb_engine",),
    "harlequin": ("harlequin",),
    "dbt": ("dbt.adapters.duckdb",),
}
# Client -> database, question and answer about what its block leaves behind
LEFT_BEHIND = {
    "storywatch": (":memory:", "SELECT count(*) FROM 'coverage.parquet'", 4),
    "dbt": ("newsroom.duckdb", "SELECT sum(articles) FROM outlet_day", 4),
}
ASK = "SELECT count(*) FROM coverage"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return stocked_place(tmp_path_factory.mktemp("pattern") / "data")


@pytest.fixture
def folder(tmp_path: Path, pattern: DataDir, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: it holds `data`."""
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def need(client: str) -> None:
    """Skip the test where the client is not installed."""
    for module in NEEDED[client]:
        try:
            found = find_spec(module)
        except ModuleNotFoundError:  # of its package
            found = None
        if found is None:
            pytest.skip(f"{module} is not installed here; make clients")


def run(arguments: list[str], folder: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would: this environment's programs first, settings and home of its own."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder / "home"),
        "TZ": "America/New_York",
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False, **more
    )


def run_block(client: str, folder: Path) -> str:
    """What the client's block prints."""
    for block in blocks(client):
        if block.path is not None:
            (folder / block.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.path).write_text(block.text, "utf-8")
    block = runnable(client)
    shell = ["bash", "-euo", "pipefail", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    done = run([*shell, block.text], folder)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def published(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of the last change of all that was published: the same, if nobody wrote there."""
    files = [path for path in (folder / "data/public").rglob("*") if path.is_file()]
    return sorted((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


@pytest.mark.parametrize("client", NEEDED)
def test_a_client_prints_the_rows_expected_and_leaves_the_file_alone(client: str, folder: Path) -> None:
    need(client)
    before = published(folder)
    assert run_block(client, folder) == (EXPECTED / f"{client}.txt").read_text("utf-8")
    assert published(folder) == before
    if client in LEFT_BEHIND:
        database, question, answer = LEFT_BEHIND[client]
        with duckdb.connect(database) as connection:
            assert connection.execute(question).fetchall() == [(answer,)]


def test_every_marked_block_has_a_test_and_every_expected_output_a_block() -> None:
    clients = {block.client for block in blocks()}
    assert clients == NEEDED.keys() == {path.stem for path in EXPECTED.iterdir()}
    fences = len(re.findall(r"^```\w+$", PAGE.read_text("utf-8"), re.MULTILINE))
    # Not run: how to install, Harlequin's screen (below), Superset's JSON
    assert len(blocks()) == fences - 3


def test_harlequins_screen_shows_the_rows_of_a_query(folder: Path) -> None:
    need("harlequin")
    (command,) = re.findall(r"^harlequin .*$", PAGE.read_text("utf-8"), re.MULTILINE)
    screen = [sys.executable, "-m", "tests.harlequin_screen", "SELECT outlet, title FROM coverage LIMIT 2"]
    done = run([*screen, *shlex.split(command)[1:]], folder)
    assert done.stdout.splitlines() == ["forum.example,What was said", "gazette.example,Summit off"], done.stderr


def test_wherever_the_page_opens_the_file_it_opens_it_read_only() -> None:
    fenced = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    opened = [text for text in fenced if "coverage.duckdb" in text]
    assert len(opened) == 8
    for text in opened:
        assert text.count("coverage.duckdb") == len(re.findall(r"read.?only\b", text, re.IGNORECASE)), text


WRITING = "CREATE TABLE mine (i INTEGER)"


@pytest.mark.parametrize(
    ("client", "command"),
    [("duckdb-cli", ["duckdb", "-readonly"]), ("harlequin", ["hsql", "--read-only"])],
)
def test_a_client_on_the_command_line_can_not_write(client: str, command: list[str], folder: Path) -> None:
    need(client)
    done = run([*command, "data/public/current/coverage.duckdb", "-c", WRITING], folder)
    assert done.returncode
    assert "read-only" in done.stderr + done.stdout


@pytest.fixture
def quiet() -> Iterator[None]:
    """The clients' own warnings, which the page tells."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def publish_one_more(folder: Path) -> None:
    """Another independent article, in another publication."""
    place = DataDir(folder / "data")
    judged = make_judged("more", article=make_article("more", first_seen_at=at(0)))
    with connect.writer(place, wait_seconds=5) as connection:
        load.record_entries(connection, [make_entry("more")], SECOND)
        load.load_judged(connection, [judged], SECOND)
    publish.publish(place, SECOND, now=at(9 * 24 * 60), wait_seconds=5)


def test_a_connection_keeps_its_publication_and_the_next_one_sees_the_new(folder: Path) -> None:
    path = "data/public/current/coverage.duckdb"
    with duckdb.connect(path, read_only=True) as held:
        assert held.execute(ASK).fetchall() == [(4,)]
        publish_one_more(folder)
        assert held.execute(ASK).fetchall() == [(4,)]
    with duckdb.connect(path, read_only=True) as again:
        assert again.execute(ASK).fetchall() == [(5,)]


def test_sqlalchemy_sees_each_publication_can_not_write_and_can_not_reflect(folder: Path, quiet: None) -> None:
    need("sqlalchemy")
    import sqlalchemy

    names: dict[str, Any] = {}
    exec(runnable("sqlalchemy").text, names)
    engine = names["engine"]
    publish_one_more(folder)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text(ASK)).scalar_one() == 5
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="read-only"):
            connection.execute(sqlalchemy.text(WRITING))
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="REGCLASS"):
        sqlalchemy.Table("coverage", sqlalchemy.MetaData(), autoload_with=engine)


def test_the_page_names_the_versions_that_it_was_tested_with() -> None:
    pins = dict(
        line.split("==") for line in (ROOT / "constraints-clients.txt").read_text().splitlines() if "==" in line
    )
    page = PAGE.read_text("utf-8")
    table = page[page.index("| client |") : page.index("## Installing")]
    named = {
        "duckdb-cli": "duckdb-cli {}",
        "duckdb": "duckdb {}",
        "duckdb-engine": "duckdb-engine {}",
        "sqlalchemy": "SQLAlchemy {}",
        "dbt-core": "dbt-core {}",
        "dbt-duckdb": "dbt-duckdb {}",
    }
    assert [told for name, told in named.items() if told.format(pins[name]) not in table] == []
    assert all(f"{name} {pins[name].rsplit('.', 1)[0]}" in table for name in ("polars", "pandas"))
    assert pins["harlequin"].startswith("2.17.")
