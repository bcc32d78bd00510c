"""Articles built again from the archive, without asking anybody: the same extractor gives the same rows, another one
what it makes of the same bytes, with the earlier text kept as a revision.

    ledger, archive files --find_pages--> places --read_again--> Page --extract--> compared, stored: per batch

Which record of a page is read: that of the stored article, by the time of its fetch; of what is no article the last.
Plain functions, no prefect (flows/reextract.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from itertools import groupby

from extractors.archive import Place, files, pages_of, places_in
from extractors.errors import InputError
from extractors.records import Article, Decision, Entry, Outcome, Page, Response, Revision, RunReport
from extractors.revisions import revision
from extractors.warc import Broken, NoArchive
from flows import pipeline
from flows.collecting import Extracted, Scored, extract, reread_of, take_in
from flows.isolation import ExtractionPool
from flows.pipeline import Caller, Job, plainly
from flows.redeciding import decided_ones
from flows.revising import REEXTRACT, Reread, forget, revise
from flows.watch import Watch
from warehouse import connect, load, read
from warehouse.connect import Connection

PAGES_PER_BATCH = 100


class NothingArchived(InputError):
    """What was asked for is not in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which pages a person wants to have read again."""

    since: date | None = None  # fetched on this day or later, UTC; None: all
    url: str | None = None  # as discovered, canonical, or of the article; None: all


@dataclass(slots=True, kw_only=True)
class Reading:
    """What came of it."""

    counts: Counter[str] = field(default_factory=Counter)  # what came of it -> pages
    revisions: list[Revision] = field(default_factory=list)  # of a preview, without their texts


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of the archive with its ledger entry."""

    entry: Entry
    place: Place


@dataclass(slots=True)
class _Compared:
    """A batch, sorted by what is to be done."""

    rereads: list[Reread] = field(default_factory=list)
    lost: list[tuple[Article, Revision]] = field(default_factory=list)
    gained: list[Scored] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def reextract(
    watch: Watch,
    wanted: Wanted,
    *,
    caller: Caller = plainly,
    recorded_in_prefect: bool = False,
    run_id: str | None = None,
) -> RunReport:
    """Read the archived pages again. Returns the report of the run, which has the command "reextract".

    Raises what pipeline.run raises, WarehouseMissing, and NothingArchived for a `wanted.url` that the archive does not
    have.
    """
    connect.require(watch.data_dir)

    def stages(job: Job) -> None:
        reading = Reading()
        job.tally.reread = reading.counts
        found = job.call(find_pages, watch, wanted, reading)
        job.call(read_again, job, found, reading)

    return pipeline.run(
        watch,
        command="reextract",
        caller=caller,
        recorded_in_prefect=recorded_in_prefect,
        run_id=run_id,
        stages=stages,
    )


def preview(watch: Watch, wanted: Wanted) -> Reading:
    """What reading the pages again would change; nothing is written. Raises WarehouseMissing."""
    connect.require(watch.data_dir)
    reading = Reading()
    found = find_pages(watch, wanted, reading)
    now = watch.world.clock()
    with ExtractionPool() as pool:
        for pages in _batches(found, reading):
            extracted = extract(watch, pool, pages)
            with connect.reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
                compared = _compared(con, pages, extracted, reading, now)
            _note(reading, compared, now)
    return reading


def find_pages(watch: Watch, wanted: Wanted, reading: Reading) -> list[_Found]:
    """Where the wanted pages are, in the order of the archive. What is not there is counted."""
    with connect.reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        readable = read.readable_again(con, wanted.url)
    entries = {entry.url: (entry, at) for entry, at, _ in readable}
    owner = {other: entry.url for entry, _, others in readable for other in others}
    since = datetime.combine(wanted.since, time_of_day(), UTC) if wanted.since else None
    places: dict[str, Place] = {}
    archived = files(watch.data_dir.archive)
    with watch.world.progress.stage("archive", len(archived)) as stage:
        for path in archived:
            try:
                for place in places_in(path):
                    if isinstance(place, Broken):
                        reading.counts["broken"] += 1
                        continue
                    url = owner.get(place.entry_url, place.entry_url)
                    if url in entries and entries[url][1] in (None, place.fetched_at):
                        places[url] = place
            except NoArchive:
                reading.counts["broken"] += 1
            stage.advance()
    if wanted.url is not None and not places:
        raise NothingArchived(f"{wanted.url}: no page of it that was read is in {watch.data_dir.archive}")
    reading.counts["not_archived"] += len(entries) - len(places)
    found = [_Found(entries[url][0], place) for url, place in places.items() if not since or place.fetched_at >= since]
    return sorted(found, key=lambda one: (one.place.path, one.place.number))


