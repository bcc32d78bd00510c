"""storywatch db and query: what they print, and what they end with."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from flows.commands import main
from flows.commands.exits import Exit
from tests.holding import HOLD_AS_CLIENT, running
from tests.old_rows import stock as stock_old
from tests.records_factory import make_entry
from tests.stocked import CALL, stocked_place
from warehouse import alive, connect, load, migrate
from warehouse.connect import DataDir
from warehouse.examples import examples

ROOT = Path(__file__).parents[1]
Storywatch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def storywatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Storywatch:
    """Call the command beside the folder `data`: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORYWATCH_WRITER_WAIT_SECONDS", "0.1")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", *arguments])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return stocked_place(tmp_path_factory.mktemp("pattern") / "data")


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def older(tmp_path: Path) -> DataDir:
    """A warehouse as version 10 left it."""
    place = DataDir(tmp_path / "data")
    place.private.mkdir(parents=True)
    with duckdb.connect(place.warehouse_path) as connection:
        migrate.migrate(connection, place.warehouse_path, migrate.migrations()[:10])
        stock_old(connection)
    return place


def test_migrate_says_from_where_to_where_backs_up_first_and_publishes(tmp_path: Path, storywatch: Storywatch) -> None:
    place, now = older(tmp_path), migrate.schema_version()
    code, out, _ = storywatch("db", "migrate", "--dry-run")
    assert (code, f"from version 10 to {now} (promises" in out) == (Exit.DONE, True)
    assert not place.backups.exists()
    assert storywatch("db", "check")[0] == Exit.ATTENTION
    code, out, err = storywatch("db", "migrate")
    assert code == Exit.DONE, err
    (backup,) = place.backups.glob("*.duckdb")
    assert f"storywatch db restore {backup.stem}" in out
    assert "snapshot 1 is published" in out
    assert storywatch("db", "check", "--quiet")[::2] == (Exit.DONE, "")
    assert "up to date" in storywatch("db", "migrate")[1]
    with duckdb.connect(backup, read_only=True) as old:
        assert old.execute("SELECT max(version) FROM schema_migration").fetchall() == [(10,)]


def test_backup_and_restore_go_there_and_back_and_the_published_file_follows(
    place: DataDir, storywatch: Storywatch
) -> None:
    code, out, _ = storywatch("db", "backup", "--keep", "3", "--json")
    assert (code, json.loads(out)["rows"]["entry"]) == (Exit.DONE, 13)
    with connect.writer(place, wait_seconds=1) as connection:
        load.record_entries(connection, [make_entry("later")], "run-3")
    assert "snapshot 2" in storywatch("db", "publish")[1]
    code, out, err = storywatch("db", "restore")
    assert (code, "13 URLs, 8 articles" in out, "name one of these" in err) == (Exit.USAGE, True, True)
    code, out, err = storywatch("db", "restore", out.split()[0])
    assert code == Exit.DONE, err
    assert "what was there is in data/backups/replaced-" in out
    with connect.public_reader(place) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchall() == [(13,)]


def test_restore_during_a_run_is_refused_with_4_and_what_is_damaged_with_1(
    place: DataDir, storywatch: Storywatch
) -> None:
    storywatch("db", "backup")
    (backup,) = place.backups.glob("*.duckdb")
    with alive.living(place, "one", wait_seconds=0):
        code, _, err = storywatch("db", "restore", str(backup))
    assert (code, "replace.lock" in err) == (Exit.BUSY, True)
    backup.write_bytes(backup.read_bytes()[:-1])
    code, _, err = storywatch("db", "restore", str(backup))
    assert (code, "take another one" in err) == (Exit.ATTENTION, True)


def test_check_says_what_is_wrong_and_what_to_do(place: DataDir, storywatch: Storywatch) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute(f"DELETE FROM article_text WHERE article_url = '{CALL}'")
    code, out, err = storywatch("db", "check")
    assert code == Exit.ATTENTION
    assert f"BAD  orphans         1 articles without a text, such as {CALL}" in out
    assert "NEEDS ATTENTION: orphans: `storywatch db restore`" in err
    found = json.loads(storywatch("db", "check", "--json")[1])
    assert [one["check"] for one in found if not one["is_well"]] == ["orphans"]


@pytest.mark.parametrize("command", ["migrate", "check", "backup", "publish"])
def test_without_a_warehouse_nothing_is_made_and_it_is_said_how(
    command: str, tmp_path: Path, storywatch: Storywatch
) -> None:
    code, _, err = storywatch("db", command)
    assert (code, "storywatch run" in err) == (Exit.ATTENTION, True)
    assert list(tmp_path.iterdir()) == []


