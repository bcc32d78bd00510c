"""The records that flow through the pipe. Standard library only; every room may import this one.

All are frozen, slotted and keyword-only; they pickle. A warehouse column has its field's name. Times are aware UTC and
end in `_at`, durations in `_seconds`, sizes in `_bytes`; ratios lie in [0, 1]. An absent value is None, never invented.

    Feed, FeedState -> Response -> Entry -> Page -> Article -> Match, Fingerprint, Verdict -> Decision -> RunReport
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    """Where a discovered URL stands in the ledger. Each URL has exactly one at any time."""

    PENDING = "pending"  # waits for its (next) attempt
    LOADED = "loaded"  # an on-story article, whatever its verdict
    DUPLICATE_URL = "duplicate_url"  # another address of something in the ledger
    OFF_STORY = "off_story"  # by the gate (never fetched) or by the score (its text is kept)
    NOT_ARTICLE = "not_article"  # a page, but no article
    GONE = "gone"  # the server says that it is not there
    REFUSED = "refused"  # we may not fetch it
    FAILED = "failed"  # attempts used up; can be replayed
    LEAD = "lead"  # a headline whose page can't be reached


# The one table of reasons: what each means is its comment, which outcome it belongs to is its value.
# (A `reason` of the ledger is a key of this table; so is the `reason` of every error in errors.py.)
REASONS: Mapping[str, Outcome] = MappingProxyType(
    {
        "queued": Outcome.PENDING,  # not yet tried
        "shown_again": Outcome.PENDING,  # has its article; a feed shows it under another headline or a later date
        "retry": Outcome.PENDING,  # tried, failed for a passing reason, will be tried again
        "exact": Outcome.LOADED,  # the verdicts; see Verdict.kind
        "near": Outcome.LOADED,
        "rewrite": Outcome.LOADED,
        "independent": Outcome.LOADED,
        "same_canonical": Outcome.DUPLICATE_URL,  # another spelling of a known address
        "redirect": Outcome.DUPLICATE_URL,  # leads to an article that is already stored
        "same_guid": Outcome.DUPLICATE_URL,  # its feed calls it the same as a stored article, and their texts agree
        "canonical_link": Outcome.DUPLICATE_URL,  # rel=canonical ties it to a stored article, and their texts agree
        "gate": Outcome.OFF_STORY,  # the feed entry shows no sign of the story
        "score": Outcome.OFF_STORY,  # the full text is not on the story
        "consent": Outcome.NOT_ARTICLE,  # cookie wall
        "bot_challenge": Outcome.NOT_ARTICLE,
        "paywall_stub": Outcome.NOT_ARTICLE,
        "soft_404": Outcome.NOT_ARTICLE,  # "not found" said with status 200
        "login": Outcome.NOT_ARTICLE,
        "listing": Outcome.NOT_ARTICLE,
        "video_or_gallery": Outcome.NOT_ARTICLE,
        "too_short": Outcome.NOT_ARTICLE,
        "unsupported_type": Outcome.NOT_ARTICLE,  # a PDF, an image, ...
        "empty_body": Outcome.NOT_ARTICLE,  # 204, or 200 with nothing in it
        "http_gone": Outcome.GONE,  # 404 or 410
        "robots": Outcome.REFUSED,  # robots.txt forbids it
        "robots_unavailable": Outcome.REFUSED,  # robots.txt answered 5xx for too long (RFC 9309, 2.3.1.4)
        "blocked": Outcome.REFUSED,  # the address connected to is not a public one
        "bad_url": Outcome.REFUSED,  # no http(s) address
        "forbidden": Outcome.REFUSED,  # 401, 402, 403, 451
        "timeout": Outcome.FAILED,
        "too_large": Outcome.FAILED,
        "decode_error": Outcome.FAILED,
        "truncated": Outcome.FAILED,
        "protocol_error": Outcome.FAILED,
        "connection_error": Outcome.FAILED,
        "dns_error": Outcome.FAILED,
        "tls_error": Outcome.FAILED,
        "too_many_redirects": Outcome.FAILED,
        "rate_limited": Outcome.FAILED,  # 429
        "server_error": Outcome.FAILED,  # 5xx
        "http_error": Outcome.FAILED,  # any other status that is not a success
        "not_a_feed": Outcome.FAILED,  # feeds only: HTML, JSON, a PDF, ... where a feed should be
        "extraction_lost": Outcome.FAILED,  # the extractor came back with less than the page holds
        "extraction_killed": Outcome.FAILED,  # it went over its time or memory
        "unresolved": Outcome.LEAD,  # the address behind an aggregator's link can't be found
    }
)


class FeedKind(StrEnum):
    """What a feed's address answers with. AUTO: decided from the body."""

    AUTO = "auto"
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"
    GDELT = "gdelt"  # article list of the GDELT DOC 2.0 API


