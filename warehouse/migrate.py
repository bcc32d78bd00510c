"""The schema, step by step: sql/migrations/NNNN_*.sql, applied in order, each with its record in one transaction.

A migration that was applied is never changed (its checksum is kept); a newer warehouse is refused, never guessed at.
It is called by connect alone, which holds the lock.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from extractors.errors import WarehouseError, WarehouseForeign, WarehouseNewer
from warehouse.statements import SQL_FOLDER, statement


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int  # from 1, without gaps
    name: str
    sql: str  # several statements

    @property
    def checksum(self) -> str:
        """SHA-256 in hex of its text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def migrations(folder: Path = SQL_FOLDER / "migrations") -> tuple[Migration, ...]:
    """All steps of `folder` in order. Raises ValueError when their numbers are not 1, 2, 3, ..."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        parts = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
        if parts is None:
            raise ValueError(f"{path}: a migration is called NNNN_name.sql")
        found.append(Migration(int(parts[1]), parts[2], path.read_text(encoding="utf-8")))
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{folder}: migrations are numbered 1, 2, 3, ... without gaps")
    return tuple(found)


def schema_version() -> int:
    """Version of the schema that this storywatch writes."""
    return len(migrations())


def migrate(
    connection: duckdb.DuckDBPyConnection, path: Path, steps: Sequence[Migration] | None = None
) -> list[Migration]:
    """Apply what is missing and return it; a step that fails leaves the schema as it was before that step.

    `path` is for messages. Raises WarehouseForeign (tables of others, or an applied step was changed), WarehouseNewer,
    duckdb.Error.
    """
    steps = migrations() if steps is None else steps
    missing = missing_steps(connection, path, steps)
    for step in missing:
        connection.begin()
        try:
            if step.version == 1:
                connection.execute(statement("migrate/schema_migration"))
            connection.execute(step.sql)
            connection.execute(
                statement("migrate/record"), {"version": step.version, "name": step.name, "checksum": step.checksum}
            )
            connection.commit()
        except duckdb.Error:
            with suppress(duckdb.Error):  # the first error tells more than that there is nothing to roll back
                connection.rollback()
            raise
    return missing


def require_current(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """For readers, who can't migrate. Raises what `migrate` raises, and WarehouseError for an older schema."""
    missing = missing_steps(connection, path)
    if missing:
        raise WarehouseError(
            path,
            f"its schema lacks step {missing[0].version} ({missing[0].name}); `storywatch db migrate` brings it up to "
            "date, and so does the next `storywatch run`",
        )


def missing_steps(
    connection: duckdb.DuckDBPyConnection, path: Path, steps: Sequence[Migration] | None = None
) -> list[Migration]:
    """The steps that the file lacks; nothing is written. `path` is for messages. Raises what `migrate` raises."""
    steps = migrations() if steps is None else steps
    try:
        applied = connection.execute(statement("migrate/applied")).fetchall()
    except duckdb.CatalogException:  # not asked first: listing the tables costs 20 to 60 ms, at every use
        tables = [str(row[0]) for row in connection.execute(statement("migrate/tables")).fetchall()]
        if tables:
            raise WarehouseForeign(
                path, f"it has tables of others ({', '.join(tables[:5])}); move it away, or set another data_dir"
            ) from None
        return list(steps)
    if len(applied) > len(steps):
        raise WarehouseNewer(
            path,
            f"its schema has version {len(applied)}, this storywatch knows {len(steps)}; "
            "install the storywatch that wrote it, or a newer one",
        )
    for (version, name, checksum), step in zip(applied, steps, strict=False):
        if (version, checksum) != (step.version, step.checksum):
            raise WarehouseForeign(
                path,
                f"step {version} ({name}) of its schema was another one than this storywatch's; "
                "install the storywatch that made it",
            )
    return list(steps[len(applied) :])
