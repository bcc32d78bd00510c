"""warehouse/migrate.py and sql/migrations: the schema, its steps, and what it promises to those who query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from extractors.errors import WarehouseError, WarehouseForeign, WarehouseNewer
from extractors.records import REASONS, Outcome
from tests.old_rows import OLD_ROWS, insert_old
from tests.records_factory import RUN, T0, make_decision, make_entry, make_judged, make_report
from warehouse import batches, connect, load, migrate, read
from warehouse.connect import DataDir
from warehouse.migrate import Migration
from warehouse.statements import SQL_FOLDER, statement

HERE = Path("warehouse.duckdb")
GOOD = Migration(1, "notes", "CREATE TABLE note (body VARCHAR); INSERT INTO note VALUES ('kept')")
BAD = Migration(2, "broken", "CREATE TABLE half (body VARCHAR); SELECT nothing FROM nowhere")


@pytest.fixture
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.fixture(scope="module")
def current() -> Iterator[duckdb.DuckDBPyConnection]:
    """The schema of today, only looked at."""
    with duckdb.connect(":memory:") as connection:
        migrate.migrate(connection, HERE)
        yield connection


def tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_an_empty_file_gets_every_step_and_a_second_time_none(empty: duckdb.DuckDBPyConnection) -> None:
    assert migrate.migrate(empty, HERE) == list(migrate.migrations())
    assert migrate.migrate(empty, HERE) == []
    assert empty.execute("SELECT max(version) FROM schema_migration").fetchall() == [(migrate.schema_version(),)]


def test_a_step_that_fails_leaves_neither_its_tables_nor_its_record(empty: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error):
        migrate.migrate(empty, HERE, [GOOD, BAD])
    assert tables(empty) == {"schema_migration", "note"}
    assert empty.execute("SELECT version, name FROM schema_migration").fetchall() == [(1, "notes")]
    assert migrate.migrate(empty, HERE, [GOOD, replace(BAD, sql="DROP TABLE note")]) != []
    assert tables(empty) == {"schema_migration"}


def test_an_applied_step_that_was_changed_is_refused(empty: duckdb.DuckDBPyConnection) -> None:
    migrate.migrate(empty, HERE, [GOOD])
    with pytest.raises(WarehouseForeign, match=r"step 1 \(notes\)"):
        migrate.migrate(empty, HERE, [replace(GOOD, sql=GOOD.sql + " ")])


def test_a_newer_schema_is_refused_by_writers_and_readers(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    with connect.writer(place, wait_seconds=0) as connection:
        connection.execute("INSERT INTO schema_migration VALUES (9999, 'later', 'x', now())")
    for door in (connect.writer, connect.reader):
        with pytest.raises(WarehouseNewer, match="this storywatch knows"), door(place, wait_seconds=0):
            pass


def test_a_reader_of_an_older_schema_says_how_to_bring_it_up_to_date(empty: duckdb.DuckDBPyConnection) -> None:
    migrate.migrate(empty, HERE, migrate.migrations()[:1])
    with pytest.raises(WarehouseError, match="storywatch run"):
        migrate.require_current(empty, HERE)


def test_every_step_keeps_what_was_there_before_it(empty: duckdb.DuckDBPyConnection) -> None:
    steps = migrate.migrations()
    migrate.migrate(empty, HERE, steps[:1])
    load.start_run(empty, RUN, T0, command="run")
    load.record_entries(empty, [make_entry("a")], RUN)
    stored = [make_judged("a")]
    for name, batch in [
        ("article", batches.articles(stored)),
        ("article_text", batches.article_texts(stored)),
        ("story_match", batches.story_matches(stored)),
    ]:
        with batches.registered(empty, batch):
            empty.execute(statement(f"load/{name}"), {"run_id": RUN})
    # What later steps gave other columns, as the first one had it.
    verdict = (make_entry("a").url, "independent", None, 0.1, 0.05, 4, 0.45, 0.2, None, RUN)
    empty.execute("INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", verdict)
    empty.execute("INSERT INTO posting VALUES (?, ?, ?)", (2**64 - 1, make_entry("a").url, RUN))
    load.record_decisions(empty, [make_decision("a")], RUN)
    load.finish_run(empty, make_report())
    count = "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM decision), (SELECT count(*) FROM run)"
    for end in range(1, len(steps) + 1):
        migrate.migrate(empty, HERE, steps[:end])
        assert empty.execute(count).fetchall() == [(1, 2, 1)]
    assert empty.execute("SELECT url FROM coverage").fetchall() == [(make_entry("a").url,)]
    assert [one.url for one in read.outdated_sketches(empty, 99)] == [make_entry("a").url]


@pytest.mark.parametrize(
    "names", [["0002_late.sql"], ["0001_a.sql", "0001_b.sql"], ["0001_a.sql", "0003_c.sql"], ["a.sql"]]
)
def test_steps_are_numbered_without_gaps(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(ValueError, match=r"NNNN_name|without gaps"):
        migrate.migrations(tmp_path)


def test_every_table_view_and_column_has_a_comment(current: duckdb.DuckDBPyConnection) -> None:
    missing = """
        SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''
        UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''
        UNION ALL
        SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''
    """
    assert current.execute(missing).fetchall() == []
    assert len(current.execute("SELECT 1 FROM duckdb_columns() WHERE NOT internal").fetchall()) > 150


def test_every_time_knows_its_zone_and_is_named_so(current: duckdb.DuckDBPyConnection) -> None:
    columns = current.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE NOT internal").fetchall()
    for name, kind in columns:
        assert ("TIMESTAMP" in kind or "DATE" in kind) == name.endswith("_at")
        assert kind == "TIMESTAMP WITH TIME ZONE" or not name.endswith("_at")


def test_every_row_says_which_run_wrote_it(current: duckdb.DuckDBPyConnection) -> None:
    having = "SELECT table_name FROM duckdb_columns() WHERE NOT internal AND column_name = 'run_id'"
    with_run = {row[0] for row in current.execute(having).fetchall()}
    assert tables(current) - with_run == {"schema_migration"}


def test_there_are_keys_but_no_other_indexes_and_no_foreign_keys(current: duckdb.DuckDBPyConnection) -> None:
    assert current.execute("FROM duckdb_indexes()").fetchall() == []
    kinds = current.execute("SELECT table_name, constraint_type FROM duckdb_constraints()").fetchall()
    assert {table for table, kind in kinds if kind == "PRIMARY KEY"} == tables(current) - {"posting"}
    assert "FOREIGN KEY" not in {kind for _, kind in kinds}


def test_the_ledger_takes_each_reason_with_its_outcome_and_with_no_other(current: duckdb.DuckDBPyConnection) -> None:
    checks = """
        SELECT constraint_text FROM duckdb_constraints()
        WHERE table_name = ? AND constraint_type = 'CHECK' AND constraint_text LIKE '%reason IN%'
    """
    ((check,),) = current.execute(checks, ["entry"]).fetchall()
    assert current.execute(checks, ["decision"]).fetchall() == [(check,)]
    pairs = f"""
        SELECT outcome, reason FROM (SELECT unnest($outcomes) AS outcome), (SELECT unnest($reasons) AS reason)
        WHERE {check.removeprefix("CHECK")}
    """
    given = {"outcomes": [str(outcome) for outcome in Outcome], "reasons": [*REASONS, "because", ""]}
    taken = set(current.execute(pairs, given).fetchall())
    assert taken == {(str(outcome), reason) for reason, outcome in REASONS.items()}


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("entry", {"published_at": None, "published_precision": "day"}),
        ("entry", {"published_precision": "hour"}),
        ("entry", {"outcome": "forgotten"}),
        ("entry", {"outcome": "failed"}),
        ("decision", {"reason": "gate"}),
        ("decision", {"outcome": "forgotten"}),
        ("entry", {"attempts": -1}),
        ("entry", {"title": None}),
        ("entry", {"last_seen_at": OLD_ROWS["entry"]["first_seen_at"] - timedelta(seconds=1)}),
        ("article", {"language_confidence": 1.01}),
        ("article", {"published_from": "gossip"}),
        ("article", {"published_source": "a friend"}),
        ("article", {"published_at": None}),
        ("article", {"modified_at": None}),
        ("article", {"modified_precision": "year"}),
        ("article", {"page_class": "listing"}),
        ("article", {"published_offset_minutes": 1440}),
        ("verdict", {"similarity": -0.01}),
        ("verdict", {"similarity": None}),
        ("verdict", {"similarity_threshold": 2}),
        ("verdict", {"containment": 1.5}),
        ("verdict", {"of": None}),
        ("verdict", {"kind": "copied"}),
        ("verdict_history", {"resemblance": 1.5}),
        ("verdict_history", {"of": None}),
        ("feed_state", {"backoff": -1}),
        ("feed_state", {"entry_count": -1}),
        ("feed_state", {"interval_seconds": -1}),
        ("story_match", {"score": 1.1}),
        ("story_match", {"relevance": "perhaps"}),
        ("revision", {"cause": "whim"}),
        ("backfill_slice", {"state": "lost"}),
        ("feed", {"kind": "altavista"}),
        ("fetch", {"kind": "chat"}),
        ("run", {"status": "completed", "ended_at": None}),
    ],
)
def test_a_table_refuses_what_the_records_rule_out(
    current: duckdb.DuckDBPyConnection, table: str, changes: dict[str, object]
) -> None:
    current.begin()
    insert_old(current, table, OLD_ROWS[table])
    current.rollback()
    current.begin()
    with pytest.raises(duckdb.ConstraintException):
        insert_old(current, table, OLD_ROWS[table] | changes)
    current.rollback()


def test_names_of_tables_and_views_are_singular(current: duckdb.DuckDBPyConnection) -> None:
    views = {row[0] for row in current.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    assert {name for name in tables(current) | views if name.endswith("s")} == set()


def test_each_statement_has_a_header_that_says_purpose_and_result() -> None:
    files = sorted(SQL_FOLDER.rglob("*.sql"))
    assert len(files) > 40
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        header = [line for line in lines if line.startswith("--")]
        assert lines[0].startswith("-- Purpose: "), file
        assert any(line.startswith("-- Result: ") for line in header), file


def test_the_feeds_of_a_warehouse_before_the_searches_are_kept_and_gdelt_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    row = ("https://lantern.example/rss", "Lantern", None, "en", "rss", True, RUN)
    with duckdb.connect(str(path)) as old:
        migrate.migrate(old, path, migrate.migrations()[:2])
        old.execute("INSERT INTO feed VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    with duckdb.connect(str(path)) as new:
        migrate.migrate(new, path)
        assert new.execute("SELECT url, name, outlet, language, kind, enabled, run_id FROM feed").fetchall() == [row]
        new.execute("UPDATE feed SET kind = 'gdelt'")
        with pytest.raises(duckdb.ConstraintException):
            new.execute("UPDATE feed SET kind = 'altavista'")
        with pytest.raises(duckdb.ConstraintException):
            new.execute("INSERT INTO feed SELECT * FROM feed")
