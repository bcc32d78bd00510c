"""Lists of addresses that somebody has -> entries of the ledger, a slice per so many lines.

One address per line, optionally followed by its headline and its date, each after a tab; lines that begin with # are
comments. A line that is none of this is counted and named, and the others are read all the same. With a headline the
gate decides whether the page is fetched, as for a feed's entry; an address alone is fetched and judged by its text.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from io import BufferedReader, FileIO, TextIOWrapper
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
SLICES_PER_COMMIT = 10  # opening the warehouse takes as long as reading some hundred lines
STDIN = Path("-")
BAD_LINES_SHOWN = 3  # of a slice


class UnreadableFile(InputError):
    """A file that was named can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Some lines of a list: their slice, before and after it was read, and what it shows."""

    planned: Slice
    row: Slice
    entries: tuple[Entry, ...]


def read_list(watch: Watch, path: Path, window: Span, run_id: str, *, again: bool) -> tuple[set[tuple[str, str]], int]:
    """Write the addresses of a file (- is standard input) into the ledger, slice by slice. Returns the keys of its
    slices and how many URLs were new. A slice whose very lines were read before is passed over, unless `again`.
    """
    source = list_name(path)
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        done = set() if again else {(one.source, one.slice) for one in read.slices(con) if one.state in DONE}
    keys: set[tuple[str, str]] = set()
    discovered = 0
    waiting: list[_Read] = []
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
        if (one.source, one.slice) not in done:
            waiting.append(_read_slice(watch, one, first, lines, window))
        if len(waiting) >= SLICES_PER_COMMIT:
            discovered += _take_in(watch, waiting, run_id)
            waiting = []
    return keys, discovered + _take_in(watch, waiting, run_id)


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
        with nullcontext(_stdin()) if path == STDIN else path.open("rb") as file:
            text = TextIOWrapper(file, encoding=_encoding(file), errors="replace")
            try:
                first = 1
                while lines := [line.rstrip("\r\n") for line in islice(text, LINES_PER_SLICE)]:
                    yield first, lines
                    first += len(lines)
            finally:
                text.detach()  # else standard input would be closed with it
    except OSError as error:
        raise UnreadableFile(f"{path}: can't be read: {error.strerror}") from None


def _stdin() -> BufferedReader:
    if sys.stdin is None:
        raise UnreadableFile("standard input is closed: there is no list to read")
    return BufferedReader(FileIO(sys.stdin.fileno(), closefd=False))


def _encoding(file: BufferedReader) -> str:
    """UTF-8 unless the file begins with the mark of another: spreadsheets on Windows save UTF-16."""
    start = file.peek(len(codecs.BOM_UTF16_LE))
    return "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _read_slice(watch: Watch, one: Slice, first: int, lines: Sequence[str], window: Span) -> _Read:
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
    return _Read(planned=one, row=row, entries=tuple(inside))


def _take_in(watch: Watch, found: Sequence[_Read], run_id: str) -> int:
    """Write slices down with their entries, in one transaction. Returns how many URLs were new."""
    if not found:
        return 0
    entries: dict[str, Entry] = {}
    for one in found:
        for entry in one.entries:
            entries.setdefault(entry.url, entry)
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        recorded, new = record_found(con, watch, list(entries.values()), run_id, by_hand=True)
        fresh = {entry.url for entry in new}
        rows = []
        for one in found:
            mine = fresh & {entry.url for entry in one.entries}
            fresh -= mine
            rows.append(replace(one.row, new_entries=len(mine)))
        load.plan_slices(con, [one.planned for one in found], run_id)
        load.record_slices(con, rows, run_id)
    return recorded.discovered
