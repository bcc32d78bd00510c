"""The whole way of a URL, put together from the ledger, its history and what was stored. Called through read.why."""

from __future__ import annotations

from typing import Any

import duckdb

from extractors.records import (
    Decision,
    Entry,
    Fetch,
    FetchKind,
    Match,
    Outcome,
    Relevance,
    TermHit,
    Verdict,
    VerdictKind,
)
from warehouse.reports import WhyReport
from warehouse.rows import article_of, rows

_ENTRY = (
    "url",
    "canonical_url",
    "feed_url",
    "outlet",
    "first_seen_at",
    "title",
    "summary",
    "guid",
    "language",
    "published_at",
    "published_precision",
    "published_raw",
    "attempts",
)
_MEASURES = (
    "containment",
    "resemblance",
    "shared_shingles",
    "containment_threshold",
    "resemblance_threshold",
    "lead_seconds",
)


def why(connection: duckdb.DuckDBPyConnection, url: str) -> WhyReport | None:
    """All that is known of `url`: as discovered, as canonical, or as the address of an article. None: unknown."""
    found = rows(connection, "read/why_entry", url=url)
    if not found:
        return None
    row = found[0]
    spellings = rows(connection, "read/why_spellings", url=row["url"], canonical_url=row["canonical_url"])
    decided = rows(connection, "read/why_decisions", url=row["url"])
    # A spelling that was noted before its twin became an article finds the article through the twin.
    article_url = row["article_url"] or next((one["article_url"] for one in spellings if one["article_url"]), None)
    stored = rows(connection, "read/why_article", url=article_url) if article_url else []
    return WhyReport(
        entry=Entry(**_take(row, _ENTRY)),
        outcome=Outcome(row["outcome"]),
        **_take(
            row,
            (
                "feed_name",
                "last_seen_at",
                "reason",
                "detail",
                "decided_at",
                "next_attempt_at",
                "run_id",
                "decided_run_id",
            ),
        ),
        spellings=tuple(one["url"] for one in spellings),
        decisions=tuple(_decision(one) for one in decided),
        decision_run_ids=tuple(one["run_id"] for one in decided),
        fetches=tuple(_fetch(one) for one in rows(connection, "read/why_fetches", url=row["url"])),
        article=article_of(stored[0]) if stored else None,
        match=_match(stored[0]) if stored else None,
        verdict=_verdict(stored[0]) if stored and stored[0]["verdict"] else None,
        verdict_of_title=stored[0]["verdict_of_title"] if stored else None,
        copies=int(stored[0]["copies"]) if stored else 0,
    )


def _take(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _decision(row: dict[str, Any]) -> Decision:
    fields = _take(row, ("url", "reason", "detail", "article_url", "attempts", "next_attempt_at"))
    return Decision(outcome=Outcome(row["outcome"]), at=row["decided_at"], **fields)


def _fetch(row: dict[str, Any]) -> Fetch:
    fields = _take(
        row, ("url", "status", "reason", "detail", "elapsed_seconds", "wire_bytes", "entries", "new_entries")
    )
    return Fetch(kind=FetchKind(row["kind"]), at=row["fetched_at"], **fields)


def _match(row: dict[str, Any]) -> Match:
    hits = tuple(
        TermHit(
            group=hit["group"],
            field=hit["field"],
            count=hit["count"],
            places=tuple((place["start"], place["end"]) for place in hit["places"]),
        )
        for hit in row["hits"]
    )
    return Match(relevance=Relevance(row["relevance"]), hits=hits, **_take(row, ("score", "rule", "story_version")))


def _verdict(row: dict[str, Any]) -> Verdict:
    return Verdict(
        article_url=row["url"], kind=VerdictKind(row["verdict"]), of=row["verdict_of"], **_take(row, _MEASURES)
    )
