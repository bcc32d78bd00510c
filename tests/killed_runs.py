"""Whole runs on the replay that are killed, and what the next run makes of it, held against runs that nobody disturbed.

    before moment n --run--> --next run--> expected
    before moment n --run, killed at a random instant--> --next run--> must be the same

All clocks stand still at the moment, so that times have to be equal as well. Used by tests/test_kills.py and
benchmarks/kills.py.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from flows import pipeline
from flows.replay import REPLAY_SEEDS
from flows.replay.server import ReplayResolver, ReplayServer
from flows.replay.site import MOMENTS
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from warehouse import connect, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
MOST_TRIES = 6
Rows = list[tuple[object, ...]]
ENVIRONMENT = {"STORYWATCH_SEEDS_DIR": str(REPLAY_SEEDS), "STORYWATCH_HOST_DELAY_SECONDS": "0"}
# What may differ: who did it. In run_health a killed run is a row more, and the next one found less to do: of that view
# the ledger is compared, as it was in the end, and that it added up after each run.
LEFT_OUT = frozenset({"run_id"})
INSTEAD = {
    "run_health": "SELECT max(ledger_discovered), max(ledger_decided), bool_and(balanced) FROM run_health "
    "WHERE status = 'completed'"
}


@dataclass(frozen=True)
class Moment:
    """One moment of the replay: the folder before it, how long its run takes, what is expected after the next one."""

    at: datetime
    before: Path
    seconds: float  # from the first stage to the end of its run
    expected: dict[str, Rows]


@dataclass(frozen=True)
class Killed:
    """What became of a run that was to be killed."""

    seconds: float  # after its first stage began
    stage: str  # that it had entered last
    was_through: bool  # it had ended before


def command(place: Path, server: ReplayServer, now: datetime, *words: str, die_at: str = "") -> subprocess.Popen[str]:
    """A storywatch command on the replay, started."""
    given = [str(server.port), now.isoformat(), *(["--die-at", die_at] if die_at else [])]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.replay_command", *given, "--", *words, "--data", str(place)],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        text=True,
    )


RUN = ("run", "--no-prefect", "--quiet", "--feeds", str(REPLAY_SEEDS / "feeds.toml"))


def wait_until_begun(started: subprocess.Popen[str]) -> None:
    """Until a run has entered its first stage."""
    assert started.stdout is not None
    assert started.stdout.readline() == "begin\n"


def ended(started: subprocess.Popen[str]) -> tuple[list[str], int]:
    """(stages that it entered since, its exit code)."""
    said, _ = started.communicate()
    return said.split(), started.returncode


def carried_out(place: Path, server: ReplayServer, now: datetime, *words: str, die_at: str = "") -> int:
    """The exit code of a whole command."""
    return ended(command(place, server, now, *words, die_at=die_at))[1]


@cache
def _files() -> Watch:
    """The story, feeds and seeds, read once: that takes longer than a run that finds nothing to do."""
    return prepare(Settings(seeds_dir=REPLAY_SEEDS, host_delay_seconds=0.0), World(resolver=ReplayResolver((), 0)))


def next_run(place: Path, server: ReplayServer, now: datetime) -> None:
    """A run that nobody disturbs, in this process."""
    settings = _files().settings.model_copy(update={"data_dir": place})
    watch = replace(_files(), settings=settings, world=World(clock=lambda: now, resolver=server.resolver()))
    report = pipeline.run(watch, command="run")
    assert report.status == "completed", report.detail
    assert report.ledger_discovered == sum(report.ledger_outcomes.values())


def undisturbed(root: Path, server: ReplayServer) -> list[Moment]:
    """The moments of the replay, each with the folder before it and what is expected after it."""
    moments = []
    before = root / "before-1"
    before.mkdir(parents=True)
    for number, at in enumerate(MOMENTS, start=1):
        after = root / f"before-{number + 1}"
        copied(before, after)
        server.moment = at
        started = command(after, server, at, *RUN)
        wait_until_begun(started)
        began = time.monotonic()
        _, code = ended(started)
        seconds = time.monotonic() - began
        assert code == 0
        later = root / f"expected-{number}"
        copied(after, later)
        next_run(later, server, at)
        moments.append(Moment(at, before, seconds, content(DataDir(later))))
        before = after
    return moments


def copied(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def killed_run(place: Path, server: ReplayServer, moment: Moment, chance: random.Random) -> Killed:
    """Begin the moment's run in `place`, made anew, and kill it at an instant drawn over the time that it takes.

    A run that was through by then, on a machine that has become faster, is drawn again over half of the time.
    """
    server.moment = moment.at
    longest = moment.seconds
    for _ in range(MOST_TRIES):
        copied(moment.before, place)
        seconds = chance.uniform(0, longest)
        started = command(place, server, moment.at, *RUN)
        wait_until_begun(started)
        time.sleep(seconds)
        started.kill()
        stages, code = ended(started)
        if code == -signal.SIGKILL:
            break
        longest /= 2
    return Killed(seconds, ["begin", *stages][-1], code != -signal.SIGKILL)


def content(place: DataDir) -> dict[str, Rows]:
    """The rows of every public view, as the published file has them, without the columns that are LEFT_OUT."""
    with connect.public_reader(place) as connection:
        named = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        views = [str(row[0]) for row in read.query(connection, named)[1]]
        found = {}
        for view in views:
            columns, rows = read.query(connection, INSTEAD.get(view, f'FROM "{view}"'))
            kept = [place for place, name in enumerate(columns) if name not in LEFT_OUT]
            found[view] = sorted((tuple(row[place] for place in kept) for row in rows), key=repr)
    return found


def digests(found: dict[str, Rows]) -> dict[str, str]:
    """One hash per view over its rows."""
    return {view: hashlib.sha256(repr(rows).encode()).hexdigest()[:16] for view, rows in found.items()}
