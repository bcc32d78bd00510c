"""Where the warehouse lies and who may open it, and how. What is written and read is decided elsewhere.

    <root>/private/warehouse.duckdb   the flows' own file: one writer at a time (writer.lock), short transactions
    <root>/public/current/coverage.duckdb   the published snapshot: never written to, so nobody waits for anybody

DuckDB lets one process write or many read, never both (2.0.0: `Could not set lock on file`). A connection that met a
full disk is dead, so none is kept: each use opens the file anew.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extractors.errors import WarehouseDamaged, WarehouseError, WarehouseForeign
from warehouse import counts, faults, lock, migrate

# What the other rooms call a connection, so that they need not import duckdb.
Connection = duckdb.DuckDBPyConnection
Config = dict[str, str | bool | int | float | list[str]]

# Without these two, opening a SQLite file by mistake makes DuckDB ask the network for an extension.
# Without the third, a misspelt table name finds a Python variable of the caller.
PRIVATE_CONFIG: Config = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
# Other people's queries run on the published file: no local file, no network, no way back. The session's time zone is
# left open because a second connection of the same process has to set its own.
_PUBLIC_CONFIG: Config = {
    **PRIVATE_CONFIG,
    "enable_external_access": False,
    "allowed_configs": "['TimeZone']",
    "lock_configuration": True,
}


@dataclass(frozen=True, slots=True)
class DataDir:
    """The places below one data folder. Nothing need exist."""

    root: Path

    @property
    def private(self) -> Path:
        return self.root / "private"

    @property
    def public(self) -> Path:
        return self.root / "public"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def warehouse_path(self) -> Path:
        return self.private / "warehouse.duckdb"

    @property
    def lock_path(self) -> Path:
        return self.private / "writer.lock"

    @property
    def publish_lock_path(self) -> Path:
        return self.private / "publish.lock"

    @property
    def pages_lock_path(self) -> Path:
        """Held by the one run that fetches pages."""
        return self.private / "pages.lock"

    @property
    def feeds_lock_path(self) -> Path:
        """Held by the one run that asks the feeds."""
        return self.private / "feeds.lock"

    @property
    def slices_lock_path(self) -> Path:
        """Held by the one backfill that asks the web for slices."""
        return self.private / "slices.lock"

    def run_lock_path(self, run_id: str) -> Path:
        """Held by that run while it lives."""
        return self.private / "runs" / f"{run_id}.lock"

    @property
    def replace_lock_path(self) -> Path:
        """Shared by all runs; held alone by who puts another file in the place of the private one, or of an archive."""
        return self.private / "replace.lock"

    @property
    def maintain_lock_path(self) -> Path:
        """Held by the one maintenance under way."""
        return self.private / "maintain.lock"

    @property
    def maintained_path(self) -> Path:
        """What the last maintenance did."""
        return self.private / "maintained.json"

    @property
    def notify_path(self) -> Path:
        """What people were told, and what waits to be told."""
        return self.private / "notify.json"

    @property
    def notify_lock_path(self) -> Path:
        """Held by the one run that tells people."""
        return self.private / "notify.lock"

    @property
    def metrics_path(self) -> Path:
        """Metrics of the last run, as text for OpenMetrics."""
        return self.public / "metrics.prom"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def snapshots(self) -> Path:
        return self.public / "snapshots"

    @property
    def current_path(self) -> Path:
        """The symlink to the snapshot that clients should see."""
        return self.public / "current"

    @property
    def published_path(self) -> Path:
        """What clients open, read-only."""
        return self.current_path / "coverage.duckdb"


def exists(data_dir: DataDir) -> bool:
    """Whether a warehouse was ever made here."""
    return data_dir.warehouse_path.is_file()


def log_of(path: Path) -> Path:
    """Where DuckDB keeps what was committed and is not in the file `path` yet."""
    return path.with_name(path.name + ".wal")


def require(data_dir: DataDir) -> None:
    """For what works on a warehouse that is there, and must not make one. Raises WarehouseMissing."""
    if not exists(data_dir):
        raise faults.missing(data_dir.warehouse_path)


@contextmanager
def writer(data_dir: DataDir, *, wait_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """One transaction: committed when the block ends, rolled back when it raises; then the file is closed.

    Makes folder, file and schema on first use. The connection is of no use after the block. Raises WarehouseBusy
    (`pid`) when somebody holds it longer than `wait_seconds`; WarehouseForeign, WarehouseNewer, WarehouseDamaged,
    WarehouseDiskFull, WarehouseReadOnly.
    """
    path = data_dir.warehouse_path
    with (
        alone(data_dir, wait_seconds=wait_seconds) as deadline,
        faults.duckdb_errors(path),
        opened(path, deadline) as connection,
    ):
        migrate.migrate(connection, path)
        counts.require(connection, path)
        connection.begin()
        yield connection
        connection.commit()
        counts.keep(connection, path)


@contextmanager
def alone(data_dir: DataDir, *, wait_seconds: float) -> Iterator[float]:
    """Hold writer.lock; the private file is there, no writer has it open. Yields the end of the wait, monotonic."""
    deadline = deadline_after(wait_seconds)
    with faults.file_errors(data_dir.private):
        data_dir.private.mkdir(parents=True, exist_ok=True)
    with lock.exclusive(data_dir.lock_path, wait_seconds=wait_seconds):
        if not os.path.lexists(data_dir.warehouse_path):
            _create(data_dir.warehouse_path)
        yield deadline


def deadline_after(seconds: float) -> float:
    """The end of a wait that begins now, monotonic."""
    return time.monotonic() + seconds


@contextmanager
def opened(path: Path, deadline: float, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private file, for who holds writer.lock or only reads; closing it rolls back what was not committed."""
    connection = _open_private(path, deadline, read_only=read_only)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def reader(data_dir: DataDir, *, wait_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private file, read-only: what the last commit left. Keeps writers waiting, so be short.

    Raises WarehouseMissing, WarehouseBusy (`pid`) after `wait_seconds`, and what `writer` raises.
    """
    path = data_dir.warehouse_path
    deadline = deadline_after(wait_seconds)
    require(data_dir)
    with faults.duckdb_errors(path), opened(path, deadline, read_only=True) as connection:
        migrate.require_current(connection, path)
        counts.require(connection, path)
        yield connection


@contextmanager
def public_reader(data_dir: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published snapshot, read-only, locked down: SQL given by a person may run on it. Raises WarehouseMissing.

    The file is opened below its own folder, not through the link: the link may move on while the file is in use.
    """
    path = data_dir.published_path
    if not path.is_file():
        raise faults.missing(path)
    path = path.resolve()
    with faults.duckdb_errors(path):
        connection = _open_public(path)
        try:
            yield connection
        finally:
            connection.close()


def _open_public(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        with faults.duckdb_errors(path):
            return _open(path, read_only=True, config=_PUBLIC_CONFIG)
    except (WarehouseDamaged, WarehouseForeign) as error:
        raise WarehouseDamaged(path, "it is not what was published; `storywatch db publish` makes another") from error


def _open(path: Path, *, read_only: bool, config: Config) -> duckdb.DuckDBPyConnection:
    if "?" in str(path.absolute()):  # 2.0.0 takes it for the end of a name: the log of a/b?c/d is a/b.wal?c/d
        raise WarehouseError(path, "DuckDB can't keep its log below a name with a question mark; set another data_dir")
    connection = duckdb.connect(path, read_only=read_only, config=dict(config))
    try:
        connection.execute("SET TimeZone = 'UTC'")  # else times come out in the zone of the machine
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _open_private(path: Path, deadline: float, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open, waiting for whoever holds the file without our lock: a reader of ours, or an SQL client."""
    began = time.monotonic()
    while True:
        try:
            return _open(path, read_only=read_only, config=PRIVATE_CONFIG)
        except duckdb.Error as error:
            if not faults.is_busy(error):
                raise
            left = deadline - time.monotonic()
            if left <= 0:
                raise faults.busy(path, faults.holder(error), max(0.0, deadline - began)) from error
            time.sleep(min(lock.POLL_SECONDS, left))


def _create(path: Path) -> None:
    """Make the file under another name and rename it: a kill meanwhile leaves nothing that looks like a warehouse."""
    log = log_of(path)
    if log.exists():
        # DuckDB would replay it into the new, empty file.
        raise WarehouseDamaged(
            log, f"a log without its warehouse {path.name}; put the file back, or move the log away to begin anew"
        )
    counts.require_none(path)
    new = path.with_name(path.name + ".new")
    with faults.file_errors(path):
        counts.forget(path)
        new.unlink(missing_ok=True)
        log_of(new).unlink(missing_ok=True)
    with faults.duckdb_errors(path):
        connection = _open(new, read_only=False, config=PRIVATE_CONFIG)
        try:
            migrate.migrate(connection, new)
        finally:
            connection.close()
    with faults.file_errors(path):
        sync(new)
        new.replace(path)
        sync(path.parent)


def sync(path: Path) -> None:
    """fsync of a file or a folder: after it, what the folder lists survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
