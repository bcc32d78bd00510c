"""Tables -> records and reports, on any connection of connect. It changes nothing.

`query` and `query_to_parquet` alone run SQL that a person wrote, on connect.public_reader, which is locked down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import duckdb

from extractors.errors import QueryError
from extractors.records import (
    Article,
    Asked,
    Candidate,
    Entry,
    FeedState,
    Outcome,
    Revision,
    Slice,
    SliceState,
    Verdict,
    VerdictKind,
)
from warehouse import batches
from warehouse.reports import ArticleSummary, FailingFeed, FeedFetch, QuietFeed, RunSummary, WarehouseStatus
from warehouse.rows import article_of, rows, utc
from warehouse.why import why

__all__ = [
    "candidates",
    "copies_of",
    "due_hosts",
    "feed_states",
    "first_run_at",
    "known_articles",
    "known_canonical_urls",
    "last_feed_fetches",
    "ledger_counts",
    "news",
    "outdated_sketches",
    "own_articles",
    "pending",
    "pending_of",
    "pending_twins",
    "query",
    "query_to_parquet",
    "readable_again",
    "revisions",
    "run_outcomes",
    "same_address",
    "same_guid",
    "seed_text",
    "shown_again",
    "slices",
    "spellings",
    "stands",
    "status",
    "still_pending",
    "stored_text",
    "turned_away",
    "url_rules",
    "verdict_of",
    "waiting_twins",
    "why",
]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = timedelta(days=1_000_000)
# Rows that are in memory at a time while Parquet is written; also the rows of its groups.
_PARQUET_ROWS = 100_000


def feed_states(connection: duckdb.DuckDBPyConnection) -> dict[str, FeedState]:
    """Feed URL -> what its last polls left behind."""
    return {row["feed_url"]: FeedState(**row) for row in rows(connection, "read/feed_states")}


def last_feed_fetches(connection: duckdb.DuckDBPyConnection) -> dict[str, FeedFetch]:
    """Feed URL -> its last exchange."""
    return {row["url"]: FeedFetch(**row) for row in rows(connection, "read/last_feed_fetches")}


def slices(connection: duckdb.DuckDBPyConnection) -> list[Slice]:
    """Every slice of every backfill, in the order of its source and time."""
    return [Slice(**row | {"state": SliceState(row["state"])}) for row in rows(connection, "read/slices")]


def pending(connection: duckdb.DuckDBPyConnection, now: datetime, limit: int) -> list[Entry]:
    """What may be fetched at `now`, at most `limit`: hosts take turns, the oldest of each first."""
    return [Entry(**row) for row in rows(connection, "read/pending", now=now, limit=limit)]


def pending_of(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> list[Entry]:
    """Those of `urls` that wait for a decision, due or not; the oldest first."""
    return [Entry(**row) for row in _of(connection, "read/pending_of", urls)]


def due_hosts(connection: duckdb.DuckDBPyConnection, now: datetime) -> dict[str, int]:
    """Host -> pages that may be fetched at `now`, the most first."""
    return {row["host"]: int(row["pages"]) for row in rows(connection, "read/due_hosts", now=now)}


def known_articles(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> set[str]:
    """Those of `urls` (canonical) that are stored articles."""
    return {row["url"] for row in _of(connection, "read/known_articles", urls)}


def same_address(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> list[Candidate]:
    """Stored articles, on the story or not, whose `url` or `canonical_link` is one of `urls`; the oldest first."""
    return [Candidate(**row) for row in _of(connection, "read/same_address", urls)]


def still_pending(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> set[str]:
    """Those of `urls` that wait for a decision: a run that took longer may have been overtaken by another."""
    return {row["url"] for row in _of(connection, "read/still_pending", urls)}


def turned_away(connection: duckdb.DuckDBPyConnection, canonical_urls: Sequence[str]) -> dict[str, str]:
    """Canonical URL -> URL of the ledger entry that the gate turned away, of those among `canonical_urls`."""
    return {row["canonical_url"]: row["url"] for row in _of(connection, "read/turned_away", canonical_urls)}


def waiting_twins(
    connection: duckdb.DuckDBPyConnection, urls: Sequence[str], *, most_tried: int
) -> list[tuple[str, str, str]]:
    """(URL, URL tried before it, its outcome) of spellings of the same addresses as `urls` that get their chance now:
    one per address, the oldest that waits, once all that were tried have ended gone, refused or failed. None where
    `most_tried` spellings were tried.
    """
    found = _of(connection, "read/waiting_twins", urls, most_tried=most_tried)
    return [(row["url"], row["dead_url"], row["dead_outcome"]) for row in found]


def pending_twins(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str | None]]:
    """(URL, URL of its owner, article of the owner) of what waits although the ledger has its address already."""
    found = rows(connection, "read/pending_twins")
    return [(row["url"], row["owner_url"], row["article_url"]) for row in found]


def spellings(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(URL, canonical URL) of all of the ledger."""
    return [(row["url"], row["canonical_url"]) for row in rows(connection, "read/spellings")]


