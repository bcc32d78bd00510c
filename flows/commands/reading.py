"""Opens what can be read: the private file, or the published one while a run holds the former, and says which."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extractors.errors import WarehouseBusy
from warehouse import connect
from warehouse.snapshots import last_published

# A run holds the private file for a fraction of a second at a time; whoever waits longer is better off reading on.
WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from."""

    file: Path
    is_private: bool  # the flows' own file, as of the last commit
    published_at: datetime | None  # of the published file, if that is what was read and its manifest says so

    def __str__(self) -> str:
        if self.is_private:
            return f"{self.file}, as of the last commit"
        at = f", as of {self.published_at:%Y-%m-%d %H:%M:%S}Z" if self.published_at else ""
        return f"{self.file}, the last published file{at}"


@contextmanager
def best_source(data_dir: connect.DataDir) -> Iterator[tuple[connect.Connection, Source]]:
    """A read-only connection, and what it reads. Raises WarehouseMissing when there is nothing yet."""
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connect.reader(data_dir, wait_seconds=WAIT_SECONDS))
            source = Source(data_dir.warehouse_path, True, None)
        except WarehouseBusy as busy:
            print(f"reading the last published file: {busy}", file=sys.stderr)
            connection = opened.enter_context(connect.public_reader(data_dir))
            manifest = last_published(data_dir)
            source = Source(data_dir.published_path, False, manifest.published_at if manifest else None)
        yield connection, source


@contextmanager
def best_reader(data_dir: connect.DataDir) -> Iterator[connect.Connection]:
    """The same for who need not tell what was read."""
    with best_source(data_dir) as (connection, _):
        yield connection
