"""What read.why and read.status answer with. Standard library and records only; frozen, like the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from extractors.records import Article, Decision, Entry, Fetch, Match, Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReport:
    """The whole way of a URL, with reasons."""

    entry: Entry  # as discovered
    feed_name: str | None  # of the feed that showed it first; None: not one of feeds.toml
    last_seen_at: datetime  # when a feed last showed it
    outcome: Outcome  # where it stands now
    reason: str
    detail: str
    decided_at: datetime
    next_attempt_at: datetime | None  # pending only; None: at once
    run_id: str  # discovered it
    decided_run_id: str
    spellings: tuple[str, ...]  # other URLs of the ledger that are the same address
    decisions: tuple[Decision, ...]  # every change of the outcome, in time order
    decision_run_ids: tuple[str, ...]  # the run of each of these
    fetches: tuple[Fetch, ...]  # of its page, in time order
    article: Article | None  # that it led to, or is another address of; `text` is empty where texts are not published
    match: Match | None  # how that article stands to the story
    verdict: Verdict | None  # what it is to those before it; None: off the story, or no article
    verdict_of_title: str | None  # headline of the original
    copies: int  # stored articles that are copies of the article


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in short; counts are None until it ends."""

    run_id: str
    command: str
    status: str  # "running", "completed", "interrupted", "failed", "crashed"
    started_at: datetime
    ended_at: datetime | None
    discovered: int | None
    fetched: int | None
    published_snapshot: int | None
    balanced: bool | None  # whether the ledger's outcomes summed to the URLs discovered
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingFeed:
    """A feed in use whose last poll failed."""

    url: str
    name: str
    failures: int  # in a row
    checked_at: datetime | None
    next_poll_at: datetime | None
    reason: str | None  # of the last failure; None: not noted
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietFeed:
    """A feed in use that answers, but brings nothing."""

    url: str
    name: str
    state: str  # "silent", "stale" or "empty"; the view feed_health says when
    since_at: datetime | None  # its last new entry, the date of its newest one, or when it became empty


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFetch:
    """The last exchange with a feed."""

    url: str
    reason: str  # "ok", "unchanged", "empty" or the reason of the failure
    detail: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSummary:
    """An article in short."""

    url: str
    title: str
    outlet: str
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseStatus:
    """How the warehouse stands."""

    last_run: RunSummary | None
    last_completed: RunSummary | None  # the last one that completed
    discovered: int  # URLs in the ledger
    outcomes: Mapping[str, int]  # outcome -> URLs; sums to `discovered`
    due: int  # pending, may be fetched now
    later: int  # pending, wait for their next attempt
    next_attempt_at: datetime | None  # of the first of those
    feeds: int  # in use
    feeds_failing: tuple[FailingFeed, ...]  # the most failures first
    feeds_quiet: tuple[QuietFeed, ...]  # the longest first
    articles: int  # stored
    on_story: int  # of these, whatever their verdict
    independent: int  # of these: rows of coverage
    newest_article: ArticleSummary | None  # of coverage
