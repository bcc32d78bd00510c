"""The private file -> an immutable snapshot that everyone may query. It changes nothing in the private file.

    writer.lock held:  checkpoint, byte copy        milliseconds, so that flows hardly wait
    afterwards:        copy -> snapshots/<n>.partial/coverage.duckdb + parquet/ -> snapshots/<n> -> current

Whatever is killed on the way leaves `current` as it was; the next publication clears the rest away. What a finished
snapshot is: snapshots.py.
"""

from __future__ import annotations

import fcntl
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extractors.errors import WarehouseDamaged
from warehouse import connect, counts, faults, lock, migrate, parquet, read, snapshots
from warehouse.connect import DataDir
from warehouse.snapshots import Manifest, last_published
from warehouse.statements import statement

__all__ = ["Manifest", "ensure_published", "is_due", "last_published", "publish"]

# Tables of the snapshot, in the order in which they are filled; sql/publish/<table>.sql says what of each.
PUBLISHED_TABLES = (
    "run",
    "feed",
    "feed_state",
    "fetch",
    "entry",
    "decision",
    "article",
    "article_text",
    "story_match",
    "verdict",
    "verdict_history",
    "revision",
    "seed",
    "backfill_slice",
    "step",
    "article_step",
    "story_match_history",
)
# Linux's ioctl that clones a file without copying its blocks (linux/fs.h), where the file system can (btrfs, XFS).
_FICLONE = 0x40049409


def is_due(
    data_dir: DataDir, *, now: datetime, every: timedelta, wait_seconds: float, publish_text: bool = True
) -> bool:
    """Whether a new snapshot would show readers something else (an article, match, verdict or seed came, went or
    changed; the schema did; `publish_text` did), or the last one is as old as `every`. Raises what connect.reader does.
    """
    last = last_published(data_dir)
    if last is None or last.publish_text != publish_text or last.schema_version != migrate.schema_version():
        return True
    if not timedelta(0) <= now - last.published_at < every:  # published in the future: the clock was set back
        return True
    with connect.reader(data_dir, wait_seconds=wait_seconds) as connection:
        return read.news(connection) != last.news


def publish(data_dir: DataDir, run_id: str, *, now: datetime, wait_seconds: float, publish_text: bool = True) -> int:
    """Publish the last commit and return the number of the snapshot. An empty warehouse is made if there is none.

    `publish_text` False leaves texts, leads and the feeds' summaries out and clears snapshots with them away. Waits at
    most `wait_seconds` for another publication, and as long again for a writer. Raises WarehouseBusy,
    WarehouseDiskFull, WarehouseReadOnly, ...
    """
    with faults.file_errors(data_dir.root):
        data_dir.private.mkdir(parents=True, exist_ok=True)
        data_dir.snapshots.mkdir(parents=True, exist_ok=True)
    with lock.exclusive(data_dir.publish_lock_path, wait_seconds=wait_seconds), faults.file_errors(data_dir.public):
        snapshots.clear_unfinished(data_dir)
        snapshots.require_link(data_dir)
        number = max(snapshots.finished(data_dir), default=0) + 1
        copy = data_dir.private / f"{number}.copy"
        folder = data_dir.snapshots / f"{number}.partial"
        folder.mkdir()
        try:
            copy_private(data_dir, copy, wait_seconds=wait_seconds)
            try:
                _fill(data_dir, folder, copy, number, run_id, now=now, publish_text=publish_text)
            except WarehouseDamaged as error:  # what can't be read is the copy's original
                raise WarehouseDamaged(data_dir.warehouse_path, error.problem) from error
            snapshots.make_current(data_dir, folder, number)
            snapshots.clear_old(data_dir, publish_text=publish_text)
        finally:
            # After a full disk the space is needed at once; after a kill the next publication does it.
            copy.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
    return number


def ensure_published(
    data_dir: DataDir, run_id: str, *, now: datetime, wait_seconds: float, publish_text: bool = True
) -> int:
    """At set-up: publish, if nothing ever was, so that clients find the views from the start. Returns the number."""
    last = last_published(data_dir)
    if last is not None:
        return last.number
    return publish(data_dir, run_id, now=now, wait_seconds=wait_seconds, publish_text=publish_text)


def copy_private(data_dir: DataDir, target: Path, *, wait_seconds: float, migrates: bool = True) -> None:
    """A copy of the private file as of the last commit; the writer's lock is held for no more than this.

    `migrates` False leaves the schema as it is; the rows of an older one can't be held against the counts of ours.
    The file is closed before it is copied: the copy needs no log beside it then, and DuckDB's own lock (POSIX, of the
    process) would be lost anyway as soon as a second descriptor of the same file is closed.
    """
    path = data_dir.warehouse_path
    with connect.alone(data_dir, wait_seconds=wait_seconds) as deadline:
        with faults.duckdb_errors(path), connect.opened(path, deadline) as connection:
            if migrates:
                migrate.migrate(connection, path)
            if migrates or not migrate.missing_steps(connection, path):
                counts.require(connection, path)
            connection.execute(statement("publish/checkpoint"))
        copy_bytes(path, target)


def copy_bytes(path: Path, target: Path) -> None:
    """A copy of a file, sharing its blocks where the file system can."""
    with path.open("rb") as source, target.open("wb") as copy:
        with suppress(OSError):  # most file systems can't
            fcntl.ioctl(copy.fileno(), _FICLONE, source.fileno())
            return
        shutil.copyfileobj(source, copy, 1 << 20)


def _fill(
    data_dir: DataDir, folder: Path, copy: Path, number: int, run_id: str, *, now: datetime, publish_text: bool
) -> None:
    """Write all that snapshot `number` consists of into `folder`, to the disk. Nothing is locked but publications."""
    file = folder / snapshots.FILE_NAME
    before = last_published(data_dir)
    with faults.duckdb_errors(file):
        with connect.opened(copy, 0.0, read_only=True) as connection:
            news = read.news(connection)
        rows = _convert(copy, file, number, run_id, publish_text=publish_text)
        file.chmod(0o444)
        connect.sync(file)
        with connect.opened(file, 0.0, read_only=True) as connection:
            months = parquet.write(
                connection,
                folder,
                before=before if before is not None and before.publish_text == publish_text else None,
                before_folder=data_dir.current_path,
            )
    manifest = Manifest(
        number=number,
        run_id=run_id,
        published_at=now,
        schema_version=migrate.schema_version(),
        publish_text=publish_text,
        rows=rows,
        news=news,
        sha256=snapshots.digest(file),
        size_bytes=file.stat().st_size,
        parquet=months,
    )
    snapshots.write_manifest(manifest, folder)


def _convert(copy: Path, file: Path, number: int, run_id: str, *, publish_text: bool) -> dict[str, int]:
    """Write the snapshot `file` from the `copy` of the private one; table -> rows."""
    config: connect.Config = {**connect.PRIVATE_CONFIG, "temp_directory": f"{copy}.tmp"}
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute(statement("publish/attach_private"), {"path": str(copy)})
        connection.execute(statement("publish/attach_snapshot"), {"path": str(file)})
        connection.begin()
        connection.execute(statement("publish/schema"))
        counts = {}
        parameters = {"publish_text": publish_text, "run_id": run_id, "number": number}
        for table in PUBLISHED_TABLES:
            sql = statement(f"publish/{table}")
            named = {name: value for name, value in parameters.items() if f"${name}" in sql}
            counts[table] = int(connection.execute(sql, named or None).fetchall()[0][0])
        connection.commit()
        connection.execute(statement("publish/detach"))
        return counts
