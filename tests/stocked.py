"""A small warehouse with a little of everything, always the same: what the examples are asked of.

Five outlets, three languages, two days, two runs: an agency's report with a copy, a copy of that copy and a rewrite of
a seed; an article off the story; URLs that gave no text; feeds in trouble; a changed headline; a backfill with a hole.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from extractors.records import (
    Judged,
    Match,
    Outcome,
    Relevance,
    Revision,
    Slice,
    SliceState,
    StoryStep,
    TermHit,
    VerdictKind,
)
from tests.records_factory import (
    T0,
    at,
    make_article,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_fetch,
    make_fingerprint,
    make_match,
    make_report,
    make_seed,
    make_verdict,
)
from warehouse import connect, load, publish
from warehouse.connect import DataDir

DAY = 24 * 60.0
FIRST, SECOND = "run-1", "run-2"
CALL = "https://wire.example/call"


def hits(**counts: tuple[int, int]) -> tuple[TermHit, ...]:
    """Name -> (in the headline, in the text)."""
    return tuple(
        TermHit(group=group, field=field, count=count, places=((0, 5),))
        for group, both in counts.items()
        for field, count in zip(("title", "text"), both, strict=True)
        if count
    )


def on_story(
    url: str,
    title: str,
    published: float | None,
    *,
    language: str | None = "en",
    of: str | None = None,
    kind: VerdictKind = VerdictKind.INDEPENDENT,
    match: Match | None = None,
    seen: float | None = None,
    precision: str = "minute",
    lead: float | None = None,
    text: str = "The presidents spoke.\nThey will meet.",
) -> Judged:
    """`published`, `seen`, `lead` in minutes after T0."""
    first_seen = at(seen if seen is not None else (published or 0) + 30)
    article = make_article(
        url=url,
        entry_url=url,
        final_url=url,
        outlet=url.split("/")[2],
        title=title,
        text=text,
        language=language,
        first_seen_at=first_seen,
        fetched_at=first_seen + timedelta(minutes=1),
        published_at=None if published is None else at(published),
        published_precision=None if published is None else precision,
        published_source=None if published is None else "page",
        published_from=None if published is None else "meta",
    )
    base = sum(map(ord, url)) << 8
    measures: dict[str, Any] = {"containment": 0.9, "resemblance": 0.8} if of else {}
    verdict = make_verdict(article_url=url, kind=kind, of=of, lead_seconds=lead and lead * 60, **measures)
    match = match or make_match(hits=hits(trump=(1, 2), putin=(1, 1)), steps=("call",))
    return Judged(
        article=article,
        match=match,
        fingerprint=make_fingerprint(url, tuple(range(base, base + 10))),
        verdict=verdict if match.relevance is not Relevance.OFF else None,
    )


ARTICLES = (
    on_story(CALL, "Presidents speak by telephone", 0),
    on_story(
        "https://gazette.example/call", "Leaders on the phone", 60, of=CALL, kind=VerdictKind.NEAR, seen=70, lead=60
    ),
    on_story(
        "https://echo.example/call",
        "Leaders on the phone",
        180,
        of="https://gazette.example/call",
        kind=VerdictKind.EXACT,
        seen=190,
        lead=120,
    ),
    on_story(
        "https://courier.example/hivas",
        "Telefonon beszéltek",
        120,
        language="hu",
        seen=125,
        match=make_match(hits=hits(trump=(0, 1), budapest=(1, 3)), steps=("call", "summit_planned")),
    ),
    on_story(
        "https://courier.example/osszefoglalo",
        "Összefoglaló",
        DAY,
        language="hu",
        of="seed:first-report",
        kind=VerdictKind.REWRITE,
        precision="day",
        match=make_match(Relevance.RELATED, hits=hits(budapest=(0, 2))),
    ),
    on_story(
        "https://gazette.example/summit",
        "Summit off",
        3 * DAY,
        language=None,
        seen=3 * DAY + 5,
        text="The summit is off.",
        match=make_match(hits=hits(budapest=(0, 1), trump=(1, 0)), steps=("summit_cancelled",)),
    ),
    on_story("https://forum.example/post", "What was said", None, seen=3 * DAY + 60, match=make_match(hits=())),
    on_story(
        "https://gazette.example/weather",
        "Rain over the city",
        90,
        match=make_match(Relevance.OFF, score=0.1, rule="below_threshold", hits=hits(budapest=(0, 1))),
    ),
)
# name -> outcome, reason, detail
WITHOUT_TEXT = {
    "https://gazette.example/old": (Outcome.GONE, "http_gone", "404"),
    "https://courier.example/pay": (Outcome.NOT_ARTICLE, "paywall_stub", "two sentences and a price"),
    "https://wire.example/sport": (Outcome.OFF_STORY, "gate", ""),
    "https://forum.example/slow": (Outcome.FAILED, "timeout", "no answer in 30 s"),
}


def _entry(url: str, seen: datetime, title: str) -> Any:
    host = url.split("/")[2]
    return make_entry(
        url=url,
        canonical_url=url,
        feed_url=f"https://{host}/feed.xml",
        outlet=host,
        first_seen_at=seen,
        title=title,
    )


def stock(connection: duckdb.DuckDBPyConnection) -> None:
    """Write all of it, inside the caller's transaction or without one."""
    load.start_run(connection, FIRST, T0, command="run")
    hosts = ("wire", "gazette", "courier", "echo", "forum")
    load.record_feeds(connection, [make_feed(host) for host in hosts], FIRST)
    load.save_feed_states(connection, _feed_states(), FIRST)
    load.record_seeds(connection, [make_seed()], FIRST)
    load.record_steps(connection, _steps(), FIRST)
    entries = [_entry(one.article.url, one.article.first_seen_at, one.article.title) for one in ARTICLES]
    entries += [_entry(url, at(30), "Headline") for url in WITHOUT_TEXT]
    entries.append(_entry("https://wire.example/later", at(40), "Later"))
    load.record_entries(connection, entries, FIRST)
    load.record_fetches(connection, [make_fetch(url=CALL, at=at(31), wire_bytes=9000, elapsed_seconds=0.5)], FIRST)
    load.load_judged(connection, ARTICLES, FIRST)
    load.record_decisions(connection, _decisions(), FIRST)
    told = {"loaded": {"independent": 4, "near": 1, "exact": 1, "rewrite": 1}, "off_story": {"gate": 1, "score": 1}}
    told |= {"gone": {"http_gone": 1}, "not_article": {"paywall_stub": 1}, "failed": {"timeout": 1}}
    told |= {"pending": {"queued": 1}}
    ledger = {outcome: sum(reasons.values()) for outcome, reasons in told.items()}
    report = make_report(
        FIRST, discovered=13, fetched=11, outcomes=told, ledger_discovered=13, ledger_outcomes=ledger, ended_at=at(5)
    )
    load.finish_run(connection, report)
    load.start_run(connection, SECOND, at(4 * DAY), command="run")
    load.record_revisions(connection, [_revision()], SECOND)
    load.plan_slices(connection, _slices(), SECOND)
    load.finish_run(
        connection,
        make_report(
            SECOND,
            started_at=at(4 * DAY),
            ended_at=at(4 * DAY + 1),
            discovered=0,
            fetched=1,
            outcomes={},
            ledger_discovered=13,
            ledger_outcomes=ledger,
        ),
    )


