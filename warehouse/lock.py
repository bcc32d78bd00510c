"""Who may write: an exclusive lock on a file, waited for with a bound. It knows nothing of DuckDB.

flock decides, never the content of the file: the kernel frees the lock of a process that died, however it died. The
content (PID and start of the holder) is only there to tell the one who waits for whom.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from warehouse import faults

# Seconds between two tries: a writer's transaction takes some ten milliseconds.
POLL_SECONDS = 0.02


@contextmanager
def exclusive(path: Path, *, wait_seconds: float) -> Iterator[None]:
    """Hold the lock at `path` (made if absent). Raises WarehouseBusy after `wait_seconds`, WarehouseReadOnly, ..."""
    with faults.file_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, path, wait_seconds)
        with faults.file_errors(path):
            _write_holder(descriptor)
        try:
            yield
        finally:
            with faults.file_errors(path):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def shared(path: Path, *, wait_seconds: float) -> Iterator[None]:
    """Hold the lock at `path` together with others who share it, so that nobody has it alone. Raises as `exclusive`."""
    with faults.file_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, path, wait_seconds, fcntl.LOCK_SH)
        with faults.file_errors(path):
            _write_holder(descriptor)  # of several the last one
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock at `path`; False where there is none."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(path: Path) -> int | None:
    """PID of the process that holds the lock at `path`. None: nobody does, or it is just taking it."""
    if not is_held(path):
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return _holder(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, wait_seconds: float, kind: int = fcntl.LOCK_EX) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise faults.busy(path, _holder(descriptor), wait_seconds) from None
            time.sleep(min(POLL_SECONDS, left))


def _write_holder(descriptor: int) -> None:
    content = json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}) + "\n"
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content.encode(), 0)


def _holder(descriptor: int) -> int | None:
    """PID that the holder wrote. None: it has not yet, or what stands there is of a process that is gone."""
    try:
        pid = json.loads(os.pread(descriptor, 4096, 0))["pid"]
        os.kill(pid, 0)
    except PermissionError:  # it lives, under another user
        return int(pid)
    except (ValueError, KeyError, TypeError, ProcessLookupError):
        return None
    return int(pid)
