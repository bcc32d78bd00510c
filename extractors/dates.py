"""Dates as feeds and pages write them -> an instant with its precision, or nothing. Never a guess.

Pure; the clock is an argument. Used by feeds.py, sitemaps.py, json_feed.py and articles.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: what claims to be older is a default or a mistake
# Time after now that a date may lie: one day for zones, one for clocks that run fast and papers dated tomorrow.
LATEST_AHEAD = timedelta(days=2)
# Civil offsets run from -12:00 to +14:00; what goes beyond is no zone.
_MAX_OFFSET = timedelta(hours=14)

_SECONDS = re.compile(r"\d:\d\d?:\d\d?|T\d{6}")
_MINUTES = re.compile(r"\d:\d\d|T\d{4}")
_CLOCK = re.compile(r"\d+:\d+(?::\d+)?(?:[.,]\d+)?")
_ISO = re.compile(
    r"(?i)(-?\d{4})(?:-|/|\.\s?)(\d\d?)(?:-|/|\.\s?)(\d\d?)\.?"  # with points: Hungarian, Korean
    r"(?:(?:t|\s+)(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(z|utc|gmt|[+-]\d\d:?\d\d|[+-]\d\d)?)?"
)
_BASIC_ISO = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})?)?")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
_RFC822_LIKE = re.compile(r"(?i)(?:[a-z]{3,9}\.?(?:,\s*|\s+))?\d{1,2}[\s-]+[a-z]{3,9}\.?,?[\s-]+\d{2,4}\b")
_FOUR_DIGITS = re.compile(r"(?<![\d+-])\d{4}(?!\d)")
_ZONE_NAME = re.compile(r"\b([A-Z]{2,5})\s*(?:\([^)]*\))?$")
_GMT_OFFSET = re.compile(
    r"(?:GMT|UTC)\s?([+-])(\d\d?)(?::?(\d\d))?$"
)  # "GMT+9": nine hours east, as Korea's papers use it
# Hours east of UTC of zone names that RFC 822 does not know and outlets' feeds use (IANA time zone database).
_ZONE_HOURS = {
    **{
        "WET": 0,
        "WEST": 1,
        "BST": 1,
        "CET": 1,
        "MET": 1,
        "CEST": 2,
        "MEST": 2,
        "EET": 2,
        "EEST": 3,
        "MSK": 3,
        "TRT": 3,
    },
    **{"JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8},
}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC, and how much of it was said: "day", "minute" or "second"."""

    at: datetime
    precision: str


def precision_of(raw: str) -> str:
    """How much of an instant a written date says: "day", "minute" or "second"."""
    return "second" if _SECONDS.search(raw) else "minute" if _MINUTES.search(raw) else "day"


def moment(raw: str, now: datetime) -> Moment | None:
    """The instant that a date in ISO 8601, W3CDTF or RFC 822 form names; None for any other form and for absurd ones.

    A day alone is that day at 00:00 UTC; a time without a zone is read as UTC; of a fraction of a second nothing is
    kept. Absurd: before 1990, more than two days after `now`, an offset that no zone has.
    """
    written = raw.strip()[:80]
    at = _iso(written) or _rfc822(written)
    return sane(at, precision_of(written), now)


def offset_minutes(raw: str) -> int | None:
    """Minutes east of UTC that a date in one of those forms names; None when it names no zone or an unknown one."""
    written = raw.strip()[:80]
    match = _ISO.fullmatch(written) or _BASIC_ISO.fullmatch(written)
    zone = match[7] if match else written.rpartition(" ")[2]
    if zone and zone.upper() in ("Z", "UTC", "GMT"):
        return 0
    if zone in _ZONE_HOURS and match is None:
        return int(_ZONE_HOURS[zone] * 60)
    offset = _zone(zone) if zone and _OFFSET.fullmatch(zone) else None
    return int(offset.utcoffset(None).total_seconds() // 60) if offset else None


def sane(at: datetime | None, precision: str, now: datetime) -> Moment | None:
    """The moment, or None when it is absurd (see `moment`)."""
    if at is None or not EARLIEST <= at <= now + LATEST_AHEAD:
        return None
    return Moment(at, precision)


def vouched(parsed: datetime | None, raw: str, now: datetime) -> Moment | None:
    """The moment that a lenient parser made of `raw`, if what it says stands there: the year, and the day within one
    (zones move it). feedparser reads "2025. 10. 16." as 1 November 2025 and "2025" as 1 January.
    """
    if (
        parsed is None or has_absurd_offset(raw) or _ISO.fullmatch(raw.strip()[:80])
    ):  # what `moment` knows, it has judged
        return None
    numbers = {int(number) for number in re.findall(r"\d{1,4}", _CLOCK.sub(" ", raw[:80]))}
    if parsed.year not in numbers or not numbers & {parsed.day - 1, parsed.day, parsed.day + 1}:
        return None
    return sane(parsed, precision_of(raw), now)


def has_absurd_offset(raw: str) -> bool:
    """True when the date ends in an offset that no zone has, such as +99:99."""
    found = re.search(r"[+-]\d\d:?\d\d\s*$", raw)
    return found is not None and _zone(found[0].strip()) is None


def _iso(written: str) -> datetime | None:
    match = _ISO.fullmatch(written) or _BASIC_ISO.fullmatch(written)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = _zone(match[7] or "Z")
    if zone is None:
        return None
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):  # 31 February; year 0 or 9999 moved over the edge by its zone
        return None


def _zone(written: str) -> timezone | None:
    match = _OFFSET.fullmatch(written)
    if match is None:
        return UTC
    minutes = int(match[3] or 0)
    offset = timedelta(hours=int(match[2]), minutes=minutes)
    if minutes > 59 or offset > _MAX_OFFSET:
        return None
    return timezone(-offset if match[1] == "-" else offset)


def _rfc822(written: str) -> datetime | None:
    if not _RFC822_LIKE.match(written):
        return None
    written = _GMT_OFFSET.sub(lambda found: f"{found[1]}{int(found[2]):02}{found[3] or '00'}", written)
    if ":" not in written:
        written += " 00:00:00"
    try:
        parsed = parsedate_tz(written)
    except (ValueError, IndexError, TypeError):  # what CPython lets through on malformed dates
        return None
    if parsed is None or has_absurd_offset(written):
        return None
    year, month, day, hour, minute, second = parsed[:6]
    four_digits = _FOUR_DIGITS.search(written)
    if four_digits and int(four_digits[0]) != year:  # CPython takes the year 0001 for 2001
        return None
    offset_seconds = parsed[9] or 0
    name = _ZONE_NAME.search(written)
    if name and name[1] in _ZONE_HOURS:
        offset_seconds = _ZONE_HOURS[name[1]] * 3600
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return local - timedelta(seconds=offset_seconds)
    except (ValueError, OverflowError):
        return None
