"""warehouse/publish.py and snapshots.py: what everyone may query, and that nobody ever meets half of it."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from extractors.errors import QueryError, WarehouseBusy
from tests.records_factory import (
    RUN,
    T0,
    address,
    at,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_fetch,
    make_judged,
    make_seed,
)
from warehouse import connect, load, publish, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parents[1]

# Publishes, and stops for good at the named step: says so, and waits for its end.
STOP_AT = """
import sys
from pathlib import Path
from tests.records_factory import RUN, T0
from warehouse import connect, publish, snapshots
def stop(*arguments, **more):
    print("in", flush=True)
    sys.stdin.read()
steps = {"copied": (publish, "_convert"), "converted": (snapshots, "digest"), "linking": (snapshots, "sync")}
setattr(*steps[sys.argv[2]], stop)
publish.publish(connect.DataDir(Path(sys.argv[1])), RUN, now=T0, wait_seconds=1)
"""


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A warehouse with a little of everything, published once; to be copied."""
    place = DataDir(tmp_path_factory.mktemp("pattern"))
    with connect.writer(place, wait_seconds=1) as connection:
        load.start_run(connection, RUN, T0, command="run")
        load.record_feeds(connection, [make_feed("daily")], RUN)
        load.save_feed_states(connection, [make_feed_state("daily", failures=1, body_hash="00ff")], RUN)
        load.record_entries(connection, [make_entry("a", summary="A summary."), make_entry("b")], RUN)
        robots = make_fetch("robots", kind="robots", at=at(3))
        load.record_fetches(connection, [make_fetch("a"), robots], RUN)
        load.record_decisions(connection, [make_decision("a", article_url=address("a"))], RUN)
        load.load_judged(connection, [make_judged("a")], RUN)
        load.record_seeds(connection, [make_seed()], RUN)
    assert publish.publish(place, RUN, now=T0, wait_seconds=1) == 1
    return place


@pytest.fixture
def place(tmp_path: Path, pattern: DataDir) -> DataDir:
    place = DataDir(tmp_path / "data")
    shutil.copytree(pattern.root, place.root, symlinks=True)
    return place


def publish_again(place: DataDir, **more: bool) -> int:
    return publish.publish(place, "run-2", now=at(60), wait_seconds=1, **more)


def ask(place: DataDir, sql: str) -> list[tuple[object, ...]]:
    with connect.public_reader(place) as connection:
        return read.query(connection, sql)[1]


def test_set_up_publishes_an_empty_snapshot_once(tmp_path: Path) -> None:
    place = DataDir(tmp_path / "data")
    assert publish.last_published(place) is None
    assert publish.ensure_published(place, RUN, now=T0, wait_seconds=1) == 1
    assert publish.ensure_published(place, RUN, now=T0, wait_seconds=1) == 1
    assert ask(place, "SELECT count(*) FROM coverage") == [(0,)]
    assert ask(place, "SELECT count(*) FROM why") == [(0,)]
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["1"]


def test_the_snapshot_answers_as_the_private_file_does(pattern: DataDir) -> None:
    views = [name for (name,) in ask(pattern, "SELECT view_name FROM duckdb_views() WHERE NOT internal")]
    assert {"coverage", "feed_health", "why"} <= set(views)
    with connect.reader(pattern, wait_seconds=1) as private:
        for view in views:
            # All but the snapshot's own number, which the private file gets to know afterwards.
            every = "SELECT COLUMNS(lambda c: c <> 'published_snapshot')"
            assert read.query(private, f"{every} FROM {view}")[1] == ask(pattern, f"{every} FROM {view}")
        with connect.public_reader(pattern) as public:
            assert read.why(public, address("a")) == read.why(private, address("a"))
            seen, own = read.status(public, at(9)), read.status(private, at(9))
        assert seen.last_run is not None
        assert seen.last_run.published_snapshot == 1
        assert replace(seen, last_run=replace(seen.last_run, published_snapshot=None)) == own


def test_the_snapshot_leaves_out_what_no_view_needs(pattern: DataDir) -> None:
    tables = {name for (name,) in ask(pattern, "SELECT table_name FROM duckdb_tables()")}
    assert tables == set(publish.PUBLISHED_TABLES)
    assert ask(pattern, "SELECT etag, last_modified, body_hash, failures FROM feed_state") == [(None, None, None, 1)]
    assert ask(pattern, 'SELECT DISTINCT kind FROM "fetch"') == [("page",)]


def test_every_table_view_and_column_of_the_snapshot_has_its_comment(pattern: DataDir) -> None:
    missing = """
        SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''
        UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''
        UNION ALL
        SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''
    """
    assert ask(pattern, missing) == []


