"""The parts of a running storywatch: each a process that leads a group of its own, with a log that is kept short.

A part writes into its log itself, appending. So it goes on when its supervisor is killed, and the supervisor may cut
the log: what was there is copied aside, then the file is emptied, and the next line begins at its start.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flows.processes import Identity, identity

LOG_BYTES = 10 << 20  # a log is cut at this size; up to KEPT_LOGS older ones stay
KEPT_LOGS = 3
LINES_SHOWN = 15  # of a log, when its part has died


@dataclass(slots=True, kw_only=True)
class Part:
    """A process that is to run as long as storywatch does."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    identity: Identity | None = None

    def start(self) -> None:
        """Begin; what a former process of it left behind is ended first."""
        self.kill()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C on a terminal meets the supervisor alone, which ends all in order
            )
        self.identity = identity(self.process.pid)

    def ended(self) -> int | None:
        """Exit code, negative: the signal that ended it. None: it runs."""
        return self.process.poll() if self.process else None

    def terminate(self) -> None:
        """Ask its group to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End its group at once."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def how_it_ended(code: int) -> str:
    """For people."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def rotate(log: Path, limit_bytes: int = LOG_BYTES) -> bool:
    """Cut a log that has grown over the limit; True if it did. Lines written at that moment may be lost, and on a full
    disk all that is cut.
    """
    if not log.exists() or log.stat().st_size <= limit_bytes:
        return False
    older = [log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1)]
    for path, onto in zip(reversed(older[:-1]), reversed(older[1:]), strict=True):
        if path.exists():
            path.replace(onto)
    try:
        shutil.copyfile(log, older[0])
    except OSError:  # no room for a copy: room is made
        older[0].unlink(missing_ok=True)
    os.truncate(log, 0)
    return True


def last_lines(log: Path, count: int = LINES_SHOWN) -> list[str]:
    """The end of a log; empty if there is none."""
    try:
        with log.open("rb") as opened:
            opened.seek(max(0, log.stat().st_size - 64 * 1024))
            text = opened.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]
