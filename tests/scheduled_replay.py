"""The monitor as a worker runs it, but on the replay: what tests deploy in its place.

Each run meets the next moment of the replay, later ones the last moment a day on. While the file `hold` is in the data
folder, a run stops in the middle (it has begun, and is about to ask the feeds) and writes its PID into `held`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from prefect import flow

from extractors.records import RunReport
from flows.commands.demo import clock_from
from flows.monitor import monitor as real_monitor
from flows.progress import Stage
from flows.replay.server import ReplayServer
from flows.replay.site import MOMENTS
from flows.settings import load_settings
from flows.shown import RunLog
from flows.world import World, in_world
from warehouse import connect, read
from warehouse.connect import DataDir

POLL_SECONDS = 0.05


class Holding(RunLog):
    """As the monitor's own, but stops at the beginning of each stage as long as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Stage]:
        if (self.folder / "hold").exists():
            new = self.folder / "held.new"
            new.write_text(str(os.getpid()))
            new.replace(self.folder / "held")
            while (self.folder / "hold").exists():
                time.sleep(POLL_SECONDS)
        with super().stage(name, total) as stage:
            yield stage


def moment_of(data_dir: Path) -> tuple[datetime, timedelta]:
    """The moment of the replay that is next, and how much later it is by the clock."""
    place = DataDir(data_dir)
    runs = 0
    if connect.exists(place):
        with connect.reader(place, wait_seconds=60) as con:
            runs = int(read.query(con, "SELECT count(*) FROM run")[1][0][0])
    last = len(MOMENTS) - 1
    return MOMENTS[min(runs, last)], timedelta(days=max(0, runs - last))


@flow(name="monitor", persist_result=False)
def monitor() -> RunReport:
    """The body of the real flow, in the world of the replay."""
    data_dir = load_settings().data_dir
    moment, later = moment_of(data_dir)
    with ReplayServer(moment=moment) as server:
        world = World(clock=clock_from(moment + later), resolver=server.resolver(), progress=Holding(data_dir))
        with in_world(world):
            report: RunReport = real_monitor.fn()
            return report
