"""What operators do to a data folder without meaning harm: copies, clocks, odd names, files of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from extractors.errors import QueryError, WarehouseDamaged, WarehouseError, WarehouseForeign, WarehouseMissing
from tests.records_factory import RUN, T0, at, make_article, make_entry, make_judged
from warehouse import backups, connect, integrity, load, publish, read, snapshots
from warehouse.connect import DataDir

ROOT = Path(__file__).parents[1]
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    place = DataDir(tmp_path_factory.mktemp("pattern") / "data")
    with connect.writer(place, wait_seconds=5) as connection:
        load.start_run(connection, RUN, T0, command="run")
        load.record_entries(connection, [make_entry("a")], RUN)
        load.load_judged(connection, [make_judged("a", article=make_article("a"))], RUN)
    publish_again(place)
    return place


@pytest.fixture
def place(tmp_path: Path, pattern: DataDir) -> DataDir:
    return copied(pattern, tmp_path / "data")


def copied(pattern: DataDir, root: Path) -> DataDir:
    shutil.copytree(pattern.root, root, symlinks=True)
    return DataDir(root)


def publish_again(place: DataDir, *, publish_text: bool = True) -> int:
    return publish.publish(place, RUN, now=T0, wait_seconds=1, publish_text=publish_text)


def bad(place: DataDir) -> list[str]:
    return [one.detail for one in integrity.check(place, wait_seconds=1) if not one.is_well]


def test_once_texts_are_not_published_no_snapshot_that_has_them_stays(place: DataDir) -> None:
    with connect.public_reader(place) as client:
        number = publish_again(place, publish_text=False)
        assert snapshots.finished(place) == [number]
        assert read.query(client, "SELECT count(text) FROM coverage")[1] == [(1,)]  # who has it open, keeps it


def test_a_snapshot_without_its_manifest_counts_as_one_with_texts(place: DataDir) -> None:
    publish_again(place, publish_text=False)
    shutil.copytree(place.snapshots / "2", place.snapshots / "1")
    (place.snapshots / "1" / "manifest.json").unlink()
    assert publish_again(place, publish_text=False) == 3
    assert snapshots.finished(place) == [2, 3]


def test_a_snapshot_from_the_future_is_due_again(place: DataDir) -> None:
    due = [publish.is_due(place, now=T0 + after, every=DAY, wait_seconds=1) for after in (-DAY, timedelta(0))]
    assert due == [True, False]


def test_a_backup_made_after_the_clock_went_back_is_kept(place: DataDir) -> None:
    old = [backups.back_up(place, now=at(minute), wait_seconds=1) for minute in (10, 20)]
    new = backups.back_up(place, now=at(0), wait_seconds=1, keep=2)
    assert [one.path for one in backups.backups(place)] == [new.path, old[1].path]


def test_a_folder_in_the_place_of_the_link_is_told_and_fills_no_disk(place: DataDir) -> None:
    place.current_path.unlink()
    shutil.copytree(place.snapshots / "1", place.current_path)  # as cp -rL does
    for _ in range(2):
        with pytest.raises(WarehouseForeign, match=r"public/current: it has to be a link .* move it away"):
            publish_again(place)
    assert [path.name for path in place.snapshots.iterdir()] == ["1"]


def test_files_of_others_among_the_snapshots_stop_no_publication(place: DataDir) -> None:
    (place.snapshots / "0").write_text("mine")
    (place.snapshots / "007").mkdir()
    assert [publish_again(place) for _ in range(2)] == [2, 3]
    assert sorted(path.name for path in place.snapshots.iterdir()) == ["0", "007", "1", "2", "3"]


@pytest.mark.parametrize("name", ['o\'clock "x" [1]* %20;-- été 日本', "link"], ids=["odd", "link"])
def test_a_data_folder_of_any_name_is_published_checked_and_restored(
    name: str, pattern: DataDir, tmp_path: Path
) -> None:
    place = copied(pattern, tmp_path / ("real" if name == "link" else name))
    if name == "link":
        (tmp_path / name).symlink_to(place.root)
        place = DataDir(tmp_path / name)
    made = backups.back_up(place, now=at(0), wait_seconds=1)
    backups.restore(place, made.path, now=at(1), wait_seconds=1)
    publish_again(place)
    assert bad(place) == []


def test_a_question_mark_in_the_path_is_refused(pattern: DataDir, tmp_path: Path) -> None:
    place = copied(pattern, tmp_path / "what?" / "data")
    with pytest.raises(WarehouseError, match="question mark; set another data_dir"):
        publish_again(place)
    with pytest.raises(WarehouseError, match="question mark"), connect.public_reader(place):
        pass


@pytest.mark.parametrize("content", ['{"entry": null}', '{"entry": "x"}', '{"entry": 1e999}', "[1]"])
def test_counts_that_cannot_be_read_are_as_none(content: str, place: DataDir) -> None:
    (place.private / "rows.json").write_text(content)
    with connect.reader(place, wait_seconds=1) as connection:
        assert read.known_articles(connection, [make_entry("a").url])


@pytest.mark.parametrize("rows", [None, "x", -1, [], {"entry": None}])
def test_a_manifest_whose_rows_are_none_is_broken(rows: object, place: DataDir) -> None:
    path = place.current_path / "manifest.json"
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"rows": rows}))
    assert [detail.split(": ", 1)[1] for detail in bad(place)] == ["manifest.json beside it is missing or broken"]


def test_a_link_to_nothing_in_the_place_of_the_warehouse_is_told(place: DataDir) -> None:
    place.warehouse_path.unlink()
    place.warehouse_path.symlink_to("gone")
    with pytest.raises(WarehouseMissing, match="a link to nothing; move it away"):
        integrity.check(place, wait_seconds=1)


def test_a_column_that_parquet_does_not_know_is_told(place: DataDir, tmp_path: Path) -> None:
    with (
        connect.public_reader(place) as client,
        (tmp_path / "x.parquet").open("wb") as sink,
        pytest.raises(QueryError, match="Parquet has no place for a column; cast it"),
    ):
        read.query_to_parquet(client, "SELECT INTERVAL 1 MONTH AS span", sink)


def test_a_warehouse_that_is_gone_is_not_begun_anew_behind_its_operators_back(place: DataDir) -> None:
    place.warehouse_path.unlink()
    with pytest.raises(WarehouseDamaged, match=r"the last commit left 1 URLs .* delete rows.json beside it"):
        publish_again(place)
    assert snapshots.finished(place) == [1]
    (place.private / "rows.json").unlink()
    assert publish_again(place) == 2


@pytest.mark.parametrize("content", [b"", b"mine" * 5_000])
def test_a_published_file_that_cannot_be_read_is_to_be_published_again(content: bytes, place: DataDir) -> None:
    place.published_path.chmod(0o644)
    place.published_path.write_bytes(content)
    with (
        pytest.raises(WarehouseDamaged, match="`storywatch db publish` makes another"),
        connect.public_reader(place),
    ):
        pass


def test_the_next_publication_clears_away_what_a_killed_restore_left(place: DataDir) -> None:
    left = place.private / "warehouse.duckdb.restored"
    left.write_bytes(b"half")
    publish_again(place)
    assert not left.exists()


# Restores where a file may have no more than the given bytes.
RESTORE_BELOW = """
import resource, sys
from pathlib import Path
from extractors.errors import WarehouseDiskFull
from tests.records_factory import at
from warehouse import backups, connect
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    backups.restore(connect.DataDir(Path(sys.argv[1])), Path(sys.argv[2]), now=at(100), wait_seconds=5)
except WarehouseDiskFull as error:
    print("full")
"""


def test_a_restore_on_a_full_disk_leaves_no_half_copy(place: DataDir) -> None:
    made = backups.back_up(place, now=at(0), wait_seconds=1)
    before = sorted(path.name for path in place.private.iterdir())
    asked = [sys.executable, "-c", RESTORE_BELOW, str(place.root), str(made.path), str(made.size_bytes // 2)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "full\n"
    assert sorted(path.name for path in place.private.iterdir() if path.name != "replace.lock") == before
    assert bad(place) == []
