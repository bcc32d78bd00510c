"""Runs of the whole pipe on the bundled replay, for the tests of everything that comes after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from extractors.records import RunReport
from flows import pipeline
from flows.replay import REPLAY_SEEDS
from flows.replay.server import ReplayServer
from flows.replay.site import MOMENTS
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World


def ticking(start: datetime) -> Callable[[], datetime]:
    """A clock that moves on by a millisecond each time it is read: the same run reads the same times."""
    ticks = count()
    return lambda: start + timedelta(milliseconds=next(ticks))


@contextmanager
def replay_watch(
    data_dir: Path, moment: datetime, *, later: timedelta = timedelta(), **changes: Any
) -> Iterator[tuple[Watch, ReplayServer]]:
    """A watch over the replay as it stands at a moment, by a clock that is `later` than that. `changes`: settings."""
    with ReplayServer(moment=moment) as server:
        settings = Settings(data_dir=data_dir, seeds_dir=REPLAY_SEEDS, host_delay_seconds=0.0, **changes)
        yield prepare(settings, World(clock=ticking(moment + later), resolver=server.resolver())), server


def run_moment(data_dir: Path, moment: datetime, *, later: timedelta = timedelta(), **changes: Any) -> RunReport:
    """One run at that moment."""
    with replay_watch(data_dir, moment, later=later, **changes) as (watch, _):
        return pipeline.run(watch, command="test")


def run_all_moments(data_dir: Path, **changes: Any) -> list[RunReport]:
    """The replay as the demo plays it. `changes`: settings."""
    return [run_moment(data_dir, moment, **changes) for moment in MOMENTS]
