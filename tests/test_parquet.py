"""warehouse/parquet.py: a file per month of articles; only what changed is written anew, and open files stay."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from extractors.records import Judged
from tests.records_factory import RUN, address, at, make_article, make_copy_verdict, make_entry, make_judged
from warehouse import connect, load, publish, snapshots
from warehouse.connect import DataDir

NOVEMBER = datetime(2025, 11, 1, tzinfo=UTC)


def judged(name: str, first_seen_at: datetime, **changes: Any) -> Judged:
    return make_judged(name, article=make_article(name, first_seen_at=first_seen_at), **changes)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Articles of three months, published once; to be copied."""
    place = DataDir(tmp_path_factory.mktemp("pattern") / "data")
    with connect.writer(place, wait_seconds=1) as connection:
        load.start_run(connection, RUN, at(0), command="run")
        load.record_entries(connection, [make_entry("first")], RUN)
        last = NOVEMBER - timedelta(microseconds=1)
        articles = [("first", at(0)), ("last", last), ("next", NOVEMBER), ("later", NOVEMBER + timedelta(days=40))]
        load.load_judged(connection, [judged(name, seen) for name, seen in articles], RUN)
    publish.publish(place, RUN, now=at(0), wait_seconds=1)
    return place


@pytest.fixture
def place(tmp_path: Path, pattern: DataDir) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def publish_again(place: DataDir, **more: bool) -> None:
    publish.publish(place, RUN, now=at(60), wait_seconds=1, **more)


def file_of(place: DataDir, month: str, number: int | None = None) -> Path:
    folder = place.current_path if number is None else place.snapshots / str(number)
    return folder / "parquet" / f"month={month}" / "article_all.parquet"


def names(path: Path) -> list[str]:
    return [url.rsplit("/", 1)[1] for url in pq.ParquetFile(path).read(["url"]).column("url").to_pylist()]


def rewritten(place: DataDir, *, since: int) -> list[str]:
    """Months whose file is another one than that of snapshot `since`."""
    months = ("2025-10", "2025-11", "2025-12")
    return [one for one in months if not file_of(place, one).samefile(file_of(place, one, since))]


def test_a_month_in_utc_has_a_file_and_an_article_is_in_exactly_one(pattern: DataDir) -> None:
    assert names(file_of(pattern, "2025-10")) == ["first", "last"]
    assert names(file_of(pattern, "2025-11")) == ["next"]
    assert names(file_of(pattern, "2025-12")) == ["later"]


def test_the_files_say_what_the_view_says_and_are_read_in_one_line(pattern: DataDir) -> None:
    folder = pattern.current_path / "parquet"
    with duckdb.connect() as client:
        client.execute(f"ATTACH '{pattern.published_path}' AS public (READ_ONLY)")
        ours = client.execute(f"FROM '{folder}/*/*.parquet' ORDER BY url").fetchall()
        view = client.execute(
            "SELECT *, strftime(first_seen_at, '%Y-%m') FROM public.article_all ORDER BY url"
        ).fetchall()
        november = f"SELECT count(*) FROM '{folder}/*/*.parquet' WHERE month = '2025-11'"
        assert client.execute(november).fetchall() == [(1,)]
    assert ours == view
    table = pq.read_table(folder)  # as pandas.read_parquet does
    assert (table.num_rows, set(table.column("month").to_pylist())) == (4, {"2025-10", "2025-11", "2025-12"})


def test_the_files_are_zstd_read_only_and_counted_in_the_manifest(pattern: DataDir) -> None:
    manifest = publish.last_published(pattern)
    assert manifest is not None
    assert [(one.month, one.rows) for one in manifest.parquet] == [("2025-10", 2), ("2025-11", 1), ("2025-12", 1)]
    for one in manifest.parquet:
        path = pattern.current_path / one.path
        assert path.stat().st_mode & 0o777 == 0o444
        assert one.size_bytes == path.stat().st_size
        assert one.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_warehouse_without_articles_has_no_files(tmp_path: Path) -> None:
    place = DataDir(tmp_path / "data")
    publish_again(place)
    assert list((place.current_path / "parquet").iterdir()) == []


def test_months_that_did_not_change_are_not_written_again(place: DataDir) -> None:
    publish_again(place)
    assert rewritten(place, since=1) == []
    first, second = (snapshots.read_manifest(place.snapshots / number) for number in ("1", "2"))
    assert first is not None
    assert second is not None
    assert first.parquet == second.parquet


@pytest.mark.parametrize(
    ("change", "months"),
    [
        ("a new article", ["2025-11"]),
        ("another text", ["2025-12"]),
        ("a copy in one month of an article in another", ["2025-10", "2025-12"]),  # `copies` of the original
    ],
)
def test_months_that_changed_are_written_again_and_no_others(place: DataDir, change: str, months: list[str]) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        if change == "a new article":
            load.load_judged(connection, [judged("new", NOVEMBER)], "run-2")
        elif change == "another text":
            seen = NOVEMBER + timedelta(days=40)
            article = make_article("later", first_seen_at=seen, text="First paragraph of later.\nNot as before.")
            load.replace_articles(connection, [make_judged("later", article=article)], "run-2")
        else:
            load.supersede_verdicts(connection, [make_copy_verdict("later", address("last"))], "run-2", at=at(9))
    publish_again(place)
    assert rewritten(place, since=1) == months


def test_texts_left_out_or_let_in_again_write_every_month_anew(place: DataDir) -> None:
    months = ["2025-10", "2025-11", "2025-12"]
    before = {file_of(place, month).stat().st_ino for month in months}
    publish_again(place, publish_text=False)  # which clears the snapshot with texts away
    assert before.isdisjoint(file_of(place, month).stat().st_ino for month in months)
    assert duckdb.read_parquet(str(file_of(place, "2025-10"))).filter("text IS NOT NULL").fetchall() == []
    publish_again(place)
    assert len(rewritten(place, since=2)) == 3
    assert len(duckdb.read_parquet(str(file_of(place, "2025-10"))).filter("text IS NOT NULL").fetchall()) == 2


@pytest.mark.parametrize("damage", ["cut short", "changed", "deleted"])
def test_a_file_that_is_not_whole_is_written_anew(place: DataDir, damage: str) -> None:
    path = file_of(place, "2025-11", 1).resolve()
    if damage == "deleted":
        path.unlink()
    else:
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[:-9] if damage == "cut short" else content[:9] + bytes(9) + content[18:])
    publish_again(place)
    assert names(file_of(place, "2025-11")) == ["next"]


def test_who_has_an_old_file_open_keeps_it(place: DataDir) -> None:
    with file_of(place, "2025-10", 1).open("rb") as old:
        for turn in range(4):
            with connect.writer(place, wait_seconds=1) as connection:
                load.load_judged(connection, [judged(f"new-{turn}", at(turn))], "run-2")
            publish_again(place)
        assert not (place.snapshots / "1").exists()
        assert pq.read_table(old).num_rows == 2
    assert len(names(file_of(place, "2025-10"))) == 6
