"""Looking after the data folder, once a day: plain functions, no prefect (flows/maintain.py).

    checkpoint -> check -> back up -> forget exchanges -> trim the archive -> delete Prefect's old runs

Each step tells what it did; one that fails does not keep the others from their work, but for this: nothing is forgotten
or trimmed, and no old backup deleted, unless the check found the warehouse whole. It may be killed anywhere, the same
call does the rest. It is no run of the ledger: what it did is kept in <data>/private/maintained.json.

What stays, whatever the settings: the ledger with its history, all articles, the pages of articles on the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from extractors import archive, archive_trim
from extractors.errors import StorywatchError, WarehouseBusy
from extractors.warc import Broken
from flows import prefect_api
from flows.maintained import DONE, FAILED, LEFT, Maintained, Step, read_maintained, write_maintained
from flows.pipeline import Caller, plainly
from flows.prefect_api import Api
from flows.serve_plan import POOL
from flows.settings import Settings
from warehouse import backups, connect, integrity, lock, upkeep
from warehouse.connect import DataDir

Say = Callable[[str], None]
# Flow runs that one maintenance deletes: a day of a run every 15 minutes is 97.
MOST_FLOW_RUNS = 2_000
FLOW_RUNS_PER_REQUEST = 50  # the server's limit
DELETING_SECONDS = 120.0  # for one such request; a busy server takes its time
PUBLISHED = "published file"  # the one check of integrity.check that is not about the private file


class MaintenanceFailed(StorywatchError):
    """Steps failed; the others were carried out. `maintained`: what came of each."""

    def __init__(self, maintained: Maintained) -> None:
        super().__init__(maintained)
        self.maintained = maintained

    def __str__(self) -> str:
        return "; ".join(f"{step.name}: {step.detail}" for step in self.maintained.steps if step.state == FAILED)


@dataclass(slots=True, kw_only=True)
class Job:
    """A maintenance under way."""

    settings: Settings
    now: datetime
    dry_run: bool
    say: Say
    api: Api | None  # Prefect's; None: none is named
    is_whole: bool = False  # the private file, as the check found it
    trimmed_until: datetime | None = None

    @property
    def data_dir(self) -> DataDir:
        """The folder that is looked after."""
        return DataDir(self.settings.data_dir)


def maintain(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    api: Api | None,
    dry_run: bool = False,
    say: Say = backups.silently,
    caller: Caller = plainly,
) -> Maintained:
    """All steps, in order. `dry_run`: only says what would be done, and writes nothing.

    Raises WarehouseMissing when there is nothing to look after, WarehouseBusy at once while another maintenance is on,
    MaintenanceFailed after the last step when any has failed.
    """
    data_dir = DataDir(settings.data_dir)
    connect.require(data_dir)
    started_at, last = now(), read_maintained(data_dir)
    job = Job(settings=settings, now=started_at, dry_run=dry_run, say=say, api=api)
    until = last.trimmed_until if last else None
    job.trimmed_until = until if until is not None and until <= started_at else None  # the clock was ahead then
    if dry_run:
        maintained = _all_steps(job, caller, now)
    else:
        with lock.exclusive(data_dir.maintain_lock_path, wait_seconds=0):
            maintained = _all_steps(job, caller, now)
            write_maintained(data_dir, maintained)
    if not maintained.is_well:
        raise MaintenanceFailed(maintained)
    return maintained


def _all_steps(job: Job, caller: Caller, now: Callable[[], datetime]) -> Maintained:
    stages = (checkpoint, check, back_up, forget_exchanges, trim_archive, delete_flow_runs)
    steps = tuple(_carried_out(stage, job, caller) for stage in stages)
    return Maintained(started_at=job.now, ended_at=now(), steps=steps, trimmed_until=job.trimmed_until)


def _carried_out(stage: Callable[[Job], Step], job: Job, caller: Caller) -> Step:
    name = stage.__name__
    try:
        step = caller(stage, job)
    except Exception as error:  # also a bug of one step must not keep the others from their work
        told = str(error) if isinstance(error, StorywatchError) else f"{type(error).__name__}: {error}"
        step = Step(name=name, state=FAILED, detail=told)
    job.say(f"{step.name}: {step.state}: {step.detail}")
    return step


def checkpoint(job: Job) -> Step:
    """Write DuckDB's log into its file."""
    log = upkeep.log_bytes(job.data_dir)
    if not job.dry_run:
        upkeep.checkpoint(job.data_dir, wait_seconds=job.settings.writer_wait_seconds)
    size = job.data_dir.warehouse_path.stat().st_size
    detail = f"a log of {megabytes(log)} written into the file of {megabytes(size)}"
    return Step(name="checkpoint", state=DONE, detail=detail, counts={"log_bytes": log, "file_bytes": size})


