"""Rows of a named statement as Python values; the one place where times of DuckDB become times of ours."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import duckdb

from extractors.records import Article
from warehouse.statements import statement

_ARTICLE = tuple(field.name for field in fields(Article))


def rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of sql/<name>.sql by column name; times are aware UTC, as datetime.UTC rather than pytz's."""
    connection.execute(statement(name), parameters or None)
    names = [str(column[0]) for column in connection.description or ()]
    return [dict(zip(names, map(utc, row), strict=True)) for row in connection.fetchall()]


def utc(value: object) -> Any:
    """An aware time in datetime.UTC; any other value as it is."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else value


def article_of(row: dict[str, Any]) -> Article:
    """The article in a row whose columns are named as its fields; those with a default may be absent, and others are
    let be."""
    given = {name: row[name] for name in _ARTICLE if name in row}
    return Article(**given | {"authors": tuple(row.get("authors", ()))})
