"""The whole pipe, joined: one run from the feeds to the published file. Plain functions, no prefect.

    begin -> poll -> record -> (fetch -> extract -> judge_and_load) per batch -> finish -> publish -> aftermath

`run` calls every stage through a `Caller`, which here just calls it; flows/monitor.py hands in one that makes it a
Prefect task. Whatever happens on the way (Ctrl-C, a full disk, a bug), the ledger stays balanced: each stage commits
whole or not at all, and the next run goes on from there.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import ParamSpec, Protocol, TypeVar

from extractors.archive import Archive
from extractors.errors import WarehouseBusy, WarehouseError
from extractors.records import Entry, FeedState, FetchKind, RunReport, StoryStep
from extractors.story import Story
from flows import aftermath
from flows.collecting import batches, extract, fetch, judge_and_load
from flows.interrupts import is_interrupt
from flows.isolation import ExtractionPool
from flows.one_line import keyed
from flows.polling import UNREACHABLE, Polled, Recorded, poll, record, require_network
from flows.settings import PRODUCT
from flows.spool import Spool
from flows.twins import respell
from flows.watch import Watch, WebSession
from warehouse import alive, load, lock, read
from warehouse.connect import writer
from warehouse.publish import ensure_published, is_due, publish

P = ParamSpec("P")
T = TypeVar("T")

# Less than this is not worth starting a batch for.
MIN_FETCH_SECONDS = 1.0
# A batch whose hosts answer slowly is ended after this, whatever is left of the run.
LONGEST_ROUND_SECONDS = 86_400.0
# Failed feeds that are named while a run goes on; `storywatch status` names all.
FAILURES_SHOWN = 10


class Caller(Protocol):
    """Calls a stage: plainly, or as a task."""

    def __call__(self, stage: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


def plainly(stage: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The Caller that just calls."""
    return stage(*args, **kwargs)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C: what was done is in the report, the rest waits in the ledger."""

    def __init__(self, report: RunReport) -> None:
        super().__init__(report)
        self.report = report


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has happened in the run so far."""

    run_id: str
    command: str
    recorded_in_prefect: bool
    started_at: datetime
    polled: Polled | None = None
    recorded: Recorded | None = None
    fetched: int = 0
    unreachable: int = 0  # of these: pages whose servers could not be reached
    reread: Mapping[str, int] = field(default_factory=dict)  # reextract: what came of it -> pages
    slices: dict[str, int] = field(default_factory=dict)  # backfill: state -> slices
    pool: ExtractionPool | None = None
    stage_seconds: Counter[str] = field(default_factory=Counter)
    stage_cpu_seconds: Counter[str] = field(default_factory=Counter)

    def _cpu_seconds(self) -> float:
        return time.process_time() + (self.pool.cpu_seconds if self.pool else 0.0)

    def timed(self, caller: Caller) -> Caller:
        """The caller, with wall and CPU time noted per stage."""

        def call(stage: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            wall, cpu = time.perf_counter(), self._cpu_seconds()
            try:
                return caller(stage, *args, **kwargs)
            finally:
                name = getattr(stage, "__name__", "stage")
                self.stage_seconds[name] += time.perf_counter() - wall  # type: ignore[assignment]
                self.stage_cpu_seconds[name] += self._cpu_seconds() - cpu  # type: ignore[assignment]

        return call


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A run under way, for the stages between `begin` and `finish`."""

    watch: Watch
    web: WebSession
    pool: ExtractionPool
    states: dict[str, FeedState]  # of the feeds, as the run found them
    tally: Tally
    call: Caller
    archive: Archive | None = None  # None: the settings want none


def run(
    watch: Watch,
    *,
    command: str,
    caller: Caller = plainly,
    recorded_in_prefect: bool = False,
    run_id: str | None = None,
    stages: Callable[[Job], None] | None = None,
) -> RunReport:
    """One run over everything that is due. Returns its report. `stages`: instead of polling and collecting what is due
    (flows/backfill_run.py).

    Raises Interrupted with the report after Ctrl-C, NetworkUnreachable when no feed could be reached, WarehouseError
    or ArchiveFailed when nothing can be written, and whatever a bug or a signal of Prefect's raises; the run is in the
    table `run` with status "failed" or "interrupted" then, if it can be written at all.
    """
    started_at = watch.world.clock()
    tally = Tally(
        run_id=run_id or new_run_id(started_at),
        command=command,
        recorded_in_prefect=recorded_in_prefect,
        started_at=started_at,
    )
    try:
        with alive.living(watch.data_dir, tally.run_id, wait_seconds=watch.settings.writer_wait_seconds):
            report = _run(watch, tally, tally.timed(caller), stages or _poll_and_collect)
    except BaseException as error:
        aftermath.after_error(watch, command, tally.run_id, error)
        raise
    aftermath.after_report(watch, command, report)
    return report


def _run(watch: Watch, tally: Tally, call: Caller, stages: Callable[[Job], None]) -> RunReport:
    states = call(begin, watch, tally.run_id, tally.command)
    try:
        with (
            WebSession(watch.settings, watch.world) as web,
            ExtractionPool() as pool,
            Archive(watch.data_dir.archive, tally.run_id, software=PRODUCT) as archive,
        ):
            tally.pool = pool
            kept = archive if watch.settings.archive else None
            job = Job(watch=watch, web=web, pool=pool, states=states, tally=tally, call=call, archive=kept)
            stages(job)
    except BaseException as error:
        if is_interrupt(error):
            detail = "stopped by hand; the next run goes on from here"
            raise Interrupted(finish(watch, tally, status="interrupted", detail=detail)) from None
        status, detail = "failed", f"{type(error).__name__}: {error}"
        if not isinstance(error, Exception):  # Prefect's, at SIGTERM: it gets it back as it is
            status, detail = "interrupted", f"told to end ({type(error).__name__}); the next run goes on from here"
        with suppress(WarehouseError):
            finish(watch, tally, status=status, detail=detail)
        raise
    report = call(finish, watch, tally, status="completed")
    snapshot = call(publish_if_due, watch, tally.run_id)
    if snapshot is not None:
        report = replace(report, published_snapshot=snapshot)
        _save(watch, report)
    return replace(report, stage_seconds=dict(tally.stage_seconds), stage_cpu_seconds=dict(tally.stage_cpu_seconds))


def _poll_and_collect(job: Job) -> None:
    watch, tally, call = job.watch, job.tally, job.call
    ends = time.monotonic() + watch.settings.run_deadline_seconds
    try:
        with lock.exclusive(watch.data_dir.feeds_lock_path, wait_seconds=0):
            tally.polled = call(poll, watch, job.web, job.states)
            tally.recorded = call(record, watch, tally.polled, tally.run_id)
    except WarehouseBusy as busy:
        if busy.path != watch.data_dir.feeds_lock_path:
            raise
        watch.world.progress.say(f"another run{_holder(busy)} is asking the feeds: that is left to it")
    else:
        require_network(tally.polled)
        names = {feed.url: feed.name for feed in watch.feeds}
        for one in tally.polled.failures[:FAILURES_SHOWN]:
            facts = {"feed": names.get(one.url), "url": one.url, "reason": one.reason, "detail": one.detail}
            watch.world.progress.say(keyed("  feed failed", **facts))
    collect_due(job, ends=ends)


def _holder(busy: WarehouseBusy) -> str:
    return f" (PID {busy.pid})" if busy.pid else ""


def collect_due(job: Job, *, ends: float, call: Caller | None = None, until_nothing_is_due: bool = False) -> None:
    """Fetch, extract, judge and load, batch by batch: what a killed run was answered, then one round of what is due, or
    (`until_nothing_is_due`) round after round. Stops at `ends`, of time.monotonic; the rest stays due.

    One run at a time does this, so that no page is fetched by two and no host is asked by two at once. Another one, if
    it is on for longer than `writer_wait_seconds`, is a backfill: it fetches what this run has found as well.
    """
    watch = job.watch
    patience = max(0.0, ends - time.monotonic()) if until_nothing_is_due else watch.settings.writer_wait_seconds
    with ExitStack() as held:
        try:
            held.enter_context(lock.exclusive(watch.data_dir.pages_lock_path, wait_seconds=patience))
        except WarehouseBusy as busy:
            watch.world.progress.say(f"another run{_holder(busy)} is fetching pages: what is due is left to it")
            return
        with Spool(watch.data_dir.private / "pages", job.tally.run_id, watch.world.clock()) as spool:
            _collect_rounds(job, spool, ends, call or job.call, until_nothing_is_due=until_nothing_is_due)


def _collect_rounds(job: Job, spool: Spool, ends: float, call: Caller, *, until_nothing_is_due: bool) -> None:
    watch = job.watch
    answered = _answered(watch, spool) if spool.answers else []
    while entries := [*answered, *_without(call(due, watch), answered)]:
        decided = 0
        for batch in batches(entries):
            seconds_left = ends - time.monotonic()
            if seconds_left < MIN_FETCH_SECONDS:
                watch.world.progress.say("out of time: the rest waits for the next run")
                return
            decided += _collect(job, batch, spool, min(seconds_left, LONGEST_ROUND_SECONDS), call)
        answered = []
        if not until_nothing_is_due or not decided:
            return


def _collect(job: Job, batch: Sequence[Entry], spool: Spool, seconds_left: float, call: Caller) -> int:
    """One batch, from asking to the commit. Returns how many URLs were decided."""
    watch = job.watch
    job.pool.warm_up(len(batch))
    fetched = call(fetch, watch, job.web, batch, seconds_left, spool, job.archive)
    job.tally.fetched += len(fetched.pages) + len(fetched.decisions)
    job.tally.unreachable += sum(one.kind is FetchKind.PAGE and one.reason in UNREACHABLE for one in fetched.fetches)
    extracted = call(extract, watch, job.pool, fetched.pages)
    decided = call(judge_and_load, watch, fetched, extracted, job.tally.run_id)
    spool.clear(entry.url for entry in batch)
    return sum(decided.values())


def _answered(watch: Watch, spool: Spool) -> list[Entry]:
    """The URLs whose page a run was answered that was killed before it could take it in."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        waiting = read.pending_of(con, sorted(spool.answers))
    spool.clear(spool.answers.keys() - {entry.url for entry in waiting})  # another run has decided these
    return waiting


def _without(entries: Sequence[Entry], others: Sequence[Entry]) -> list[Entry]:
    urls = {entry.url for entry in others}
    return [entry for entry in entries if entry.url not in urls]


def new_run_id(now: datetime) -> str:
    """Sortable by time, unique without asking anybody."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def begin(watch: Watch, run_id: str, command: str) -> dict[str, FeedState]:
    """Set the warehouse up if need be, write down that the run began and what it watches. Returns the feeds' states."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.start_run(con, run_id, watch.world.clock(), command=command)
        crashed = alive.close_crashed(con, watch.data_dir, own=run_id)
        load.record_feeds(con, watch.feeds, run_id)
        load.record_seeds(con, watch.seeds, run_id)
        load.record_steps(con, recorded_steps(watch.story), run_id)
        respelled = respell(con, watch.world.clock(), run_id)
        states = read.feed_states(con)
    for dead in crashed:
        watch.world.progress.say(f"the run {dead} was killed: what it left is done now")
    if respelled:
        watch.world.progress.say(f"the rules for addresses have changed: {respelled} got another canonical form")
    ensure_published(
        watch.data_dir,
        run_id,
        now=watch.world.clock(),
        wait_seconds=watch.settings.writer_wait_seconds,
        publish_text=watch.settings.publish_text,
    )
    return states


def recorded_steps(watched: Story) -> list[StoryStep]:
    """The steps of the story as the warehouse keeps them."""
    return [
        StoryStep(
            slug=step.slug,
            position=position,
            happened_at=datetime.combine(step.day, time_of_day(), tzinfo=UTC),
            what=step.what,
            state=step.state,
        )
        for position, step in enumerate(watched.steps, start=1)
    ]


def due(watch: Watch) -> Sequence[Entry]:
    """The URLs whose page is to be fetched now, hosts interleaved."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        return read.pending(con, watch.world.clock(), watch.settings.max_pages_per_run)


def finish(watch: Watch, tally: Tally, *, status: str, detail: str = "") -> RunReport:
    """Count where every URL went and write the report down.

    A ledger that does not add up makes the run "failed", whatever else it did.
    """
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        ledger_discovered, ledger_outcomes = read.ledger_counts(con)
        outcomes = read.run_outcomes(con, tally.run_id)
    if ledger_discovered != sum(ledger_outcomes.values()):
        status = "failed"
        detail = f"the ledger does not add up: {ledger_discovered} discovered, {dict(ledger_outcomes)}"
    polled = tally.polled
    report = RunReport(
        run_id=tally.run_id,
        started_at=tally.started_at,
        ended_at=watch.world.clock(),
        status=status,
        feeds_polled=len(polled.fetches) if polled else 0,
        feeds_unchanged=polled.unchanged if polled else 0,
        feeds_failed=len(polled.failures) if polled else 0,
        discovered=tally.recorded.discovered if tally.recorded else 0,
        fetched=tally.fetched,
        outcomes=outcomes,
        ledger_discovered=ledger_discovered,
        ledger_outcomes=ledger_outcomes,
        recorded_in_prefect=tally.recorded_in_prefect,
        reread=dict(tally.reread),
        slices=tally.slices,
        stage_seconds=dict(tally.stage_seconds),
        stage_cpu_seconds=dict(tally.stage_cpu_seconds),
        detail=detail,
    )
    _save(watch, report)
    return report


def _save(watch: Watch, report: RunReport) -> None:
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.finish_run(con, report)


def publish_if_due(watch: Watch, run_id: str) -> int | None:
    """Publish when readers would see something else, or the published file is old. Returns the snapshot's number."""
    settings, now = watch.settings, watch.world.clock()
    every = timedelta(seconds=settings.publish_every_seconds)
    wait_seconds, publish_text = settings.writer_wait_seconds, settings.publish_text
    if not is_due(watch.data_dir, now=now, every=every, wait_seconds=wait_seconds, publish_text=publish_text):
        return None
    return publish(watch.data_dir, run_id, now=now, wait_seconds=wait_seconds, publish_text=publish_text)
