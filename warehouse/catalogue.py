"""What the warehouse says of itself: tables and views with the meaning of each column, from their comments."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.rows import rows


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or view."""

    name: str
    type: str  # as DuckDB spells it
    comment: str  # what it means; empty: nobody said


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view."""

    name: str
    is_view: bool
    comment: str
    sql: str  # the query of a view; empty for a table
    columns: tuple[Column, ...]


def relations(connection: duckdb.DuckDBPyConnection) -> list[Relation]:
    """All tables, then all views, in the order of their names."""
    return [
        Relation(
            name=row["relation"],
            is_view=row["is_view"],
            comment=row["comment"] or "",
            sql=(row["sql"] or "").partition(" AS ")[2].rstrip("; \n"),
            columns=tuple(map(Column, row["names"], row["types"], row["comments"])),
        )
        for row in rows(connection, "read/catalogue")
    ]
