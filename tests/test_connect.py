"""warehouse/connect.py, lock.py, faults.py: who may open the warehouse, and what is said when it can't be."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from extractors.errors import (
    WarehouseBusy,
    WarehouseDamaged,
    WarehouseDiskFull,
    WarehouseError,
    WarehouseForeign,
    WarehouseMissing,
    WarehouseReadOnly,
)
from tests.holding import HOLD_AS_CLIENT, HOLD_AS_WRITER, running
from tests.interrupting import LISTENING
from tests.records_factory import RUN, T0, make_decision, make_entry
from warehouse import connect, faults, load, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parents[1]

# Commits one entry, writes another without committing, says so, and waits for its end.
WRITE_AND_WAIT = """
import sys
from pathlib import Path
from tests.interrupting import LISTENING
from tests.records_factory import RUN, make_entry
from warehouse import connect, load
place = connect.DataDir(Path(sys.argv[1]))
with connect.writer(place, wait_seconds=5) as connection:
    load.record_entries(connection, [make_entry("committed-" + sys.argv[2])], RUN)
with connect.writer(place, wait_seconds=5) as connection:
    load.record_entries(connection, [make_entry("lost-" + sys.argv[2])], RUN)
    print("in", flush=True)
    sys.stdin.read()
"""


def urls(place: DataDir) -> set[str]:
    with connect.reader(place, wait_seconds=1) as connection:
        return {entry.url for entry in read.pending(connection, T0 + timedelta(days=1), 100)}


@pytest.fixture
def place(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A warehouse with one entry, to be copied: making one takes half a second."""
    place = DataDir(tmp_path_factory.mktemp("pattern"))
    with connect.writer(place, wait_seconds=1) as connection:
        load.record_entries(connection, [make_entry("a")], RUN)
    return place


@pytest.fixture
def filled(place: DataDir, pattern: DataDir) -> DataDir:
    shutil.copytree(pattern.root, place.root)
    return place


def test_an_unused_folder_has_no_warehouse_and_says_how_to_make_one(place: DataDir) -> None:
    assert not connect.exists(place)
    with pytest.raises(WarehouseMissing, match="storywatch run"), connect.reader(place, wait_seconds=0):
        pass
    with pytest.raises(WarehouseMissing, match="storywatch run"), connect.public_reader(place):
        pass
    assert not place.root.exists()


