"""How feeds fare when each is asked once: what `storywatch feeds check` does. Writes nothing.

Feed --ask--> Response or Failure --checked--> alive, empty, stale, dead or blocked, with the reason
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from extractors.charsets import decode
from extractors.errors import FeedRateLimited, NotAFeed
from extractors.feeds import parse_feed
from extractors.http import Request
from extractors.page_class import challenge_instead
from extractors.records import Failure, Feed, Response
from flows.answers import FEED_ACCEPT
from flows.discovering import newest
from flows.polling import UNREACHABLE
from flows.watch import WebSession
from flows.world import World

# Days without a new entry after which a feed of news is stale. The slowest of the outlets in feeds.toml publish weekly.
STALE_AFTER = timedelta(days=14)
# Reasons for which a server, or our own guard, keeps us out: the feed may be well.
_KEPT_OUT = frozenset({"forbidden", "rate_limited", "robots", "robots_unavailable", "blocked"})


class Health(StrEnum):
    """What one answer says of a feed."""

    ALIVE = "alive"  # has entries, the newest of them young or without a date
    EMPTY = "empty"  # a feed without entries
    STALE = "stale"  # its newest entry is old
    DEAD = "dead"  # no answer, an error, or no feed
    BLOCKED = "blocked"  # the server does not let us in


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A feed with what asking it once gave."""

    feed: Feed
    health: Health
    detail: str  # for people
    status: int | None = None  # None: no answer
    entries: int | None = None  # None: no feed
    newest_at: datetime | None = None

    @property
    def is_unreachable(self) -> bool:
        """Whether it is the way to the server that failed: no sign of how the feed is."""
        return self.detail.partition(":")[0] in UNREACHABLE


def check_feeds(
    feeds: Sequence[Feed], web: WebSession, world: World, *, stale_after: timedelta, deadline_seconds: float
) -> list[Checked]:
    """Asks each feed once, in parallel and politely; those that the deadline left unasked are missing."""
    requests = [Request(url=feed.url, accept=FEED_ACCEPT, obey_robots=False) for feed in feeds]
    with world.progress.stage("feeds", len(requests)) as stage:
        answers = web.fetch_all(
            requests, lambda result: stage.advance(failed=isinstance(result[1], Failure)), deadline_seconds
        )
    by_url = {request.url: answer for request, answer in answers}
    now = world.clock()
    return [checked(feed, by_url[feed.url], now, stale_after) for feed in feeds if feed.url in by_url]


def checked(feed: Feed, answer: Response | Failure, now: datetime, stale_after: timedelta) -> Checked:
    """What an answer at `now` says of a feed. Pure."""
    if isinstance(answer, Failure):
        health = Health.BLOCKED if answer.reason in _KEPT_OUT else Health.DEAD
        return Checked(feed=feed, health=health, detail=f"{answer.reason}: {answer.detail}", status=answer.status)
    if not answer.body.strip():
        return Checked(feed=feed, health=Health.EMPTY, detail="an answer without a body", status=answer.status)
    try:
        document = parse_feed(answer, feed, now=now)
    except NotAFeed as error:
        challenge = challenge_instead(decode(answer.body, answer.headers.get("content-type"))[0], answer.final_url)
        detail = f"bot_challenge: {challenge}" if challenge else f"{error.reason}: {error.detail}"
        health = Health.BLOCKED if challenge or isinstance(error, FeedRateLimited) else Health.DEAD
        return Checked(feed=feed, health=health, detail=detail, status=answer.status)
    newest_at, health, detail = newest(document), Health.ALIVE, f"{len(document.entries)} entries"
    if document.children and not document.entries:
        detail = f"an index of {len(document.children)} sitemaps"
    elif not document.entries:
        health, detail = Health.EMPTY, "a feed without entries"
    if newest_at is not None and now - newest_at > stale_after:
        health, detail = Health.STALE, f"{detail}, the newest {(now - newest_at).days} days old"
    elif health is Health.ALIVE and newest_at is None:
        detail += ", none with a date"
    return Checked(
        feed=feed,
        health=health,
        detail=detail,
        status=answer.status,
        entries=len(document.entries),
        newest_at=newest_at,
    )
