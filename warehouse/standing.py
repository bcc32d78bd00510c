"""How things stand after a run, and what the run brought: facts for who tells people (flows/notices.py, metrics.py,
shown.py). It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from warehouse.read import first_run_at
from warehouse.rows import rows

# Languages are counted over the last 24 hours and as many days of 24 hours before.
DAYS_BEFORE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStep:
    """A step of the story that articles report, with the one that told it first."""

    slug: str
    what: str  # what happened, in the words of story.toml
    url: str  # of the article
    title: str
    outlet: str
    language: str | None
    published_at: datetime | None
    is_older: bool  # an article of another run reports it, too


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStanding:
    """How a feed in use does."""

    url: str
    name: str
    state: str  # as in the view feed_health
    since_at: datetime | None
    failures: int  # polls that failed in a row
    reason: str | None  # of the last failure


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run in short."""

    run_id: str
    command: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    detail: str
    asked: bool  # feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand at `now`."""

    now: datetime
    run_id: str  # of the run after which it was asked
    steps: tuple[ToldStep, ...]  # in the order of the story
    per_day: Mapping[str, tuple[int, ...]]  # language -> articles of the last 24 hours, of the 24 before, ...
    feeds: tuple[FeedStanding, ...]
    runs: tuple[PastRun, ...]  # since `runs_since`, the oldest first
    watching_since: datetime | None  # first run


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What is counted for metrics."""

    entries: Mapping[tuple[str, str], int]  # (outcome, reason) -> URLs
    articles: Mapping[tuple[str, str], int]  # (relevance, verdict) -> articles
    runs: Mapping[str, int]  # status -> runs
    due: int  # pending, may be fetched now
    later: int  # pending, wait for their next attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtArticle:
    """An article on the story that a run stored."""

    url: str
    entry_url: str
    title: str
    outlet: str
    language: str | None
    published_at: datetime | None
    relevance: str  # "core" or "related"
    score: float
    verdict: str
    verdict_of: str | None  # URL of the original, or seed:<slug>
    verdict_of_title: str | None
    feed_name: str | None  # that showed it first


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a run brought."""

    articles: tuple[BroughtArticle, ...]
    new_steps: tuple[ToldStep, ...]  # that no article of an earlier run reports
    feeds: tuple[FeedStanding, ...]  # in trouble


def standing(connection: duckdb.DuckDBPyConnection, run_id: str, *, now: datetime, runs_since: datetime) -> Standing:
    """How things stand; on the private file."""
    per_day: dict[str, list[int]] = {}
    for row in rows(connection, "read/standing_days", now=now):
        days = per_day.setdefault(row["language"], [0] * (DAYS_BEFORE + 1))
        if row["days_ago"] <= DAYS_BEFORE:
            days[row["days_ago"]] = int(row["articles"])
    return Standing(
        now=now,
        run_id=run_id,
        steps=_steps(connection, run_id),
        per_day={language: tuple(days) for language, days in per_day.items()},
        feeds=_feeds(connection),
        runs=tuple(PastRun(**row) for row in rows(connection, "read/standing_runs", since=runs_since)),
        watching_since=first_run_at(connection),
    )


def totals(connection: duckdb.DuckDBPyConnection, now: datetime) -> Totals:
    """What is counted for metrics; on the private file."""
    waiting = rows(connection, "read/waiting", now=now)[0]
    return Totals(
        entries={(row["outcome"], row["reason"]): int(row["urls"]) for row in rows(connection, "read/metric_entries")},
        articles={
            (row["relevance"], row["verdict"]): int(row["articles"]) for row in rows(connection, "read/metric_articles")
        },
        runs={row["status"]: int(row["runs"]) for row in rows(connection, "read/metric_runs")},
        due=int(waiting["due"]),
        later=int(waiting["later"]),
    )


def brought(connection: duckdb.DuckDBPyConnection, run_id: str) -> Brought:
    """What a run brought; on the private file."""
    return Brought(
        articles=tuple(BroughtArticle(**row) for row in rows(connection, "read/brought_articles", run_id=run_id)),
        new_steps=tuple(step for step in _steps(connection, run_id) if not step.is_older),
        feeds=tuple(feed for feed in _feeds(connection) if feed.state not in ("ok", "new")),
    )


def _steps(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[ToldStep, ...]:
    return tuple(ToldStep(**row) for row in rows(connection, "read/standing_steps", run_id=run_id))


def _feeds(connection: duckdb.DuckDBPyConnection) -> tuple[FeedStanding, ...]:
    return tuple(FeedStanding(**row) for row in rows(connection, "read/standing_feeds"))