def test_a_writer_makes_the_warehouse_and_commits_at_the_end_of_its_block(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        load.record_entries(connection, [make_entry("a")], RUN)
    assert connect.exists(place)
    assert urls(place) == {make_entry("a").url}
    assert sorted(path.name for path in place.private.iterdir()) == ["rows.json", "warehouse.duckdb", "writer.lock"]


def test_a_writer_whose_block_raises_changes_nothing(filled: DataDir) -> None:
    def write() -> None:
        with connect.writer(filled, wait_seconds=1) as connection:
            load.record_entries(connection, [make_entry("b")], RUN)
            load.record_decisions(connection, [make_decision("ghost")], RUN)

    with pytest.raises(ValueError, match="ghost"):
        write()
    assert urls(filled) == {make_entry("a").url}


def test_a_row_that_breaks_a_promise_is_refused_with_the_file_named(filled: DataDir) -> None:
    with (
        pytest.raises(WarehouseError, match=r"warehouse\.duckdb: .*CHECK"),
        connect.writer(filled, wait_seconds=1) as connection,
    ):
        load.record_entries(connection, [make_entry("b"), make_entry("c", published_precision="century")], RUN)
    assert urls(filled) == {make_entry("a").url}


def test_times_come_out_in_utc_whatever_the_machine_says(filled: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    with connect.reader(filled, wait_seconds=1) as connection:
        assert connection.execute("SELECT first_seen_at::VARCHAR FROM entry").fetchall() == [
            ("2025-10-17 08:00:00+00",)
        ]


def test_a_writer_that_waits_too_long_names_the_process_that_holds_it(filled: DataDir) -> None:
    with (
        running(HOLD_AS_WRITER, filled.root) as child,
        pytest.raises(WarehouseBusy) as caught,
        connect.writer(filled, wait_seconds=0.05),
    ):
        pass
    assert caught.value.pid == child.pid
    assert f"process {child.pid} holds it" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).pid == child.pid


def test_a_writer_waits_for_the_one_before_it(filled: DataDir) -> None:
    with running(HOLD_AS_WRITER, filled.root) as child:
        assert child.stdin is not None
        child.stdin.close()  # it lets go at some time after this
        with connect.writer(filled, wait_seconds=10) as connection:
            load.record_entries(connection, [make_entry("b")], RUN)
    assert len(urls(filled)) == 2


def test_a_second_writer_of_the_same_process_waits_too(filled: DataDir) -> None:
    with (
        connect.writer(filled, wait_seconds=1),
        pytest.raises(WarehouseBusy) as caught,
        connect.writer(filled, wait_seconds=0.05),
    ):
        pass
    assert caught.value.pid == os.getpid()


def test_what_a_dead_process_left_in_the_lock_file_misleads_nobody(filled: DataDir) -> None:
    with running(HOLD_AS_WRITER, filled.root) as child:
        dead = child.pid
    assert f'"pid": {dead}' in filled.lock_path.read_text()
    with connect.writer(filled, wait_seconds=0) as connection:
        load.record_entries(connection, [make_entry("b")], RUN)
    assert filled.lock_path.read_text() == ""


@pytest.mark.parametrize("door", [connect.writer, connect.reader])
def test_an_sql_client_that_holds_the_private_file_is_named(filled: DataDir, door: type) -> None:
    with (
        running(HOLD_AS_CLIENT, filled.warehouse_path) as child,
        pytest.raises(WarehouseBusy) as caught,
        door(filled, wait_seconds=0.05),
    ):
        pass
    assert caught.value.pid == child.pid


def test_a_writer_waits_for_an_sql_client_to_close_the_file(filled: DataDir) -> None:
    with running(HOLD_AS_CLIENT, filled.warehouse_path) as child:
        assert child.stdin is not None
        child.stdin.close()  # it closes the file at some time after this
        with connect.writer(filled, wait_seconds=10) as connection:
            load.record_entries(connection, [make_entry("b")], RUN)
    assert len(urls(filled)) == 2


def test_a_misspelt_table_never_means_a_python_variable(filled: DataDir) -> None:
    entries = pa.table({"url": ["a Python variable, which DuckDB would take for a table"]})
    assert entries
    with connect.reader(filled, wait_seconds=1) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("FROM entries")


def test_sigkill_in_a_transaction_leaves_the_last_commit(place: DataDir) -> None:
    for turn in ("1", "2"):
        with running(WRITE_AND_WAIT, place.root, turn) as child:
            child.send_signal(signal.SIGKILL)
            child.wait()
    names = {url.rsplit("/", 1)[1] for url in urls(place)}
    assert names == {"committed-1", "committed-2"}
    with connect.writer(place, wait_seconds=0) as connection:
        assert len(read.pending(connection, T0, 100)) == 2


def _text(path: Path) -> None:
    path.write_bytes(b"these are somebody's notes\n" * 1000)


def _sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE note (body)")
    connection.commit()
    connection.close()


def _other_tables(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE note (body VARCHAR)")


@pytest.mark.parametrize("make", [_text, _sqlite, _other_tables, Path.mkdir, Path.touch])
def test_a_foreign_file_is_refused_and_left_as_it_is(place: DataDir, make: object) -> None:
    assert callable(make)
    place.private.mkdir(parents=True)
    make(place.warehouse_path)
    before = None if place.warehouse_path.is_dir() else place.warehouse_path.read_bytes()
    with pytest.raises(WarehouseForeign, match="move it away"), connect.writer(place, wait_seconds=0):
        pass
    assert before is None or place.warehouse_path.read_bytes() == before


@pytest.mark.parametrize("keep", [None, 5000])
def test_a_damaged_file_is_called_so(filled: DataDir, keep: int | None) -> None:
    content = bytearray(filled.warehouse_path.read_bytes())
    content[4096:4200] = bytes(104)  # the first block of the first header that counts
    content[8192:8296] = bytes(104)
    filled.warehouse_path.write_bytes(content[:keep])
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb.*restore"), connect.writer(filled, wait_seconds=0):
        pass


def test_a_log_without_its_warehouse_is_not_replayed_into_a_new_one(filled: DataDir) -> None:
    log = filled.warehouse_path.with_name("warehouse.duckdb.wal")
    filled.warehouse_path.rename(log)
    with pytest.raises(WarehouseDamaged, match="put the file back"), connect.writer(filled, wait_seconds=0):
        pass
    assert not connect.exists(filled)


# Says which error a write in the folder ends in; limits itself as told first, after everything is imported.
WRITE_MUCH = """
import sys, os, resource, signal
from pathlib import Path
from tests.interrupting import LISTENING
from tests.records_factory import RUN, make_entry
from extractors.errors import WarehouseError
from warehouse import connect, load
place = connect.DataDir(Path(sys.argv[1]))
entries = [make_entry(str(n), summary=os.urandom(2000).hex()) for n in range(1000)]
if sys.argv[2] == "size":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
elif sys.argv[2] == "user" and os.getuid() == 0:
    os.setuid(65534)
try:
    with connect.writer(place, wait_seconds=0) as connection:
        load.record_entries(connection, entries, RUN)
except WarehouseError as error:
    print(type(error).__name__, error)
"""


def write_much(place: DataDir, limit: str) -> str:
    command = [sys.executable, "-c", WRITE_MUCH, str(place.root), limit]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_full_disk_is_called_so_and_what_was_committed_is_kept(filled: DataDir) -> None:
    said = write_much(filled, "size")
    assert said.startswith(f"{WarehouseDiskFull.__name__} {filled.warehouse_path}: the disk is full; free some space")
    assert urls(filled) == {make_entry("a").url}


def test_a_full_file_system_is_called_so(tmp_path: Path) -> None:
    place = DataDir(tmp_path / "small")
    place.root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place.root], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    try:
        assert write_much(place, "none").startswith(f"{WarehouseDiskFull.__name__} {place.warehouse_path}: the disk is")
        assert urls(place) == set()
    finally:
        subprocess.run(["umount", place.root], check=True)


@pytest.mark.parametrize("existing", [False, True])
def test_a_folder_that_can_not_be_written_to_is_called_so(existing: bool) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's folders are closed to other users
    place = DataDir(folder / "data")
    try:
        folder.chmod(0o755)
        place.root.mkdir()
        if existing:
            with connect.writer(place, wait_seconds=0):
                pass
            place.lock_path.chmod(0o666)
            place.private.chmod(0o555)
        place.root.chmod(0o555)
        assert write_much(place, "user").startswith(WarehouseReadOnly.__name__)
    finally:
        place.root.chmod(0o755)
        if existing:
            place.private.chmod(0o755)
        shutil.rmtree(folder)


def test_ctrl_c_in_the_middle_of_a_statement_is_a_keyboard_interrupt_and_nothing_is_committed(
    place: DataDir,
) -> None:
    script = (
        LISTENING + "import _thread, sys, threading\n"
        "from pathlib import Path\n"
        "from warehouse.connect import DataDir, writer\n"
        "data_dir = DataDir(Path(sys.argv[1]))\n"
        "with writer(data_dir, wait_seconds=5):\n"
        "    pass\n"
        "threading.Timer(0.5, _thread.interrupt_main).start()\n"
        "try:\n"
        "    with writer(data_dir, wait_seconds=5) as connection:\n"
        "        connection.execute('CREATE TABLE half (n BIGINT)')\n"
        "        while True:  # short ones: DuckDB does not always look up from a long one\n"
        "            connection.execute('INSERT INTO half SELECT sum(range) FROM range(2000000)')\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(place.root)], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "interrupted\n"
    with connect.reader(place, wait_seconds=5) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == [(0,)]


def test_an_interrupted_statement_is_a_keyboard_interrupt(place: DataDir) -> None:
    with pytest.raises(KeyboardInterrupt), faults.duckdb_errors(place.warehouse_path):
        raise RuntimeError("Query interrupted")  # what DuckDB 2.0.0 makes of Ctrl-C
    met = "Invalid Input Error: counting the rows of the object registered as 'batch' failed: KeyboardInterrupt: "
    with pytest.raises(KeyboardInterrupt), faults.duckdb_errors(place.warehouse_path):
        raise duckdb.InvalidInputException(met)
    with pytest.raises(WarehouseError, match="failed: ValueError"), faults.duckdb_errors(place.warehouse_path):
        raise duckdb.InvalidInputException("Invalid Input Error: counting failed: ValueError: 1")
    with pytest.raises(RuntimeError, match="another"), faults.duckdb_errors(place.warehouse_path):
        raise RuntimeError("another")
