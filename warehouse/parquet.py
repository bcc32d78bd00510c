"""The view article_all of a snapshot as Parquet beside it, for who reads more than fits a client, or has no DuckDB.

    snapshots/<n>/parquet/month=2025-10/article_all.parquet     by month of first_seen_at in UTC, zstd, mode 0444

A month whose rows are those of the snapshot before is not written again: its file gets a second name here. Whoever has
an older file open keeps it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse import migrate
from warehouse.connect import sync
from warehouse.rows import rows
from warehouse.snapshots import Manifest, ParquetFile, digest
from warehouse.statements import statement

FOLDER_NAME = "parquet"
FILE_NAME = "article_all.parquet"


def write(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, before: Manifest | None, before_folder: Path
) -> tuple[ParquetFile, ...]:
    """Write the months of the snapshot that `connection` reads below `folder`, to the disk; by month, ascending.

    `before`: manifest of the snapshot in `before_folder`, whose files may be taken; None: none may.
    """
    top = folder / FOLDER_NAME
    top.mkdir()
    known = {}
    if before is not None and before.schema_version == migrate.schema_version():
        known = {one.month: one for one in before.parquet}
    written = []
    for month in rows(connection, "publish/parquet_months"):
        path = f"{FOLDER_NAME}/month={month['month']}/{FILE_NAME}"
        (folder / path).parent.mkdir()
        old = known.get(month["month"])
        is_same = old is not None and (old.path, old.digest) == (path, month["digest"])
        if old is not None and is_same and _linked(before_folder / path, folder / path, old.sha256):
            written.append(old)
        else:
            _write_month(connection, folder / path, month["since_at"])
            written.append(
                ParquetFile(
                    path=path,
                    month=month["month"],
                    rows=int(month["row_count"]),
                    digest=month["digest"],
                    sha256=digest(folder / path),
                    size_bytes=(folder / path).stat().st_size,
                )
            )
        sync((folder / path).parent)
    sync(top)
    return tuple(written)


def _linked(old: Path, new: Path, sha256: str) -> bool:
    """Whether the file `old`, if it is what it was, could be given the second name `new`."""
    with suppress(OSError):  # it is gone, or the file system has no second names
        if digest(old) == sha256:  # else a damaged file would be handed on for ever
            os.link(old.resolve(), new)
            return True
    return False


def _write_month(connection: duckdb.DuckDBPyConnection, path: Path, since_at: datetime) -> None:
    connection.execute(statement("publish/parquet_month"), {"path": str(path), "since_at": since_at})
    path.chmod(0o444)
    sync(path)
