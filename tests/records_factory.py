"""Small builders of records for tests: every field has a plain value, a test names only those that it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from extractors.records import (
    Article,
    Decision,
    Entry,
    Feed,
    FeedState,
    Fetch,
    FetchKind,
    Fingerprint,
    Judged,
    Match,
    Outcome,
    Relevance,
    Revision,
    RunReport,
    Seed,
    TermHit,
    Verdict,
    VerdictKind,
)

T0 = datetime(2025, 10, 17, 8, 0, tzinfo=UTC)  # when the tests begin
RUN = "run-1"


def at(minutes: float) -> datetime:
    """A time `minutes` after T0."""
    return T0 + timedelta(minutes=minutes)


def address(name: str, host: str = "daily.example") -> str:
    return f"https://{host}/{name}"


def make_feed(name: str = "daily", **changes: Any) -> Feed:
    return Feed(**{"url": f"https://{name}.example/feed.xml", "name": f"The {name}"} | changes)


def make_feed_state(name: str = "daily", **changes: Any) -> FeedState:
    given: dict[str, Any] = {"feed_url": f"https://{name}.example/feed.xml", "etag": '"e1"', "checked_at": T0}
    return FeedState(**given | changes)


def make_fetch(name: str = "a", **changes: Any) -> Fetch:
    given: dict[str, Any] = {"url": address(name), "kind": FetchKind.PAGE, "at": at(1), "status": 200, "reason": "ok"}
    return Fetch(**given | changes)


def make_entry(name: str = "a", **changes: Any) -> Entry:
    url = address(name)
    given: dict[str, Any] = {
        "url": url,
        "canonical_url": url,
        "feed_url": "https://daily.example/feed.xml",
        "outlet": "daily.example",
        "first_seen_at": T0,
        "title": f"Headline {name}",
    }
    return Entry(**given | changes)


def make_decision(name: str = "a", **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "url": address(name),
        "outcome": Outcome.LOADED,
        "reason": "independent",
        "at": at(2),
        "attempts": 1,
    }
    return Decision(**given | changes)


def make_fingerprint(content: str = "a", sketch: tuple[int, ...] = (1, 2, 3), **changes: Any) -> Fingerprint:
    given: dict[str, Any] = {
        "content_hash": f"{crc32(content.encode()):08x}" * 4,
        "shingle_length": 3,
        "shingles": tuple(sorted({*sketch, 2**64 - 1})),
        "sketch": sketch,
    }
    return Fingerprint(**given | changes)


def make_article(name: str = "a", **changes: Any) -> Article:
    text = changes.get("text", f"First paragraph of {name}.\nSecond paragraph of {name}.")
    given: dict[str, Any] = {
        "url": address(name),
        "entry_url": address(name),
        "final_url": address(name),
        "outlet": "daily.example",
        "title": f"Headline {name}",
        "text": text,
        "word_count": len(text.split()),
        "fetched_at": at(1),
        "first_seen_at": T0,
        "authors": ("A. Writer",),
        "language": "en",
        "extractor": "test 1",
    }
    return Article(**given | changes)


def make_match(relevance: Relevance = Relevance.CORE, **changes: Any) -> Match:
    hit = TermHit(group="leaders", field="title", count=2, places=((0, 5), (9, 12)))
    given: dict[str, Any] = {
        "relevance": relevance,
        "score": 0.8,
        "rule": "call+place",
        "hits": (hit,),
        "story_version": "s1",
    }
    return Match(**given | changes)


def make_verdict(name: str = "a", **changes: Any) -> Verdict:
    given: dict[str, Any] = {
        "article_url": address(name),
        "kind": VerdictKind.INDEPENDENT,
        "of": None,
        "containment": 0.1,
        "resemblance": 0.05,
        "shared_shingles": 4,
        "containment_threshold": 0.6,
        "resemblance_threshold": 0.4,
    }
    return Verdict(**given | changes)


def make_copy_verdict(name: str, of: str, kind: VerdictKind = VerdictKind.NEAR) -> Verdict:
    return make_verdict(name, kind=kind, of=of, containment=0.9, resemblance=0.8)


def make_judged(name: str = "a", **changes: Any) -> Judged:
    """An independent article on the story whose sketch shares nothing with that of another name."""
    base = crc32(name.encode()) << 8
    given: dict[str, Any] = {
        "article": make_article(name),
        "match": make_match(),
        "fingerprint": make_fingerprint(name, tuple(range(base, base + 10))),
        "verdict": make_verdict(name),
    }
    return Judged(**given | changes)


def make_off_story(name: str = "a", **changes: Any) -> Judged:
    return make_judged(name, **{"match": make_match(Relevance.OFF, score=0.0, hits=()), "verdict": None} | changes)


def make_seed(slug: str = "first-report", **changes: Any) -> Seed:
    given: dict[str, Any] = {
        "slug": slug,
        "title": f"Seed {slug}",
        "url": f"https://seeds.example/{slug}",
        "outlet": "seeds.example",
        "language": "en",
        "published_at": T0,
        "published_precision": "day",
        "facts": ("Two presidents spoke by telephone.",),
        "fingerprint": make_fingerprint(slug),
    }
    return Seed(**given | changes)


def make_report(run_id: str = RUN, **changes: Any) -> RunReport:
    given: dict[str, Any] = {
        "run_id": run_id,
        "started_at": T0,
        "ended_at": at(5),
        "status": "completed",
        "feeds_polled": 2,
        "feeds_unchanged": 1,
        "feeds_failed": 0,
        "discovered": 3,
        "fetched": 2,
        "outcomes": {"loaded": {"independent": 1, "near": 1}, "off_story": {"gate": 1}},
        "ledger_discovered": 3,
        "ledger_outcomes": {"loaded": 2, "off_story": 1},
        "stage_seconds": {"fetch": 1.5},
        "stage_cpu_seconds": {"fetch": 0.5},
    }
    return RunReport(**given | changes)


def make_revision(name: str = "a", **changes: Any) -> Revision:
    given: dict[str, Any] = {
        "article_url": address(name),
        "fetched_at": at(30),
        "revised_at": at(31),
        "cause": "refetch",
        "changed": ("text",),
        "old_title": f"Headline {name}",
        "new_title": f"Headline {name}",
        "old_text": f"Former text of {name}.",
        "words_added_share": 0.5,
        "words_removed_share": 0.25,
        "old_content_hash": "00" * 16,
        "new_content_hash": "11" * 16,
        "old_extractor": "test 1",
        "new_extractor": "test 1",
        "old_fetched_at": at(1),
    }
    return Revision(**given | changes)
