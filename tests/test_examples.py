"""warehouse/examples.py and sql/examples: each can be asked as it stands, and gives the rows that lie beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from extractors.errors import SettingsError
from flows.plain import csv_cell
from tests.stocked import stock
from warehouse import examples, migrate, read
from warehouse.catalogue import relations

EXPECTED = Path(__file__).parent / "data" / "examples"
ALL = examples.examples()


@pytest.fixture(scope="module")
def stocked() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        migrate.migrate(connection, Path("here"))
        stock(connection)
        yield connection


@pytest.mark.parametrize("example", ALL, ids=[one.name for one in ALL])
def test_an_example_gives_the_rows_beside_it(example: examples.Example, stocked: duckdb.DuckDBPyConnection) -> None:
    columns, rows = read.query(stocked, example.sql)
    told = io.StringIO()
    lines = csv.writer(told, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(map(csv_cell, row) for row in rows)
    assert rows
    assert told.getvalue() == (EXPECTED / f"{example.name}.csv").read_text("utf-8")


def test_there_are_no_expected_rows_without_an_example() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == {one.name for one in ALL}


def test_every_view_has_an_example_that_is_named_after_it_and_asks_it(stocked: duckdb.DuckDBPyConnection) -> None:
    views = {one.name for one in relations(stocked) if one.is_view}
    about = {max((view for view in views if one.name.startswith(f"{view}_")), key=len): one for one in ALL}
    assert about.keys() == views
    for view, one in about.items():
        assert re.search(rf"\bFROM {view}\b", one.sql)


def test_an_example_says_in_one_line_what_it_asks_for() -> None:
    for one in ALL:
        assert one.title.endswith((".", "?"))
        assert one.sql.splitlines()[1].startswith("-- Result: ")


def test_days_are_those_of_utc_in_whatever_zone_is_asked(stocked: duckdb.DuckDBPyConnection) -> None:
    ask = "SELECT list(epoch(day_at) ORDER BY day_at), list(articles ORDER BY day_at) FROM coverage_by_day"
    told = stocked.execute(ask).fetchall()
    with stocked.cursor() as elsewhere:
        elsewhere.execute("SET TimeZone = 'Pacific/Auckland'")
        assert elsewhere.execute(ask).fetchall() == told


def test_the_sums_agree_with_one_another(stocked: duckdb.DuckDBPyConnection) -> None:
    sums = "SELECT sum(articles), sum(independent), sum(exact_copies + near_copies + rewrites) FROM "
    told = {view: stocked.execute(sums + view).fetchall() for view in ("coverage_by_day", "outlet_summary")}
    told["language_summary"] = stocked.execute(sums + "language_summary").fetchall()
    coverage = stocked.execute("SELECT count(*) FROM coverage").fetchall()[0][0]
    verdicts = stocked.execute("SELECT count(*) FROM verdict").fetchall()[0][0]
    assert set(map(tuple, (rows[0] for rows in told.values()))) == {(verdicts, coverage, verdicts - coverage)}


def test_an_example_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(SettingsError, match="coverage_newest"):
        examples.example("../read/last_run")
