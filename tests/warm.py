"""What the tests of one process share, because making it anew each time takes two thirds of their time.

- A new warehouse, on disk or in memory, is a copy of the first one: a dozen steps of the schema take half a second.
- A worker that extracts goes on to the next run: loading takes 2 s of CPU, a page 0.07 s.

Both are the real thing, made once. Commands in processes of their own, and tests of how either is made, make it anew.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest

from flows import extracting, isolation, pipeline, reextracting, trial
from warehouse import connect, counts, faults, migrate

MOST_WORKERS = 2

_create, _migrate, _open = connect._create, migrate.migrate, connect._open
_stock: list[isolation.Worker] = []
_templates: dict[int, Path] = {}  # schema version -> a new warehouse


class Pool(isolation.ExtractionPool):
    """Takes the workers of runs that have ended, and hands its own on."""

    def _start(self) -> isolation.Worker:
        if not _stock:
            return super()._start()
        worker = _stock.pop()
        self._started.append(worker)
        return worker

    def __exit__(self, *error: object) -> None:
        while error[0] is None and len(_stock) < MOST_WORKERS and not self._idle.empty():
            worker = self._idle.get()
            self._started.remove(worker)
            if worker.process.poll() is None:
                _stock.append(worker)
        super().__exit__(*error)


def create(path: Path) -> None:
    """As connect._create, by copying what that made once; itself where a test has changed anything of it."""
    is_changed = migrate.migrate is not _migrate or connect._open is not _open
    if is_changed or connect.log_of(path).exists():
        _create(path)
        return
    counts.require_none(path)
    new = path.with_name(path.name + ".new")
    with faults.file_errors(path):
        counts.forget(path)
        shutil.copyfile(_template(), new)
        new.replace(path)


def in_memory() -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"ATTACH '{_template()}' AS template (READ_ONLY)")
    connection.execute("COPY FROM DATABASE template TO memory")
    connection.execute("DETACH template")
    return connection


def _template() -> Path:
    version = migrate.schema_version()
    if version not in _templates:
        folder = Path(tempfile.mkdtemp(prefix="storywatch-template-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _templates[version] = folder / "warehouse.duckdb"
        _create(_templates[version])
    return _templates[version]


def share(patch: pytest.MonkeyPatch) -> None:
    """Share both from now on, until `patch` is undone."""
    patch.setattr(connect, "_create", create)
    for module in (pipeline, reextracting, trial, extracting):
        patch.setattr(module, "ExtractionPool", Pool)


def end() -> None:
    """End the workers that wait."""
    while _stock:
        _stock.pop().kill()
