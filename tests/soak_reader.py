"""A reader of the warehouse's soak: a plain DuckDB client that knows the published path and nothing of storywatch.

    python tests/soak_reader.py PUBLIC_FOLDER ROWS_PER_BATCH           opens, asks, closes, again and again
    python tests/soak_reader.py PUBLIC_FOLDER ROWS_PER_BATCH --hold    asks over one connection again and again

A read is inconsistent when what it was told can't be true: its views contradict each other, or the manifest of the
snapshot, or another digest than the file's stands there; a batch is there in part; what was there before is gone. Ends
when its input does, and prints one line of JSON: reads, and the first words on those that went wrong.
"""

from __future__ import annotations

import hashlib
import json
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

PAUSE_SECONDS = 0.05
SHOWN = 5  # lines on what went wrong
# The rows of each writer, as clients see them; a row's number stands in its address, its text ends with its digest.
WRITERS = """
SELECT
    outlet,
    count(*) AS rows,
    count(DISTINCT url) AS urls,
    max("right"(url, 7)::INTEGER) + 1 AS numbers,
    count(*) FILTER (text LIKE '%' || md5(url)) AS own_texts
FROM coverage GROUP BY outlet
"""
# All but the last are as many as there are rows in coverage: each row was stored, judged and decided in one commit.
COUNTS = """
SELECT
    (SELECT count(*) FROM article_all) AS article_all,
    (SELECT coalesce(sum(urls), 0) FROM ledger) AS ledger,
    (SELECT count(*) FROM why WHERE event = 'judged') AS judged,
    (SELECT count(*) FROM why WHERE event = 'decided' AND outcome = 'loaded') AS decided,
    (SELECT coalesce(max(published_snapshot), 0) FROM run_health) AS snapshot
"""


def answers(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    asked = connection.execute(sql)
    names = [column[0] for column in asked.description or ()]
    return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


def _other_digests(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """The files of a snapshot whose bytes are not those that its manifest speaks of."""
    told = {"coverage.duckdb": manifest["sha256"]} | {one["path"]: one["sha256"] for one in manifest["parquet"]}
    return [name for name, digest in told.items() if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest]


class Client:
    """Reads of the published path, and what they told so far."""

    def __init__(self, public: Path, batch: int) -> None:
        self.public, self.batch = public, batch
        self.reads = 0
        self.unchecked = 0  # reads whose manifest was cleared away meanwhile: three newer ones had been published
        self.failed: list[str] = []
        self.inconsistent: list[str] = []
        self.seen: dict[str, int] = {}
        self.digests: set[int] = set()  # snapshots whose bytes were held against their digest

    def connected(self) -> duckdb.DuckDBPyConnection:
        # One thread: on two cores the clients would take all of both from the writers.
        return duckdb.connect(str(self.public / "current" / "coverage.duckdb"), read_only=True, config={"threads": 1})

    def open_ask_close(self) -> None:
        with self.connected() as connection:
            seen, wrong = self.told_by(connection)
            wrong += [
                f"{name}: {seen.get(name, 0)} after {n}" for name, n in self.seen.items() if seen.get(name, 0) < n
            ]
            self.seen = seen
            try:
                wrong += self._against_manifest(connection, seen["snapshot"])
            except FileNotFoundError:
                self.unchecked += 1
        if wrong:
            self.inconsistent.append(f"snapshot {seen['snapshot']}: {'; '.join(wrong)}")

    def told_by(self, connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], list[str]]:
        """What may only ever grow (the snapshot's number, the rows of each writer); and the views' contradictions."""
        writers, counts = answers(connection, WRITERS), answers(connection, COUNTS)[0]
        snapshot = int(counts.pop("snapshot"))
        total = sum(writer["rows"] for writer in writers)
        wrong = [f"{name}: {count} of {total}" for name, count in counts.items() if count != total]
        for writer in writers:
            outlet, rows = writer.pop("outlet"), writer["rows"]
            wrong += [f"{outlet}: {rows} rows, {count} {name}" for name, count in writer.items() if count != rows]
            wrong += [f"{outlet}: a batch in part"] * (rows % self.batch != 0)
            counts[outlet] = rows
        return {"snapshot": snapshot, **{name: int(count) for name, count in counts.items()}}, wrong

    def _against_manifest(self, connection: duckdb.DuckDBPyConnection, number: int) -> list[str]:
        """What the file that was opened has otherwise than the manifest of its snapshot says."""
        folder = self.public / "snapshots" / str(number)
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in manifest["rows"])
        found = dict(connection.execute(counts).fetchall())
        wrong = [f"{table}: {found[table]} of {n} rows" for table, n in manifest["rows"].items() if found[table] != n]
        if number not in self.digests:
            wrong += [f"{name}: another digest than the manifest's" for name in _other_digests(folder, manifest)]
            if sum(month["rows"] for month in manifest["parquet"]) != found["article"]:
                wrong.append("the months of Parquet don't have all articles")
            self.digests.add(number)
        return wrong

    def count(self, read: Callable[[], None]) -> None:
        self.reads += 1
        try:
            read()
        except (duckdb.Error, OSError) as error:
            self.failed.append(f"{type(error).__name__}: {error}")

    def summary(self) -> str:
        words = {"failed": self.failed, "inconsistent": self.inconsistent}
        counts = {name: len(lines) for name, lines in words.items()}
        shown = [line for lines in words.values() for line in lines[:SHOWN]]
        told = {"reads": self.reads, **counts, "unchecked": self.unchecked, "snapshots": len(self.digests)}
        return json.dumps({**told, "words": shown})


def is_over(wait_seconds: float) -> bool:
    return bool(select.select([sys.stdin], [], [], wait_seconds)[0])


def hold(client: Client) -> None:
    """One connection, for good: it has to answer the same for ever, also when its file's name is long gone."""
    content = "SELECT count(*), sum(hash(article_all)) FROM article_all"
    with client.connected() as connection:
        first = connection.execute(content).fetchall()

        def ask() -> None:
            _, wrong = client.told_by(connection)
            if wrong or connection.execute(content).fetchall() != first:
                client.inconsistent.append(f"the held connection answers otherwise than at first: {wrong}")

        while not is_over(10 * PAUSE_SECONDS):
            client.count(ask)


def main() -> None:
    client = Client(Path(sys.argv[1]), int(sys.argv[2]))
    print("up", flush=True)
    if "--hold" in sys.argv:
        hold(client)
    else:
        while not is_over(PAUSE_SECONDS):
            client.count(client.open_ask_close)
    print(client.summary())


if __name__ == "__main__":
    main()
