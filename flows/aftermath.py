"""What follows every run, however it ended: people are told (notify.py), metrics are written (metrics.py).

Nothing here ever changes how the run ends: what goes wrong is one line for people and, of a target, seen in `status`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from extractors.errors import InputError, WarehouseBusy, WarehouseError
from extractors.records import RunReport
from flows import metrics, notify
from flows.interrupts import is_interrupt
from flows.notices import Disk, Ending, Situation
from flows.outbox_file import read_outbox
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from warehouse.connect import DataDir, reader
from warehouse.snapshots import last_published
from warehouse.standing import Standing, Totals, standing, totals

# Runs of that time are looked at: for what ended badly, and whether somebody listened.
RUNS_SINCE = timedelta(days=7)
# A run that failed because the warehouse is held has waited for it already.
WAIT_SECONDS = 5.0


def after_report(watch: Watch, command: str, report: RunReport) -> None:
    """After a run that has a report."""
    follow(watch, Ending(run_id=report.run_id, command=command, status=report.status, detail=report.detail))


def after_error(watch: Watch, command: str, run_id: str, error: BaseException) -> None:
    """After a run that raised. One that was stopped is told of in the metrics alone, for whoever stopped it waits."""
    if is_interrupt(error) or not isinstance(error, Exception):
        follow(watch, Ending(run_id=run_id, command=command, status="interrupted"))
    else:
        name = type(error).__name__
        detail = f"{name}: {error}"
        follow(watch, Ending(run_id=run_id, command=command, status="failed", detail=detail, error=name))


@contextmanager
def failures_told(settings: Settings, world: World, command: str) -> Iterator[None]:
    """Around work that is no run of the ledger: people are told if it fails, and when it works again."""
    run_id = f"{world.clock():%Y%m%dT%H%M%SZ}"
    try:
        yield
    except Exception as error:
        name = type(error).__name__
        detail = f"{name}: {error}"
        ending = Ending(run_id=run_id, command=command, status="failed", detail=detail, error=name)
        _follow_outside(settings, world, ending)
        raise
    _follow_outside(settings, world, Ending(run_id=run_id, command=command, status="completed"))


def _follow_outside(settings: Settings, world: World, ending: Ending) -> None:
    with suppress(InputError):  # a wrong story or list of feeds: the next run tells that
        follow(prepare(settings, world, asks=False), ending, writes_metrics=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the warehouse says; None: it can't be read."""

    standing: Standing | None = None
    totals: Totals | None = None


def follow(watch: Watch, ending: Ending, *, writes_metrics: bool = True) -> None:
    """Tell people and write the metrics. Never raises what is an Exception."""
    with _unheard(watch):
        seen = _seen(watch, ending)
        disk = _disk(watch.data_dir)
        if ending.status != "interrupted" and watch.world.notifies:
            with _unheard(watch):
                _tell(watch, ending, seen, disk)
        if writes_metrics:
            _write_metrics(watch, ending, seen, disk)


@contextmanager
def _unheard(watch: Watch) -> Iterator[None]:
    """A bug in here must make no failure of a run that went well, and one of telling leave the metrics alone."""
    try:
        yield
    except Exception as error:
        watch.world.progress.say(f"after the run: {type(error).__name__}: {error}")


def _seen(watch: Watch, ending: Ending) -> _Seen:
    now = watch.world.clock()
    wait_seconds = min(WAIT_SECONDS, watch.settings.writer_wait_seconds)
    with suppress(WarehouseError), reader(watch.data_dir, wait_seconds=wait_seconds) as con:
        return _Seen(
            standing=standing(con, ending.run_id, now=now, runs_since=now - RUNS_SINCE),
            totals=totals(con, now),
        )
    return _Seen()


def _disk(data_dir: DataDir) -> Disk | None:
    with suppress(OSError):
        usage = shutil.disk_usage(data_dir.root)
        return Disk(free_bytes=usage.free, total_bytes=usage.total)
    return None


def _tell(watch: Watch, ending: Ending, seen: _Seen, disk: Disk | None) -> None:
    situation = Situation(
        now=watch.world.clock(),
        ending=ending,
        disk=disk,
        standing=seen.standing,
        searches=frozenset(feed.url for feed in watch.feeds if feed.is_search),
    )
    try:
        notify.tell(watch.settings, watch.data_dir, situation)
    except WarehouseBusy:
        watch.world.progress.say("another run is telling people: what is new is told after the next run")
    except (OSError, WarehouseError) as error:
        watch.world.progress.say(f"nobody was told, because it can't be noted: {error}")


def _write_metrics(watch: Watch, ending: Ending, seen: _Seen, disk: Disk | None) -> None:
    published = last_published(watch.data_dir)
    facts = metrics.Facts(
        now=watch.world.clock(),
        ending=ending,
        standing=seen.standing,
        totals=seen.totals,
        disk=disk,
        published_at=published.published_at if published else None,
        mailboxes=tuple(read_outbox(watch.data_dir).mailboxes.values()),
    )
    try:
        metrics.write_metrics(watch.data_dir, metrics.metrics_text(facts))
    except OSError as error:
        watch.world.progress.say(f"the metrics could not be written: {error}")
