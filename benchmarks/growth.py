"""What finding candidates costs from ten thousand to a million stored articles. Postings are made, not written.

Each stored article is as one of 300 words: 75 hashes in its sketch. 3 % of them lie in the window of the batch.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from extractors.fingerprints import fingerprint
from extractors.records import Article
from flows import judging
from warehouse import migrate
from warehouse.connect import PRIVATE_CONFIG

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 100
WINDOW = timedelta(days=30)
NOW = datetime(2025, 10, 20, tzinfo=UTC)
SPAN_DAYS = 2_000  # the window, 30 days before the newest and 30 after, is 3 % of them: 60 days
_FILL = """
INSERT INTO sketch BY NAME
SELECT
    i AS sketch_id,
    'https://outlet-' || (i % 500) || '.example/news/' || md5(i::VARCHAR) AS article_url,
    hash(i) AS content_key,
    $oldest::TIMESTAMPTZ + to_seconds(i * $step) AS placed_at,
    placed_at AS published_at,
    placed_at AS first_seen_at,
    75 AS size,
    'made' AS run_id
FROM range(1, $count + 1) AS made(i)
"""
_POST = """
INSERT INTO posting BY NAME
SELECT
    (hash(i * 1000 + k) >> 34)::UINTEGER AS hash,
    floor(epoch($oldest::TIMESTAMPTZ + to_seconds(i * $step)) / 86400)::INTEGER AS day,
    i::INTEGER AS sketch_id,
    'made' AS run_id
FROM range(1, $count + 1) AS made(i), range(75) AS kept(k)
"""


def growth() -> Iterator[str]:
    """A line per size: time of a batch of 100 new articles (candidates and verdicts), bytes per stored article."""
    times = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "warehouse.duckdb"
            seconds, stored = measured(path, size)
        times.append(seconds)
        ratio = seconds / times[0]
        yield f"{size:>9,} stored: batch of {BATCH} in {seconds:.3f} s ({ratio:.1f} times), {stored:.0f} bytes each"


def measured(path: Path, size: int) -> tuple[float, float]:
    """(seconds of the best of three batches, bytes per stored article)."""
    with duckdb.connect(str(path), config=PRIVATE_CONFIG) as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate.migrate(con, path)
        con.execute("CHECKPOINT")
    before = path.stat().st_size
    with duckdb.connect(str(path), config=PRIVATE_CONFIG) as con:
        con.execute("SET TimeZone = 'UTC'")
        given = {"oldest": NOW - timedelta(days=SPAN_DAYS - 30), "step": SPAN_DAYS * 86400 / size, "count": size}
        con.execute(_FILL, given)
        con.execute(_POST, given)
        con.execute("CHECKPOINT")
    stored = (path.stat().st_size - before) / size
    with duckdb.connect(str(path), config=PRIVATE_CONFIG) as con:
        con.execute("SET TimeZone = 'UTC'")
        seconds = min(_batch_seconds(con, salt) for salt in range(3))
    return seconds, stored


def _batch_seconds(con: duckdb.DuckDBPyConnection, salt: int) -> float:
    chance = random.Random(salt)
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "tu", "ren", "dal") for b in range(300)]
    fresh = {}
    for number in range(BATCH):
        text = " ".join(chance.choices(words, k=300))
        url = f"https://new.example/{salt}/{number}"
        one = Article(
            url=url, entry_url=url, final_url=url, outlet="new.example", title="", text=text, word_count=300,
            fetched_at=NOW, first_seen_at=NOW, published_at=NOW,
        )  # fmt: skip
        fresh[url] = (one, fingerprint(text))
    started = time.perf_counter()
    judging.judged(con, fresh, seeds=(), window=WINDOW)
    return time.perf_counter() - started
