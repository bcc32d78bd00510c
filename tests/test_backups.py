"""warehouse/backups.py: what is backed up can be put back, and nothing is lost by trying."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from extractors.errors import WarehouseBusy, WarehouseDamaged, WarehouseMissing, WarehouseNewer
from flows import pipeline
from flows.replay.site import MOMENTS
from flows.rescoring import rescore
from tests.holding import HOLD_AS_CLIENT, HOLD_AS_WRITER, running
from tests.old_rows import stock as stock_old
from tests.records_factory import at, make_entry
from tests.replayed import replay_watch
from tests.stocked import stocked_place
from warehouse import alive, backups, connect, counts, load, lock, migrate
from warehouse.connect import DataDir

ROOT = Path(__file__).parents[1]

# Restores, and is killed at the named step.
RESTORE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tests.records_factory import at
from warehouse import backups, connect
place, path, step = connect.DataDir(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
def die(*arguments, **more):
    os.kill(os.getpid(), signal.SIGKILL)
steps = {"copied": "_keep_aside", "replaced": "_bring_up_to_date"}
if step in steps:
    setattr(backups, steps[step], die)
else:
    keep = backups._keep_aside
    backups._keep_aside = lambda *arguments: (keep(*arguments), die())
backups.restore(place, path, now=at(100), wait_seconds=5)
"""


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return stocked_place(tmp_path_factory.mktemp("pattern") / "data")


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def back_up(place: DataDir, minutes: float = 0, keep: int | None = None) -> backups.Backup:
    return backups.back_up(place, now=at(minutes), wait_seconds=1, keep=keep)


def restore(place: DataDir, path: Path) -> backups.Restored:
    return backups.restore(place, path, now=at(100), wait_seconds=0.1)


def urls(place: DataDir) -> int:
    with connect.reader(place, wait_seconds=1) as connection:
        return counts.all_rows(connection)["entry"]


def add(place: DataDir, name: str) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        load.record_entries(connection, [make_entry(name)], "run-3")


def test_a_backup_is_verified_and_says_what_it_holds(place: DataDir) -> None:
    made = back_up(place)
    assert made.path == place.backups / "20251017T080000Z.duckdb"
    assert (made.rows["entry"], made.rows["article"], made.schema_version) == (13, 8, migrate.schema_version())
    assert made.size_bytes == made.path.stat().st_size
    assert backups.verify(made.path) == made
    assert backups.backups(place) == [made]
    assert {path.suffix for path in place.backups.iterdir()} == {".duckdb", ".json", ".lock"}


def test_a_restored_backup_is_what_was_backed_up_and_what_was_there_is_kept(place: DataDir) -> None:
    made = back_up(place)
    add(place, "later")
    (place.private / "pages").mkdir()
    (place.private / "pages" / "run-3.answers").write_bytes(b"an answer that the restored ledger never asked for")
    done = restore(place, made.path)
    assert urls(place) == 13
    assert done.kept_in is not None
    assert {path.name for path in done.kept_in.iterdir()} == {"warehouse.duckdb", "rows.json", "pages"}
    with duckdb.connect(done.kept_in / "warehouse.duckdb", read_only=True) as kept:
        assert kept.execute("SELECT count(*) FROM entry").fetchall() == [(14,)]
    assert not (place.private / "pages").exists()
    assert json.loads((place.private / "rows.json").read_text())["entry"] == 13
    add(place, "goes-on")
    assert urls(place) == 14
    assert backups.verify(made.path) == made


def test_what_a_killed_writer_left_in_its_log_is_backed_up_and_a_log_is_never_replayed_into_another_file(
    place: DataDir,
) -> None:
    made = back_up(place)
    code = """
import os, signal, sys
from pathlib import Path
from tests.records_factory import make_entry
from warehouse import connect, counts, load
keep = counts.keep
counts.keep = lambda *arguments: (keep(*arguments), os.kill(os.getpid(), signal.SIGKILL))
with connect.writer(connect.DataDir(Path(sys.argv[1])), wait_seconds=5) as connection:
    load.record_entries(connection, [make_entry("in-the-log")], "run-3")
"""
    child = subprocess.run([sys.executable, "-c", code, str(place.root)], cwd=ROOT, check=False)
    assert child.returncode == -signal.SIGKILL
    assert place.warehouse_path.with_name("warehouse.duckdb.wal").exists()
    shutil.copytree(place.root, place.root.with_name("other"), symlinks=True)
    assert back_up(place, 1).rows["entry"] == 14
    other = DataDir(place.root.with_name("other"))
    assert restore(other, made.path).kept_in is not None
    assert urls(other) == 13


def test_a_damaged_file_is_replaced_and_kept_with_its_log(place: DataDir) -> None:
    made = back_up(place)
    log = place.warehouse_path.with_name("warehouse.duckdb.wal")
    log.write_bytes(b"no log at all" * 100)
    place.warehouse_path.write_bytes(b"no database at all" * 1000)
    done = restore(place, made.path)
    assert done.kept_in is not None
    assert {path.name for path in done.kept_in.iterdir()} == {"warehouse.duckdb", "warehouse.duckdb.wal", "rows.json"}
    assert not log.exists()
    assert urls(place) == 13


def test_a_backup_can_be_put_where_nothing_is(place: DataDir, tmp_path: Path) -> None:
    made = back_up(place)
    assert restore(DataDir(tmp_path / "new"), made.path).kept_in is None
    assert urls(DataDir(tmp_path / "new")) == 13


