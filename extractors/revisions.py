"""What has changed between two readings of one page: which fields, and how much of the text. Pure.

Article as stored, Article as read now --as_stored--> the new content under the old identity --revision--> Revision
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from extractors.fingerprints import fingerprint
from extractors.records import Article, Revision
from extractors.tokens import tokens

# Fields of an article that come from its page. Not among them: when and by what it was read, measures and explanations,
# and what follows from others.
COMPARED = (
    "authors",
    "canonical_link",
    "final_url",
    "language",
    "lead_image_url",
    "modified_at",
    "page_class",
    "published_at",
    "published_precision",
    "section",
    "text",
    "title",
)


def as_stored(old: Article, new: Article) -> Article:
    """What the page says now, as the article that it is."""
    return replace(new, url=old.url, entry_url=old.entry_url, outlet=old.outlet, first_seen_at=old.first_seen_at)


def changed_fields(old: Article, new: Article) -> tuple[str, ...]:
    """Names of the fields that differ, in alphabetical order."""
    return tuple(name for name in COMPARED if getattr(old, name) != getattr(new, name))


def revision(old: Article | None, new: Article | None, *, fetched_at: datetime, at: datetime, cause: str) -> Revision:
    """What was, where another reading gives something else. `old` None: it was no article; `new` None: it is none now.

    `fetched_at`: of the page that was read. At least one of the articles is needed.
    """
    one = old or new
    assert one is not None
    added, removed = word_shares(old.text if old else None, new.text if new else None)
    return Revision(
        article_url=one.url,
        fetched_at=fetched_at,
        revised_at=at,
        cause=cause,
        changed=changed_fields(old, new) if old and new else COMPARED,
        old_title=old.title if old else None,
        new_title=new.title if new else None,
        old_text=old.text if old else None,
        words_added_share=added,
        words_removed_share=removed,
        old_content_hash=fingerprint(old.text).content_hash if old else None,
        new_content_hash=fingerprint(new.text).content_hash if new else None,
        old_extractor=old.extractor if old else None,
        new_extractor=new.extractor if new else None,
        old_fetched_at=old.fetched_at if old else None,
    )


def word_shares(old: str | None, new: str | None) -> tuple[float | None, float | None]:
    """(share of the new text's words that the old one does not have, share of the old text's that the new one lost).

    Words are those of the fingerprint, each counted as often as it occurs: a paragraph that only moved is no change.
    None: there is no such text.
    """
    before, after = Counter(tokens(old or "")), Counter(tokens(new or ""))
    added = (after - before).total() / max(1, after.total()) if new is not None else None
    removed = (before - after).total() / max(1, before.total()) if old is not None else None
    return added, removed
