"""Stored articles decided again: read with their texts, written back with what they were kept as history.

Called by flows/rescoring.py inside the transaction of connect.writer (what only reads: on any connection). It decides
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from extractors.records import Article, Judged, Match, Relevance, VerdictKind
from warehouse import batches
from warehouse.load import insert, insert_sketches
from warehouse.rows import rows
from warehouse.statements import statement

_ARTICLE = (
    "url",
    "entry_url",
    "final_url",
    "outlet",
    "title",
    "text",
    "word_count",
    "fetched_at",
    "first_seen_at",
    "language",
    "published_at",
    "published_precision",
    "published_source",
    "extractor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A stored article with its text and how it stands to the story."""

    article: Article
    match: Match  # without its hits; steps in alphabetical order
    verdict: VerdictKind | None  # None: off the story


def stored_articles(connection: duckdb.DuckDBPyConnection, *, after: str, limit: int) -> list[Stored]:
    """At most `limit` articles whose address comes after `after`, in the order of addresses; "" begins."""
    return [_stored(row) for row in rows(connection, "read/stored_articles", after=after, limit=limit)]


def copies_of(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> list[Stored]:
    """The articles that are copies of one of `urls`."""
    if not urls:
        return []
    with batches.registered(connection, batches.urls(urls)):
        copies = [row["url"] for row in rows(connection, "read/copies_of")]
    with batches.registered(connection, batches.urls(copies)):
        return [_stored(row) for row in rows(connection, "read/stored_named")]


def replace_matches(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], *, at: datetime, run_id: str
) -> None:
    """How stored articles stand to the story from now on, and the steps that they report; what they were before stays
    in story_match_past."""
    if not judged:
        return
    with batches.registered(connection, batches.story_matches(judged)):
        connection.execute(statement("load/story_match_past"), {"replaced_at": at})
        connection.execute(statement("load/story_match_again"), {"run_id": run_id})
    with batches.registered(connection, batches.article_steps(judged, with_stepless=True)):
        connection.execute(statement("load/article_step_gone"))
    insert(connection, "load/article_step", batches.article_steps(judged), run_id)


def remove_verdicts(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """These articles are off the story: not judged, and nobody's original."""
    with batches.registered(connection, batches.urls(urls)):
        connection.execute(statement("load/verdict_gone"))
        connection.execute(statement("load/posting_gone"))
        connection.execute(statement("load/sketch_gone"))


def add_verdicts(connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], run_id: str) -> None:
    """What articles that come onto the story are to those before them, with the sketches by which copies are found."""
    insert(connection, "load/verdict", batches.verdicts([one.verdict for one in judged if one.verdict]), run_id)
    insert_sketches(connection, judged, run_id)


def _stored(row: dict[str, object]) -> Stored:
    fields = {name: row[name] for name in _ARTICLE}
    match = Match(
        relevance=Relevance(str(row["relevance"])),
        score=row["score"],  # type: ignore[arg-type]
        rule=str(row["rule"]),
        steps=tuple(row["steps"]),  # type: ignore[arg-type]
        story_version=str(row["story_version"]),
    )
    verdict = VerdictKind(str(row["verdict"])) if row["verdict"] else None
    return Stored(article=Article(**fields), match=match, verdict=verdict)  # type: ignore[arg-type]
