"""How many rows the last commit left, kept beside the private file: a log that got lost is noticed, never forgiven.

A process that is killed after a commit leaves part of it in DuckDB's log (warehouse.duckdb.wal). DuckDB 2.0.0 opens the
file without a word when that log is deleted, cut short or zeroed, rows missing. The numbers are written after the
commit, so a kill in between only makes them too small. For who holds the file open.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import duckdb

from extractors.errors import WarehouseDamaged
from warehouse.statements import statement

_NAME = "rows.json"


def require_none(warehouse_path: Path) -> None:
    """Raises WarehouseDamaged when the last commit left rows: and there is no file: who begins anew would lose them."""
    urls = _kept(warehouse_path.with_name(_NAME)).get("entry", 0)
    if urls:
        raise WarehouseDamaged(
            warehouse_path,
            f"the file is gone, and the last commit left {urls} URLs in it; put it back or restore a backup, or delete "
            f"{_NAME} beside it to begin anew",
        )


def forget(warehouse_path: Path) -> None:
    """A new warehouse begins: what was kept is of another one."""
    warehouse_path.with_name(_NAME).unlink(missing_ok=True)


def are_kept(warehouse_path: Path) -> bool:
    """Whether the counts of a commit are there."""
    return warehouse_path.with_name(_NAME).is_file()


def keep(connection: duckdb.DuckDBPyConnection, warehouse_path: Path) -> None:
    """Write down what the commit left. A full disk leaves the numbers of an earlier one, which promise less."""
    path = warehouse_path.with_name(_NAME)
    new = path.with_name(_NAME + ".new")
    with contextlib.suppress(OSError):
        new.write_text(json.dumps(_rows(connection)) + "\n", "ascii")
        new.replace(path)


def require(connection: duckdb.DuckDBPyConnection, warehouse_path: Path) -> None:
    """Raises WarehouseDamaged when a table has fewer rows than the last commit left in it."""
    kept = _kept(warehouse_path.with_name(_NAME))
    rows = _rows(connection)
    for relation in rows.keys() & kept.keys():
        if rows[relation] < kept[relation]:
            raise WarehouseDamaged(
                warehouse_path,
                f"{relation} has {rows[relation]} rows, the last commit left {kept[relation]}: its log was lost or cut "
                f"short; put the log back or restore a backup, or delete {_NAME} beside it to go on without them",
            )


def all_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Table -> rows, of every table of a file of any version."""
    tables = [str(row[0]) for row in connection.execute(statement("migrate/tables")).fetchall()]
    return {table: int(connection.table(f'"{table}"').shape[0]) for table in tables}


def _rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return {str(relation): int(rows) for relation, rows in connection.execute(statement("read/kept_rows")).fetchall()}


def _kept(path: Path) -> dict[str, int]:
    """The counts in the file `path`; empty: it is not there, or can't be read."""
    try:
        return {str(relation): int(count) for relation, count in dict(json.loads(path.read_text("ascii"))).items()}
    except (OSError, ValueError, TypeError, OverflowError):  # a hint: none is better than one that can't be read
        return {}
