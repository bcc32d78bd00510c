"""Records -> tables, inside the transaction of connect.writer. It decides nothing and commits nothing.

Each function runs one statement per table and batch; the same batch again, or in another order, changes nothing. A
batch is all or nothing: what a table would refuse raises, and the writer rolls back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import duckdb
import pyarrow as pa

from extractors.records import (
    Article,
    Asked,
    Decision,
    Entry,
    Feed,
    FeedState,
    Fetch,
    Judged,
    Outcome,
    Revision,
    RunReport,
    Seed,
    Slice,
    StoryStep,
    Verdict,
)
from warehouse import batches, read
from warehouse.rows import rows
from warehouse.statements import statement

Record = TypeVar("Record")

_NEVER = datetime.min.replace(tzinfo=UTC)


def start_run(connection: duckdb.DuckDBPyConnection, run_id: str, started_at: datetime, *, command: str) -> None:
    """Note that a run has begun; if it is killed, the next run says so (alive.close_crashed)."""
    connection.execute(statement("load/run_start"), {"run_id": run_id, "started_at": started_at, "command": command})


def finish_run(connection: duckdb.DuckDBPyConnection, report: RunReport) -> None:
    """Note how a run ended. May be called again, as when a snapshot was published after it. Raises ValueError if the
    run was never started."""
    if not execute(connection, "load/run_finish", batches.run_reports([report])):
        raise ValueError(f"run {report.run_id!r} was never started")


def record_feeds(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], run_id: str) -> None:
    """Sources as feeds.toml names them. Those that it no longer names stay, and are no longer in use (`enabled`)."""
    batch = batches.feeds(_last(feeds, "url"))
    execute(connection, "load/feed", batch, run_id=run_id)
    with batches.registered(connection, batch):
        connection.execute(statement("load/feed_out_of_use"), {"run_id": run_id})


def save_feed_states(connection: duckdb.DuckDBPyConnection, states: Sequence[FeedState], run_id: str) -> None:
    """What polls left behind; of a feed named twice the latest poll, then the last."""
    ordered = sorted(states, key=lambda state: state.checked_at or _NEVER)
    execute(connection, "load/feed_state", batches.feed_states(_last(ordered, "feed_url")), run_id=run_id)


def record_fetches(connection: duckdb.DuckDBPyConnection, fetches: Sequence[Fetch], run_id: str) -> None:
    """Exchanges with servers; the key is (url, kind, at)."""
    execute(connection, "load/fetch", batches.fetches(fetches), run_id=run_id)


def plan_slices(connection: duckdb.DuckDBPyConnection, slices: Sequence[Slice], run_id: str) -> None:
    """Slices of a backfill that are to be asked; of those that are there already nothing changes."""
    execute(connection, "load/slice_planned", batches.slices(_last_slices(slices)), run_id=run_id)


def record_slices(connection: duckdb.DuckDBPyConnection, slices: Sequence[Slice], run_id: str) -> None:
    """What came of asking slices. Raises ValueError for one that was never planned."""
    if not slices:
        return
    with batches.registered(connection, batches.slices(_last_slices(slices))):
        unknown = connection.execute(statement("load/slice_unknown")).fetchall()
        if unknown:
            raise ValueError(f"answers to {len(unknown)} slices that were never planned, such as {unknown[0]}")
        connection.execute(statement("load/slice_asked"), {"run_id": run_id})


def record_entries(connection: duckdb.DuckDBPyConnection, entries: Sequence[Entry], run_id: str) -> list[Entry]:
    """Write discovered URLs into the ledger, before anything is fetched; return those that are newly pending.

    An address that the ledger has under another URL, or that came earlier in the batch by (first_seen_at, position),
    becomes duplicate_url/same_canonical. Of a known URL only last_seen_at moves, and never back.
    """
    if not entries:
        return []
    with batches.registered(connection, batches.entries(entries)):
        connection.execute(statement("load/entry_seen"))
        added = connection.execute(statement("load/entry"), {"run_id": run_id}).fetchall()
    first = {
        url: Decision(
            url=url, outcome=Outcome(outcome), reason=reason, detail=detail, article_url=article_url, at=decided_at
        )
        for url, outcome, reason, detail, article_url, decided_at in added
    }
    execute(connection, "load/decision", batches.decisions(list(first.values())), run_id=run_id)
    pending: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.first_seen_at):  # stable: then by position
        if entry.url in first and first[entry.url].outcome is Outcome.PENDING:
            pending.setdefault(entry.url, entry)
    return list(pending.values())


def record_decisions(connection: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], run_id: str) -> None:
    """Move the ledger, and append to its history. Of several decisions on a URL the latest counts (`at`, then one that
    is not pending, then the last in the batch). Raises ValueError for a URL that the ledger does not have."""
    if not decisions:
        return
    with batches.registered(connection, batches.decisions(decisions)):
        unknown = connection.execute(statement("load/entry_unknown")).fetchall()
        if unknown:
            raise ValueError(f"decisions on {len(unknown)} URLs that the ledger does not have, such as {unknown[0][0]}")
        connection.execute(statement("load/entry_decided"), {"run_id": run_id})
        connection.execute(statement("load/decision"), {"run_id": run_id})


def respell(
    connection: duckdb.DuckDBPyConnection, canonical: Mapping[str, str], *, digest: str, at: datetime, run_id: str
) -> None:
    """Give URLs of the ledger another canonical form, and note the digest of the rules that it is made by."""
    execute(connection, "load/entry_respelled", batches.spellings(canonical))
    told = {"run_id": run_id, "digest": digest, "applied_at": at, "changed": len(canonical)}
    connection.execute(statement("load/url_rules"), told)


def load_judged(connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], run_id: str) -> None:
    """Store articles with text, match, verdict and sketch.

    An article that is stored already is left as it is: `replace_articles` puts another in its place. Of one that comes
    twice in the batch, the first by (first_seen_at, entry_url, content_hash) is taken, so that the order of the batch
    does not matter.
    """
    ordered = sorted(
        judged,
        key=lambda one: (one.article.first_seen_at, one.article.entry_url, one.fingerprint.content_hash),
    )
    by_url: dict[str, Judged] = {}
    for one in ordered:
        by_url.setdefault(one.article.url, one)
    known = read.known_articles(connection, list(by_url))
    fresh = [by_url[url] for url in sorted(by_url) if url not in known]
    on_story = [one for one in fresh if one.verdict is not None]
    execute(connection, "load/article", batches.articles(fresh), run_id=run_id)
    execute(connection, "load/article_text", batches.article_texts(fresh), run_id=run_id)
    execute(connection, "load/story_match", batches.story_matches(fresh), run_id=run_id)
    execute(connection, "load/article_step", batches.article_steps(fresh), run_id=run_id)
    execute(
        connection, "load/verdict", batches.verdicts([one.verdict for one in on_story if one.verdict]), run_id=run_id
    )
    # Only what was judged can be an original, so only that needs to be found.
    insert_sketches(connection, on_story, run_id)


def insert_sketches(connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], run_id: str) -> None:
    """Let on-story articles be found as candidates. They may not have a sketch yet."""
    asked = [
        Asked(
            url=one.article.url,
            published_at=one.article.published_at,
            first_seen_at=one.article.first_seen_at,
            fingerprint=one.fingerprint,
        )
        for one in judged
    ]
    _insert_sketches(connection, asked, run_id)


def renew_sketches(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], run_id: str) -> None:
    """Bring stored articles to the format of these fingerprints, so that they are found as candidates again. They may
    not have a sketch of this format yet."""
    execute(connection, "load/fingerprint", batches.sketches(asked))
    _insert_sketches(connection, asked, run_id)


def supersede_verdicts(
    connection: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], run_id: str, *, at: datetime
) -> None:
    """Put these in the place of the verdicts that hold of their articles, which are kept in verdict_history."""
    batch = batches.verdicts(_last(verdicts, "article_url"))
    execute(connection, "load/verdict_history", batch, at=at, run_id=run_id)
    execute(connection, "load/verdict_superseded", batch, run_id=run_id)


def _insert_sketches(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked], run_id: str) -> None:
    if not asked:
        return
    last = rows(connection, "read/last_sketch")[0]["sketch_id"]
    batch = batches.sketches(asked, last + 1)
    execute(connection, "load/sketch", batch, run_id=run_id)
    execute(connection, "load/posting", batch, run_id=run_id)


def replace_articles(connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], run_id: str) -> None:
    """Put these in the place of the stored articles with their URLs; their matches and verdicts stay as they are."""
    for table in ("article", "article_text"):
        execute(connection, f"load/{table}_forgotten", batches.urls([one.article.url for one in judged]))
    execute(connection, "load/article", batches.articles(judged), run_id=run_id)
    execute(connection, "load/article_text", batches.article_texts(judged), run_id=run_id)


def forget_articles(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """Take articles that have no verdict any more out of the store. What they said belongs into a revision."""
    for table in ("article", "article_text", "story_match", "article_step"):
        execute(connection, f"load/{table}_forgotten", batches.urls(urls))


def record_revisions(connection: duckdb.DuckDBPyConnection, revisions: Sequence[Revision], run_id: str) -> None:
    """What articles were before; a row that is there already stays."""
    execute(connection, "load/revision", batches.revisions(revisions), run_id=run_id)


def note_rereads(connection: duckdb.DuckDBPyConnection, articles: Sequence[Article]) -> None:
    """The pages of these articles were read again, and say what is stored."""
    execute(connection, "load/article_reread", batches.rereads(articles))


def retitle_entries(connection: duckdb.DuckDBPyConnection, titles: Mapping[str, str]) -> None:
    """URL -> the headline under which its feed shows it now; empty: as before."""
    execute(connection, "load/entry_retitled", batches.titles(titles))


def record_seeds(connection: duckdb.DuckDBPyConnection, seeds: Sequence[Seed], run_id: str) -> None:
    """The seeds in use, so that verdicts can be joined with them. Their shingles stay in their files."""
    execute(connection, "load/seed", batches.seeds(_last(seeds, "slug")), run_id=run_id)


def record_steps(connection: duckdb.DuckDBPyConnection, steps: Sequence[StoryStep], run_id: str) -> None:
    """The steps of the story as its file names them; those that it no longer names go."""
    batch = batches.steps(_last(steps, "slug"))
    execute(connection, "load/step", batch, run_id=run_id)
    with batches.registered(connection, batch):
        connection.execute(statement("load/step_gone"))


def keep_seed_text(connection: duckdb.DuckDBPyConnection, slug: str, text: str, run_id: str) -> None:
    """Keep the text of a seed, in the private file alone. Raises ValueError for a text that is no clean UTF-8."""
    batches.check("text", text)
    connection.execute(statement("load/seed_text"), {"slug": slug, "text": text, "run_id": run_id})


def execute(connection: duckdb.DuckDBPyConnection, name: str, batch: pa.Table, **parameters: object) -> int:
    """Run the statement `name` over `batch`, unless that is empty. Returns the number of rows added or changed."""
    if not batch.num_rows:
        return 0
    with batches.registered(connection, batch):
        return int(connection.execute(statement(name), parameters or None).fetchall()[0][0])


def _last_slices(slices: Sequence[Slice]) -> list[Slice]:
    """One per key, the last."""
    return list({(one.source, one.slice): one for one in slices}.values())


def _last(records: Sequence[Record], key: str) -> list[Record]:
    """One per key, the last: a statement may not touch a row twice."""
    return list({getattr(record, key): record for record in records}.values())
