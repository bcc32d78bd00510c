"""What the address of an article says of it by itself: the words of its slug, and the day in its path. Pure.

For entries that come without a title, as plain sitemaps list them: the words stand in for the headline.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from urllib.parse import unquote, urlsplit

_EXTENSION = re.compile(r"(?i)\.(?:[a-z]{1,5}\d?|html?_\w+)$")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEPARATOR = re.compile(r"[\W_]+")
# A token with so many digits is an id, a date or a hash; "g20", "b52" and "16" are words.
_ID = re.compile(r"(?:\D*\d){3,}|(?=.*\d)(?=.*[^\W\d_]).{5,}")
_INDEX_NAMES = frozenset({"index", "default", "home", "amp", "article", "articles", "story", "news", "content"})
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_YEAR = r"(19[9]\d|20\d\d)"
_DAY_IN_PATH = re.compile(
    rf"(?<!\d){_YEAR}(?:([/._-])(\d\d?|{'|'.join(_MONTHS)})\2(\d\d?)|(\d\d)(\d\d))(?!\d)", re.IGNORECASE
)
_MONTH_IN_PATH = re.compile(rf"/{_YEAR}[/-](\d\d?|{'|'.join(_MONTHS)})(?=/)", re.IGNORECASE)


def slug_words(url: str) -> str:
    """The words of the last part of the path that has any, set apart by blanks; empty: none.

    Percent-encoding is undone; ids, hashes, extensions and names such as "index" are no words.
    """
    for part in reversed(_path(url).split("/")):
        words = [
            word
            for word in _SEPARATOR.split(_EXTENSION.sub("", _UUID.sub(" ", part)))
            if word and not _ID.fullmatch(word)
        ]
        if any(not word.isdigit() and word.lower() not in _INDEX_NAMES for word in words):
            return " ".join(words)
    return ""


def day_in_address(url: str) -> date | None:
    """The latest day that the date in the path can mean: of a month alone its last one; None: no date."""
    path = _path(url)
    found = _DAY_IN_PATH.search(path)
    if found:
        try:
            return date(int(found[1]), _month(found[3] or found[5]), int(found[4] or found[6]))
        except ValueError:
            return None
    found = _MONTH_IN_PATH.search(path)
    if found and 1 <= _month(found[2]) <= 12:
        year, month = int(found[1]), _month(found[2])
        return date(year, month, calendar.monthrange(year, month)[1])
    return None


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path, errors="ignore")
    except ValueError:
        return ""


def _month(written: str) -> int:
    return int(written) if written.isdigit() else _MONTHS[written.lower()]
