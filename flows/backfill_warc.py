"""Web archives as a source: their pages go through the gate, the ledger, extraction and judgement, without a network.

    WARC --extractors/warc.py--> Response --headline, summary: gate--> ledger, Page --extract, judge_and_load--> tables

A slice is so many records of a file. One that was interrupted is read again: what it had loaded is not pending any
more. Every address of the archive that could be a page is in the ledger, most of them off the story by the gate.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import xxhash

from extractors.address_dates import Span
from extractors.addresses import is_public_looking
from extractors.errors import BadUrl, InputError
from extractors.feed_items import FeedItem, entries_of
from extractors.plaintext import clean_text
from extractors.records import Entry, Feed, Fetch, FetchKind, Page, Response, Slice, SliceState
from extractors.urls import host_of
from extractors.warc import Broken, Found, NoArchive, NoPage, Passed, page_head, pages_in
from flows.backfill_slices import DONE, within
from flows.collecting import Fetched, extract, judge_and_load
from flows.pipeline import Job
from flows.polling import gate_reason, record_found
from warehouse import load, read
from warehouse.connect import writer

RECORDS_PER_SLICE = 1_000
PAGES_PER_BATCH = 50  # pages that the gate lets in are held in memory until there are so many
DIGESTED_BYTES = 1 << 20


class UnreadableArchive(InputError):
    """A file that was named is no WARC file, or can't be read."""


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What the records of a slice have come to so far."""

    entries: list[Entry] = field(default_factory=list)  # not yet written down
    pages: list[Page] = field(default_factory=list)  # of those, what the gate lets in
    shown: int = 0
    new: int = 0
    others: int = 0
    problems: list[str] = field(default_factory=list)


def archive_name(path: Path) -> str:
    """The source that an archive is."""
    return f"archive {clean_text(path.name)}"


def read_archive(job: Job, path: Path, window: Span, *, again: bool, ends: float) -> tuple[set[tuple[str, str]], int]:
    """Take in the pages of an archive, slice by slice. Returns the keys of its slices and how many URLs were new.

    A slice that is done is passed over, unless `again`. Raises UnreadableArchive.
    """
    watch, source = job.watch, archive_name(path)
    keys: set[tuple[str, str]] = set()
    discovered = 0
    try:
        digest = _digest(path)
        done = set() if again else _done(job, source)

        def name(place: int) -> str:
            return f"records from {place * RECORDS_PER_SLICE + 1}, {digest}"

        found = pages_in(
            path,
            max_body_bytes=watch.settings.max_body_bytes,
            wanted=lambda number: name((number - 1) // RECORDS_PER_SLICE) not in done,
        )
        with watch.world.progress.stage(f"{source}, slices of {RECORDS_PER_SLICE:,} records", None) as stage:
            for place, records in groupby(found, key=lambda pair: (pair[0] - 1) // RECORDS_PER_SLICE):
                keys.add((source, name(place)))
                if name(place) in done:
                    continue
                if time.monotonic() >= ends:
                    watch.world.progress.say("out of time: the rest of the archive waits for the same call again")
                    break
                one = Slice(
                    source=source, slice=name(place), feed_url=source, since_at=window.since, until_at=window.until
                )
                discovered += _take_in(job, one, (record for _, record in records), window)
                stage.advance()
    except NoArchive as error:
        raise UnreadableArchive(f"{path}: no WARC file: {error}") from None
    except OSError as error:
        raise UnreadableArchive(f"{path}: can't be read: {error.strerror or error}") from None
    return keys, discovered


def _digest(path: Path) -> str:
    """Tells a file from another of the same name, without reading all of it."""
    with path.open("rb") as file:
        return f"{xxhash.xxh3_64_hexdigest(file.read(DIGESTED_BYTES))}-{path.stat().st_size}"


def _done(job: Job, source: str) -> set[str]:
    with writer(job.watch.data_dir, wait_seconds=job.watch.settings.writer_wait_seconds) as con:
        return {one.slice for one in read.slices(con) if one.source == source and one.state in DONE}


def _take_in(job: Job, one: Slice, records: Iterable[Found], window: Span) -> int:
    watch, reading, now = job.watch, _Reading(), job.watch.world.clock()
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.plan_slices(con, [one], job.tally.run_id)
    for record in records:
        if isinstance(record, Broken):
            reading.problems.append(record.problem)
        elif isinstance(record, NoPage | Passed):
            reading.others += 1
        else:
            _take(job, reading, record, one.source, window, now)
    _flush(job, reading)
    notes = [
        f"{reading.others} records without a text page of that time" if reading.others else "",
        f"{len(reading.problems)} broken records, such as {reading.problems[0]}" if reading.problems else "",
    ]
    row = replace(
        one,
        state=_state(reading),
        entries=reading.shown,
        new_entries=reading.new,
        detail="; ".join(note for note in notes if note),
        attempts=1,
        asked_at=now,
    )
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.record_slices(con, [row], job.tally.run_id)
    return reading.new


def _state(reading: _Reading) -> SliceState:
    """A slice with broken records is a hole, whatever else it gave: a whole copy of the file would fill it."""
    if reading.problems:
        return SliceState.ERROR
    return SliceState.FOUND if reading.shown else SliceState.EMPTY


def _take(job: Job, reading: _Reading, response: Response, source: str, window: Span, now: datetime) -> None:
    """Note an archived page as an entry, with its body if the gate lets it in."""
    entry = entry_of(response, source, now)
    is_early = window.since is not None and response.fetched_at < window.since
    if entry is None or is_early or not list(within([entry], window)):
        reading.others += 1
        return
    reading.shown += 1
    reading.entries.append(entry)
    if gate_reason(job.watch.story, entry, now) is None:
        reading.pages.append(Page(entry=entry, response=response))
    if len(reading.pages) >= PAGES_PER_BATCH:
        _flush(job, reading)


def entry_of(response: Response, source: str, now: datetime) -> Entry | None:
    """An archived page as an entry, with headline and summary from its head; None: its address is of no use, or none
    that a run would ask. Pure.
    """
    title, summary = page_head(response)
    item = FeedItem(links=(response.url,), title=title, summary=summary)
    try:
        entries, _ = entries_of([item], Feed(url=source, name=source), response.url, now)
    except BadUrl:
        return None
    return entries[0] if entries and is_public_looking(host_of(entries[0].url)) else None


def _flush(job: Job, reading: _Reading) -> None:
    """Write down what was read, and load the pages among it that nobody has decided on."""
    watch, run_id = job.watch, job.tally.run_id
    entries, pages = reading.entries, reading.pages
    reading.entries, reading.pages = [], []
    if not entries:
        return
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        recorded, _ = record_found(con, watch, entries, run_id)
        waiting = read.still_pending(con, [page.entry.url for page in pages])
    reading.new += recorded.discovered
    first = {page.entry.url: page for page in reversed(pages) if page.entry.url in waiting}
    taken = tuple(first.values())[::-1]
    if taken:
        fetches = tuple(_fetch(page) for page in taken)
        if job.archive:
            for page in taken:
                job.archive.put(page.entry.url, page.response)
            job.archive.sync()
        extracted = extract(watch, job.pool, taken)
        judge_and_load(watch, Fetched(pages=taken, decisions=(), fetches=fetches), extracted, run_id)


def _fetch(page: Page) -> Fetch:
    """The row of `fetch` of a page that somebody else has fetched."""
    response = page.response
    return Fetch(
        url=page.entry.url,
        kind=FetchKind.PAGE,
        at=response.fetched_at,
        status=response.status,
        reason="ok",
        detail=f"from {page.entry.feed_url}",
        wire_bytes=response.wire_bytes,
    )
