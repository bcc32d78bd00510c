"""warehouse/sql/migrations: each step, from the version before it, with data in, finished or killed half way."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.errors import WarehouseForeign, WarehouseNewer
from tests.old_rows import stock
from warehouse import migrate

ROOT = Path(__file__).parents[1]
STEPS = migrate.migrations()
EACH = pytest.mark.parametrize("version", [step.version for step in STEPS], ids=[step.name for step in STEPS])

# What a step does to rows on purpose; everything else that was there has to be there afterwards.
DROPPED = {8: {"posting"}}  # sketches are made anew at the next run
RENAMED = {11: {"url_rules": "url_rule", "story_match_past": "story_match_history"}}

# Applies the step half way, as far as its statements go, says so and is killed before it commits.
KILLED_HALF_WAY = """
import os, signal, sys
from pathlib import Path
from warehouse import migrate
import duckdb
path, version = Path(sys.argv[1]), int(sys.argv[2])
step = migrate.migrations()[version - 1]
connection = duckdb.connect(str(path))
connection.begin()
connection.execute(step.sql)
os.kill(os.getpid(), signal.SIGKILL)
"""
# Applies the step and is killed before DuckDB has moved its log into the file.
KILLED_AFTERWARDS = """
import os, signal, sys
from pathlib import Path
from warehouse import migrate
import duckdb
path, version = Path(sys.argv[1]), int(sys.argv[2])
connection = duckdb.connect(str(path))
connection.execute("SET wal_autocheckpoint = '1TB'")
migrate.migrate(connection, path, migrate.migrations()[:version])
os.kill(os.getpid(), signal.SIGKILL)
"""

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def olds(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Path]:
    """Version -> a file of that version with a row in every table."""
    folder = tmp_path_factory.mktemp("olds")
    files = {}
    for version in range(len(STEPS) + 1):
        files[version] = folder / f"{version}.duckdb"
        with duckdb.connect(str(files[version])) as connection:
            if version:
                migrate.migrate(connection, files[version], STEPS[:version])
            stock(connection)
    return files


def content(connection: duckdb.DuckDBPyConnection) -> Tables:
    """Table -> rows by column name."""
    found: Tables = {}
    for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall():
        connection.execute(f'FROM "{table}" ORDER BY ALL')
        names = [column[0] for column in connection.description or ()]
        found[table] = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    return found


def expected(before: Tables, after: Tables, version: int) -> Tables:
    """The rows of before as the step has to leave them: where a table has new columns, these as they are."""
    renamed = RENAMED.get(version, {})
    wanted: Tables = {}
    for old_name, rows in before.items():
        name = renamed.get(old_name, old_name)
        if name == "schema_migration":
            continue
        wanted[name] = []
        if old_name not in DROPPED.get(version, set()):
            assert len(after[name]) == len(rows)
            wanted[name] = [
                {column: row.get(column, now[column]) for column in now}
                for row, now in zip(rows, after[name], strict=True)
            ]
            assert all(row.keys() <= now.keys() for row, now in zip(rows, after[name], strict=True))
    return wanted


def copied(olds: Mapping[int, Path], version: int, folder: Path) -> Path:
    return Path(shutil.copy(olds[version], folder / "warehouse.duckdb"))


def killed(code: str, path: Path, version: int) -> None:
    child = subprocess.run([sys.executable, "-c", code, str(path), str(version)], cwd=ROOT, check=False)
    assert child.returncode == -signal.SIGKILL


@EACH
def test_a_step_keeps_every_row_of_the_version_before_it(
    version: int, olds: Mapping[int, Path], tmp_path: Path
) -> None:
    path = copied(olds, version - 1, tmp_path)
    with duckdb.connect(str(path)) as connection:
        before = content(connection)
        assert all(before.values())
        assert [step.version for step in migrate.migrate(connection, path, STEPS[:version])] == [version]
        after = content(connection)
        wanted = expected(before, after, version)
        assert {name: after[name] for name in wanted} == wanted


@EACH
def test_after_a_step_every_view_answers_and_everything_has_its_comment(
    version: int, olds: Mapping[int, Path], tmp_path: Path
) -> None:
    path = copied(olds, version - 1, tmp_path)
    with duckdb.connect(str(path)) as connection:
        migrate.migrate(connection, path, STEPS[:version])
        views = connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
        for view, _ in views:
            connection.execute(f"FROM {view}").fetchall()
        said = connection.execute("SELECT comment FROM duckdb_columns() WHERE NOT internal").fetchall()
        said += connection.execute("SELECT comment FROM duckdb_tables()").fetchall()
        assert all(comment for (comment,) in said)
        assert all(comment for _, comment in views)


@EACH
def test_a_step_killed_half_way_leaves_the_file_as_it_was_and_the_next_one_does_it(
    version: int, olds: Mapping[int, Path], tmp_path: Path
) -> None:
    path = copied(olds, version - 1, tmp_path)
    with duckdb.connect(str(path), read_only=True) as connection:
        before = content(connection)
    killed(KILLED_HALF_WAY, path, version)
    with duckdb.connect(str(path)) as connection:
        assert content(connection) == before
        assert [step.version for step in migrate.migrate(connection, path, STEPS[:version])] == [version]


@pytest.mark.parametrize("version", [11, len(STEPS)])  # the one that makes the most tables anew, and the last one
def test_a_step_is_there_although_the_process_was_killed_right_after_it(
    version: int, olds: Mapping[int, Path], tmp_path: Path
) -> None:
    path = copied(olds, version - 1, tmp_path)
    with duckdb.connect(str(path), read_only=True) as connection:
        before = content(connection)
    killed(KILLED_AFTERWARDS, path, version)
    with duckdb.connect(str(path)) as connection:
        after = content(connection)
        wanted = expected(before, after, version)
        assert {name: after[name] for name in wanted} == wanted
        assert migrate.migrate(connection, path, STEPS[:version]) == []


@pytest.mark.parametrize("version", [1, len(STEPS) - 1])
def test_an_older_version_comes_to_the_schema_of_a_new_file(
    version: int, olds: Mapping[int, Path], tmp_path: Path
) -> None:
    path = copied(olds, version, tmp_path)
    with duckdb.connect(str(path)) as connection, duckdb.connect() as fresh:
        migrate.migrate(connection, path)
        migrate.migrate(fresh, path)
        for schema in ("duckdb_columns()", "duckdb_views()", "duckdb_constraints()"):
            names = {
                "duckdb_columns()": "table_name, column_name, column_index, data_type, is_nullable, comment",
                "duckdb_views()": "view_name, sql, comment",
                "duckdb_constraints()": "table_name, constraint_type, constraint_text",
            }[schema]
            where = "WHERE NOT internal" if schema != "duckdb_constraints()" else ""
            ask = f"SELECT {names} FROM {schema} {where} ORDER BY ALL"
            assert connection.execute(ask).fetchall() == fresh.execute(ask).fetchall()


def test_a_file_of_a_newer_version_or_with_another_step_is_refused(olds: Mapping[int, Path], tmp_path: Path) -> None:
    path = copied(olds, len(STEPS), tmp_path)
    with duckdb.connect(str(path)) as connection:
        with pytest.raises(WarehouseNewer, match=f"has version {len(STEPS)}, this storywatch knows {len(STEPS) - 1}"):
            migrate.migrate(connection, path, STEPS[:-1])
        connection.execute("UPDATE schema_migration SET checksum = 'another' WHERE version = 3")
        with pytest.raises(WarehouseForeign, match="step 3"):
            migrate.migrate(connection, path)
