"""Loading, publishing and asking, from ten thousand to a million stored articles, with the bars that must hold.

    python -m benchmarks.warehouse [--sizes 10000,100000,1000000] [--words 45]

Rows are made in SQL (warehouse_made.sql). Texts of the growth table have 45 words, some 270 bytes, so that a million
stays below 5 GB; what is loaded into it, and the comparison with COPY FROM DATABASE, has texts of 3 KB. Wall
time, the best of three: only a machine with nothing else to do gives figures that mean something. Exit code 1: one of
the bars is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from extractors.records import Article, Fingerprint, Judged, Match, Relevance, Verdict, VerdictKind
from warehouse import batches, connect, load, parquet, publish, read
from warehouse.connect import DataDir
from warehouse.statements import statement

SIZES = (10_000, 100_000, 1_000_000)
WORDS = 45  # per text of the growth table
LONG_WORDS = 500  # per text of 3 KB
BATCH = 1_000  # articles per transaction, of 3 KB each
ROWS = 20_000  # of 3 KB, loaded at once
ROWS_FLOOR = 20_000  # rows per second
EXECUTEMANY_ROWS = 600
EXECUTEMANY_FLOOR = 20  # times
PUBLISH_CEILING = 1.3  # times the bare COPY FROM DATABASE
LOCK_CEILING = 0.3  # times the same
COMPARED = 100_000  # articles of 3 KB
ROUNDS = 3  # the best counts
NOW = datetime(2026, 1, 2, tzinfo=UTC)
ARROW, EXECUTEMANY = "one statement over Arrow", "executemany"
QUERIES = {
    "newest 20": "SELECT published_at, title, outlet FROM coverage LIMIT 20",
    "by day": "SELECT * FROM coverage_by_day",
    "by outlet": "SELECT * FROM outlet_summary",
    "copied most": "SELECT original, copies FROM duplicate_group LIMIT 20",
    "why": f"SELECT * FROM why WHERE url = 'https://new.example/{0:08d}'",  # the first that load_batch stores
}


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def made(articles: int, words: int) -> Iterator[DataDir]:
    """A data folder with a warehouse of that size; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = DataDir(Path(folder))
        with connect.writer(data_dir, wait_seconds=0) as con:
            con.execute(f"SET VARIABLE articles = {articles}")
            con.execute(f"SET VARIABLE words = {words}")
            con.execute((Path(__file__).parent / "warehouse_made.sql").read_text("utf-8"))
            con.execute("DROP TABLE made")
        yield data_dir


