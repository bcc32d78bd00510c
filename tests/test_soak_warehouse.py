"""A soak of the warehouse: three writers that are killed again and again, five readers that must never notice.

Every process is one of its own: writers on the real path (tests/soak_writer.py), readers that are plain DuckDB clients
(tests/soak_reader.py). Longer: STORYWATCH_SOAK_SCALE=10 python -m pytest tests/test_soak_warehouse.py
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.soak_writer import ROWS_PER_BATCH, acknowledged, address
from warehouse import connect, load, publish, read
from warehouse.connect import DataDir
from warehouse.snapshots import KEPT

SCALE = float(os.environ.get("STORYWATCH_SOAK_SCALE", "1"))
pytestmark = [pytest.mark.soak, pytest.mark.timeout(300 * max(1.0, SCALE))]
ROOT = Path(__file__).parent.parent
SECONDS = 60 * SCALE
KILLS = round(29 * SCALE)
WRITERS = 3
READERS = 4
ROWS_PER_SECOND = 100  # offered by all writers together
SEED = 20251016
# Rows that there may be but once, by what tells them apart.
UNIQUE = {
    "entry": "url",
    "decision": "url, outcome",
    "article": "url",
    "article_text": "article_url",
    "story_match": "article_url",
    "verdict": "article_url",
    "sketch": "article_url",
    "posting": "hash, sketch_id",
}


@dataclass
class Child:
    """A process that says "up" when it is, and ends when its input does."""

    command: list[str]
    process: subprocess.Popen[str] = field(init=False)
    is_up: bool = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.is_up = False

    def wait_until_up(self) -> None:
        if not self.is_up:
            assert self.process.stdout is not None
            assert self.process.stdout.readline() == "up\n"
            self.is_up = True

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def end(self) -> str:
        """Let it end by itself; returns what it had to say."""
        self.wait_until_up()
        said, _ = self.process.communicate()
        assert self.process.returncode == 0
        return said

    def close(self) -> None:
        """However it stands: over."""
        if self.process.poll() is None:
            self.kill()
        self._close()

    def _close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@dataclass
class Soaked:
    """What the processes told, and where their tables are."""

    place: DataDir
    seconds: float
    kills_in_hand: int  # kills of the one that held the writer's lock or was publishing
    readers: list[dict[str, Any]]
    holder: dict[str, Any]
    last_snapshot: int
    acknowledged: list[int]  # per writer: batches, from the first

    def total(self, name: str) -> int:
        return sum(int(one[name]) for one in (*self.readers, self.holder))


def holders(place: DataDir) -> set[int]:
    """PIDs that stand in the lock files now."""
    pids = set()
    for path in (place.lock_path, place.publish_lock_path):
        try:
            pids.add(int(json.loads(path.read_text("ascii"))["pid"]))
        except (OSError, ValueError, KeyError):
            continue
    return pids


def strike(writers: list[Child], place: DataDir, started: float) -> int:
    """Kill writers at instants that are drawn, and start them again; returns how many had something in hand."""
    chance = random.Random(SEED)
    instants = sorted(chance.uniform(0, SECONDS) for _ in range(KILLS))
    in_hand = 0
    for instant in instants:
        time.sleep(max(0.0, started + instant - time.monotonic()))
        victim = chance.choice(writers)
        victim.wait_until_up()  # the kill is for what it does, not for its start
        in_hand += victim.process.pid in holders(place)
        victim.kill()
        victim.start()
    time.sleep(max(0.0, started + SECONDS - time.monotonic()))
    return in_hand


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    place = DataDir(tmp_path_factory.mktemp("soak") / "data")
    with connect.writer(place, wait_seconds=1) as connection:
        load.start_run(connection, "set-up", datetime.now(UTC), command="soak")
    publish.ensure_published(place, "set-up", now=datetime.now(UTC), wait_seconds=1)
    started = time.monotonic()
    rate = ROWS_PER_SECOND / ROWS_PER_BATCH / WRITERS
    client = ["tests/soak_reader.py", str(place.public), str(ROWS_PER_BATCH)]
    with ExitStack() as stack:

        def child(*command: object) -> Child:
            one = Child([str(word) for word in command])
            stack.callback(one.close)
            return one

        writers = [child("-m", "tests.soak_writer", place.root, n, started, rate) for n in range(WRITERS)]
        readers = [child(*client) for _ in range(READERS)]
        holder = child(*client, "--hold")
        for one in (*writers, *readers, holder):
            one.wait_until_up()
        in_hand = strike(writers, place, started)
        for writer in writers:
            writer.end()
        seconds = time.monotonic() - started
        told = [json.loads(reader.end()) for reader in readers]
        held = json.loads(holder.end())
    last = publish.publish(place, "after", now=datetime.now(UTC), wait_seconds=1)
    acks = [acknowledged(place.root, number) for number in range(WRITERS)]
    soaked = Soaked(place, seconds, in_hand, told, held, last, acks)
    rows = sum(acks) * ROWS_PER_BATCH
    print(
        f"\nsoak: {seconds:.0f} s, {KILLS} kill -9, {in_hand} of them with a lock in hand; {rows} rows acknowledged, "
        f"{rows / seconds:.0f}/s; {last} publications; {soaked.total('reads')} reads, {soaked.total('failed')} failed, "
        f"{soaked.total('inconsistent')} inconsistent, {soaked.total('unchecked')} without their manifest"
    )
    return soaked


def ask(place: DataDir, sql: str) -> list[tuple[object, ...]]:
    with connect.reader(place, wait_seconds=5) as connection:
        return read.query(connection, sql)[1]


def test_no_read_fails_and_none_is_inconsistent(soaked: Soaked) -> None:
    for told in (*soaked.readers, soaked.holder):
        assert told["words"] == []
        assert told["reads"] > SECONDS / 5
    assert soaked.total("failed") == soaked.total("inconsistent") == 0


def test_nearly_every_read_was_held_against_the_manifest_of_its_snapshot(soaked: Soaked) -> None:
    assert soaked.total("unchecked") <= soaked.total("reads") / 20
    assert min(int(told["snapshots"]) for told in soaked.readers) > 1


def test_no_acknowledged_row_is_lost(soaked: Soaked) -> None:
    assert sum(soaked.acknowledged) > 0
    expected = {
        address(number, row)
        for number, batches in enumerate(soaked.acknowledged)
        for row in range(batches * ROWS_PER_BATCH)
    }
    for table, column in (("entry", "url"), ("article", "url"), ("article_text", "article_url")):
        stored = {str(row[0]) for row in ask(soaked.place, f"SELECT {column} FROM {table}")}
        assert expected - stored == set(), table
    with connect.public_reader(soaked.place) as connection:
        published = {str(row[0]) for row in read.query(connection, "SELECT url FROM coverage")[1]}
    assert expected - published == set()


def test_nothing_is_there_twice(soaked: Soaked) -> None:
    for table, key in UNIQUE.items():
        twice = f"SELECT {key}, count(*) FROM {table} GROUP BY ALL HAVING count(*) > 1 LIMIT 5"
        assert ask(soaked.place, twice) == [], table


def test_batches_are_whole_in_the_private_file_too(soaked: Soaked) -> None:
    for number, batches in enumerate(soaked.acknowledged):
        rows = ask(soaked.place, f"SELECT url FROM article WHERE outlet = 'writer-{number}.example' ORDER BY url")
        assert rows == [(address(number, row),) for row in range(len(rows))]
        # More than was acknowledged: the kill came between the commit and the acknowledgement.
        assert len(rows) % ROWS_PER_BATCH == 0 <= len(rows) - batches * ROWS_PER_BATCH
    assert ask(soaked.place, "SELECT DISTINCT outcome FROM entry") == [("loaded",)]


def test_what_kills_leave_behind_is_cleared_away(soaked: Soaked) -> None:
    assert soaked.last_snapshot > KEPT
    assert len(list(soaked.place.snapshots.iterdir())) == KEPT
    assert sorted(path.name for path in soaked.place.public.iterdir()) == ["current", "snapshots"]
    assert list(soaked.place.private.glob("*.copy*")) == []
