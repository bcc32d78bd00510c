"""Processes of this machine: whether one still is the one that was meant, which of them execute a flow run, and how
they are ended. A process is known by its id and by when it was started, since ids are used again.
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
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_FIELD = 19  # of /proc/<pid>/stat, after the command's closing bracket (proc_pid_stat(5), starttime)


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, told from a later one of the same id."""

    pid: int
    started: str  # when, in words of the kernel that no step of the clock changes

    def process(self) -> psutil.Process | None:
        """The process, if it is still there."""
        try:
            process = psutil.Process(self.pid)
            is_it = _started(process) == self.started and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if is_it else None


def identity(pid: int) -> Identity | None:
    """The identity of a process that runs now. None: there is none."""
    try:
        return Identity(pid, _started(psutil.Process(pid)))
    except psutil.NoSuchProcess:
        return None


def _started(process: psutil.Process) -> str:
    """The boot, and the ticks from it to the start of the process. Times of day are no use here: Linux reckons them
    from the clock of now, so that they move with each correction of it. Where there is no /proc, they have to do.
    """
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return f"{BOOT_ID.read_text().strip()} {fields[START_FIELD]}"
    except (OSError, IndexError):
        return str(process.create_time())


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