def _decisions() -> list[Any]:
    decided = []
    for one in ARTICLES:
        url, at_ = one.article.url, one.article.fetched_at
        loaded = one.verdict is not None
        decided.append(
            make_decision(
                url=url,
                at=at_,
                outcome=Outcome.LOADED if loaded else Outcome.OFF_STORY,
                reason=str(one.verdict.kind) if one.verdict else "score",
                article_url=url,
            )
        )
    for url, (outcome, reason, detail) in WITHOUT_TEXT.items():
        decided.append(make_decision(url=url, at=at(32), outcome=outcome, reason=reason, detail=detail))
    return decided


def _feed_states() -> list[Any]:
    well = {"answered_at": at(4 * DAY), "checked_at": at(4 * DAY), "last_new_entry_at": at(3 * DAY), "entry_count": 5}
    return [
        make_feed_state("wire", **well),
        make_feed_state("gazette", **well),
        make_feed_state("courier", **well | {"entry_count": 0, "changed_at": at(DAY)}),
        make_feed_state(
            "echo",
            **well | {"failures": 3, "backoff": 3.0, "failing_since_at": at(2 * DAY), "failure_reason": "server_error"},
        ),
    ]


def _steps() -> list[StoryStep]:
    told = (("call", 0, None), ("summit_planned", 0, "planned"), ("summit_cancelled", 3, "cancelled"))
    midnight = T0.replace(hour=0)
    return [
        StoryStep(
            slug=slug, position=place, happened_at=midnight + timedelta(days=day), what=f"Step {slug}.", state=state
        )
        for place, (slug, day, state) in enumerate(told, start=1)
    ]


def _revision() -> Revision:
    return Revision(
        article_url="https://gazette.example/call",
        fetched_at=at(4 * DAY),
        revised_at=at(4 * DAY),
        cause="refetch",
        changed=("text", "title"),
        old_title="Leaders phone",
        new_title="Leaders on the phone",
        old_text="The presidents spoke.",
        words_added_share=0.5,
        words_removed_share=0.0,
        old_content_hash="0a" * 16,
        new_content_hash="0b" * 16,
        old_extractor="test 1",
        new_extractor="test 1",
        old_fetched_at=at(71),
    )


def _slices() -> list[Slice]:
    sitemap = {"source": "The courier, sitemap", "feed_url": "https://courier.example/feed.xml"}
    return [
        Slice(slice="2025-10-16", state=SliceState.FOUND, entries=3, new_entries=2, attempts=1, **sitemap),  # type: ignore[arg-type]
        Slice(slice="2025-10-17", state=SliceState.BLOCKED, detail="403", attempts=2, **sitemap),  # type: ignore[arg-type]
    ]


def stocked_place(root: Path) -> DataDir:
    """A data folder with this warehouse, published once."""
    place = DataDir(root)
    with connect.writer(place, wait_seconds=5) as connection:
        stock(connection)
    publish.publish(place, SECOND, now=at(5 * DAY), wait_seconds=5)
    return place
