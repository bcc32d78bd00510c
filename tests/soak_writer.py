"""A writer of the warehouse's soak: stores rows as they fall due, notes what was committed, publishes. To be killed.

    python -m tests.soak_writer DATA_FOLDER NUMBER STARTED_AT BATCHES_PER_SECOND

Row n of a writer is always the same row, and a batch is always the same ten of them, so that a writer that is started
again does its first unacknowledged batch once more, as a run does. A batch counts as acknowledged when its number is on
disk in acks-<number>: written after the commit, with fsync. Ends when its input does, with the batches in hand stored.
"""

from __future__ import annotations

import hashlib
import os
import select
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from extractors.records import Judged
from tests.records_factory import at, make_article, make_decision, make_entry, make_fingerprint, make_judged
from tests.records_factory import make_verdict as verdict_of
from warehouse import connect, load, publish
from warehouse.connect import DataDir

ROWS_PER_BATCH = 10
MOST_BATCHES = 10  # in one transaction, when a restarted writer has fallen behind
PUBLISH_EVERY = timedelta(seconds=1)
WAIT_SECONDS = 60.0
IDLE_SECONDS = 0.02


def host(number: int) -> str:
    return f"writer-{number}.example"


def address(number: int, row: int) -> str:
    return f"https://{host(number)}/{row:07d}"


def body(url: str) -> str:
    """A text that says whose it is: its last line is the digest of its address."""
    digest = hashlib.md5(url.encode()).hexdigest()
    return f"A report of no importance.\n{' '.join([digest[:7]] * 40)}\n{digest}"


def acknowledged(folder: Path, number: int) -> int:
    """Batches of a writer that are known to be committed; a line that a kill cut short does not count."""
    path = folder / f"acks-{number}"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return int(lines[-1]) + 1 if lines else 0


def judged(number: int, row: int) -> Judged:
    url = address(number, row)
    base = (number << 48) + row * 100
    its = {"url": url, "entry_url": url, "final_url": url, "outlet": host(number), "text": body(url)}
    return make_judged(
        url,
        article=make_article(url, **its),
        fingerprint=make_fingerprint(url, tuple(range(base, base + 10))),
        verdict=verdict_of(url, article_url=url),
    )


def store(place: DataDir, number: int, batches: Sequence[int], run_id: str) -> None:
    """The batches, in one transaction of the real path."""
    rows = [row for batch in batches for row in range(batch * ROWS_PER_BATCH, (batch + 1) * ROWS_PER_BATCH)]
    urls = [address(number, row) for row in rows]
    entries = [make_entry(url, url=url, canonical_url=url, outlet=host(number)) for url in urls]
    decisions = [make_decision(url, url=url, at=at(row), article_url=url) for url, row in zip(urls, rows, strict=True)]
    with connect.writer(place, wait_seconds=WAIT_SECONDS) as connection:
        load.record_entries(connection, entries, run_id)
        load.load_judged(connection, [judged(number, row) for row in rows], run_id)
        load.record_decisions(connection, decisions, run_id)


def acknowledge(folder: Path, number: int, batches: Sequence[int]) -> None:
    descriptor = os.open(folder / f"acks-{number}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, "".join(f"{batch}\n" for batch in batches).encode())
    os.fsync(descriptor)
    os.close(descriptor)


def publish_if_old(place: DataDir, run_id: str) -> None:
    now = datetime.now(UTC)
    last = publish.last_published(place)
    if last is None or now - last.published_at >= PUBLISH_EVERY:
        publish.publish(place, run_id, now=now, wait_seconds=WAIT_SECONDS)


def main() -> None:
    folder, number, started, rate = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    place, run_id = DataDir(folder), f"writer-{number}-{os.getpid()}"
    done = acknowledged(folder, number)
    print("up", flush=True)
    with connect.writer(place, wait_seconds=WAIT_SECONDS) as connection:
        load.start_run(connection, run_id, datetime.now(UTC), command="soak")
    while not select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        offered = int((time.monotonic() - started) * rate)
        batches = range(done, min(offered, done + MOST_BATCHES))
        if batches:
            store(place, number, batches, run_id)
            acknowledge(folder, number, batches)
            done = batches.stop
            publish_if_old(place, run_id)


if __name__ == "__main__":
    main()