class Relevance(StrEnum):
    """CORE: reports the story. RELATED: mentions it substantially. OFF: neither."""

    CORE = "core"
    RELATED = "related"
    OFF = "off"


class VerdictKind(StrEnum):
    """EXACT: equal normalised tokens. NEAR: shared word 3-grams. REWRITE: paraphrase. INDEPENDENT: none of these."""

    EXACT = "exact"
    NEAR = "near"
    REWRITE = "rewrite"
    INDEPENDENT = "independent"


class FetchKind(StrEnum):
    """What a row of `fetch` was for."""

    FEED = "feed"
    ROBOTS = "robots"
    PAGE = "page"


class SliceState(StrEnum):
    """What came of asking a slice of a backfill."""

    PENDING = "pending"  # not asked yet
    FOUND = "found"  # it showed addresses, or the slices that do
    EMPTY = "empty"  # it was answered, and shows nothing for the time that was asked about
    BLOCKED = "blocked"  # its server refuses us, or wants to be asked less often
    ERROR = "error"  # anything else that went wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source of entries, as seeds/feeds.toml names it or as a query of seeds/story.toml makes it."""

    url: str  # the address that is polled; unique
    name: str  # for people
    outlet: str | None = None  # host of the outlet; None: taken from each entry's address
    language: str | None = None  # BCP 47, as claimed by the file
    kind: FeedKind = FeedKind.AUTO
    enabled: bool = True
    interval_seconds: float | None = None  # least time between two polls that this feed asks for; None: the settings'
    is_search: bool = False  # built from the queries of story.toml, not named by feeds.toml


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the last polls of a feed left behind."""

    feed_url: str
    etag: str | None = None  # validator, stored verbatim (RFC 9110, 8.8.3)
    last_modified: str | None = None  # validator, stored verbatim (RFC 9110, 8.8.2)
    has_false_validators: bool = False  # they called a body unchanged that showed news: asked without since then
    body_hash: str | None = None  # xxh3-64 in hex of the last body, for servers whose validators lie
    checked_at: datetime | None = None  # last poll, whatever came of it
    answered_at: datetime | None = None  # last poll that succeeded
    changed_at: datetime | None = None  # last poll that brought a body we had not seen
    full_fetch_at: datetime | None = None  # last poll that brought a whole body, seen before or not
    last_new_entry_at: datetime | None = None  # last poll that brought an entry that was not known
    newest_published_at: datetime | None = None  # of the entries of the last document; None: none has a date
    entry_count: int | None = None  # entries of the last document; None: none was read
    usual_entries_per_hour: float | None = None  # new ones, at answered_at; forgets in days. None: not known yet
    recent_entries_per_hour: float | None = None  # the same; forgets in hours
    ttl_seconds: float | None = None  # as the last document asks: RSS <ttl>, sy:updatePeriod
    interval_seconds: float | None = None  # between two polls, as its habit asks
    not_before_at: datetime | None = None  # what TTL, freshness and Feed.interval_seconds ask for; None: nothing
    failures: int = 0  # polls that failed in a row
    backoff: float = 0.0  # the same, each with its weight (schedule.WEIGHTS)
    failing_since_at: datetime | None = None  # first of these polls
    failure_reason: str | None = None  # of the last poll that failed, be it over or not; key of REASONS or "empty"
    failure_detail: str | None = None
    next_poll_at: datetime | None = None  # not before; None: now


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete answer to one GET, after redirects, with its content codings undone."""

    url: str  # as asked
    final_url: str  # as answered
    status: int
    headers: Mapping[str, str]  # names in lower case; of a repeated field the values joined by ", "
    body: bytes  # decoded (RFC 9110, 8.4); never over the cap
    fetched_at: datetime
    elapsed_seconds: float
    wire_bytes: int  # body as transferred
    attempts: int = 1  # requests made for it, redirects not counted
    redirects: tuple[str, ...] = ()  # the addresses on the way, the asked one first; empty: no redirect


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One row of `fetch`: an exchange with a server, whatever came of it."""

    url: str
    kind: FetchKind
    at: datetime
    status: int | None  # None: no answer
    reason: str  # "ok", "unchanged", "empty", or a key of REASONS
    detail: str = ""
    elapsed_seconds: float = 0.0
    wire_bytes: int = 0
    entries: int | None = None  # feeds: entries in the document
    new_entries: int | None = None  # feeds: URLs that the ledger did not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A piece of a backfill, asked and written down in one go. Key: `source` and `slice`."""

    source: str  # for people, such as "Reuters, news sitemap" or "google-news hu: ..."; what --source names
    slice: str  # what is asked of it: an address with a window, a range of lines or records
    url: str | None = None  # the address asked; None: a file on this machine
    feed_url: str = ""  # what its entries name as their feed
    depth: int = 0  # sitemap indexes on the way to it
    since_at: datetime | None = None  # the time asked about, from here on; None: any
    until_at: datetime | None = None  # up to here, not included
    state: SliceState = SliceState.PENDING
    entries: int = 0  # addresses shown within that time, by the last answer
    new_entries: int = 0  # of all answers: those that the ledger did not have
    detail: str = ""
    attempts: int = 0
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One discovered URL with what the feed said about it. The ledger's key is `url`."""

    url: str  # absolute, as discovered
    canonical_url: str  # urls.canonical_url(url): the identity of the address
    feed_url: str  # who showed it first
    outlet: str  # host without www
    first_seen_at: datetime  # ours
    title: str = ""  # plain text
    summary: str = ""  # plain text
    guid: str | None = None
    language: str | None = None  # BCP 47, as the feed claims
    published_at: datetime | None = None  # as the feed claims; None when absent or absurd
    published_precision: str | None = None  # "day", "minute" or "second"
    published_raw: str | None = None  # the feed's own words for it
    attempts: int = 0  # fetches so far
    modified_at: datetime | None = None  # a sitemap's lastmod, for the gate alone: the ledger does not keep it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched page with the entry that led to it."""

    entry: Entry
    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Main content and metadata of a page. Key: `url`."""

    url: str  # canonical_url of the address that answered
    entry_url: str  # the ledger entry that led here
    final_url: str  # address that answered
    outlet: str  # host without www
    title: str
    text: str  # main content, clean UTF-8, paragraphs separated by one newline
    word_count: int
    fetched_at: datetime
    first_seen_at: datetime
    canonical_link: str | None = None  # another address of the outlet that the page names as its own (rel=canonical)
    authors: tuple[str, ...] = ()
    language: str | None = None  # BCP 47 primary tag, of the text or as the page or feed claims
    language_confidence: float | None = None  # probability of that language by the text; None: claimed, not detected
    published_at: datetime | None = None
    published_precision: str | None = None  # "day", "minute" or "second"
    published_source: str | None = None  # "page" or "feed"
    published_from: str | None = None  # where it is stated: "json-ld", "meta", "time", "url" or "feed"
    published_offset_minutes: int | None = None  # minutes east of UTC as the page states it; None: no zone stated
    published_gap_seconds: float | None = None  # from the feed's date to the page's; None: not both have one
    modified_at: datetime | None = None  # as the page states
    modified_precision: str | None = None  # as published_precision
    section: str | None = None  # of the outlet, as the page names it
    lead_image_url: str | None = None  # absolute
    page_class: str = "article"  # "article" or "live_blog"; of a NotArticle's: its class
    class_evidence: str = ""  # what decided the class, in words
    extractor: str = ""  # name, version and our rules' number, such as "trafilatura 2.3.1 rules 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHit:
    """A group of story terms that matched, with its places."""

    group: str  # name of the group in story.toml
    field: str  # "title", "summary" or "text"
    count: int  # number of matches
    places: tuple[tuple[int, int], ...] = ()  # [start, end) in characters of the field; at most the first 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How an entry or an article stands to the story, and why."""

    relevance: Relevance
    score: float  # [0, 1]
    rule: str  # name of the combination that decided, such as "call+place", or "below_threshold"
    hits: tuple[TermHit, ...] = ()
    steps: tuple[str, ...] = ()  # slugs of the story's steps that a core article reports, in the story's order
    story_version: str = ""  # digest of story.toml


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """A dated step of the story, as story.toml names it."""

    slug: str
    position: int  # from 1
    happened_at: datetime  # the day's beginning, UTC
    what: str  # in own words
    state: str | None  # what it says of the event: planned, held, postponed, cancelled, revived; None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is kept of a text to tell its copies. The text can't be read back from it."""

    content_hash: str  # xxh3-128 in hex of the normalised tokens
    shingle_length: int  # words per shingle
    shingles: tuple[int, ...]  # xxh3-64 of each distinct shingle, ascending, unsigned
    sketch: tuple[int, ...]  # FracMinHash: the shingles below 2**64 / 4, ascending
    quoted: tuple[int, ...] = ()  # those of the shingles that stand within quotation marks alone, ascending
    sentences: tuple[tuple[int, ...], ...] = ()  # hashed content words of each sentence, in order; of seeds alone
    format_version: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """An article that others are held against. seeds/<slug>.toml holds it."""

    slug: str
    title: str
    url: str
    outlet: str
    language: str
    published_at: datetime | None
    published_precision: str | None
    facts: tuple[str, ...]  # in our own words
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An article for which the store is asked what it is to be held against, and by which it is found afterwards."""

    url: str
    published_at: datetime | None
    first_seen_at: datetime
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stored article that a new one is held against, or that is the same under another address."""

    url: str
    text: str
    published_at: datetime | None
    first_seen_at: datetime
    content_hash: str = ""  # empty: not asked for
    canonical_link: str | None = None  # as the article's


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an article is to those before it: of whom, by which measures, over which thresholds."""

    article_url: str
    kind: VerdictKind
    of: str | None  # URL of the original, or "seed:<slug>"; None: independent
    containment: float  # share of this article's shingles that the other has; best found, 0 if none
    resemblance: float  # Jaccard index of both sets of shingles; of the same other
    shared_shingles: int
    containment_threshold: float
    resemblance_threshold: float
    lead_seconds: float | None = None  # time after the original's publication; None: unknown
    # How much of it tells the same in the same order as the other, or as the most similar one where that is told of
    # none, [0, 1]; None: not compared
    similarity: float | None = None
    similar_to: str | None = None  # URL or "seed:<slug>" that `similarity` is to
    similarity_threshold: float | None = None  # None: not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A fetched article with all that was decided about it; loaded in one piece."""

    article: Article
    match: Match
    fingerprint: Fingerprint
    verdict: Verdict | None  # None: off the story, not judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article was before its page was read again and gave something else."""

    article_url: str
    fetched_at: datetime  # when the page was fetched that was read
    revised_at: datetime
    cause: str  # "refetch" or "reextract"
    changed: tuple[str, ...]  # fields of Article
    old_title: str | None  # None: it was no article before
    new_title: str | None  # None: it is no article any more
    old_text: str | None
    words_added_share: float | None  # of the words of the new text; None: there is none
    words_removed_share: float | None  # of the words of the old text; None: there was none
    old_content_hash: str | None
    new_content_hash: str | None
    old_extractor: str | None
    new_extractor: str | None
    old_fetched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A known error as a value: one bad URL never stops a batch."""

    url: str
    reason: str  # key of REASONS
    detail: str  # for people
    transient: bool
    at: datetime
    status: int | None = None
    retry_after_seconds: float | None = None
    elapsed_seconds: float = 0.0
    attempts: int = 1  # requests made


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One change of the ledger: where a URL stands from now on."""

    url: str
    outcome: Outcome
    reason: str  # key of REASONS that belongs to `outcome`
    at: datetime
    detail: str = ""
    article_url: str | None = None  # the stored article that the URL led to or is a duplicate of
    attempts: int | None = None  # None: unchanged
    next_attempt_at: datetime | None = None  # pending only

    def __post_init__(self) -> None:
        if REASONS.get(self.reason) is not self.outcome:
            raise ValueError(f"reason {self.reason!r} does not belong to outcome {self.outcome!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did. Counts are of this run unless they say ledger."""

    run_id: str
    started_at: datetime
    ended_at: datetime
    status: str  # "completed", "interrupted" or "failed"; a run that was killed has no report
    feeds_polled: int
    feeds_unchanged: int
    feeds_failed: int
    discovered: int  # URLs that the ledger did not have before
    fetched: int  # pages asked for
    outcomes: Mapping[
        str, Mapping[str, int]
    ]  # outcome -> reason -> URLs decided or left pending; of URLs discovered or decided in this run
    ledger_discovered: int  # URLs in the ledger
    ledger_outcomes: Mapping[str, int]  # outcome -> URLs; sums to ledger_discovered
    published_snapshot: int | None = None  # number of the snapshot that this run published
    recorded_in_prefect: bool = False
    stage_seconds: Mapping[str, float] = field(default_factory=dict)  # wall time per stage
    stage_cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    reread: Mapping[str, int] = field(default_factory=dict)  # reextract: what came of it -> pages
    slices: Mapping[str, int] = field(default_factory=dict)  # backfill: state -> slices, as they stand at its end
    detail: str = ""
