"""Which runs live: each holds a lock of its own, which the kernel frees when its process ends, however it ends.

A row of `run` that says "running" and whose lock is free is of a run that was killed. The table alone can't tell: a
killed process writes nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse import faults, lock
from warehouse.connect import DataDir
from warehouse.statements import statement

KILLED = "its process was killed; what it had not committed was done again by the next run"


@contextmanager
def living(data_dir: DataDir, run_id: str, *, wait_seconds: float) -> Iterator[None]:
    """Be known as alive within the block, in which nobody puts another file in the place of the private one.

    Runs don't exclude each other. Enter it before the run's row is written. Raises WarehouseBusy after `wait_seconds`
    when the file is just being replaced, WarehouseReadOnly, ...
    """
    path = data_dir.run_lock_path(run_id)
    with faults.file_errors(data_dir.private):
        path.parent.mkdir(parents=True, exist_ok=True)
    with lock.shared(data_dir.replace_lock_path, wait_seconds=wait_seconds), lock.exclusive(path, wait_seconds=0):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def close_crashed(connection: duckdb.DuckDBPyConnection, data_dir: DataDir, *, own: str) -> list[str]:
    """Note the runs that were killed, and return them. `own`: the run that asks. Inside connect.writer."""
    rows = connection.execute(statement("read/running")).fetchall()
    dead = [run_id for (run_id,) in rows if run_id != own and not lock.is_held(data_dir.run_lock_path(run_id))]
    if dead:
        connection.execute(statement("load/run_crashed"), {"run_ids": dead, "detail": KILLED})
        for run_id in dead:
            data_dir.run_lock_path(run_id).unlink(missing_ok=True)
    return dead
