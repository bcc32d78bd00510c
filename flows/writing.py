"""Files that a person asked for: whole, or as they were before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from extractors.errors import SettingsError


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """What is written within becomes the file `path` at the end, in one step; after an error nothing has changed.

    Raises SettingsError, which names --output, when the file can't be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError("--output", str(path), f"it can't be written: {reason}", "the command line") from error
