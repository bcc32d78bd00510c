"""May a feed's entry be on the story? `story.gate`, for entries that say little as well. Pure.

    Entry --this--> Match, whose relevance OFF means: its page is not fetched

An entry without a title is judged by the words of its address. What has no words either is let in only when a date of
its own, or the one in its address, lies within the story's window: else every old page of a sitemap would be fetched.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from extractors.records import Entry, Match, Relevance
from extractors.slugs import day_in_address, slug_words
from extractors.story import Story, gate

# Words from which on a slug is taken for a headline, that would name the story. Fewer name a section ("world-europe").
HEADLINE_WORDS = 3


def gate_entry(story: Story, entry: Entry, now: datetime) -> Match:
    """The class of an entry by what its feed and its address say. The rules beside story.gate's: "untouched" and
    "nothing_told" turn away, "dated" lets in.
    """
    if entry.modified_at is not None and entry.published_at is None and entry.modified_at.date() < story.opens:
        return _match(story, Relevance.OFF, "untouched")
    if entry.title.strip():
        return gate(story, title=entry.title, summary=entry.summary, published_at=entry.published_at, now=now)
    words = slug_words(entry.url)
    dated_at = entry.published_at or _dated_at(entry.url, now)
    match = gate(story, title=words, summary=entry.summary, published_at=dated_at, now=now)
    is_told = bool(entry.summary.strip()) or len(words.split()) >= HEADLINE_WORDS
    if match.relevance is not Relevance.OFF or match.rule == "before_window" or is_told:
        return match
    known = dated_at or entry.modified_at
    return _match(story, Relevance.RELATED, "dated") if known else _match(story, Relevance.OFF, "nothing_told")


def _dated_at(url: str, now: datetime) -> datetime | None:
    """The date in the address as an instant, brought back to `now` where a month is still running."""
    day = day_in_address(url)
    return min(datetime.combine(day, time(), tzinfo=UTC), now) if day else None


def _match(story: Story, relevance: Relevance, rule: str) -> Match:
    return Match(relevance=relevance, score=0.0, rule=rule, story_version=story.version)
