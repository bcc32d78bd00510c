"""The words of an article's address, for entries that come without a title, as plain sitemaps list them. Pure.

They stand in for the headline (gating.py). The date of an address is address_dates.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from extractors.url_parts import path_and_query

# Words from which on a slug is taken for a headline, that would name the story. Fewer name a section ("world-europe").
HEADLINE_WORDS = 3
_EXTENSION = re.compile(r"(?i)\.(?:[a-z]{1,5}\d?|html?_\w+)$")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEPARATOR = re.compile(r"[\W_]+")
# A token with so many digits is an id, a date or a hash; "g20", "b52" and "16" are words.
_ID = re.compile(r"(?:\D*\d){3,}|(?=.*\d)(?=.*[^\W\d_]).{5,}")
_INDEX_NAMES = frozenset({"index", "default", "home", "amp", "article", "articles", "story", "news", "content"})


@dataclass(frozen=True, slots=True)
class Slug:
    """The words of an address, set apart by blanks; empty: none."""

    words: str
    is_headline: bool  # enough words, and where a headline stands; else they may name a section


def slug_of(url: str) -> Slug:
    """The words of the last part of the path that has any. What stands before an id may be a section ("war-in-x/4711").

    Percent-encoding is undone; ids, hashes, extensions and names such as "index" are no words.
    """
    is_last = True
    path = unquote(path_and_query(url)[0], errors="ignore")
    for part in reversed(path.split("/")):
        found = _SEPARATOR.split(_EXTENSION.sub("", _UUID.sub(" ", part)))
        words = [word for word in found if word and not _ID.fullmatch(word)]
        if any(not word.isdigit() and word.lower() not in _INDEX_NAMES for word in words):
            return Slug(" ".join(words), is_last and len(words) >= HEADLINE_WORDS)
        is_last = is_last and (not part or part.lower().partition(".")[0] in _INDEX_NAMES)
    return Slug("", False)