def url_rules(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Digest of the rules by which the canonical URLs were made; None: not known."""
    found = rows(connection, "read/url_rules")
    return found[0]["digest"] if found else None


def known_canonical_urls(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> set[str]:
    """Those of `urls` (canonical) that the ledger has, under whatever spelling."""
    return {row["url"] for row in _of(connection, "read/known_canonical_urls", urls)}


def news(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Table -> digest of its rows, of the tables that readers come for (articles, matches, verdicts, seeds): another
    digest means that a row came, went or changed. On the private file, or a copy of it.
    """
    return {row["relation"]: row["digest"] for row in rows(connection, "read/news")}


def candidates(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], *, window: timedelta | None
) -> dict[str, list[Candidate]]:
    """Article URL -> stored on-story articles that it is to be held against, the earliest first; URLs without any are
    left out.

    Those of the same words come from the whole store; those that share enough of their sketches only if they are at
    most `window` apart (None: any). Both earlier and later ones. An article is no candidate of itself.
    """
    found: dict[str, list[Candidate]] = {}
    if not asked:
        return found
    spread = window if window is not None else _EVER
    placed = [one.published_at or one.first_seen_at for one in asked]
    with batches.registered(connection, batches.sketches(asked)):
        pairs = rows(
            connection,
            "read/candidates",
            window_seconds=None if window is None else window.total_seconds(),
            first_day=(min(placed) - _EPOCH - spread).days,
            last_day=(max(placed) - _EPOCH + spread).days,
        )
    stored = {sketch_id: _candidate(connection, sketch_id) for sketch_id in {row["sketch_id"] for row in pairs}}
    for row in pairs:
        if stored[row["sketch_id"]].url != row["asked_url"]:
            found.setdefault(row["asked_url"], []).append(stored[row["sketch_id"]])
    for ones in found.values():
        ones.sort(key=lambda one: (one.published_at or one.first_seen_at, one.url))
    return found


def _candidate(connection: duckdb.DuckDBPyConnection, sketch_id: int) -> Candidate:
    row = rows(connection, "read/candidate", sketch_id=sketch_id)[0]
    return Candidate(**row, **rows(connection, "read/candidate_text", url=row["url"])[0])


def outdated_sketches(connection: duckdb.DuckDBPyConnection, format_version: int) -> list[Candidate]:
    """On-story articles whose fingerprint is of another format: none but after an upgrade."""
    return [Candidate(**row) for row in rows(connection, "read/outdated_sketches", format_version=format_version)]


def verdict_of(connection: duckdb.DuckDBPyConnection, url: str) -> tuple[Verdict, str] | None:
    """(the verdict that holds of the article, the ledger entry that led to it); None: it has none."""
    found = rows(connection, "read/verdict_of", url=url)
    if not found:
        return None
    entry_url = found[0].pop("entry_url")
    return Verdict(**found[0] | {"kind": VerdictKind(found[0]["kind"])}), entry_url


def stored_text(connection: duckdb.DuckDBPyConnection, url: str, canonical_url: str) -> Candidate | None:
    """The stored article at that address, or that it led to; None: there is none."""
    found = rows(connection, "read/stored_text", url=url, canonical_url=canonical_url)
    return Candidate(**found[0]) if found else None


def seed_text(connection: duckdb.DuckDBPyConnection, slug: str) -> str | None:
    """The text of a seed, on the private file; None: it was not kept."""
    found = rows(connection, "read/seed_text", slug=slug)
    return str(found[0]["text"]) if found else None


def own_articles(connection: duckdb.DuckDBPyConnection, entry_urls: Sequence[str]) -> dict[str, Article]:
    """Ledger URL -> the stored article that it led to, of those that have one of their own."""
    found = [article_of(row) for row in _of(connection, "read/own_articles", entry_urls)]
    return {article.entry_url: article for article in found}


