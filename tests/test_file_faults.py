"""What may be wrong with the files of a warehouse: one line with file, cause and remedy; readers notice nothing."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from extractors.errors import WarehouseBusy, WarehouseDamaged, WarehouseError
from flows.commands import main
from flows.commands.exits import Exit, exit_code_of
from tests.holding import HOLD_AS_CLIENT, HOLD_AS_WRITER, running
from tests.records_factory import RUN, T0, address, make_article, make_entry, make_judged
from tests.test_counts import COMMIT_AND_DIE
from warehouse import connect, load, publish
from warehouse.connect import DataDir

ROOT = Path(__file__).parents[1]
BLOCK_BYTES = 262_144  # of a DuckDB file, after three headers of 4,096
HEADERS_BYTES = 3 * 4_096


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A published warehouse whose last commit is in the log alone, since its process was killed; to be copied."""
    place = DataDir(tmp_path_factory.mktemp("pattern") / "data")
    noise = random.Random(7)
    with connect.writer(place, wait_seconds=5) as connection:
        load.start_run(connection, RUN, T0, command="run")
        load.record_entries(connection, [make_entry("a")], RUN)
        text = noise.randbytes(200_000).hex()  # more than a block
        load.load_judged(connection, [make_judged("a", article=make_article("a", text=text))], RUN)
    publish.publish(place, RUN, now=T0, wait_seconds=5)
    subprocess.run([sys.executable, "-c", COMMIT_AND_DIE, str(place.root)], cwd=ROOT, check=False)
    assert log_of(place).stat().st_size > 0
    return place


@pytest.fixture
def place(tmp_path: Path, pattern: DataDir) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def log_of(place: DataDir) -> Path:
    return place.warehouse_path.with_name("warehouse.duckdb.wal")


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


def foreign(content: bytes) -> Callable[[DataDir], object]:
    def put(place: DataDir) -> None:
        log_of(place).unlink()
        place.warehouse_path.write_bytes(content)

    return put


def sqlite_instead(place: DataDir) -> None:
    foreign(b"")(place)
    with sqlite3.connect(place.warehouse_path) as connection:
        connection.execute("CREATE TABLE note (body)")
    connection.close()


def newer_schema(place: DataDir) -> None:
    with duckdb.connect(place.warehouse_path) as connection:
        connection.execute("INSERT INTO schema_migration SELECT version + 1, * EXCLUDE (version) FROM schema_migration "
                           "ORDER BY version DESC LIMIT 1")  # fmt: skip


def newer_storage(place: DataDir) -> None:
    """The number of the storage format, at byte 12 of the first header, with the checksum before it made to fit."""
    content = bytearray(place.warehouse_path.read_bytes())
    content[12:20] = struct.pack("<Q", 9_999)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4_096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & 0xFFFF_FFFF_FFFF_FFFF
    content[:8] = struct.pack("<Q", checksum)
    place.warehouse_path.write_bytes(content)