def test_the_snapshot_is_one_read_only_file_of_a_storage_that_older_clients_read(pattern: DataDir) -> None:
    folder = pattern.snapshots / "1"
    assert sorted(path.name for path in folder.iterdir()) == ["coverage.duckdb", "manifest.json"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    version = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal"
    assert ask(pattern, version) == [("v1.2.0+",)]
    assert pattern.current_path.readlink() == Path("snapshots/1")


def test_the_manifest_says_what_lies_beside_it(pattern: DataDir) -> None:
    manifest = publish.last_published(pattern)
    assert manifest is not None
    assert (manifest.number, manifest.run_id, manifest.published_at, manifest.publish_text) == (1, RUN, T0, True)
    assert manifest.sha256 == hashlib.sha256(pattern.published_path.read_bytes()).hexdigest()
    assert manifest.size_bytes == pattern.published_path.stat().st_size
    for table, count in manifest.rows.items():
        assert ask(pattern, f'SELECT count(*) FROM "{table}"') == [(count,)]


def test_news_is_what_the_manifest_does_not_count_yet(place: DataDir) -> None:
    manifest = publish.last_published(place)
    assert manifest is not None
    with connect.writer(place, wait_seconds=1) as connection:
        assert {table: manifest.rows[table] for table in read.news(connection)} == read.news(connection)
        load.record_entries(connection, [make_entry("c")], "run-2")  # of no interest to readers by itself
        assert all(manifest.rows[table] == count for table, count in read.news(connection).items())
        load.load_judged(connection, [make_judged("c")], "run-2")
        assert {table for table, count in read.news(connection).items() if manifest.rows[table] != count} == {
            "article",
            "story_match",
            "verdict",
        }


def test_texts_can_be_left_out(place: DataDir) -> None:
    assert publish_again(place, publish_text=False) == 2
    assert ask(place, "SELECT url, text, lead, word_count > 0 FROM coverage") == [(address("a"), None, None, True)]
    content = [(place.snapshots / number / "coverage.duckdb").read_bytes() for number in ("1", "2")]
    assert [b"Second paragraph of a" in one for one in content] == [True, False]
    assert [b"A summary." in one for one in content] == [True, False]


def test_a_new_snapshot_replaces_the_current_one_and_an_open_one_stays_readable(place: DataDir) -> None:
    with connect.public_reader(place) as old:
        with connect.writer(place, wait_seconds=1) as connection:
            load.load_judged(connection, [make_judged("b")], "run-2")
        assert ask(place, "SELECT count(*) FROM coverage") == [(1,)]
        for number in range(2, 7):
            assert publish_again(place) == number
        assert ask(place, "SELECT count(*) FROM coverage") == [(2,)]
        assert old.execute("SELECT count(*), any_value(text[:5]) FROM coverage").fetchall() == [(1, "First")]
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["4", "5", "6"]
    assert sorted(path.name for path in place.public.iterdir()) == ["current", "snapshots"]
    assert not list(place.private.glob("*.copy"))


@pytest.mark.parametrize("step", ["copied", "converted", "linking"])
def test_a_publication_killed_on_the_way_never_becomes_current_and_is_cleared_away(place: DataDir, step: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", STOP_AT, str(place.root), step],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "in\n"
        assert (place.snapshots / "2.partial").is_dir()
        if step == "copied":  # the lock is free while it converts
            with connect.writer(place, wait_seconds=0) as connection:
                load.load_judged(connection, [make_judged("b")], "run-2")
        with pytest.raises(WarehouseBusy) as caught:
            publish.publish(place, RUN, now=T0, wait_seconds=0.05)
        assert caught.value.pid == child.pid
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdin.close()
        child.stdout.close()
    assert place.current_path.readlink() == Path("snapshots/1")
    assert ask(place, "SELECT count(*) FROM coverage") == [(1,)]
    assert publish_again(place) == 2
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["1", "2"]
    assert not list(place.private.glob("*.copy"))


def test_a_publication_waits_for_the_writer_with_a_bound_and_leaves_nothing(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=0), pytest.raises(WarehouseBusy):
        publish.publish(place, RUN, now=T0, wait_seconds=0.05)
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["1"]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE note (body VARCHAR)",
        "DELETE FROM entry",
        "ATTACH '/tmp/other.duckdb' AS other",
        "COPY coverage TO '/tmp/coverage.csv'",
        "FROM read_text('/etc/hostname')",
        "FROM glob('/*')",
        "FROM place",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "RESET lock_configuration",
        "INSTALL httpfs",
    ],
)
def test_a_query_can_neither_write_nor_read_the_machine(pattern: DataDir, sql: str) -> None:
    place = pa.table({"name": ["a Python variable, which DuckDB would take for a table"]})
    assert place
    with pytest.raises(QueryError):
        ask(pattern, sql)


def test_two_readers_of_one_process_do_not_meet(pattern: DataDir) -> None:
    with connect.public_reader(pattern) as one, connect.public_reader(pattern) as two:
        assert one.execute("SELECT count(*) FROM coverage").fetchall() == [(1,)]
        assert two.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_a_plain_client_opens_the_published_path(pattern: DataDir) -> None:
    with duckdb.connect(pattern.published_path, read_only=True) as client:
        assert client.execute("SELECT title FROM coverage").fetchall() == [("Headline a",)]