def check(job: Job) -> Step:
    """Look whether the warehouse is whole, and the published file."""
    found = integrity.check(job.data_dir, wait_seconds=job.settings.writer_wait_seconds)
    bad = [one for one in found if not one.is_well]
    job.is_whole = all(one.check == PUBLISHED for one in bad)
    counts = {"checks": len(found), "bad": len(bad)}
    if bad:
        told = "; ".join(f"{one.check}: {one.detail}: {one.remedy}" for one in bad)
        return Step(name="check", state=FAILED, detail=told, counts=counts)
    return Step(name="check", state=DONE, detail=f"{len(found)} checks, all is whole", counts=counts)


def back_up(job: Job) -> Step:
    """Copy the private file; old copies go only when the check found the file whole that replaces them."""
    kept = job.settings.backups_kept
    size = job.data_dir.warehouse_path.stat().st_size
    if not kept:
        return Step(name="back_up", state=LEFT, detail="backups_kept is 0: none is made")
    before = len(backups.backups(job.data_dir))
    going = max(0, before + 1 - kept) if job.is_whole else 0
    counts = {"bytes": size, "deleted": going}
    if job.dry_run:
        return Step(name="back_up", state=DONE, detail=f"{megabytes(size)}; {going} old ones deleted", counts=counts)
    wait, keep = job.settings.writer_wait_seconds, kept if job.is_whole else None
    made = backups.back_up(job.data_dir, now=job.now, wait_seconds=wait, keep=keep)
    deleted = before + 1 - len(backups.backups(job.data_dir))
    detail = f"{made.path.name}, {megabytes(made.size_bytes)}; {deleted} old ones deleted"
    return Step(name="back_up", state=DONE, detail=detail, counts={"bytes": made.size_bytes, "deleted": deleted})


def forget_exchanges(job: Job) -> Step:
    """Forget old exchanges with feeds and robots.txt; the last one with each address stays."""
    name, days, wait = "forget_exchanges", job.settings.exchanges_keep_days, job.settings.writer_wait_seconds
    left = _left(job, days, "exchanges_keep_days is 0: all are kept")
    if left:
        return Step(name=name, state=LEFT, detail=left)
    before = job.now - timedelta(days=days)
    if job.dry_run:
        with connect.reader(job.data_dir, wait_seconds=wait) as con:
            rows = upkeep.old_exchanges(con, before)
    else:
        with connect.writer(job.data_dir, wait_seconds=wait) as con:
            rows = upkeep.forget_exchanges(con, before)
    detail = f"{rows} exchanges with feeds and robots.txt of before {before:%Y-%m-%d}"
    return Step(name=name, state=DONE, detail=detail, counts={"rows": rows})


def trim_archive(job: Job) -> Step:
    """Leave only the pages of articles on the story in old files of the archive. Not while a run is on."""
    name, days, wait = "trim_archive", job.settings.archive_keep_days, job.settings.writer_wait_seconds
    left = _left(job, days, "archive_keep_days is 0: all pages are kept")
    if left:
        return Step(name=name, state=LEFT, detail=left)
    before = job.now - timedelta(days=days)
    counts = dict.fromkeys(("files", "pages", "bytes", "damaged"), 0)
    with connect.reader(job.data_dir, wait_seconds=wait) as con:
        wanted = upkeep.pages_on_story(con)
    for path in _old_files(job, before):
        try:
            trimmed = _trimmed(job, path, wanted)
        except WarehouseBusy as busy:
            if busy.path != job.data_dir.replace_lock_path:
                raise
            detail = f"{_told(counts, before)}; the rest another time: a run is on (PID {busy.pid})"
            return Step(name=name, state=LEFT, detail=detail, counts=counts)
        if isinstance(trimmed, Broken):
            counts["damaged"] += 1
        elif trimmed.pages_dropped or not trimmed.bytes_after:
            counts["files"] += 1
            counts["pages"] += trimmed.pages_dropped
            counts["bytes"] += trimmed.bytes_before - trimmed.bytes_after
    job.trimmed_until = before
    return Step(name=name, state=DONE, detail=_told(counts, before), counts=counts)


