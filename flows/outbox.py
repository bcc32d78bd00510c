"""What waits to be told, per target, and when it may be sent: pure. Kept by outbox_file.py, sent by sending.py."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.notices import NOTHING, Known, Notice
from flows.notify_settings import Kind
from flows.one_line import one_line

# Of a target that is dead for long the oldest notices are dropped, and their number told.
MOST_WAITING = 200
# Lines of one message; the rest is a number.
MOST_LINES = 40
LONGEST_TEXT = 600  # characters of a notice
# A target that failed rests, twice as long each time.
FIRST_REST, LONGEST_REST = timedelta(minutes=10), timedelta(hours=12)
# What a notice of each kind is called in a subject: one, several.
SUBJECTS: Mapping[Kind, tuple[str, str]] = {
    Kind.RUN: ("a run failed or was killed, or runs work again", "{} notices about runs"),
    Kind.DISK: ("disk nearly full", "disk nearly full"),
    Kind.STEP: ("a new step of the story", "{} new steps of the story"),
    Kind.SPIKE: ("a spike of coverage", "spikes of coverage in {} languages"),
    Kind.SILENCE: ("a language fell silent", "{} languages fell silent"),
    Kind.FEED: ("a feed in trouble, or back", "{} feeds in trouble, or back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """What waits for one target, and how it did."""

    label: str  # for people: its place in the settings and its scheme
    waiting: tuple[Notice, ...] = ()  # the oldest first
    dropped: int = 0  # notices that were too many
    sent_at: datetime | None = None  # last message that it took
    failures: int = 0  # tries in a row that it did not take
    failing_since_at: datetime | None = None
    next_try_at: datetime | None = None
    error: str = ""  # of the last failure; no part of the URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """All of it."""

    known: Known = NOTHING
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)  # digest of the URL -> mailbox


def failure_of(one: Mailbox) -> str:
    """How a target fails, in words."""
    since = f" since {short(one.failing_since_at)}" if one.failing_since_at else ""
    again = f"; the next try is after {short(one.next_try_at)}" if one.next_try_at else ""
    times = "time" if one.failures == 1 else "times"
    return f"failed {one.failures} {times}{since}: {one.error}; {len(one.waiting)} notices wait{again}"


def short(at: datetime) -> str:
    """To the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def digest_of(target: str) -> str:
    """What stands for a target's URL where it is kept."""
    return hashlib.sha256(target.encode()).hexdigest()[:16]


def for_targets(outbox: Outbox, labels: Mapping[str, str]) -> Outbox:
    """With a mailbox for each of the targets (digest -> label), and for no other."""
    kept = {
        digest: replace(outbox.mailboxes.get(digest, Mailbox(label=label)), label=label)
        for digest, label in labels.items()
    }
    return replace(outbox, mailboxes=kept)


def put(outbox: Outbox, notices: Sequence[Notice]) -> Outbox:
    """With these notices waiting for every target, their text fit for a line and for a file: a path in the error of a
    run may hold what is no Unicode.
    """
    kept = [replace(notice, text=one_line(notice.text, LONGEST_TEXT)) for notice in notices]
    boxes = {}
    for digest, box in outbox.mailboxes.items():
        waiting = (*box.waiting, *kept)
        too_many = max(0, len(waiting) - MOST_WAITING)
        boxes[digest] = replace(box, waiting=waiting[too_many:], dropped=box.dropped + too_many)
    return replace(outbox, mailboxes=boxes)


def due(
    outbox: Outbox, now: datetime, *, least: timedelta, quiet: tuple[time, time] | None, zone: ZoneInfo
) -> list[str]:
    """Digests of the targets that may be sent to at `now`."""
    if quiet and is_quiet(now.astimezone(zone).time(), quiet):
        return []
    return [digest for digest, box in outbox.mailboxes.items() if box.waiting and _is_due(box, now, least)]


def _is_due(box: Mailbox, now: datetime, least: timedelta) -> bool:
    if box.next_try_at is not None and box.next_try_at - LONGEST_REST <= now < box.next_try_at:
        return False
    return box.sent_at is None or not box.sent_at <= now < box.sent_at + least


def is_quiet(at: time, hours: tuple[time, time]) -> bool:
    """Whether a time of day lies in [begin, end), also over midnight."""
    begin, end = hours
    return begin <= at < end if begin < end else at >= begin or at < end


def delivered(box: Mailbox, now: datetime) -> Mailbox:
    """After the target took all that waited."""
    return Mailbox(label=box.label, sent_at=now)


def not_delivered(box: Mailbox, error: str, now: datetime) -> Mailbox:
    """After it did not: it rests, 10 minutes at first, then twice as long each time, up to 12 hours."""
    rest = min(LONGEST_REST, FIRST_REST * 2 ** min(box.failures, 20))
    return replace(
        box,
        failures=box.failures + 1,
        failing_since_at=box.failing_since_at or now,
        next_try_at=now + rest,
        error=one_line(error, 200),
    )


def message(box: Mailbox) -> tuple[str, str]:
    """Subject and text of the one message for all that waits."""
    counts = Counter(notice.kind for notice in box.waiting)
    told = [SUBJECTS[kind][counts[kind] > 1].format(counts[kind]) for kind in Kind if counts[kind]]
    lines = [_lines(notice) for notice in box.waiting[-MOST_LINES:]]
    more = len(box.waiting) - len(lines) + box.dropped
    if more:
        lines.insert(0, f"{more} older notices are left out: storywatch status and storywatch query tell how it stands")
    return "storywatch: " + "; ".join(told), "\n".join(lines)


def _lines(notice: Notice) -> str:
    """A notice in a message. Headlines are others' words: an @ in them must not call anybody in a chat."""
    text = one_line(notice.text, LONGEST_TEXT).replace("@", "\uff20")
    link = f"\n    {one_line(notice.link, 2000).replace('@', '%40')}" if notice.link else ""
    return f"{notice.at:%Y-%m-%d %H:%M}Z  {text}{link}"