def copies_of(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> list[Candidate]:
    """The articles whose verdicts name one of `urls` as their original."""
    return [Candidate(**row) for row in _of(connection, "read/copies_of", urls)]


def stands(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> dict[str, tuple[Outcome, str]]:
    """URL -> (outcome, reason) of its ledger entry."""
    return {row["url"]: (Outcome(row["outcome"]), row["reason"]) for row in _of(connection, "read/stands", urls)}


def shown_again(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[Entry], now: datetime, *, most_times: int
) -> list[tuple[str, str, datetime | None]]:
    """(URL, its new headline or "", when it was last asked for again) of what has an article and is shown as something
    else than its page was: under another headline by its own feed, or with a date after the page was fetched.
    """
    if not entries:
        return []
    with batches.registered(connection, batches.shown(entries, now)):
        found = rows(connection, "read/shown_again", most_times=most_times)
    return [(row["url"], row["title"], row["last_at"]) for row in found]


def same_guid(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> dict[str, str]:
    """URL -> the ledger URL with an article of its own to which the same feed gives the same guid."""
    return {row["asked_url"]: row["entry_url"] for row in _of(connection, "read/same_guid", urls)}


def readable_again(
    connection: duckdb.DuckDBPyConnection, url: str | None = None
) -> list[tuple[Entry, datetime | None, list[str]]]:
    """(entry, when the page of its own article was fetched, other URLs under which that may have been) of what has an
    outcome because its page was read.
    """
    found = [
        (row.pop("article_fetched_at"), row.pop("other_urls"), row)
        for row in rows(connection, "read/readable_again", url=url)
    ]
    return [(Entry(**row), fetched_at, list(others)) for fetched_at, others, row in found]


def revisions(connection: duckdb.DuckDBPyConnection, article_url: str) -> list[Revision]:
    """What an article was before, the oldest first."""
    return [
        Revision(**row | {"changed": tuple(row["changed"])})
        for row in rows(connection, "read/revisions", article_url=article_url)
    ]


def ledger_counts(connection: duckdb.DuckDBPyConnection) -> tuple[int, dict[str, int]]:
    """URLs in the ledger, and outcome -> URLs, which sums to it."""
    counts = {row["outcome"]: int(row["urls"]) for row in rows(connection, "read/ledger_counts")}
    return sum(counts.values()), counts


def run_outcomes(connection: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, dict[str, int]]:
    """outcome -> reason -> URLs that the run discovered or decided, as they stand now."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows(connection, "read/run_outcomes", run_id=run_id):
        counts.setdefault(row["outcome"], {})[row["reason"]] = int(row["urls"])
    return counts


def first_run_at(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the first run began; None: there was none."""
    found: datetime | None = rows(connection, "read/first_run")[0]["started_at"]
    return found


def status(connection: duckdb.DuckDBPyConnection, now: datetime) -> WarehouseStatus:
    """How the warehouse stands at `now`."""
    discovered, outcomes = ledger_counts(connection)
    last, completed = rows(connection, "read/last_run"), rows(connection, "read/last_completed")
    newest = rows(connection, "read/newest_article")
    return WarehouseStatus(
        last_run=RunSummary(**last[0]) if last else None,
        last_completed=RunSummary(**completed[0]) if completed else None,
        discovered=discovered,
        outcomes=outcomes,
        feeds_failing=tuple(FailingFeed(**row) for row in rows(connection, "read/feeds_failing")),
        feeds_quiet=tuple(QuietFeed(**row) for row in rows(connection, "read/feeds_quiet")),
        newest_article=ArticleSummary(**newest[0]) if newest else None,
        **rows(connection, "read/waiting", now=now)[0],
        **rows(connection, "read/store_counts")[0],
    )


def _of(connection: duckdb.DuckDBPyConnection, name: str, urls: Sequence[str], **given: object) -> list[dict[str, Any]]:
    """Rows of sql/<name>.sql over `urls`; of none none."""
    if not urls:
        return []
    with batches.registered(connection, batches.urls(urls)):
        return rows(connection, name, **given)


def query(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of one SQL statement that a person wrote; times are aware UTC.

    Raises QueryError with DuckDB's own words, and the names of the views when a table is not known.
    """
    with _one_statement(connection, sql) as asked:
        connection.execute(asked)
        if connection.description is None:
            return [], []
        names = [str(column[0]) for column in connection.description]
        return names, [tuple(utc(value) for value in row) for row in connection.fetchall()]


def query_to_parquet(connection: duckdb.DuckDBPyConnection, sql: str, sink: IO[bytes]) -> int:
    """Write the rows of one SQL query that a person wrote as Parquet (zstd) and return their number.

    Memory stays flat. Raises QueryError as `query` does, for what gives no rows, and for two columns of one name, which
    Parquet does not know.
    """
    from pyarrow import parquet  # here, because it takes a quarter of a second

    written = 0
    with _one_statement(connection, sql):
        asked = connection.sql(sql)
        if asked is None:
            raise QueryError("query", "it gives no rows to write")
        twice = sorted({name for name in asked.columns if asked.columns.count(name) > 1})
        if twice:
            raise QueryError("query", f"Parquet takes each column name once; give another alias to: {', '.join(twice)}")
        found = asked.to_arrow_reader(_PARQUET_ROWS)
        try:
            with parquet.ParquetWriter(sink, found.schema, compression="zstd") as writer:
                for batch in _batches(found):
                    writer.write_batch(batch)
                    written += batch.num_rows
        except NotImplementedError as error:  # an interval, for one
            raise QueryError("query", f"Parquet has no place for a column; cast it, to VARCHAR say: {error}") from error
    return written


def _batches(reader: Any) -> Iterator[Any]:
    """What is left in an Arrow reader; it calls an error of the query an OSError."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except OSError as error:
            raise QueryError("query", str(error)) from error
        yield batch


@contextmanager
def _one_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[duckdb.Statement]:
    """The one statement that a person wrote; within, DuckDB's errors become a QueryError."""
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise QueryError("query", f"it holds {len(statements)} statements; give one")
        yield statements[0]
    except duckdb.CatalogException as error:
        views = ", ".join(row["view_name"] for row in rows(connection, "read/relations"))
        raise QueryError("query", f"{error}\nThe views are: {views}") from error
    except duckdb.Error as error:
        raise QueryError("query", str(error)) from error
