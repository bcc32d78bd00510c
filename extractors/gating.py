"""May a feed's entry be on the story? `story.gate`, for entries that say little as well. Pure.

    Entry --this--> Match, whose relevance OFF means: its page is not fetched

An entry without a title is judged by the words of its address. What has no headline there either is let in only when a
date of its own, or the one in its address, lies within the story's window: else a sitemap's every old page is fetched.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from extractors.address_dates import span_in_address
from extractors.records import Entry, Match, Relevance
from extractors.redirectors import is_aggregator
from extractors.slugs import slug_of
from extractors.story import Story, gate

LONGEST_SPAN = timedelta(days=31)  # of a date in an address that counts: a month


def gate_entry(story: Story, entry: Entry, now: datetime) -> Match:
    """The class of an entry by what its feed and its address say. The rules beside story.gate's: "untouched" and
    "nothing_told" turn away, "dated" lets in.
    """
    if entry.modified_at is not None and entry.published_at is None and entry.modified_at.date() < story.opens:
        return _match(story, Relevance.OFF, "untouched")
    if entry.title.strip():
        return gate(story, title=entry.title, summary=entry.summary, published_at=entry.published_at, now=now)
    address = entry.canonical_url if is_aggregator(entry.url) else entry.url
    slug = slug_of(address)
    dated_at = entry.published_at or _dated_at(address, now)
    match = gate(story, title=slug.words, summary=entry.summary, published_at=dated_at, now=now)
    is_told = bool(entry.summary.strip()) or slug.is_headline
    if match.relevance is not Relevance.OFF or match.rule == "before_window" or is_told:
        return match
    known = dated_at or entry.modified_at
    return _match(story, Relevance.RELATED, "dated") if known else _match(story, Relevance.OFF, "nothing_told")


def _dated_at(address: str, now: datetime) -> datetime | None:
    """The end of the day or month in the address, brought back to `now` where that is still running. A year says too
    little, and may be what a headline is about.
    """
    span = span_in_address(address)
    if span is None or span.since is None or span.until is None or span.until - span.since > LONGEST_SPAN:
        return None
    return min(span.until - timedelta(seconds=1), now)


def _match(story: Story, relevance: Relevance, rule: str) -> Match:
    return Match(relevance=relevance, score=0.0, rule=rule, story_version=story.version)
