"""Processes of this machine: whether one still is the one that was meant, which of them execute a flow run, and how
they are ended. A process is known by its id and the time at which it was started, since ids are used again.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

# Prefect gives each process that executes a flow run these two; their children inherit them.
RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
HOME_VARIABLE = "PREFECT_HOME"


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, told from a later one of the same id."""

    pid: int
    started: float  # seconds since 1970, as the kernel says

    def process(self) -> psutil.Process | None:
        """The process, if it is still there."""
        try:
            process = psutil.Process(self.pid)
            is_it = process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if is_it else None


def identity(pid: int) -> Identity | None:
    """The identity of a process that runs now. None: there is none."""
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def flow_runs(home: Path | None = None) -> dict[str, list[psutil.Process]]:
    """Flow run id -> the processes of this user that execute it. `home`: only those below that folder of Prefect's."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):  # gone meanwhile, or of somebody else
            continue
        run_id = environment.get(RUN_VARIABLE)
        if run_id and (home is None or environment.get(HOME_VARIABLE) == str(home)):
            found.setdefault(run_id, []).append(process)
    return found


def signal_groups(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to the process groups that these lead; who leads none is a child of one that does."""
    for process in processes:
        try:
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, number)
        except ProcessLookupError:
            continue


def wait(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until they are gone; returns those that are left."""
    alive: list[psutil.Process] = psutil.wait_procs(list(processes), timeout=max(0.0, seconds))[1]
    return alive
