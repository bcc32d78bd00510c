"""Whether the warehouse is what it says of itself: private file, ledger, published file. It repairs nothing.

DuckDB opens a file whose log was cut short or deleted without a word, and a copy of a file that was damaged on its way
looks like any other: only counts, sums and digests tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb

from extractors.errors import WarehouseBusy, WarehouseError, WarehouseMissing
from warehouse import connect, counts, faults, migrate, snapshots
from warehouse.connect import DataDir
from warehouse.rows import rows

_RESTORE = "`storywatch db restore` puts a backup in its place"
_PUBLISH = "the next `storywatch run` publishes anew once something changed; `storywatch db publish` does it now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str  # a word or two
    is_well: bool
    detail: str  # for people
    remedy: str = ""  # empty: nothing is to be done


def check(data_dir: DataDir, *, wait_seconds: float, say: Callable[[str], None] = lambda text: None) -> list[Finding]:
    """All findings, good and bad. Raises WarehouseMissing when there is none, WarehouseBusy after `wait_seconds`."""
    connect.require(data_dir)
    say(f"checking {data_dir.warehouse_path}")
    found = _of_private(data_dir, wait_seconds=wait_seconds)
    say(f"checking {data_dir.published_path}")
    return [*found, *_of_published(data_dir)]


def _of_private(data_dir: DataDir, *, wait_seconds: float) -> list[Finding]:
    path = data_dir.warehouse_path
    found: list[Finding] = []
    deadline = connect.deadline_after(wait_seconds)
    try:
        with faults.duckdb_errors(path), connect.opened(path, deadline, read_only=True) as connection:
            for finding in _inside(connection, data_dir):
                found.append(finding)
    except WarehouseBusy:
        raise
    except WarehouseError as error:
        found.append(Finding(check="private file", is_well=False, detail=str(error), remedy=_RESTORE))
    return found


def _inside(connection: duckdb.DuckDBPyConnection, data_dir: DataDir) -> Iterator[Finding]:
    path = data_dir.warehouse_path
    missing = migrate.missing_steps(connection, path)
    version = migrate.schema_version() - len(missing)
    if missing:
        yield Finding(
            check="schema",
            is_well=False,
            detail=f"version {version}, this storywatch writes {migrate.schema_version()}; the rest is not checked",
            remedy="`storywatch db migrate`",
        )
        return
    yield Finding(check="schema", is_well=True, detail=f"version {version}, every step with the checksum of ours")
    yield _rows_left(connection, data_dir)
    yield _ledger(connection)
    orphans = rows(connection, "check/orphans")
    yield from (
        Finding(
            check="orphans",
            is_well=False,
            detail=f"{row['orphans']} {row['what']}, such as {row['example']}",
            remedy=f"{_RESTORE}; if it came without a crash or a damaged disk, it is a bug of storywatch: report it",
        )
        for row in orphans
    )
    if not orphans:
        yield Finding(
            check="orphans", is_well=True, detail="articles, texts, matches, verdicts, ledger belong together"
        )


def _rows_left(connection: duckdb.DuckDBPyConnection, data_dir: DataDir) -> Finding:
    try:
        counts.require(connection, data_dir.warehouse_path)
    except WarehouseError as error:
        return Finding(check="rows", is_well=False, detail=str(error), remedy=_RESTORE)
    if not counts.are_kept(data_dir.warehouse_path):
        return Finding(
            check="rows",
            is_well=False,
            detail="rows.json, the counts of the last commit, is not there: a lost log would go unnoticed",
            remedy="the next `storywatch run` writes it",
        )
    return Finding(check="rows", is_well=True, detail="at least those that the last commit left")


def _ledger(connection: duckdb.DuckDBPyConnection) -> Finding:
    row = rows(connection, "check/ledger")[0]
    if row["unbalanced_run_id"] is not None:
        detail = f"run {row['unbalanced_run_id']} found that discovered is not the sum of the outcomes"
    elif row["urls"] < row["most_counted"]:
        detail = f"it has {row['urls']} URLs; a run had counted {row['most_counted']}"
    else:
        return Finding(check="ledger", is_well=True, detail=f"{row['urls']} URLs, each with one outcome")
    return Finding(check="ledger", is_well=False, detail=detail, remedy=_RESTORE)


def _of_published(data_dir: DataDir) -> list[Finding]:
    try:
        problem, detail = _published_problem(data_dir)
    except WarehouseMissing:
        problem, detail = f"{data_dir.published_path}: nothing is published", ""
    except WarehouseError as error:
        problem, detail = str(error), ""
    if problem:
        return [Finding(check="published file", is_well=False, detail=problem, remedy=_PUBLISH)]
    return [Finding(check="published file", is_well=True, detail=detail)]


def _published_problem(data_dir: DataDir) -> tuple[str, str]:
    """(what is wrong with it, "") or ("", what it is)."""
    path = data_dir.published_path
    if not path.is_file():
        raise faults.missing(path)
    manifest = snapshots.last_published(data_dir)
    if manifest is None:
        return f"{path}: {snapshots.MANIFEST_NAME} beside it is missing or broken", ""
    with faults.file_errors(path):
        size, digest = path.stat().st_size, snapshots.digest(path)
    if (size, digest) != (manifest.size_bytes, manifest.sha256):
        return f"{path}: it is not the file that was published: size or SHA-256 differ", ""
    with connect.public_reader(data_dir) as connection:
        counted = counts.all_rows(connection)
    if counted != dict(manifest.rows):
        differing = sorted(table for table in counted if counted[table] != manifest.rows.get(table))
        return f"{path}: other rows than {snapshots.MANIFEST_NAME} counts, in {', '.join(differing)}", ""
    for month in manifest.parquet:
        beside = data_dir.current_path / month.path
        with faults.file_errors(beside):
            if not beside.is_file() or snapshots.digest(beside) != month.sha256:
                return f"{beside}: it is missing, or not the file that was published: SHA-256 differs", ""
    at = f"{manifest.published_at:%Y-%m-%d %H:%M}Z"
    return "", f"snapshot {manifest.number} of {at}, whole, with {len(manifest.parquet)} Parquet files"
