"""Copies of the private file that can be put back: made through the writer's lock, checked before they are used.

    <data>/backups/<UTC time>.duckdb + <UTC time>.json   a copy, and what it holds
    <data>/backups/replaced-<UTC time>/                  what a restore found in its place

A copy has its final name only when it and what is said of it are on the disk. What a restore replaces is kept: nothing
here deletes but `back_up` with `keep`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from extractors.errors import WarehouseDamaged, WarehouseMissing
from warehouse import connect, counts, faults, lock, migrate, snapshots
from warehouse.connect import DataDir
from warehouse.publish import copy_bytes, copy_private
from warehouse.statements import statement

Say = Callable[[str], None]

_TIME = "%Y%m%dT%H%M%SZ"
# What lies beside the private file and belongs to it alone: answers that wait for the ledger that asked for them.
_BESIDE = ("rows.json", "pages", "slices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy of the private file, as the .json beside it tells."""

    path: Path
    made_at: datetime
    schema_version: int  # number of the last migration
    rows: Mapping[str, int]  # table -> rows
    sha256: str  # of the file, hex
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore has done."""

    backup: Backup
    kept_in: Path | None  # where that is now what was in its place; None: nothing was


def silently(text: str) -> None:
    """A Say that says nothing."""


def backups(data_dir: DataDir) -> list[Backup]:
    """Those in the folder of backups, the oldest first; whether the files are what is told of them, `verify` says."""
    found = [_told(path) for path in data_dir.backups.glob("*.duckdb")]
    return sorted((one for one in found if one is not None), key=lambda one: (one.made_at, one.path.stem))


def back_up(
    data_dir: DataDir, *, now: datetime, wait_seconds: float, keep: int | None = None, say: Say = silently
) -> Backup:
    """Copy what the last commit left; afterwards only the last `keep` backups stay (None: all).

    The schema stays as it is. Raises WarehouseMissing, WarehouseBusy, WarehouseDamaged (what is damaged is not backed
    up), WarehouseDiskFull, WarehouseReadOnly.
    """
    connect.require(data_dir)
    folder = data_dir.backups
    with faults.file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with lock.exclusive(folder / "backup.lock", wait_seconds=wait_seconds), faults.file_errors(folder):
        for left in folder.glob("*.partial"):  # by a kill: whoever holds the lock is alone here
            left.unlink()
        path = _free_name(folder, f"{now:{_TIME}}", ".duckdb")
        partial = path.with_suffix(".partial")
        try:
            say(f"copying {data_dir.warehouse_path} ({data_dir.warehouse_path.stat().st_size / 1e6:,.1f} MB)")
            copy_private(data_dir, partial, wait_seconds=wait_seconds, migrates=False)
            connect.sync(partial)
            say("counting and digesting the copy")
            backup = _described(partial, path, now)
            _write(backup)
            partial.replace(path)
            connect.sync(folder)
        finally:
            partial.unlink(missing_ok=True)
        # The new one stays, even if the clock went back.
        others = [one for one in backups(data_dir) if one.path != path]
        for old in [] if keep is None else others[: max(0, len(others) + 1 - keep)]:
            old.path.unlink()
            old.path.with_suffix(".json").unlink()
    return backup


def verify(path: Path) -> Backup:
    """What a backup holds, once it has been found to be just that.

    Raises WarehouseMissing when there is none at `path`, WarehouseDamaged when it is not what it was, WarehouseNewer
    when a newer storywatch made it.
    """
    if not path.is_file():
        raise WarehouseMissing(path, "there is no backup here; `storywatch db restore` without a name lists them")
    told = _told(path)
    if told is None:
        raise WarehouseDamaged(
            path, f"{path.with_suffix('.json').name}, which says what it holds, is missing or broken; take another one"
        )
    with faults.file_errors(path):
        is_same = path.stat().st_size == told.size_bytes and snapshots.digest(path) == told.sha256
    if not is_same:
        raise WarehouseDamaged(path, "it is not the file that was made: size or SHA-256 differ; take another one")
    if _described(path, path, told.made_at) != told:
        raise WarehouseDamaged(path, "it does not hold the rows that were counted; take another one")
    return told


def restore(data_dir: DataDir, path: Path, *, now: datetime, wait_seconds: float, say: Say = silently) -> Restored:
    """Put a backup in the place of the private file, after verifying it; what was there is kept aside.

    The schema is brought up to date. Nothing is published. A kill on the way leaves the old file or the new one, never
    none, and the same call does it again. Raises what `verify` raises; WarehouseBusy at once while a run is going on,
    and after `wait_seconds` when anybody else has the file open.
    """
    say(f"verifying {path}")
    backup = verify(path)
    private = data_dir.private
    with faults.file_errors(private):
        private.mkdir(parents=True, exist_ok=True)
    with (
        lock.exclusive(data_dir.replace_lock_path, wait_seconds=0),
        lock.exclusive(data_dir.publish_lock_path, wait_seconds=wait_seconds),
        lock.exclusive(data_dir.lock_path, wait_seconds=wait_seconds),
        faults.file_errors(private),
    ):
        _require_unused(data_dir, wait_seconds=wait_seconds)
        say(f"copying {backup.size_bytes / 1e6:,.1f} MB")
        new = data_dir.warehouse_path.with_name("warehouse.duckdb.restored")
        try:
            copy_bytes(path, new)
            connect.sync(new)
            if snapshots.digest(new) != backup.sha256:
                raise WarehouseDamaged(new, "the copy differs from the backup; see what is wrong with the disk")
            kept_in = _keep_aside(data_dir, now)
            new.replace(data_dir.warehouse_path)
        finally:
            new.unlink(missing_ok=True)  # after a full disk the space is needed at once
        connect.sync(private)
        _bring_up_to_date(data_dir, wait_seconds=wait_seconds)
    return Restored(backup=backup, kept_in=kept_in)


def _described(file: Path, path: Path, made_at: datetime) -> Backup:
    """What `file` holds, as the backup that is going to be at `path`."""
    with faults.duckdb_errors(file), connect.opened(file, 0.0, read_only=True) as connection:
        schema_version = migrate.schema_version() - len(migrate.missing_steps(connection, file))
        counted = counts.all_rows(connection)
    return Backup(
        path=path,
        made_at=made_at,
        schema_version=schema_version,
        rows=counted,
        sha256=snapshots.digest(file),
        size_bytes=file.stat().st_size,
    )


def _told(path: Path) -> Backup | None:
    """What the .json beside a backup says; None: it is not there, or not one of ours."""
    try:
        told = json.loads(path.with_suffix(".json").read_text("utf-8"))
        backup = Backup(path=path, **told | {"made_at": datetime.fromisoformat(told["made_at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return backup if backup.made_at.tzinfo is not None else None


def _write(backup: Backup) -> None:
    told = asdict(backup) | {"made_at": backup.made_at.isoformat()}
    del told["path"]
    beside = backup.path.with_suffix(".json")
    beside.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    connect.sync(beside)


def _free_name(folder: Path, name: str, ending: str = "") -> Path:
    """A path that nothing has yet: of several in one second the later ones are numbered."""
    names = (f"{name}{number}{ending}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for path in map(folder.joinpath, names) if not path.exists())


def _require_unused(data_dir: DataDir, *, wait_seconds: float) -> None:
    """Nobody has the file open, and its log is in it, if that can be: restores are for files that are damaged."""
    path = data_dir.warehouse_path
    if not path.is_file():
        return
    with suppress(duckdb.Error), connect.opened(path, connect.deadline_after(wait_seconds)) as connection:
        connection.execute(statement("publish/checkpoint"))


def _keep_aside(data_dir: DataDir, now: datetime) -> Path | None:
    """Give what is in the place of the private file a second name in a folder of its own, and take the log away: DuckDB
    would replay it into the file that is restored. The file itself stays until it is replaced in one step."""
    path = data_dir.warehouse_path
    log = connect.log_of(path)
    beside = [path.with_name(name) for name in _BESIDE]
    if not any(os.path.lexists(one) for one in (path, log, *beside)):
        return None
    data_dir.backups.mkdir(parents=True, exist_ok=True)
    folder = _free_name(data_dir.backups, f"replaced-{now:{_TIME}}")
    folder.mkdir()
    for one in (path, log, *beside):
        if one.is_dir():
            one.rename(folder / one.name)
        elif one.exists():
            _second_name(one, folder / one.name)
    connect.sync(folder)
    log.unlink(missing_ok=True)
    return folder


def _second_name(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError:  # a file system without hard links, or the folder of backups is on another one
        shutil.copy2(path, target)
        connect.sync(target)


def _bring_up_to_date(data_dir: DataDir, *, wait_seconds: float) -> None:
    path = data_dir.warehouse_path
    deadline = connect.deadline_after(wait_seconds)
    counts.forget(path)
    with faults.duckdb_errors(path), connect.opened(path, deadline) as connection:
        migrate.migrate(connection, path)
        counts.keep(connection, path)
