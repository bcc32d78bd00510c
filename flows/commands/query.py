"""storywatch query: SQL on the published file."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.plain import csv_cell, json_value

if TYPE_CHECKING:
    from warehouse.connect import Connection


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def command(
    sql: Annotated[
        str | None, typer.Argument(metavar="[SQL]", help="One query; - reads it from standard input.")
    ] = None,
    data: options.Data = None,
    wanted: Annotated[
        Format | None, typer.Option("--format", "-f", help="How rows are printed.  [default: table, or by --output]")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Read the query from a file.")] = None,
    example: Annotated[
        str | None, typer.Option("--example", metavar="NAME", help="Ask one of the examples that --list names.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, whole or not at all: .csv, .json, .parquet."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the views with their meaning, and the examples.")
    ] = False,
) -> None:
    """Ask the published file a question in SQL. Never waits for a run, never writes to the warehouse.

    --list says what can be asked: the views and the examples. What the columns of a view mean is in the file, too:
    SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'coverage'. A table cuts cells that are longer
    than the screen is wide; csv, json and parquet have all.

    [bold]Examples[/bold]

    \b
    storywatch query "SELECT published_at, outlet, title FROM coverage LIMIT 10"
    storywatch query --list
    storywatch query --example coverage_by_day_total
    storywatch query --file mine.sql --format csv > mine.csv
    storywatch query --output coverage.parquet "FROM coverage"
    """
    from flows.settings import load_settings
    from warehouse import connect

    data_dir = connect.DataDir(load_settings({"data_dir": data}).data_dir)
    if listed:
        with connect.public_reader(data_dir) as con:
            _list(con)
        return
    asked, output = _sql(sql, file, example), _format(wanted, target)
    with connect.public_reader(data_dir) as con:
        count = _parquet(con, asked, target) if output is Format.PARQUET else _text(con, asked, output, target)
    if target is not None:
        print(f"{_rows(count)} in {target}", file=sys.stderr)


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _sql(sql: str | None, file: Path | None, example: str | None) -> str:
    """The query, from the one place where it is given. Raises SettingsError."""
    from extractors.errors import SettingsError
    from warehouse.examples import example as example_of

    if [sql, file, example].count(None) != 2:
        raise SettingsError("SQL", sql or "", "give one of SQL, --file and --example, or --list", "the command line")
    if example is not None:
        return example_of(example).sql
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError("--file", str(file), f"it can't be read: {error}", "the command line") from error
    return sys.stdin.read() if sql == "-" else str(sql)


def _format(wanted: Format | None, target: Path | None) -> Format:
    """How rows are written: as asked for, else as the ending of the file says. Raises SettingsError."""
    from extractors.errors import SettingsError

    ending = target.suffix.removeprefix(".").lower() if target is not None else Format.TABLE
    known = [str(one) for one in Format]
    chosen = wanted or (Format(ending) if ending in known else Format.TABLE)
    if target is not None and chosen is Format.TABLE:
        raise SettingsError(
            "--output", str(target), "takes csv, json or parquet, by its ending or by --format", "the command line"
        )
    return chosen


def _list(con: Connection) -> None:
    """The views of the published file, and the examples."""
    from flows.commands.show import rows_table, stdout_console
    from warehouse.catalogue import relations
    from warehouse.examples import examples

    console = stdout_console()
    views = [(one.name, one.comment) for one in relations(con) if one.is_view]
    console.print(rows_table(("view", "meaning"), views))
    console.print(rows_table(("example", "asks for"), [(one.name, one.title) for one in examples()]))


def _parquet(con: Connection, sql: str, target: Path | None) -> int:
    from extractors.errors import SettingsError
    from flows.writing import whole
    from warehouse.read import query_to_parquet

    if target is None and sys.stdout.isatty():
        raise SettingsError("--format", "parquet", "is nothing for a terminal; add --output FILE", "the command line")
    if target is None:
        return query_to_parquet(con, sql, sys.stdout.buffer)
    with whole(target) as sink:
        return query_to_parquet(con, sql, sink)


def _text(con: Connection, sql: str, output: Format, target: Path | None) -> int:
    from flows.commands.show import print_rows
    from flows.writing import whole
    from warehouse.read import query

    columns, rows = query(con, sql)
    if output is Format.TABLE and target is None:
        is_cut = print_rows(columns, rows)
        hint = "; long cells are cut, --format csv or json shows all of them" if is_cut else ""
        print(f"{_rows(len(rows))}{hint}", file=sys.stderr)
    else:
        text = _as_json(columns, rows) if output is Format.JSON else _as_csv(columns, rows)
        if target is None:
            sys.stdout.write(text)
        else:
            with whole(target) as sink:
                sink.write(text.encode())
    return len(rows)


def _as_json(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    names = [name if name not in columns[:n] else f"{name}_{n}" for n, name in enumerate(columns)]
    lines = (json.dumps(dict(zip(names, map(json_value, row), strict=True)), ensure_ascii=False) for row in rows)
    return "[\n" + ",\n".join(lines) + "\n]\n" if rows else "[]\n"


def _as_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    cells = csv.writer(text, lineterminator="\n")
    cells.writerow(columns)
    cells.writerows(map(csv_cell, row) for row in rows)
    return text.getvalue()
