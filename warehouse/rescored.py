"""Stored articles decided again: read with their texts, written back with what they were kept as history.

Called by flows/redeciding.py, flows/rescoring.py and flows/revising.py inside the transaction of connect.writer (what
only reads: on any connection). It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from extractors.records import Article, Judged, Match, Relevance, Verdict, VerdictKind
from warehouse import batches
from warehouse.load import insert
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


def replace_matches(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[Judged], *, at: datetime, run_id: str
) -> None:
    """How stored articles stand to the story from now on, and the steps that they report; what they were before stays
    in story_match_history."""
    if not judged:
        return
    with batches.registered(connection, batches.story_matches(judged)):
        connection.execute(statement("load/story_match_history"), {"replaced_at": at})
        connection.execute(statement("load/story_match_again"), {"run_id": run_id})
    with batches.registered(connection, batches.article_steps(judged, with_stepless=True)):
        connection.execute(statement("load/article_step_gone"))
    insert(connection, "load/article_step", batches.article_steps(judged), run_id)


def remove_verdicts(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """These articles are not judged any more: off the story, or none."""
    if urls:
        with batches.registered(connection, batches.urls(urls)):
            connection.execute(statement("load/verdict_gone"))


def remove_sketches(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """These articles are not found as candidates any more."""
    if urls:
        with batches.registered(connection, batches.urls(urls)):
            connection.execute(statement("load/posting_gone"))
            connection.execute(statement("load/sketch_gone"))


def add_verdicts(connection: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], run_id: str) -> None:
    """What articles that had no verdict are to those before them."""
    insert(connection, "load/verdict", batches.verdicts(verdicts), run_id)


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
