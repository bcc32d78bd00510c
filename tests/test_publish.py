"""warehouse/publish.py and snapshots.py: what everyone may query, and that nobody ever meets half of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from extractors.errors import QueryError, WarehouseBusy
from tests.records_factory import (
    RUN,
    T0,
    address,
    at,
    make_article,
    make_copy_verdict,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_fetch,
    make_judged,
    make_match,
    make_off_story,
    make_report,
    make_revision,
    make_seed,
    make_verdict,
)
from warehouse import connect, load, lock, parquet, publish, read, rescored, snapshots
from warehouse.connect import Connection, DataDir
from warehouse.statements import statement

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
    assert sorted(path.name for path in folder.iterdir()) == ["coverage.duckdb", "manifest.json", "parquet"]
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o444}
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


DAY = timedelta(days=1)


def is_due(place: DataDir, **changes: Any) -> bool:
    given: dict[str, Any] = {"now": at(60), "every": DAY, "wait_seconds": 1, "publish_text": True}
    return publish.is_due(place, **given | changes)


def another(con: Connection, **changes: Any) -> None:
    load.replace_articles(con, [make_judged("a", article=make_article("a", **changes))], "run-2")


def no_article_any_more(con: Connection) -> None:
    rescored.remove_verdicts(con, [address("a")])
    load.forget_articles(con, [address("a")])


CHANGES: dict[str, Callable[[Connection], object]] = {
    "an article comes": lambda con: load.load_judged(con, [make_judged("c")], "run-2"),
    "one off the story comes": lambda con: load.load_judged(con, [make_off_story("c")], "run-2"),
    "an article goes": no_article_any_more,
    "a text changes": lambda con: another(con, text="First paragraph of a.\nAnother one.", word_count=9),
    "punctuation changes": lambda con: another(con, text="First paragraph of a!\nSecond paragraph of a."),
    "a headline changes": lambda con: another(con, title="Another headline"),
    "a page is read again": lambda con: load.note_rereads(con, [make_article("a", fetched_at=at(9))]),
    "a verdict changes": lambda con: load.supersede_verdicts(
        con, [make_copy_verdict("a", address("b"))], "run-2", at=at(9)
    ),
    "a score changes": lambda con: rescored.replace_matches(
        con, [make_judged("a", match=make_match(score=0.7))], at=at(9), run_id="run-2"
    ),
    "a step is reported": lambda con: rescored.replace_matches(
        con, [make_judged("a", match=make_match(steps=("call",)))], at=at(9), run_id=RUN
    ),
    "a seed comes": lambda con: load.record_seeds(con, [make_seed("second")], "run-2"),
    "a seed changes": lambda con: load.record_seeds(con, [make_seed(title="Another title")], "run-2"),
    "a revision is noted": lambda con: load.record_revisions(con, [make_revision("a")], "run-2"),
}
NO_CHANGES: dict[str, Callable[[Connection], object]] = {
    "nothing": lambda con: None,
    "a run begins and ends": lambda con: load.finish_run(con, make_report()),
    "the ledger grows": lambda con: load.record_entries(con, [make_entry("c")], "run-2"),
    "a page is asked for": lambda con: load.record_fetches(con, [make_fetch("c")], "run-2"),
    "a feed is polled": lambda con: load.save_feed_states(con, [make_feed_state("daily", checked_at=at(9))], "run-2"),
    "an article comes again": lambda con: load.load_judged(con, [make_judged("a")], "run-2"),
    "a verdict is given again": lambda con: load.supersede_verdicts(con, [make_verdict("a")], "run-2", at=at(9)),
    "a seed says the same": lambda con: load.record_seeds(con, [make_seed()], "run-2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_readers_would_see_is_news_be_the_counts_the_same_or_not(place: DataDir, change: str) -> None:
    assert not is_due(place)
    with connect.writer(place, wait_seconds=1) as connection:
        CHANGES[change](connection)
    assert is_due(place)


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_readers_do_not_come_for_is_no_news(place: DataDir, change: str) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        NO_CHANGES[change](connection)
    assert not is_due(place)


def test_after_a_change_was_published_nothing_is_due(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        CHANGES["a score changes"](connection)
    publish_again(place)
    assert not is_due(place)


def test_a_snapshot_is_due_by_time_by_its_texts_and_by_its_schema(place: DataDir) -> None:
    assert not is_due(place, now=T0 + DAY - timedelta(seconds=1))
    assert is_due(place, now=T0 + DAY)
    assert is_due(place, publish_text=False)
    path = place.current_path / "manifest.json"
    manifest = json.loads(path.read_text())
    path.chmod(0o644)
    path.write_text(json.dumps(manifest | {"schema_version": manifest["schema_version"] - 1}))
    assert is_due(place)
    path.write_text("{")
    assert is_due(place)


# A sentence in every column that may hold text of an article.
PLANTED = "Seventeen brass herons crossed the frozen canal."


def test_with_publish_text_false_no_text_is_in_any_file_of_the_snapshot(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        load.record_entries(connection, [make_entry("p", summary=PLANTED)], RUN)
        load.load_judged(connection, [make_judged("p", article=make_article("p", text=f"{PLANTED}\n{PLANTED}"))], RUN)
        load.record_revisions(connection, [make_revision("p", old_text=PLANTED)], RUN)
        load.keep_seed_text(connection, "first-report", PLANTED, RUN)
    found = []
    for publish_text in (True, False):
        number = publish_again(place, publish_text=publish_text)
        found.append(set(planted_in(place.snapshots / str(number))))
    tables = {"entry", "article_text", "revision", "article_all", "coverage", "revision_history"}
    assert found == [{"coverage.duckdb", "month=2025-10"} | tables, set()]
    assert ask(place, f"SELECT text, lead, word_count > 0 FROM coverage WHERE url = '{address('p')}'") == [
        (None, None, True)
    ]


def planted_in(folder: Path) -> Iterator[str]:
    """Files, tables and views below a snapshot that hold PLANTED."""
    if PLANTED.encode() in (folder / "coverage.duckdb").read_bytes():
        yield "coverage.duckdb"
    with duckdb.connect(folder / "coverage.duckdb", read_only=True) as client:
        names = client.execute(
            "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        for (name,) in names:
            if client.execute(
                f'SELECT count(*) FROM "{name}" AS t WHERE t::VARCHAR LIKE ?', [f"%{PLANTED}%"]
            ).fetchall() > [(0,)]:
                yield name
        for path in folder.glob("parquet/*/*"):
            if client.execute(
                "SELECT count(*) FROM read_parquet(?) AS t WHERE t::VARCHAR LIKE ?", [str(path), f"%{PLANTED}%"]
            ).fetchall() > [(0,)]:
                yield path.parent.name


# What the tables of the snapshot have although no view needs it: `run_id` says of every row where it comes from; the
# validators are NULL there; what a verdict says of likeness is bound together by a CHECK.
KEPT_COLUMNS = {
    "feed_state.etag", "feed_state.last_modified", "feed_state.body_hash", "verdict_history.revision",
    "verdict.similarity", "verdict.similar_to", "verdict.similarity_threshold",
}  # fmt: skip
# What `storywatch why` and `storywatch status` ask where they can't read the private file.
ASKED = (
    "ledger_counts", "last_run", "newest_article", "feeds_failing", "feeds_quiet", "waiting", "store_counts",
    "why_entry", "why_spellings", "why_decisions", "why_fetches", "why_article",
)  # fmt: skip


def test_every_published_column_is_one_that_a_view_or_why_or_status_needs(pattern: DataDir) -> None:
    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{pattern.published_path}' AS public (READ_ONLY)")
        con.execute("COPY FROM DATABASE public TO memory (SCHEMA)")
        con.execute("DETACH public")
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name)"
        ).fetchall()
        views = con.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
        asked = [(sql, f"SELECT * FROM {name} LIMIT 0") for name, sql in views]
        asked += [(statement(f"read/{name}"), statement(f"read/{name}")) for name in ASKED]
        assert all(can_ask(con, sql) for _, sql in asked)
        needless = set()
        for table, column in columns:
            by_name = [sql for text, sql in asked if re.search(rf"\b{column}\b|\*", text)]
            con.begin()
            con.execute(f'CREATE OR REPLACE TABLE "{table}" AS SELECT * EXCLUDE ("{column}") FROM "{table}"')
            if all(can_ask(con, sql) for sql in by_name):
                needless.add(f"{table}.{column}")
            con.rollback()
    assert {name for name in needless if not name.endswith(".run_id")} == KEPT_COLUMNS


def can_ask(con: Connection, sql: str) -> bool:
    given = {name: T0 if name == "now" else "x" for name in re.findall(r"\$(\w+)", sql)}
    try:
        con.execute(sql, given or None)
    except duckdb.BinderException:
        return False
    return True


def test_the_writers_lock_is_held_for_the_checkpoint_and_the_copy_alone(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: set[str] = set()  # steps during which it was
    free: set[str] = set()  # and was not

    def watch(module: object, name: str) -> None:
        function = getattr(module, name)

        def watched(*given: Any, **more: Any) -> Any:
            step = given[0] if name == "statement" else name
            try:
                with lock.exclusive(place.lock_path, wait_seconds=0):
                    free.add(step)
            except WarehouseBusy as busy:
                held.add(f"{step} of {busy.pid}" if busy.pid != os.getpid() else step)
            return function(*given, **more)

        monkeypatch.setattr(module, name, watched)

    for module, name in (
        (publish, "statement"), (publish, "copy_bytes"), (publish, "_convert"), (read, "news"), (parquet, "write"),
        (snapshots, "digest"), (snapshots, "write_manifest"), (snapshots, "make_current"), (snapshots, "clear_old"),
    ):  # fmt: skip
        watch(module, name)
    publish_again(place)
    assert held == {"publish/checkpoint", "copy_bytes"}
    outside = {"_convert", "news", "write", "digest", "write_manifest", "make_current", "clear_old", "publish/article"}
    assert outside <= free


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
