"""kill -9 at any instant: the next run ends with the tables of a run that nobody disturbed. And who meets whom.

Eight random instants here, by fixed seeds; a hundred in benchmarks/kills.py. What is killed is the real command on the
replay, in a process of its own.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from extractors.errors import WarehouseBusy
from flows.replay.server import ReplayServer
from flows.settings import PACKAGE_SEEDS
from tests.holding import HOLD_AS_WRITER, running
from tests.killed_runs import (
    RUN,
    Moment,
    carried_out,
    command,
    content,
    copied,
    ended,
    killed_run,
    next_run,
    undisturbed,
)
from tests.replay_command import INSTANTS
from warehouse import connect, migrate, read
from warehouse.connect import DataDir

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory, server: ReplayServer) -> list[Moment]:
    return undisturbed(tmp_path_factory.mktemp("undisturbed"), server)


def private(place: Path, sql: str) -> list[tuple[object, ...]]:
    with connect.reader(DataDir(place), wait_seconds=5) as connection:
        return read.query(connection, sql)[1]


@pytest.mark.parametrize("seed", range(8))
def test_a_run_killed_at_a_random_instant_leaves_nothing_that_the_next_one_does_not_make_good(
    seed: int, tmp_path: Path, server: ReplayServer, moments: list[Moment]
) -> None:
    moment = moments[seed % len(moments)]
    killed = killed_run(tmp_path / "data", server, moment, random.Random(seed))
    assert not killed.was_through
    next_run(tmp_path / "data", server, moment.at)
    assert content(DataDir(tmp_path / "data")) == moment.expected
    assert private(tmp_path / "data", "FROM posting SELECT hash, sketch_id GROUP BY ALL HAVING count(*) > 1") == []


def test_a_run_killed_at_each_of_its_seams_in_turn_ends_as_one_that_nobody_disturbed(
    tmp_path: Path, server: ReplayServer, moments: list[Moment]
) -> None:
    place, moment = tmp_path / "data", moments[0]
    server.moment = moment.at
    for instant in INSTANTS:
        assert carried_out(place, server, moment.at, *RUN, die_at=instant) == -signal.SIGKILL, instant
    next_run(place, server, moment.at)
    assert content(DataDir(place)) == moment.expected
    assert sorted(path.name for path in (place / "public").iterdir()) == ["current", "metrics.prom", "snapshots"]
    assert list((place / "private" / "pages").iterdir()) == []


def test_an_upgrade_killed_between_two_steps_of_the_schema_is_carried_on(
    tmp_path: Path, server: ReplayServer, moments: list[Moment]
) -> None:
    place, moment = DataDir(tmp_path / "data"), moments[0]
    server.moment = moment.at
    place.private.mkdir(parents=True)
    with duckdb.connect(place.warehouse_path) as old:
        migrate.migrate(old, place.warehouse_path, migrate.migrations()[:3])
    assert carried_out(place.root, server, moment.at, *RUN, die_at="migrating") == -signal.SIGKILL
    with duckdb.connect(place.warehouse_path) as half:
        (applied,) = half.execute("SELECT count(*) FROM schema_migration").fetchall()[0]
    assert 3 < applied < migrate.schema_version()
    next_run(place.root, server, moment.at)
    assert content(place) == moment.expected


def test_two_runs_begun_at_the_same_instant_count_nothing_twice(
    tmp_path: Path, server: ReplayServer, moments: list[Moment]
) -> None:
    place, moment = tmp_path / "data", moments[0]  # both set the warehouse up, too
    server.moment = moment.at
    both = [command(place, server, moment.at, *RUN) for _ in range(2)]
    assert [ended(one)[1] for one in both] == [0, 0]
    next_run(place, server, moment.at)
    assert content(DataDir(place)) == moment.expected
    assert {row[0] for row in private(place, "SELECT DISTINCT kind FROM verdict")} > {"independent"}


@pytest.mark.parametrize("name", ["rescore", "reextract"])
def test_what_decides_anew_and_is_killed_before_it_could_publish_is_published_by_the_same_call(
    name: str, tmp_path: Path, server: ReplayServer, moments: list[Moment]
) -> None:
    now, pattern = moments[0].at, tmp_path / "pattern"  # now: not so late that it would publish in any case
    copied(moments[1].before, pattern)
    words = changed(name, pattern, tmp_path)
    calm, struck = tmp_path / "calm", tmp_path / "struck"
    copied(pattern, calm)
    copied(pattern, struck)
    assert carried_out(calm, server, now, *words) == 0
    assert carried_out(struck, server, now, *words, die_at="copied") == -signal.SIGKILL
    assert carried_out(struck, server, now, *words) == 0
    assert content(DataDir(calm)) != content(DataDir(pattern))
    assert content(DataDir(struck)) == content(DataDir(calm))


def changed(name: str, place: Path, folder: Path) -> tuple[str, ...]:
    """The command, with something to do: another story, or texts that another extractor had cut short."""
    if name == "rescore":
        story = (PACKAGE_SEEDS / "story.toml").read_text("utf-8")
        (folder / "story.toml").write_text(story.replace("half_points", "# another one\nhalf_points"), "utf-8")
        return "rescore", "--story", str(folder / "story.toml")
    with duckdb.connect(DataDir(place).warehouse_path) as connection:
        connection.execute("UPDATE article SET title = 'What another extractor took for the headline'")
    return "reextract", "--no-prefect", "--quiet"


def test_a_writer_that_is_stopped_with_the_lock_in_hand_is_named_and_when_it_goes_on_so_do_all(tmp_path: Path) -> None:
    place = DataDir(tmp_path / "data")
    with running(HOLD_AS_WRITER, place.root) as holder:
        holder.send_signal(signal.SIGSTOP)
        for door in (connect.writer, connect.reader):
            with pytest.raises(WarehouseBusy) as caught, door(place, wait_seconds=0.05):
                pass
            assert caught.value.pid == holder.pid
        holder.send_signal(signal.SIGCONT)
        assert holder.stdin is not None
        holder.stdin.close()
        with connect.writer(place, wait_seconds=30) as connection:
            assert connection.execute("SELECT count(*) FROM entry").fetchall() == [(0,)]
