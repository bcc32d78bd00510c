"""flows/checking.py: what one answer says of a feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from extractors.records import Failure, Feed, FeedKind, Response
from flows.checking import STALE_AFTER, Checked, Health, checked

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://lantern.example/rss", name="Lantern")
CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script>"
    "<p>Checking your browser before accessing lantern.example.</p></body></html>"
)


def answered(body: str, feed: Feed = FEED) -> Checked:
    response = Response(
        url=feed.url,
        final_url=feed.url,
        status=200,
        headers={"content-type": "text/html"},
        body=body.encode(),
        fetched_at=NOW,
        elapsed_seconds=0.1,
        wire_bytes=len(body),
    )
    return checked(feed, response, NOW, STALE_AFTER)


def rss(*dates: str) -> str:
    items = "".join(
        f"<item><title>{n}</title><link>https://lantern.example/{n}</link><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(dates)
    )
    return f'<rss version="2.0"><channel><title>Lantern</title>{items}</channel></rss>'


@pytest.mark.parametrize(
    ("body", "health", "said"),
    [
        (rss("2025-10-06T12:00:00Z", "2024-01-01"), Health.ALIVE, "2 entries"),
        (rss("", "soon"), Health.ALIVE, "none with a date"),
        (rss("2025-10-06T11:59:59Z", "2024-01-01"), Health.STALE, "newest 14 days old"),
        (rss(), Health.EMPTY, "without entries"),
        ("", Health.EMPTY, "without a body"),
        ("<html><title>Gone</title><body><p>Hello</p></body></html>", Health.DEAD, "an HTML page titled"),
        (CHALLENGE, Health.BLOCKED, "bot_challenge"),
        (
            "<sitemapindex><sitemap><loc>/1.xml</loc><lastmod>2025-10-19</lastmod></sitemap></sitemapindex>",
            Health.ALIVE,
            "an index of 1 sitemaps",
        ),
        (
            "<urlset><url><loc>/1</loc><lastmod>2025-01-19</lastmod></url></urlset>",
            Health.STALE,
            "newest 274 days old",
        ),
    ],
)
def test_an_answer_says_how_the_feed_fares(body: str, health: Health, said: str) -> None:
    row = answered(body)
    assert row.health is health
    assert said in row.detail


@pytest.mark.parametrize(
    ("reason", "status", "health"),
    [
        ("http_gone", 404, Health.DEAD),
        ("dns_error", None, Health.DEAD),
        ("server_error", 500, Health.DEAD),
        ("timeout", None, Health.DEAD),
        ("forbidden", 403, Health.BLOCKED),
        ("rate_limited", 429, Health.BLOCKED),
        ("robots", None, Health.BLOCKED),
    ],
)
def test_a_failure_is_a_dead_feed_or_a_closed_door(reason: str, status: int | None, health: Health) -> None:
    failure = Failure(url=FEED.url, reason=reason, detail="d", transient=False, at=NOW, status=status)
    assert checked(FEED, failure, NOW, STALE_AFTER) == Checked(
        feed=FEED, health=health, detail=f"{reason}: d", status=status
    )


def test_gdelt_s_refusal_is_a_closed_door() -> None:
    feed = Feed(url="https://api.gdeltproject.org/x", name="GDELT", kind=FeedKind.GDELT)
    assert answered("Please limit requests to one every 5 seconds.", feed).health is Health.BLOCKED
    assert answered("{}", feed).health is Health.EMPTY


def test_how_old_is_stale_is_the_caller_s_to_say() -> None:
    response = Response(
        url=FEED.url,
        final_url=FEED.url,
        status=200,
        headers={},
        body=rss("2025-10-01").encode(),
        fetched_at=NOW,
        elapsed_seconds=0.1,
        wire_bytes=1,
    )
    assert checked(FEED, response, NOW, timedelta(days=30)).health is Health.ALIVE