def test_status_and_why_say_which_file_they_read(
    place: DataDir, storywatch: Storywatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.commands.reading.WAIT_SECONDS", 0.05)
    assert "read from   data/private/warehouse.duckdb, as of the last commit" in storywatch("status")[1]
    assert json.loads(storywatch("why", CALL, "--json")[1])["read_from"]["is_private"] is True
    with running(HOLD_AS_CLIENT, place.warehouse_path):
        status, why = storywatch("status")[1], storywatch("why", CALL)[1]
        told = json.loads(storywatch("status", "--json")[1])
    published = "data/public/current/coverage.duckdb, the last published file, as of 2025-10-22 08:00:00Z"
    assert f"read from {published}" in " ".join(status.split())
    assert f"read from       {published}" in why
    assert told["read_from"]["published_at"] == "2025-10-22T08:00:00+00:00"


def test_query_lists_the_views_with_their_meaning_and_the_examples(place: DataDir, storywatch: Storywatch) -> None:
    code, out, _ = storywatch("query", "--list", "--data", str(place.root))
    words = " ".join(out.split())
    assert code == Exit.DONE
    assert "One row per independent article on the story, newest first" in words
    assert all(one.name in words for one in examples())


def test_query_asks_an_example_or_a_file(place: DataDir, storywatch: Storywatch, tmp_path: Path) -> None:
    told = storywatch("query", "--example", "coverage_by_day_every", "-f", "csv")[1]
    assert told == (ROOT / "tests/data/examples/coverage_by_day_every.csv").read_text()
    (tmp_path / "mine.sql").write_text("SELECT count(*) AS n FROM coverage -- é\n")
    assert storywatch("query", "--file", "mine.sql", "-f", "json")[1] == '[\n{"n": 4}\n]\n'


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.parquet"])
def test_query_writes_a_file_whole_or_not_at_all(
    name: str, place: DataDir, storywatch: Storywatch, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("of before")
    assert storywatch("query", "SELEKT", "--output", name)[0] == Exit.USAGE
    halfway = "SELECT CASE WHEN n = 150000 THEN error('too far') ELSE n END FROM range(200000) AS t (n)"
    code, _, err = storywatch("query", halfway, "--output", name)
    assert (code, "too far" in err, "--output" in err) == (Exit.USAGE, True, False)
    assert (tmp_path / name).read_text() == "of before"
    code, out, err = storywatch("query", "SELECT url, published_at, authors FROM coverage", "--output", name)
    assert (code, out, err) == (Exit.DONE, "", f"4 rows in {name}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", name]
    with duckdb.connect() as reading:
        assert reading.execute(f"SELECT count(*), count(published_at) FROM '{tmp_path / name}'").fetchall() == [(4, 3)]


def test_parquet_goes_into_a_pipe_and_keeps_types(place: DataDir, tmp_path: Path) -> None:
    ask = ("query", "FROM coverage ORDER BY url", "--format", "parquet", "--data", str(place.root))
    code = "from flows.commands import main; main()"
    told = subprocess.run([sys.executable, "-c", code, *ask], capture_output=True, cwd=ROOT, check=True)
    table = parquet.read_table(io.BytesIO(told.stdout))
    assert table.num_rows == 4
    assert str(table.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("authors").type).startswith("list<")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give one of SQL, --file and --example"),
        (("SELECT 1", "--example", "coverage_newest"), "give one of SQL, --file and --example"),
        (("--example", "nothing"), "coverage_newest"),
        (("--file", "nothing.sql"), "it can't be read"),
        (("SELECT 1", "--output", "rows.txt"), "takes csv, json or parquet"),
        (("SELECT 1", "--output", "nowhere/rows.csv"), "it can't be written"),
        (("SELECT 1 AS a, 2 AS a", "--output", "rows.parquet"), "give another alias to: a"),
    ],
)
def test_query_says_what_is_wrong_with_how_it_is_asked(
    arguments: tuple[str, ...], message: str, place: DataDir, storywatch: Storywatch
) -> None:
    code, out, err = storywatch("query", *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert message in err


def test_parquet_is_not_printed_on_a_terminal(
    place: DataDir, storywatch: Storywatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, err = storywatch("query", "SELECT 1", "--format", "parquet")
    assert (code, out) == (Exit.USAGE, "")
    assert "add --output FILE" in err
