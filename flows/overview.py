"""How storywatch stands, all in one: the warehouse, what runs next, the disk, maintenance; and what needs a human."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from flows.disk import DiskSpace, disk_space
from flows.maintained import Maintained, read_maintained
from flows.outbox import Mailbox, failure_of
from flows.outbox_file import failing_targets
from flows.prefect_api import named_api
from flows.schedules import Deployed, Prefect, prefect
from flows.serve_plan import Plan, read_state
from warehouse import backups, lock
from warehouse.connect import DataDir
from warehouse.reports import WarehouseStatus

PREFECT_SECONDS = 2.0  # for all questions to its API
# Feeds fail now and then; this share of them at once is no longer their fault alone.
MANY_FEEDS = 0.5
# A run may take as long as three intervals, and an hour after a restart of the machine nothing is late yet.
LATE_INTERVALS = 3
LATE_AFTER = timedelta(hours=1)
# Maintenance is daily; after two days one was missed.
MAINTENANCE_LATE = timedelta(days=2)
PACKAGES = ("storywatch", "prefect", "duckdb", "feedparser", "trafilatura")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """As `storywatch status --json` has it, under these names; keys are added, never renamed."""

    last_run_is_on: bool  # its process lives
    was_killed: bool  # the last run says "running", and its process is gone
    up_was_killed: bool  # `storywatch up` ended without being told to
    prefect: Prefect
    disk: DiskSpace | None  # None: it can't be asked
    maintained: Maintained | None  # the last maintenance; None: there was none
    newest_backup_at: datetime | None  # None: there is none
    versions: Mapping[str, str]
    targets_failing: tuple[Mailbox, ...] = ()  # of notifications: who did not take the last message


def overview(data_dir: DataDir, status: WarehouseStatus, *, is_private: bool) -> Overview:
    """Everything beside the warehouse. `is_private`: `status` is that of the last commit, no published one."""
    last = status.last_run
    says_running = last is not None and last.status == "running"
    is_on = last is not None and lock.is_held(data_dir.run_lock_path(last.run_id))
    plan = Plan(data_dir=data_dir.root.absolute(), folder=data_dir.root)
    try:
        disk = disk_space(data_dir)
    except OSError:
        disk = None
    made = backups.backups(data_dir)
    return Overview(
        last_run_is_on=is_on,
        was_killed=says_running and not is_on and is_private,
        up_was_killed=read_state(plan.state_path) is not None and not lock.is_held(plan.lock_path),
        prefect=prefect(named_api(data_dir), within_seconds=PREFECT_SECONDS),
        disk=disk,
        maintained=read_maintained(data_dir),
        newest_backup_at=made[-1].made_at if made else None,
        versions=versions(),
        targets_failing=tuple(failing_targets(data_dir)),
    )


def versions() -> dict[str, str]:
    """Name -> version of what a run depends on most; of a package that is missing: "none"."""
    found = {"python": python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def attention(status: WarehouseStatus, seen: Overview, now: datetime) -> Iterator[str]:
    """What a human should look at, a line each. Pure."""
    yield from _of_runs(status, seen)
    if status.last_run is not None and status.last_run.balanced is False:
        yield "the ledger does not add up: storywatch db check"
    if status.feeds and len(status.feeds_failing) > MANY_FEEDS * status.feeds:
        yield f"{len(status.feeds_failing)} of {status.feeds} feeds fail"
    if seen.disk is not None and seen.disk.is_nearly_full:
        free, least = seen.disk.free_bytes / 1e9, seen.disk.least_free_bytes / 1e9
        yield f"the disk is nearly full: {free:.1f} GB free, {least:.1f} GB are needed"
    yield from _of_maintenance(seen, now)
    yield from _of_schedules(status, seen, now)
    yield from (f"notify, {box.label}: {failure_of(box)}" for box in seen.targets_failing)


def _of_runs(status: WarehouseStatus, seen: Overview) -> Iterator[str]:
    last = status.last_run
    if last is None:
        yield "no run was ever made"
    elif last.status == "failed":
        yield f"the last run failed: {last.detail}"
    elif last.status == "crashed" or seen.was_killed:
        yield f"the last run, of {last.started_at:%Y-%m-%d %H:%M}Z, was killed; the next one does what it left"


def _of_maintenance(seen: Overview, now: datetime) -> Iterator[str]:
    last = seen.maintained
    if last is None:
        return
    for step in last.steps:
        if step.state == "failed":
            yield f"the last maintenance, of {last.started_at:%Y-%m-%d %H:%M}Z: {step.name} failed: {step.detail}"
    is_scheduled = any(one.name == "maintain" and one.has_schedule for one in seen.prefect.deployments)
    if is_scheduled and now - last.started_at > MAINTENANCE_LATE:
        yield f"the last maintenance was on {last.started_at:%Y-%m-%d}"


def _of_schedules(status: WarehouseStatus, seen: Overview, now: datetime) -> Iterator[str]:
    if seen.up_was_killed:
        yield "storywatch up was killed: start it again, it puts right what is left"
    if seen.prefect.problem is not None:
        yield f"Prefect, {seen.prefect.api_url} by {seen.prefect.named_by}: {seen.prefect.problem}"
    for one in seen.prefect.deployments:
        if one.has_schedule:
            yield from _of_deployment(one, status, now)


def _of_deployment(one: Deployed, status: WarehouseStatus, now: datetime) -> Iterator[str]:
    if one.is_paused:
        yield f"the deployment {one.name} is paused: nothing of it runs"
    elif one.next_run_at is None:
        yield f"no run of {one.name} is scheduled, though it has a schedule: storywatch doctor"
    last = status.last_run
    if one.name == "monitor" and one.interval_seconds and last is not None:
        most = max(LATE_AFTER, LATE_INTERVALS * timedelta(seconds=one.interval_seconds))
        if now - last.started_at > most:
            every = f"one every {one.interval_seconds / 60:.0f} minutes"
            yield f"no run since {last.started_at:%Y-%m-%d %H:%M}Z, though {every} is due"
