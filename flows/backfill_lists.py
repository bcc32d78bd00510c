"""Lists of addresses that somebody has -> entries of the ledger, a slice per so many lines.

One address per line, optionally followed by its headline and its date, each after a tab; lines that begin with # are
comments. A line that is none of this is counted and named, and the others are read all the same. With a headline the
gate decides whether the page is fetched, as for a feed's entry; an address alone is fetched and judged by its text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import xxhash

from extractors.address_dates import Span
from extractors.dates import moment
from extractors.errors import BadUrl, InputError
from extractors.feed_items import FeedItem, entries_of
from extractors.plaintext import clean_text, folded
from extractors.records import Entry, Feed, Slice, SliceState
from flows.backfill_slices import DONE, within
from flows.polling import record_found
from flows.watch import Watch
from warehouse import load, read
from warehouse.connect import writer

LINES_PER_SLICE = 1_000
STDIN = Path("-")
BAD_LINES_SHOWN = 3  # of a slice


class UnreadableFile(InputError):
    """A file that was named can't be read."""


def read_list(watch: Watch, path: Path, window: Span, run_id: str, *, again: bool) -> tuple[set[tuple[str, str]], int]:
    """Write the addresses of a file (- is standard input) into the ledger, slice by slice. Returns the keys of its
    slices and how many URLs were new. A slice whose very lines were read before is passed over, unless `again`.
    """
    source = list_name(path)
    keys: set[tuple[str, str]] = set()
    discovered = 0
    for first, lines in _pieces(path):
        digest = xxhash.xxh3_64_hexdigest("\n".join(lines).encode("utf-8", "surrogatepass"))
        one = Slice(
            source=source,
            slice=f"lines {first}-{first + len(lines) - 1}, {digest}",
            feed_url=source,
            since_at=window.since,
            until_at=window.until,
        )
        keys.add((one.source, one.slice))
        discovered += _take_in(watch, one, first, lines, window, run_id, again=again)
    return keys, discovered


def list_name(path: Path) -> str:
    """The source that a list is."""
    return "list of standard input" if path == STDIN else f"list {clean_text(path.name)}"


def entries_in(lines: Sequence[str], first: int, source: str, now: datetime) -> tuple[tuple[Entry, ...], list[str]]:
    """The entries of some lines, and what is wrong with each line that is none. Pure."""
    feed = Feed(url=source, name=source)
    entries: dict[str, Entry] = {}
    problems = []
    for number, line in enumerate(lines, start=first):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        address, _, rest = line.strip().partition("\t")
        title, _, date = rest.partition("\t")
        published = moment(date, now) if date.strip() else None
        item = FeedItem(links=(address,), title=folded(title), published=published, published_raw=folded(date) or None)
        try:
            found, _ = entries_of([item], feed, "", now)
        except BadUrl:
            found = ()
        if not found:
            problems.append(f"line {number}: {folded(address)[:80]!r} is no web address")
        else:
            if date.strip() and published is None:
                problems.append(f"line {number}: {folded(date)[:40]!r} is no date, and left out")
            entries.setdefault(found[0].url, found[0])
    return tuple(entries.values()), problems


def _pieces(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(number of the first line, lines) of each slice."""
    try:
        opened = nullcontext(sys.stdin) if path == STDIN else path.open(encoding="utf-8", errors="replace")
        with opened as file:
            first = 1
            while lines := [line.rstrip("\r\n") for line in islice(file, LINES_PER_SLICE)]:
                yield first, lines
                first += len(lines)
    except OSError as error:
        raise UnreadableFile(f"{path}: can't be read: {error.strerror}") from None


def _take_in(
    watch: Watch, one: Slice, first: int, lines: Sequence[str], window: Span, run_id: str, *, again: bool
) -> int:
    now = watch.world.clock()
    entries, problems = entries_in(lines, first, one.source, now)
    inside = list(within(entries, window))
    for problem in problems[:BAD_LINES_SHOWN]:
        watch.world.progress.say(f"  {one.source}: {problem}")
    notes = [
        f"{len(entries) - len(inside)} addresses of another time" if len(inside) < len(entries) else "",
        f"{len(problems)} bad lines: {'; '.join(problems[:BAD_LINES_SHOWN])}" if problems else "",
    ]
    row = replace(
        one,
        state=SliceState.FOUND if inside else SliceState.EMPTY,
        entries=len(inside),
        detail="; ".join(note for note in notes if note),
        attempts=1,
        asked_at=now,
    )
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.plan_slices(con, [one], run_id)
        known = {(other.source, other.slice): other.state for other in read.slices(con)}
        if known[one.source, one.slice] in DONE and not again:
            return 0
        recorded, _ = record_found(con, watch, inside, run_id, by_hand=True)
        load.record_slices(con, [replace(row, new_entries=recorded.discovered)], run_id)
    return recorded.discovered
