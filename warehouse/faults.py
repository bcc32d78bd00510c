"""The one door through which DuckDB's errors and the file system's become ours. It repairs nothing.

Every message names the file, the cause and the remedy. DuckDB tells most causes apart by its text alone, so the
patterns here are those of DuckDB 2.0.0; tests/test_connect.py brings each of them about for real.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from extractors.errors import (
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseDiskFull,
    WarehouseError,
    WarehouseForeign,
    WarehouseMissing,
    WarehouseNewer,
    WarehouseReadOnly,
)

# EFBIG and EDQUOT stop a write like a full disk does: a limit of the process, a quota of the user.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)

_DISK_FULL = re.compile("No space left on device|Disk quota exceeded|File too large")
_READ_ONLY = re.compile("Permission denied|Read-only file system|Operation not permitted")
# With loading of extensions switched off, a SQLite file ends in "Extension ... sqlite_scanner ... not found".
_FOREIGN = re.compile("not a valid DuckDB database file|sqlite_scanner|Is a directory")
_NEWER = re.compile(r"file with version number (\d+)|newer (?:version|DuckDB)")
_MISSING = re.compile("database does not exist|No such file or directory")
_DAMAGED = re.compile(
    "Corrupt database file|Could not read enough bytes|checksum|[Ss]erializ|database has been invalidated"
)
_HOLDER = re.compile(r"\(PID (\d+)\)")

_FREE_SPACE = "the disk is full; free some space and run again: what was committed before is kept"
_MAKE_WRITABLE = "it can't be written to; give this user write access to the folder, or set another data_dir"


def busy(path: Path, pid: int | None, waited_seconds: float) -> WarehouseBusy:
    """The error of a warehouse that somebody else holds; `pid` None: it can't be told who."""
    who = f"process {pid}" if pid is not None else "another process"
    return WarehouseBusy(
        path, f"{who} holds it (waited {waited_seconds:g} s); wait until it is done, or end it, and try again", pid
    )


def is_busy(error: duckdb.Error) -> bool:
    """Whether somebody holds the file: another process, or a connection of this one that opened it another way."""
    text = str(error)
    return "Could not set lock on file" in text or "different configuration than existing connections" in text


def holder(error: duckdb.Error) -> int:
    """PID of the process that `is_busy` is about."""
    found = _HOLDER.search(str(error))
    return int(found[1]) if found else os.getpid()


def _of_duckdb(path: Path, error: duckdb.Error, *, waited_seconds: float = 0.0) -> WarehouseError:
    text = str(error)
    if is_busy(error):
        return busy(path, holder(error), waited_seconds)
    if _DISK_FULL.search(text):
        return WarehouseDiskFull(path, _FREE_SPACE)
    if _READ_ONLY.search(text):
        return WarehouseReadOnly(path, _MAKE_WRITABLE)
    if _FOREIGN.search(text):
        return WarehouseForeign(path, "it is not a storywatch warehouse; move it away, or set another data_dir")
    if _NEWER.search(text):
        return WarehouseNewer(
            path, "it was written by a newer DuckDB; install the storywatch that wrote it, or a newer one"
        )
    if _MISSING.search(text):
        return missing(path)
    if isinstance(error, (duckdb.FatalException, duckdb.InternalException)) or _DAMAGED.search(text):
        first = text.splitlines()[0]
        return WarehouseDamaged(
            path,
            f"it can't be read ({first}); keep it aside and restore a backup: the published snapshot stays readable",
        )
    return WarehouseError(path, f"DuckDB refused: {text}")


def missing(path: Path) -> WarehouseMissing:
    """The error of a warehouse that is not there yet."""
    if os.path.lexists(path) and not path.is_file():
        return WarehouseMissing(path, "there is no file here but a folder, or a link to nothing; move it away")
    return WarehouseMissing(path, "there is no warehouse here yet; `storywatch run` makes one, or set another data_dir")


@contextmanager
def duckdb_errors(path: Path) -> Iterator[None]:
    """Within, a duckdb.Error becomes a WarehouseError about `path`; everything else passes.

    Ctrl-C in the middle of a statement, which DuckDB's client turns into a RuntimeError, is a KeyboardInterrupt again;
    so is one that met Python code that DuckDB had called (2.0 tells it in words alone).
    """
    try:
        yield
    except duckdb.InvalidInputException as error:
        if "failed: KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from error
        raise _of_duckdb(path, error) from error
    except duckdb.Error as error:
        raise _of_duckdb(path, error) from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Within, an OSError becomes a WarehouseError about `path`; everything else passes."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise WarehouseDiskFull(path, _FREE_SPACE) from error
        if error.errno in _FORBIDDEN:
            raise WarehouseReadOnly(path, _MAKE_WRITABLE) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
            raise WarehouseForeign(
                path, f"something else is there ({error}); move it away, or set another data_dir"
            ) from error
        raise WarehouseError(path, f"{error}; see what is wrong with the folder, or set another data_dir") from error
