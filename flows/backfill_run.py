"""A whole backfill: discovery slice by slice, then the pages that are due, in the ledger that live runs share.

    begin -> discover (sitemaps, searches, lists, archives) -> collect_pages, until nothing is due -> finish -> publish

Each of these is one call of the `Caller`, so one Prefect task, however many slices and pages there are; within, every
slice and every batch of pages is a transaction of its own, so that it may be killed anywhere and goes on from there.
Plain functions, no prefect (flows/backfill.py).
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from extractors.address_dates import Span
from extractors.errors import InputError, NetworkUnreachable
from extractors.feed_list import load_search
from extractors.politeness import LEAST_DELAYS
from extractors.records import RunReport, Slice
from flows import pipeline
from flows.backfill_lists import STDIN, list_name, read_list
from flows.backfill_plan import planned
from flows.backfill_slices import Search, counted, host_asked, open_slices, walk
from flows.backfill_warc import archive_name, read_archive
from flows.pipeline import Caller, Job, plainly
from flows.polling import Recorded
from flows.settings import seed_file
from flows.watch import Watch
from warehouse import connect, read

# Days of one call that asks the web: more are a matter of weeks of asking, and a mistyped year as a rule.
LONGEST_DAYS = 5 * 366


class BadOrder(InputError):
    """What a backfill was asked to do makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person wants to have filled in."""

    since: date | None = None  # first day, UTC
    until: date | None = None  # last day, UTC
    sources: tuple[str, ...] = ()  # only sources whose name holds one of these; empty: all
    lists: tuple[Path, ...] = ()  # files of addresses; - is standard input
    archives: tuple[Path, ...] = ()  # WARC files
    again: bool = False  # also what is done already
    deadline_seconds: float | None = None  # for discovery and pages; None: until done

    @property
    def window(self) -> Span:
        """The time that is wanted."""
        since = datetime.combine(self.since, time_of_day(), UTC) if self.since else None
        last = min(self.until, date.max - timedelta(days=1)) if self.until else None
        until = datetime.combine(last, time_of_day(), UTC) + timedelta(days=1) if last else None
        return Span(since=since, until=until)

    @property
    def asks_the_web(self) -> bool:
        """Whether sitemaps and searches are asked: not where files are named and no source is."""
        return bool(self.sources) or not (self.lists or self.archives)

    @property
    def reads_archives_alone(self) -> bool:
        """Whether nobody is asked for anything."""
        return bool(self.archives) and not self.lists and not self.asks_the_web


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a backfill would ask, and about how long that takes."""

    slices: tuple[Slice, ...]  # of the web, open; more show when these are answered
    done: int  # slices of the same call that need not be asked any more
    files: tuple[str, ...]
    pages_due: int
    estimate_seconds: float  # slices and pages that are known, each host's in line


def check(order: Order, now: datetime) -> Order:
    """The order as it can be carried out: nobody is asked for days to come. Raises BadOrder."""
    if order.since and order.until and order.until < order.since:
        raise BadOrder(f"--until {order.until} lies before --since {order.since}")
    if order.asks_the_web and not (order.since and order.until):
        raise BadOrder("--since and --until are needed, unless --urls or --warc alone are read")
    if order.asks_the_web and order.since and order.until:
        today = now.astimezone(UTC).date()
        if order.since > today:
            raise BadOrder(f"--since {order.since}: that day is to come; today is {today}, in UTC")
        last = min(order.until, today)
        days = (last - order.since).days + 1
        if days > LONGEST_DAYS:
            raise BadOrder(
                f"--since {order.since} --until {last}: {days} days; at most {LONGEST_DAYS} (5 years) at a time"
            )
        order = replace(order, until=last)
    if STDIN in order.lists and sys.stdin is None:
        raise BadOrder("--urls -: standard input is closed")
    for path in (*order.lists, *order.archives):
        if path != STDIN and not path.is_file():
            raise BadOrder(f"{path}: there is no such file")
    return order


def backfill(
    watch: Watch,
    order: Order,
    *,
    caller: Caller = plainly,
    recorded_in_prefect: bool = False,
    run_id: str | None = None,
) -> RunReport:
    """Carry an order out. Returns the report of the run, which has the command "backfill"; raises what pipeline.run
    raises, and InputError before anything is asked.
    """
    order = checked(watch, order)
    search = search_of(watch, order)
    # Published at the end in any case: the slices are what people look at while they fill a hole.
    watch = replace(watch, settings=watch.settings.model_copy(update={"publish_every_seconds": 0.0}))
    ends = time.monotonic() + (order.deadline_seconds if order.deadline_seconds is not None else math.inf)

    def stages(job: Job) -> None:
        def discover() -> None:
            fill_ledger(job, order, search, ends)

        def collect_pages() -> None:
            fetch_all_due(job, ends)

        job.call(discover)
        if not order.reads_archives_alone:
            job.call(collect_pages)

    return pipeline.run(
        watch,
        command="backfill",
        caller=caller,
        recorded_in_prefect=recorded_in_prefect,
        run_id=run_id,
        stages=stages,
    )


