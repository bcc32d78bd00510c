"""docs/schema.md from the comments in the warehouse: `make schema`. A test fails when it is stale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from warehouse import connect, migrate, publish
from warehouse.catalogue import Relation, relations
from warehouse.examples import examples

FILE = Path(__file__).parent.parent / "docs" / "schema.md"

# What leads from a table to another; no foreign keys in DuckDB, which block upserts of the parent.
REFERENCES = (
    ("run", "entry", "run_id"),
    ("feed", "entry", "feed_url"),
    ("feed", "feed_state", "feed_url"),
    ("feed", "fetch", "url"),
    ("entry", "fetch", "url"),
    ("entry", "decision", "url"),
    ("entry", "article", "entry_url"),
    ("article", "article_text", "article_url"),
    ("article", "story_match", "article_url"),
    ("article", "story_match_history", "article_url"),
    ("article", "article_step", "article_url"),
    ("step", "article_step", "step"),
    ("article", "verdict", "article_url"),
    ("article", "verdict", "of"),
    ("seed", "verdict", "of"),
    ("article", "verdict_history", "article_url"),
    ("article", "revision", "article_url"),
    ("article", "sketch", "article_url"),
    ("sketch", "posting", "sketch_id"),
    ("seed", "seed_text", "slug"),
    ("run", "url_rule", "run_id"),
)

# At most one row each, instead of many.
_ONE = frozenset({"article_text", "story_match", "feed_state", "seed_text", "sketch"})
_READ = re.compile(r'\b(?:FROM|JOIN) \(*"?(\w+)"?')

HEAD = """\
# The schema

Made by `make schema` from the comments in the warehouse; edit those (`warehouse/sql/migrations/`), not this file.

**Views are the public interface**: they change by addition only. Tables may change with any version; tables and
columns that are marked *private* are not in the published file. All times are `TIMESTAMP WITH TIME ZONE`, in UTC. The
file says the same of itself: `storywatch query --list`; `SELECT column_name, comment FROM duckdb_columns()`.
"""


def schema() -> str:
    """The text of docs/schema.md."""
    with duckdb.connect() as connection:
        migrate.migrate(connection, Path("memory"))
        found = relations(connection)
        views = [one for one in found if one.is_view]
        tables = [one for one in found if not one.is_view]
        names = {one.name for one in found}
        reads = {view.name: sorted(names & set(_READ.findall(view.sql))) for view in views}
    published = _published()
    parts = [
        HEAD,
        "## How tables belong together\n",
        *_entities(),
        "## What the views read\n",
        *_flow(reads),
        "# Views\n",
        *(line for view in views for line in _section(view, published)),
        "# Tables\n",
        *(line for table in tables for line in _section(table, published)),
    ]
    return "\n".join(parts)


def _entities() -> Iterator[str]:
    yield "```mermaid\nerDiagram"
    for one, many, column in REFERENCES:
        is_one = many in _ONE or (one, many, column) == ("article", "verdict", "article_url")
        yield f'    {one} ||--{"o|" if is_one else "o{"} {many} : "{column}"'
    yield "```\n"


def _flow(reads: dict[str, list[str]]) -> Iterator[str]:
    yield "```mermaid\nflowchart LR"
    for view, sources in reads.items():
        yield from (f"    {source} --> {view}([{view}])" for source in sources)
    yield "```\n"


def _published() -> dict[str, set[str]]:
    """Tables and views of a published file -> their columns."""
    with TemporaryDirectory() as folder:
        place = connect.DataDir(Path(folder))
        publish.publish(place, "schema", now=datetime.now(UTC), wait_seconds=0)
        with connect.public_reader(place) as connection:
            return {one.name: {column.name for column in one.columns} for one in relations(connection)}


def _section(relation: Relation, published: dict[str, set[str]]) -> Iterator[str]:
    columns = published.get(relation.name)
    private = "" if columns is not None else " *Private.*"
    yield f"## {relation.name}\n"
    yield f"{relation.comment}{private}\n"
    named = [f"`{one.name}`" for one in examples() if relation.is_view and _is_about(one.name, relation.name)]
    if named:
        yield f"Examples (`storywatch query --example NAME`): {', '.join(named)}\n"
    yield "| column | type | meaning |\n| --- | --- | --- |"
    for column in relation.columns:
        kind = column.type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").replace("|", "\\|")
        hidden = "" if columns is None or column.name in columns else " *Private.*"
        yield f"| `{column.name}` | {kind} | {column.comment.replace('|', chr(92) + '|')}{hidden} |"
    yield ""


def _is_about(example: str, view: str) -> bool:
    """Names of views begin one another: coverage_by_day_total is about coverage_by_day."""
    return example.startswith(f"{view}_") and not (view == "coverage" and example.startswith("coverage_by_day_"))


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
    print(FILE.relative_to(Path.cwd()) if FILE.is_relative_to(Path.cwd()) else FILE)
