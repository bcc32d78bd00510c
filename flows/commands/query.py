"""storywatch query: SQL on the published file."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from flows.commands import options
from flows.plain import csv_cell, json_value


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def command(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One query; - reads it from standard input.")],
    data: options.Data = None,
    output: Annotated[Format, typer.Option("--format", "-f", help="How rows are printed.")] = Format.TABLE,
) -> None:
    """Ask the published file a question in SQL. Never waits for a run, never writes.

    The views are coverage, article_all, ledger, why, run_health, feed_health, backfill, duplicate_group,
    revision_history and story_step. What each is, and what their columns mean, is in the file: SELECT view_name,
    comment FROM duckdb_views() WHERE NOT internal. A table cuts cells that are longer than the screen is wide; csv and
    json have all.

    [bold]Examples[/bold]

    \b
    storywatch query "SELECT published_at, outlet, title FROM coverage LIMIT 10"
    storywatch query "SELECT language, count(*) AS articles FROM coverage GROUP BY ALL ORDER BY 2 DESC"
    storywatch query --format csv "FROM coverage" > coverage.csv
    """
    from flows.commands.show import print_rows
    from flows.settings import load_settings
    from warehouse import connect, read

    settings = load_settings({"data_dir": data})
    with connect.public_reader(connect.DataDir(settings.data_dir)) as con:
        columns, rows = read.query(con, sys.stdin.read() if sql == "-" else sql)
    if output is Format.JSON:
        names = [name if name not in columns[:n] else f"{name}_{n}" for n, name in enumerate(columns)]
        lines = (json.dumps(dict(zip(names, map(json_value, row), strict=True)), ensure_ascii=False) for row in rows)
        print("[\n" + ",\n".join(lines) + "\n]" if rows else "[]")
    elif output is Format.CSV:
        cells = csv.writer(sys.stdout, lineterminator="\n")
        cells.writerow(columns)
        cells.writerows(map(csv_cell, row) for row in rows)
    else:
        is_cut = print_rows(columns, rows)
        hint = "; long cells are cut, --format csv or json shows all of them" if is_cut else ""
        print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}{hint}", file=sys.stderr)
