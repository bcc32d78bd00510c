"""warehouse/counts.py: a log that got lost is noticed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.errors import WarehouseDamaged
from tests.records_factory import RUN, make_entry
from warehouse import connect, load
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
# Commits an entry, and is killed before the file is closed: the commit is in the log alone.
COMMIT_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tests.records_factory import RUN, make_entry
from warehouse import connect, counts, load
keep = counts.keep
def keep_and_die(*arguments):
    keep(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
counts.keep = keep_and_die
with connect.writer(connect.DataDir(Path(sys.argv[1])), wait_seconds=5) as connection:
    load.record_entries(connection, [make_entry("b")], RUN)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A warehouse with an entry in its file and another in its log."""
    place = DataDir(tmp_path_factory.mktemp("killed") / "data")
    with connect.writer(place, wait_seconds=5) as connection:
        load.record_entries(connection, [make_entry("a")], RUN)
    subprocess.run([sys.executable, "-c", COMMIT_AND_DIE, str(place.root)], cwd=ROOT, check=False)
    assert log_of(place).stat().st_size > 0
    return place


@pytest.fixture
def place(killed: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(killed.root, tmp_path / "data")
    return DataDir(tmp_path / "data")


def log_of(place: DataDir) -> Path:
    return place.warehouse_path.with_name("warehouse.duckdb.wal")


def entries(place: DataDir) -> int:
    with connect.reader(place, wait_seconds=5) as connection:
        return connection.execute("SELECT count(*) FROM entry").fetchall()[0][0]  # type: ignore[no-any-return]


def test_a_kill_after_the_commit_loses_nothing(place: DataDir) -> None:
    assert entries(place) == 2


@pytest.mark.parametrize("damage", ["deleted", "cut short", "zeroed"])
@pytest.mark.parametrize("door", [connect.writer, connect.reader])
def test_a_lost_log_is_noticed_and_the_remedy_is_told(place: DataDir, damage: str, door: Callable[..., object]) -> None:
    log = log_of(place)
    size = log.stat().st_size
    if damage == "deleted":
        log.unlink()
    else:
        log.write_bytes(log.read_bytes()[: size // 2] if damage == "cut short" else bytes(size))
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb") as caught, door(place, wait_seconds=5):  # type: ignore[attr-defined]
        pass
    assert "the last commit left" in str(caught.value) or "restore a backup" in str(caught.value)
    log.unlink(missing_ok=True)
    place.warehouse_path.with_name("rows.json").unlink()
    assert entries(place) == 1  # who accepts the loss goes on


def test_numbers_that_nobody_can_read_promise_nothing(place: DataDir) -> None:
    place.warehouse_path.with_name("rows.json").write_text("{", "ascii")
    assert entries(place) == 2


def test_a_warehouse_that_is_gone_is_begun_anew_only_where_its_numbers_are_gone_too(place: DataDir) -> None:
    log_of(place).unlink()
    place.warehouse_path.unlink()
    with pytest.raises(WarehouseDamaged, match="the file is gone"), connect.writer(place, wait_seconds=5):
        pass
    place.warehouse_path.with_name("rows.json").unlink()
    with connect.writer(place, wait_seconds=5):
        pass
    assert entries(place) == 0
