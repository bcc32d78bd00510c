"""What keeps the warehouse small over months: the log written into the file, and rows that nothing tells of forgotten.

Of the ledger nothing goes: entries, decisions, exchanges for pages, articles, their histories and the runs stay, so
discovered remains the sum of the outcomes and `why` tells the whole way of every URL. What goes are exchanges with
feeds and robots.txt, some 100 a run: the state of a feed is in feed_state, and its last exchange stays.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from warehouse import connect, faults
from warehouse.connect import DataDir
from warehouse.rows import rows, utc
from warehouse.statements import statement


def log_bytes(data_dir: DataDir) -> int:
    """Size of what was committed and is not in the file yet."""
    log = connect.log_of(data_dir.warehouse_path)
    return log.stat().st_size if log.is_file() else 0


def checkpoint(data_dir: DataDir, *, wait_seconds: float) -> None:
    """Write the log into the file. Raises WarehouseMissing and what connect.writer raises."""
    connect.require(data_dir)
    path = data_dir.warehouse_path
    with (
        connect.alone(data_dir, wait_seconds=wait_seconds) as deadline,
        faults.duckdb_errors(path),
        connect.opened(path, deadline) as connection,
    ):
        connection.execute(statement("publish/checkpoint"))


def old_exchanges(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """How many exchanges `forget_exchanges` would forget."""
    return int(rows(connection, "upkeep/exchanges_old", before=before)[0]["exchanges"])


def forget_exchanges(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Forget exchanges with feeds and robots.txt that ended before; returns how many. Inside connect.writer."""
    forgotten = connection.execute(statement("upkeep/exchanges_forgotten"), {"before": before}).fetchall()
    return int(forgotten[0][0])


def pages_on_story(connection: duckdb.DuckDBPyConnection) -> frozenset[datetime]:
    """When the pages were fetched that the stored articles on the story were taken from."""
    found = connection.execute(statement("upkeep/pages_on_story")).fetchall()
    return frozenset(utc(row[0]) for row in found)
