"""Stored articles decided again: read with their texts, written back with what they were kept as history.

Called by flows/redeciding.py, flows/rescoring.py and flows/revising.py inside the transaction of connect.writer (what
only reads: on any connection). It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from extractors.records import Article, Judged, Match, Relevance, Verdict, VerdictKind
from warehouse import batches
from warehouse.load import execute
from warehouse.rows import article_of, rows


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
    matches = batches.story_matches(judged)
    execute(connection, "load/story_match_history", matches, replaced_at=at)
    execute(connection, "load/story_match_again", matches, run_id=run_id)
    execute(connection, "load/article_step_gone", batches.article_steps(judged, with_stepless=True))
    execute(connection, "load/article_step", batches.article_steps(judged), run_id=run_id)


def remove_verdicts(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """These articles are not judged any more: off the story, or none."""
    execute(connection, "load/verdict_gone", batches.urls(urls))


def remove_sketches(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> None:
    """These articles are not found as candidates any more."""
    execute(connection, "load/posting_gone", batches.urls(urls))
    execute(connection, "load/sketch_gone", batches.urls(urls))


def add_verdicts(connection: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], run_id: str) -> None:
    """What articles that had no verdict are to those before them."""
    execute(connection, "load/verdict", batches.verdicts(verdicts), run_id=run_id)


def _stored(row: dict[str, Any]) -> Stored:
    match = Match(
        relevance=Relevance(row["relevance"]),
        score=row["score"],
        rule=row["rule"],
        steps=tuple(row["steps"]),
        story_version=row["story_version"],
    )
    verdict = VerdictKind(row["verdict"]) if row["verdict"] else None
    return Stored(article=article_of(row), match=match, verdict=verdict)