def read_again(job: Job, found: Sequence[_Found], reading: Reading) -> None:
    """Extract, compare and store, batch by batch; may be stopped anywhere, the same call does the rest."""
    watch, began = job.watch, time.monotonic()
    job.pool.warm_up(len(found))
    done = 0
    for pages in _batches(found, reading):
        extracted = extract(watch, job.pool, pages)
        now = watch.world.clock()
        with connect.writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
            compared = _compared(con, pages, extracted, reading, now)
            _store(con, watch, compared, job.tally.run_id, now)
        done += len(pages)
        watch.world.progress.say(f"{done} of {len(found)} pages read again in {time.monotonic() - began:.0f} s")


def _batches(found: Sequence[_Found], reading: Reading) -> Iterator[list[Page]]:
    pages: list[Page] = []
    for page in _pages(found, reading):
        pages.append(page)
        if len(pages) == PAGES_PER_BATCH:
            yield pages
            pages = []
    if pages:
        yield pages


def _pages(found: Iterable[_Found], reading: Reading) -> Iterator[Page]:
    for path, of_file in groupby(found, key=lambda one: one.place.path):
        entries = {one.place.number: one.entry for one in of_file}
        for number, response in pages_of(path, entries.keys()):
            if isinstance(response, Response):
                yield Page(entry=entries[number], response=response)
            else:
                reading.counts["broken"] += 1


def _compared(
    con: Connection, pages: Sequence[Page], extracted: Extracted, reading: Reading, now: datetime
) -> _Compared:
    """Hold what the pages give now against what is stored."""
    urls = [page.entry.url for page in pages]
    fetched = {page.entry.url: page.response.fetched_at for page in pages}
    own, stand = read.own_articles(con, urls), read.stands(con, urls)
    found, counts = _Compared(), reading.counts
    for one in extracted.scored:
        url = one.article.entry_url
        old = own.get(url)
        if old is None:
            counts["became_article"] += 1
            found.gained.append(one)
        elif old.fetched_at != one.article.fetched_at:
            counts["overtaken"] += 1  # a later page was taken in meanwhile
        else:
            reread = reread_of(one, old)
            counts["changed" if reread.is_changed else "unchanged"] += 1
            found.rereads.append(reread)
    for decision in extracted.decisions:
        old, decision = own.get(decision.url), replace(decision, attempts=None)
        if decision.outcome is not Outcome.NOT_ARTICLE:
            counts["failed"] += 1  # of the extractor, or of this machine: what is stored stays
        elif old is not None:
            counts["no_article_any_more"] += 1
            at = fetched[decision.url]
            found.lost.append((old, revision(old, None, fetched_at=at, at=now, cause=REEXTRACT)))
            found.decisions.append(decision)
        elif (decision.outcome, decision.reason) == stand.get(decision.url):
            counts["unchanged"] += 1
        else:
            counts["other_class"] += 1
            found.decisions.append(decision)
    return found


def _store(con: Connection, watch: Watch, compared: _Compared, run_id: str, now: datetime) -> None:
    decisions = [
        *revise(con, watch, compared.rereads, run_id, cause=REEXTRACT, now=now),
        *compared.decisions,
        *forget(con, watch, compared.lost, run_id, now),
        *(replace(one, attempts=None) for one in take_in(con, watch, compared.gained, run_id, now)),
    ]
    load.record_revisions(con, [_gained(one.article, now) for one in compared.gained], run_id)
    # What is about to be fetched again is decided by what comes of that.
    load.record_decisions(con, decided_ones(con, decisions), run_id)


def _gained(article: Article, now: datetime) -> Revision:
    return revision(None, article, fetched_at=article.fetched_at, at=now, cause=REEXTRACT)


def _note(reading: Reading, compared: _Compared, now: datetime) -> None:
    """Remember the changes themselves, without their texts."""
    changed = [
        revision(one.old, one.current, fetched_at=one.new.fetched_at, at=now, cause=REEXTRACT)
        for one in compared.rereads
        if one.is_changed
    ]
    gained = [_gained(one.article, now) for one in compared.gained]
    reading.revisions += [
        replace(one, old_text=None) for one in (*changed, *(one for _, one in compared.lost), *gained)
    ]