def test_only_the_last_ones_are_kept_if_asked_so(place: DataDir) -> None:
    paths = [back_up(place, minutes).path for minutes in (0, 1, 1, 2)]
    assert [path.stem for path in paths] == [f"20251017T08{end}" for end in ("0000Z", "0100Z", "0100Z-2", "0200Z")]
    assert [one.path for one in backups.backups(place)] == paths
    (place.backups / "mine.duckdb").write_bytes(b"somebody else's")
    back_up(place, 3, keep=2)
    assert [one.path.name for one in backups.backups(place)] == ["20251017T080200Z.duckdb", "20251017T080300Z.duckdb"]
    assert (place.backups / "mine.duckdb").exists()
    assert len(list(place.backups.glob("*.json"))) == 2


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 4096)


def one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def another_count(path: Path) -> None:
    beside = path.with_suffix(".json")
    told = json.loads(beside.read_text())
    beside.write_text(json.dumps(told | {"rows": told["rows"] | {"entry": 99}}))


def no_manifest(path: Path) -> None:
    path.with_suffix(".json").unlink()


@pytest.mark.parametrize("damage", [cut_short, one_bit, another_count, no_manifest])
def test_a_backup_that_is_not_what_it_was_is_refused_and_nothing_is_touched(place: DataDir, damage: object) -> None:
    path = back_up(place).path
    assert callable(damage)
    damage(path)
    add(place, "later")
    with pytest.raises(WarehouseDamaged, match="take another one"):
        restore(place, path)
    assert urls(place) == 14
    assert not list(place.backups.glob("replaced-*"))


def test_a_missing_backup_and_one_of_a_newer_version_are_refused(place: DataDir) -> None:
    with pytest.raises(WarehouseMissing, match="without a name lists"):
        restore(place, place.backups / "never.duckdb")
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute("INSERT INTO schema_migration VALUES (9999, 'later', 'x', now())")
    with pytest.raises(WarehouseNewer):
        back_up(place)


@pytest.mark.parametrize("step", ["copied", "aside", "replaced"])
def test_a_restore_killed_on_the_way_leaves_one_file_or_the_other_and_can_be_done_again(
    place: DataDir, step: str
) -> None:
    made = back_up(place)
    add(place, "later")
    arguments = [sys.executable, "-c", RESTORE_AND_DIE, str(place.root), str(made.path), step]
    assert subprocess.run(arguments, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    with duckdb.connect(place.warehouse_path, read_only=True) as there:
        assert there.execute("SELECT count(*) FROM entry").fetchall() == [(13 if step == "replaced" else 14,)]
    restore(place, made.path)
    assert urls(place) == 13


def held(place: DataDir, by: str) -> AbstractContextManager[object]:
    if by == "run":
        return alive.living(place, "one", wait_seconds=0)
    if by == "writer":
        return running(HOLD_AS_WRITER, place.root)
    return running(HOLD_AS_CLIENT, place.warehouse_path)


@pytest.mark.parametrize("by", ["run", "writer", "client"])
def test_nobody_who_uses_the_file_has_it_replaced_under_him(place: DataDir, by: str) -> None:
    made = back_up(place)
    with held(place, by), pytest.raises(WarehouseBusy):
        restore(place, made.path)
    assert not list(place.backups.glob("replaced-*"))
    restore(place, made.path)


def test_a_run_keeps_restores_away_from_its_beginning_to_its_end(place: DataDir) -> None:
    made = back_up(place)
    tried = []

    def meanwhile(job: pipeline.Job) -> None:
        with pytest.raises(WarehouseBusy) as caught:
            restore(place, made.path)
        tried.append(caught.value.path)

    with replay_watch(place.root, MOMENTS[0]) as (watch, _):
        pipeline.run(watch, command="test", stages=meanwhile)
    assert tried == [place.replace_lock_path]


def test_a_rescore_does_not_begin_while_a_restore_is_going_on(place: DataDir) -> None:
    with replay_watch(place.root, MOMENTS[0]) as (watch, _):
        impatient = replace(watch, settings=watch.settings.model_copy(update={"writer_wait_seconds": 0.05}))
        with lock.exclusive(place.replace_lock_path, wait_seconds=0), pytest.raises(WarehouseBusy) as caught:
            rescore(impatient, dry_run=False)
    assert caught.value.path == place.replace_lock_path


def test_runs_do_not_exclude_one_another_and_a_backup_may_be_made_meanwhile(place: DataDir) -> None:
    with alive.living(place, "one", wait_seconds=0), alive.living(place, "two", wait_seconds=0):
        back_up(place)


def test_a_file_with_a_lost_log_is_not_backed_up_as_if_it_were_whole(place: DataDir) -> None:
    kept = place.private / "rows.json"
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"entry": 99}))
    with pytest.raises(WarehouseDamaged, match="its log was lost"):
        back_up(place)
    assert backups.backups(place) == []
    assert not list(place.backups.glob("*.partial"))


def test_a_backup_of_an_older_schema_stays_as_it_is_and_is_brought_up_to_date_when_restored(tmp_path: Path) -> None:
    place = DataDir(tmp_path / "data")
    place.private.mkdir(parents=True)
    with duckdb.connect(place.warehouse_path) as connection:
        migrate.migrate(connection, place.warehouse_path, migrate.migrations()[:5])
        stock_old(connection)
    made = back_up(place)
    assert (made.schema_version, made.rows["entry"]) == (5, 1)
    restore(place, made.path)
    assert urls(place) == 1
    assert backups.verify(made.path).schema_version == 5