def judged(number: int) -> Judged:
    """An independent article of 3 KB."""
    url = f"https://new.example/{number:08d}"
    text = " ".join(f"w{(number * 7919 + k * 104729) % 20000:05d}" for k in range(LONG_WORDS))[:3000]
    seen = NOW - timedelta(seconds=number)
    sketch = tuple(range(number << 8, (number << 8) + LONG_WORDS // 4))
    article = Article(
        url=url, entry_url=url, final_url=url, outlet="new.example", title=f"Headline {number}", text=text,
        word_count=LONG_WORDS, fetched_at=seen, first_seen_at=seen, published_at=seen, published_precision="second",
        published_source="page", authors=("A. Writer",), language="en", extractor="made 1",
    )  # fmt: skip
    return Judged(
        article=article,
        match=Match(relevance=Relevance.CORE, score=0.8, rule="call+place", story_version="made"),
        fingerprint=Fingerprint(content_hash=f"{number:032x}", shingle_length=3, shingles=sketch, sketch=sketch),
        verdict=Verdict(
            article_url=url, kind=VerdictKind.INDEPENDENT, of=None, containment=0.1, resemblance=0.05,
            shared_shingles=9, containment_threshold=0.45, resemblance_threshold=0.2,
        ),
    )  # fmt: skip


def load_batch(data_dir: DataDir, first: int) -> None:
    batch = [judged(number) for number in range(first, first + BATCH)]
    with connect.writer(data_dir, wait_seconds=0) as con:
        load.load_judged(con, batch, "made")


def publish_once(data_dir: DataDir) -> int:
    return publish.publish(data_dir, "made", now=NOW, wait_seconds=0)


@contextmanager
def timed(module: object, name: str, spent: dict[str, float]) -> Iterator[None]:
    """Within, calls of module.name add their seconds to `spent`."""
    function = getattr(module, name)

    def wrapped(*given: object, **more: object) -> object:
        started = time.perf_counter()
        try:
            return function(*given, **more)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - started

    setattr(module, name, wrapped)
    try:
        yield
    finally:
        setattr(module, name, function)


def published(data_dir: DataDir) -> dict[str, float]:
    """Seconds of one publication: "all", "lock" (waited for nobody), "parquet", "file" (all but Parquet)."""
    spent: dict[str, float] = {}
    with timed(publish, "copy_private", spent), timed(parquet, "write", spent):
        whole = seconds_of(partial(publish_once, data_dir))
    lock, months = spent["copy_private"], spent["write"]
    return {"all": whole, "lock": lock, "parquet": months, "file": whole - months}


def measured(articles: int, words: int) -> dict[str, float]:
    """What the growth table has of a size: seconds, and bytes."""
    with made(articles, words) as data_dir:
        found = {"private MB": data_dir.warehouse_path.stat().st_size / 1e6}
        batch_seconds = [seconds_of(partial(load_batch, data_dir, turn * BATCH)) for turn in range(ROUNDS)]
        found[f"load {BATCH:,} of 3 KB"] = min(batch_seconds)
        first = published(data_dir)
        found |= {
            "publish: lock": first["lock"],
            "publish: file": first["file"],
            "Parquet: all months": first["parquet"],
        }
        load_batch(data_dir, ROUNDS * BATCH)
        found["Parquet: one month changed"] = published(data_dir)["parquet"]
        with connect.reader(data_dir, wait_seconds=0) as con:
            found["is there news"] = min(seconds_of(partial(read.news, con)) for _ in range(ROUNDS))
        with connect.public_reader(data_dir) as con:
            for name, sql in QUERIES.items():
                found[f"query: {name}"] = min(seconds_of(partial(read.query, con, sql)) for _ in range(ROUNDS))
        manifest = publish.last_published(data_dir)
        assert manifest is not None
        found["published MB"] = manifest.size_bytes / 1e6
        found["Parquet MB"] = sum(one.size_bytes for one in manifest.parquet) / 1e6
    return found


def compared() -> dict[str, float]:
    """Seconds of publishing beside a bare COPY FROM DATABASE of the same file, in turns; the best of each."""
    best: dict[str, float] = {}
    with made(COMPARED, LONG_WORDS) as data_dir:
        for turn in range(ROUNDS):
            found = published(data_dir) | {"bare": bare_copy_seconds(data_dir, turn)}
            if not turn:
                found["months"] = found["parquet"]  # all of them; after this they get a second name
            for name, seconds in found.items():
                best[name] = min(seconds, best.get(name, seconds))
    return best


def bare_copy_seconds(data_dir: DataDir, turn: int) -> float:
    target = data_dir.root / f"bare-{turn}.duckdb"

    def copy() -> None:
        with duckdb.connect(":memory:") as con:
            con.execute(statement("publish/attach_private"), {"path": str(data_dir.warehouse_path)})
            con.execute(statement("publish/attach_snapshot"), {"path": str(target)})
            con.execute("COPY FROM DATABASE private TO snapshot")
            con.execute(statement("publish/detach"))

    seconds = seconds_of(copy)
    target.unlink()
    return seconds


def loaded() -> dict[str, float]:
    """Rows of 3 KB per second: through Arrow in one statement, as whole articles, and by executemany; the best."""
    batch = [judged(number) for number in range(ROWS)]
    few = [[one.article.url, one.article.text, "made"] for one in batch[:EXECUTEMANY_ROWS]]
    many = "INSERT INTO article_text (article_url, text, run_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    ways: dict[str, tuple[int, Callable[[connect.Connection], object]]] = {
        ARROW: (
            ROWS,
            lambda con: load.execute(con, "load/article_text", batches.article_texts(batch), run_id="made"),
        ),
        EXECUTEMANY: (EXECUTEMANY_ROWS, lambda con: con.executemany(many, few)),
        "whole articles, six tables and 125 postings each": (ROWS, lambda con: load.load_judged(con, batch, "made")),
    }
    found: dict[str, float] = {}
    with made(1_000, WORDS) as data_dir:
        for name, (rows, way) in ways.items():
            for _ in range(ROUNDS):
                with suppress(_UndoneError), connect.writer(data_dir, wait_seconds=0) as con:
                    seconds = seconds_of(partial(way, con))
                    found[name] = max(rows / seconds, found.get(name, 0.0))
                    raise _UndoneError
    return found


class _UndoneError(Exception):
    """Rolls a writer's transaction back: the next round begins where this one did."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="articles stored, separated by commas")
    parser.add_argument("--words", type=int, default=WORDS, help="words per stored text")
    given = parser.parse_args()
    console = Console()
    bars = []

    rates = loaded()
    table = Table("loading rows of 3 KB", "rows per second")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}")
    console.print(table)
    arrow, many = rates[ARROW], rates[EXECUTEMANY]
    bars.append((f"rows of 3 KB per second, at least {ROWS_FLOOR:,}", arrow, arrow >= ROWS_FLOOR))
    bars.append((f"times executemany, at least {EXECUTEMANY_FLOOR}", arrow / many, arrow / many >= EXECUTEMANY_FLOOR))

    best = compared()
    table = Table(f"publishing {COMPARED:,} articles of 3 KB", "s", "times the bare copy")
    for name, words in (
        ("bare", "COPY FROM DATABASE"),
        ("file", "published file"),
        ("lock", "writer's lock held"),
        ("months", "Parquet, all months"),
        ("parquet", "Parquet, none changed"),
    ):
        table.add_row(words, f"{best[name]:.2f}", f"{best[name] / best['bare']:.2f}")
    console.print(table)
    for name, ceiling in (("file", PUBLISH_CEILING), ("lock", LOCK_CEILING)):
        ratio = best[name] / best["bare"]
        bars.append((f"{name}: times the bare COPY FROM DATABASE, at most {ceiling}", ratio, ratio <= ceiling))

    sizes = [int(size) for size in given.sizes.split(",")]
    columns = [measured(size, given.words) for size in sizes]
    table = Table("growth, seconds unless it says MB", *(f"{size:,}" for size in sizes), "times")
    for name, first in columns[0].items():
        values = [column[name] for column in columns]
        table.add_row(name, *(f"{value:,.3f}" for value in values), f"{values[-1] / first:.1f}")
    console.print(table)
    for what, value, holds in bars:
        console.print(f"{'holds' if holds else 'MISSED'}: {what}: {value:,.2f}")
    return 0 if all(holds for _, _, holds in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
