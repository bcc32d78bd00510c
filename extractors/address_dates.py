"""Dates in addresses: the day, month or year that a path, a file name or a query names. Pure.

Used by a backfill: archives name their sitemaps by what is in them (2025-10, 20251016, 2025/10/16, year=2025&month=10,
october-2025), and outlets put the day into the addresses of articles. A number that could be something else is no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

_FIRST_YEAR = 1990  # as dates.EARLIEST
_LAST_YEAR = 2099

_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_NAMED = "(?P<named>" + "|".join(f"{name}(?:{rest})?" for name, rest in zip(_NAMES, _FULL, strict=True)) + ")"
_SHORT = r"(?P<month>0?[1-9]|1[0-2])"
_SHORT_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
# The first that is found counts: from the most that can be said to the least.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<gap>[-_/.]){_SHORT}(?P=gap){_SHORT_DAY}(?!\d)",  # 2025-10-16, 2025/10/6
        rf"{_YEAR}{_MONTH}{_DAY}(?!\d)",  # 20251016
        rf"{_YEAR}/{_MONTH}{_DAY}(?!\d)",  # 2025/1016
        rf"{_YEAR}[-_/.]{_NAMED}[-_/.]{_SHORT_DAY}(?!\d)",  # 2025/oct/16
        rf"{_YEAR}[-_/.]{_NAMED}(?![a-z])",  # 2025-october
        rf"(?<![a-z]){_NAMED}[-_/.]?{_YEAR}(?!\d)",  # october-2025
        rf"{_YEAR}[-_/.]{_SHORT}(?!\d)",  # 2025-10, 2025/10
        rf"{_YEAR}{_MONTH}(?!\d)",  # 202510
        rf"{_YEAR}(?!\d)",  # 2025
    )
)
_YEAR_KEYS = frozenset({"year", "yyyy", "yr", "y"})
_MONTH_KEYS = frozenset({"month", "mm", "mon", "m"})
_DAY_KEYS = frozenset({"day", "dd", "d"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, aware UTC; None: open at that end."""

    since: datetime | None = None
    until: datetime | None = None  # not included

    def overlaps(self, other: Span) -> bool:
        """Whether both have a moment in common."""
        return _before(self.since, other.until) and _before(other.since, self.until)

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in it."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


def span_in_address(url: str) -> Span | None:
    """The day, month or year that an address names, as time in UTC; None: it names none."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address
        return None
    fields = {key.lower(): value for key, value in parse_qsl(parts.query)}
    named = tuple(_field(fields, keys) for keys in (_YEAR_KEYS, _MONTH_KEYS, _DAY_KEYS))
    if named[0] is not None and (found := _span(*named)):
        return found
    for form in _FORMS:
        for text in (parts.path, parts.query):
            for match in form.finditer(text):
                numbers = match.groupdict()
                month = numbers.get("month")
                if numbers.get("named"):
                    month = str(_NAMES.index(numbers["named"][:3].lower()) + 1)
                if found := _span(int(numbers["year"]), int(month) if month else None, _number(numbers.get("day"))):
                    return found
    return None


def day_in_address(url: str) -> Span | None:
    """The day that an address names; None: it names none, or only a month or a year."""
    span = span_in_address(url)
    is_day = span is not None and span.since and span.until and span.until - span.since == timedelta(days=1)
    return span if is_day else None


def _field(fields: dict[str, str], keys: frozenset[str]) -> int | None:
    return next((_number(fields[key]) for key in sorted(keys & fields.keys())), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 4 else None


def _span(year: int | None, month: int | None, day: int | None) -> Span | None:
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:
        return None
    if month is None:
        return Span(since=start, until=datetime(year + 1, 1, 1, tzinfo=UTC))
    if day is None:
        return Span(since=start, until=datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))
    return Span(since=start, until=start + timedelta(days=1))
