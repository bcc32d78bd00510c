"""tools/schema.py and warehouse/catalogue.py: docs/schema.md says what the warehouse says of itself, and all of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tools import schema
from warehouse import migrate
from warehouse.catalogue import Relation, relations


@pytest.fixture(scope="module")
def found() -> list[Relation]:
    with duckdb.connect() as connection:
        migrate.migrate(connection, Path("here"))
        return relations(connection)


def test_docs_schema_is_what_make_schema_writes() -> None:
    assert schema.FILE.read_text("utf-8") == schema.schema(), "stale: run `make schema`"


def test_every_table_view_and_column_is_in_it_with_its_meaning(found: list[Relation]) -> None:
    sections = dict(part.split("\n", 1) for part in schema.FILE.read_text("utf-8").split("\n## ")[1:])
    assert len(found) > 30
    for relation in found:
        assert relation.comment in sections[relation.name]
        for column in relation.columns:
            assert f"| `{column.name}` |" in sections[relation.name]
            assert column.comment.replace("|", "\\|") in sections[relation.name]


def test_its_diagrams_know_every_table_and_every_view(found: list[Relation]) -> None:
    entities, flow = (part.split("```")[0] for part in schema.schema().split("```mermaid\n")[1:])
    apart = {"backfill_slice", "schema_migration"}  # nothing refers to them
    for relation in found:
        if relation.is_view:
            assert f"--> {relation.name}([{relation.name}])" in flow
        elif relation.name not in apart:
            assert f" {relation.name} " in entities
    columns = {relation.name: {column.name for column in relation.columns} for relation in found}
    for one, many, column in schema.REFERENCES:
        assert one in columns
        assert column in columns[many]