def checked(watch: Watch, order: Order) -> Order:
    """`check` at this moment, with a word about days that are left out."""
    possible = check(order, watch.world.clock())
    if possible.until != order.until:
        watch.world.progress.say(
            f"--until {order.until} is to come: asked is up to today, {possible.until}, and the same call goes on later"
        )
    return possible


def search_of(watch: Watch, order: Order) -> Search | None:
    """What is asked of the web; None: nothing."""
    if not order.asks_the_web:
        return None
    engines = load_search(seed_file("feeds.toml", watch.settings.feeds_file, watch.settings))
    roots = planned(watch.feeds, watch.story.queries, engines, order.window, order.sources)
    return Search(roots=tuple(roots), window=order.window, again=order.again)


def fill_ledger(job: Job, order: Order, search: Search | None, ends: float) -> None:
    """Write down what sitemaps, searches, lists and archives show."""
    watch, run_id, keys = job.watch, job.tally.run_id, set[tuple[str, str]]()
    discovered = queued = 0
    try:
        if search is not None:
            seconds = estimated_seconds(search.roots, {}, watch.settings.host_delay_seconds)
            watch.world.progress.say(f"{len(search.roots)} slices to begin with; {duration(seconds)} or more")
            discovered, queued = walk(watch, job.web, search, run_id, ends)
        for path in order.lists:
            read_keys, new = read_list(watch, path, order.window, run_id, again=order.again)
            keys |= read_keys
            discovered += new
        for path in order.archives:
            read_keys, new = read_archive(job, path, order.window, again=order.again, ends=ends)
            keys |= read_keys
            discovered += new
    finally:
        job.tally.recorded = Recorded(discovered=discovered, queued=queued)
        job.tally.slices = counted(watch, keys, search)


def fetch_all_due(job: Job, ends: float) -> None:
    """Fetch, extract, judge and load what is due, until nothing is."""
    watch = job.watch
    with connect.writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        hosts = read.due_hosts(con, watch.world.clock())
    if hosts:
        slowest = next(iter(hosts))
        seconds = estimated_seconds((), hosts, watch.settings.host_delay_seconds)
        watch.world.progress.say(
            f"{sum(hosts.values())} pages of {len(hosts)} hosts are due: {duration(seconds)} or more; "
            f"the most, {hosts[slowest]}, of {slowest}"
        )
    pipeline.collect_due(job, ends=ends, call=job.tally.timed(plainly), until_nothing_is_due=True)
    if job.tally.fetched and job.tally.unreachable == job.tally.fetched:
        raise NetworkUnreachable(f"none of {job.tally.fetched} pages could be reached; they are tried again later")


def estimated_seconds(slices: Sequence[Slice], hosts: dict[str, int], delay_seconds: float) -> float:
    """How long asking takes at least: a host's requests stand in line, hosts are asked side by side. Pure."""
    asked = Counter(host_asked(one) for one in slices if one.url)
    of_slices = max((count * _delay(host, delay_seconds) for host, count in asked.items()), default=0.0)
    return of_slices + max((count * _delay(host, delay_seconds) for host, count in hosts.items()), default=0.0)


def _delay(host: str, delay_seconds: float) -> float:
    return max(delay_seconds, LEAST_DELAYS.get(host, 0.0))


def duration(seconds: float) -> str:
    """For people: "about 40 s", "about 12 min", "about 3.5 h"."""
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 90 * 60 else f"about {seconds / 3600:.1f} h"


def preview(watch: Watch, order: Order) -> Planned:
    """What an order would ask, without asking anybody or writing anything."""
    order = checked(watch, order)
    search = search_of(watch, order)
    known: list[Slice] = []
    hosts: dict[str, int] = {}
    if connect.exists(watch.data_dir):
        with connect.reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
            known = read.slices(con)
            hosts = read.due_hosts(con, watch.world.clock())
    slices: list[Slice] = []
    done = 0
    if search is not None:
        stored = {(one.source, one.slice) for one in known}
        all_of_it = [*known, *(one for one in search.roots if (one.source, one.slice) not in stored)]
        now = watch.world.clock()
        slices = open_slices(all_of_it, search, now)
        done = len(open_slices(all_of_it, replace(search, again=True), now)) - len(slices)
    return Planned(
        slices=tuple(slices),
        done=done,
        files=(*map(list_name, order.lists), *map(archive_name, order.archives)),
        pages_due=sum(hosts.values()),
        estimate_seconds=estimated_seconds(slices, hosts, watch.settings.host_delay_seconds),
    )