def cut_log(place: DataDir) -> None:
    content = log_of(place).read_bytes()
    log_of(place).write_bytes(content[: len(content) // 2])


# What is done to the files -> words of the one line that says so. The remedy comes last.
FAULTS: dict[str, tuple[Callable[[DataDir], object], str, str]] = {
    "a text": (foreign(b"notes\n" * 9_000), "not a storywatch warehouse", "move it away"),
    "an empty file": (foreign(b""), "not a storywatch warehouse", "move it away"),
    "a SQLite file": (sqlite_instead, "not a storywatch warehouse", "move it away"),
    "a newer schema": (newer_schema, "its schema has version", "install the storywatch that wrote it"),
    "a newer storage": (newer_storage, "by a newer DuckDB", "install the storywatch that wrote it"),
    "a damaged header": (lambda it: flip(it.warehouse_path, 100), "checksum", "restore a backup"),
    "a file cut short": (
        lambda it: it.warehouse_path.write_bytes(it.warehouse_path.read_bytes()[:20_000]),
        "Could not read enough bytes",
        "restore a backup",
    ),
    "a log that is gone": (lambda it: log_of(it).unlink(), "the last commit left", "restore a backup"),
    "a log cut short": (cut_log, "the last commit left", "restore a backup"),
    "a log of zeros": (
        lambda it: log_of(it).write_bytes(bytes(log_of(it).stat().st_size)),
        "the last commit left",
        "restore a backup",
    ),
    "a damaged log": (
        lambda it: flip(log_of(it), log_of(it).stat().st_size // 2),
        "it can't be read",
        "restore a backup",
    ),
}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: DataDir) -> Callable[..., str]:
    """Call the command on the warehouse: asserts its exit code and returns what it printed."""
    monkeypatch.setenv("STORYWATCH_DATA_DIR", str(place.root))
    monkeypatch.setenv("STORYWATCH_WRITER_WAIT_SECONDS", "0")

    def call(code: Exit, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["storywatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert int(ended.value.code or 0) == code, printed.err
        return printed.out or printed.err

    return call


def require_readers_well(place: DataDir) -> None:
    with duckdb.connect(place.published_path, read_only=True) as client:
        assert client.execute("SELECT url FROM coverage").fetchall() == [(address("a"),)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_one_line_with_its_remedy_and_readers_go_on(place: DataDir, fault: str) -> None:
    damage, cause, remedy = FAULTS[fault]
    damage(place)
    for door in (connect.writer, connect.reader):
        with pytest.raises(WarehouseError) as caught, door(place, wait_seconds=0):
            pass
        line = str(caught.value)
        assert exit_code_of(caught.value) == Exit.ATTENTION
        assert line.startswith(f"{place.warehouse_path}: ")
        assert line.index(cause) < line.index(remedy)
        assert "\n" not in line
    require_readers_well(place)


def test_the_command_ends_with_that_line_and_goes_on_to_answer_queries(
    place: DataDir, said: Callable[..., str]
) -> None:
    flip(place.warehouse_path, 100)
    line = said(Exit.ATTENTION, "rescore")
    assert line.startswith(f"storywatch: {place.warehouse_path}: it can't be read")
    assert line.count("\n") == 1
    assert address("a") in said(Exit.DONE, "query", "SELECT url FROM coverage")


@pytest.mark.parametrize("code", [HOLD_AS_WRITER, HOLD_AS_CLIENT], ids=["writer", "client"])
def test_who_holds_the_warehouse_is_named_and_readers_go_on(place: DataDir, code: str) -> None:
    held = place.root if code == HOLD_AS_WRITER else place.warehouse_path
    with running(code, held) as child:
        for door in (connect.writer, connect.reader):
            named = pytest.raises(WarehouseBusy, match=f"process {child.pid} holds it.*wait until")
            with named as caught, door(place, wait_seconds=0):
                pass
            assert exit_code_of(caught.value) == Exit.BUSY
        require_readers_well(place)


def rows_of(place: DataDir) -> list[list[tuple[object, ...]]]:
    """Every row of every table, read to the last byte."""
    with connect.reader(place, wait_seconds=0) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        return [connection.execute(f'FROM "{name}" ORDER BY ALL').fetchall() for (name,) in names]


@pytest.fixture
def closed(place: DataDir) -> DataDir:
    """All of it in the file, none in the log."""
    with connect.writer(place, wait_seconds=5) as connection:
        load.record_entries(connection, [make_entry("c")], RUN)
    assert not log_of(place).exists()
    return place


def blocks(path: Path) -> Iterator[int]:
    yield from range(HEADERS_BYTES + 1_000, path.stat().st_size, BLOCK_BYTES)


def test_a_byte_that_changed_in_any_block_is_noticed_or_lies_where_nothing_is(closed: DataDir) -> None:
    path = closed.warehouse_path
    sound, rows = path.read_bytes(), rows_of(closed)
    problems = []
    for at in blocks(path):
        flip(path, at)
        try:
            assert rows_of(closed) == rows
        except WarehouseDamaged as error:
            problems.append(error.problem)
        path.write_bytes(sound)
    assert len(problems) >= 3
    assert all("restore a backup" in problem for problem in problems)
    require_readers_well(closed)


def test_damage_in_a_text_is_told_of_the_private_file_and_is_not_published(closed: DataDir) -> None:
    with connect.opened(closed.warehouse_path, 0.0, read_only=True) as connection:
        block = connection.execute(
            "SELECT block_id FROM pragma_storage_info('article_text') WHERE column_name = 'text' AND block_id >= 0 "
            "ORDER BY segment_type LIMIT 1"
        ).fetchall()[0][0]
    flip(closed.warehouse_path, HEADERS_BYTES + block * BLOCK_BYTES + 1_000)
    with pytest.raises(WarehouseDamaged, match=r"checksum.*restore a backup") as caught:
        publish.publish(closed, "run-2", now=T0, wait_seconds=0)
    assert caught.value.path == closed.warehouse_path
    assert sorted(path.name for path in closed.snapshots.iterdir()) == ["1"]
    require_readers_well(closed)


# Publishes, and says which error that ends in; limits itself as told first, after everything is imported.
PUBLISH = """
import os, resource, signal, sys
from pathlib import Path
from tests.records_factory import RUN, T0
from extractors.errors import WarehouseError
from warehouse import connect, publish
place = connect.DataDir(Path(sys.argv[1]))
if sys.argv[2] == "size":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
elif sys.argv[2] == "user" and os.getuid() == 0:
    os.setuid(65534)
try:
    publish.publish(place, RUN, now=T0, wait_seconds=0)
except WarehouseError as error:
    print(type(error).__name__, error)
"""


def publishing(place: DataDir, *limit: object) -> str:
    command = [sys.executable, "-c", PUBLISH, str(place.root), *map(str, limit)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def require_nothing_left(place: DataDir) -> None:
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["1"]
    assert not list(place.private.glob("*.copy*"))
    require_readers_well(place)


def test_a_disk_that_fills_up_while_the_copy_is_made_leaves_the_snapshot_as_it_was(closed: DataDir) -> None:
    told = publishing(closed, "size", closed.warehouse_path.stat().st_size // 2)
    assert told.startswith("WarehouseDiskFull ")
    assert "the disk is full; free some space" in told
    require_nothing_left(closed)


@pytest.mark.parametrize("left_bytes", [100_000, 1_300_000])
def test_a_disk_that_fills_up_while_the_snapshot_is_written_leaves_the_one_before(
    closed: DataDir, left_bytes: int
) -> None:
    used = sum(path.stat().st_size for path in closed.public.rglob("*") if path.is_file())
    aside = closed.root / "aside"
    closed.public.rename(aside)
    closed.public.mkdir()
    size = f"size={used + left_bytes}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", closed.public], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    try:
        shutil.copytree(aside, closed.public, symlinks=True, dirs_exist_ok=True)
        told = publishing(closed, "none")
        assert told.startswith("WarehouseDiskFull ")
        assert str(closed.public) in told
        require_nothing_left(closed)
    finally:
        subprocess.run(["umount", closed.public], check=True)


def test_a_public_folder_that_can_not_be_written_to_is_called_so(closed: DataDir) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's folders are closed to other users
    try:
        folder.chmod(0o755)
        place = DataDir(shutil.copytree(closed.root, folder / "data", symlinks=True))
        for path in (place.private, *place.private.iterdir()):
            path.chmod(0o777 if path.is_dir() else 0o666)
        place.snapshots.chmod(0o555)
        told = publishing(place, "user")
        assert told.startswith("WarehouseReadOnly ")
        assert "give this user write access" in told
        require_nothing_left(place)
    finally:
        place.snapshots.chmod(0o755)
        shutil.rmtree(folder)