def _old_files(job: Job, before: datetime) -> list[Path]:
    since = job.trimmed_until
    begun = ((path, archive_trim.begun_at(path)) for path in archive.files(job.data_dir.archive))
    return [path for path, at in begun if at is not None and at < before and (since is None or at >= since)]


def _trimmed(job: Job, path: Path, wanted: frozenset[datetime]) -> archive_trim.Trimmed | Broken:
    if job.dry_run:
        return archive_trim.trim(path, lambda place: place.fetched_at in wanted, dry_run=True)
    # File by file, so that a run that begins meanwhile waits for one alone; a re-extraction holds it from its beginning
    # to its end, and so never meets a file that has changed.
    with lock.exclusive(job.data_dir.replace_lock_path, wait_seconds=job.settings.writer_wait_seconds):
        return archive_trim.trim(path, lambda place: place.fetched_at in wanted)


def _told(counts: Mapping[str, int], before: datetime) -> str:
    damaged = f"; {counts['damaged']} damaged files left as they are" if counts["damaged"] else ""
    return (
        f"{counts['pages']} pages of before {before:%Y-%m-%d} that no article on the story was taken from, "
        f"{megabytes(counts['bytes'])}, in {counts['files']} files{damaged}"
    )


def _left(job: Job, days: int, for_ever: str) -> str:
    """Why nothing is to be forgotten; empty: it is."""
    if not days:
        return for_ever
    return "" if job.is_whole else "nothing is forgotten until the check finds the warehouse whole"


def delete_flow_runs(job: Job) -> Step:
    """Delete Prefect's records of old runs of our deployments, with their logs; MOST_FLOW_RUNS of them at most."""
    name, days = "delete_flow_runs", job.settings.prefect_keep_days
    if not days or job.api is None:
        return Step(name=name, state=LEFT, detail="no Prefect API is named" if days else "prefect_keep_days is 0")
    api = replace(job.api, timeout_seconds=DELETING_SECONDS)
    before = job.now - timedelta(days=days)
    wanted = {
        "flow_runs": {
            "end_time": {"before_": before.isoformat()},
            "deployment_id": {"any_": _own_deployments(api)},
            "state": {"type": {"any_": ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]}},
        }
    }
    deleted = api.ask("/flow_runs/count", wanted) if job.dry_run else _deleted(api, wanted)
    detail = f"{deleted} flow runs that ended before {before:%Y-%m-%d}"
    return Step(name=name, state=DONE, detail=detail, counts={"flow_runs": deleted})


def _own_deployments(api: Api) -> list[str]:
    found = api.ask_patiently(
        "/deployments/filter", {"work_pools": {"name": {"any_": [POOL]}}, "limit": FLOW_RUNS_PER_REQUEST}
    )
    return [one["id"] for one in found]


def _deleted(api: Api, wanted: dict[str, Any]) -> int:
    """In portions: the server deletes each in one transaction, in which others wait."""
    done = 0
    while done < MOST_FLOW_RUNS:
        some = len(api.ask_patiently("/flow_runs/bulk_delete", {**wanted, "limit": FLOW_RUNS_PER_REQUEST})["deleted"])
        done += some
        if some < FLOW_RUNS_PER_REQUEST:
            break
    return done


def megabytes(count: int) -> str:
    """For people."""
    return f"{count / 1e6:,.1f} MB"


def own_api(settings: Settings) -> Api | None:
    """Prefect's API as it is named for this data folder."""
    return prefect_api.named_api(DataDir(settings.data_dir))
