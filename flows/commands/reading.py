"""Opens what can be read: the private file, or the published one while a run holds the former, and says which."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from extractors.errors import WarehouseBusy
from warehouse import connect

# A run holds the private file for a fraction of a second at a time; whoever waits longer is better off reading on.
WAIT_SECONDS = 2.0


@contextmanager
def best_reader(data_dir: connect.DataDir) -> Iterator[connect.Connection]:
    """A read-only connection. Raises WarehouseMissing when there is nothing yet."""
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(connect.reader(data_dir, wait_seconds=WAIT_SECONDS))
        except WarehouseBusy as busy:
            print(f"reading the last published file: {busy}", file=sys.stderr)
            connection = opened.enter_context(connect.public_reader(data_dir))
        yield connection
