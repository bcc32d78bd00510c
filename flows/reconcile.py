"""Flow runs whose process is gone, told to Prefect's server: they become Crashed, and their slots are free.

A server learns of the end of a run from the run or from its worker. When both are gone (a power cut, kill -9), it
shows the run as Running for ever and keeps its deployment's slot, and each later run is cancelled or waits. A run is
of our pool and dead when no process of this machine executes it (processes.flow_runs); whether a worker elsewhere may
do so is asked first.

    python -m flows.reconcile [--make-pool]     # what `storywatch up` calls before it starts the worker
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate, WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import OrchestrationResult
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Crashed
from prefect.workers.process import ProcessWorker

from extractors.errors import StorywatchError
from flows import processes
from flows.serve_plan import POOL, worker_name

# A worker that was heard of within this time may execute runs on another machine.
WORKER_SILENT_AFTER = timedelta(seconds=100)
UNDER_WAY = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
WHY = "its process is gone: killed, or the machine went down; the next run goes on from there"
PAGE = 200  # flow runs per question: the server's limit


class OtherWorkers(StorywatchError):
    """A worker of another machine lives, and may execute what looks dead from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was put right."""

    crashed: tuple[str, ...]  # names of flow runs
    slots_freed: tuple[str, ...]  # names of deployments


def reconcile(client: SyncPrefectClient) -> Reconciled:
    """Crash the dead runs of our pool and free the slots that nobody holds.

    Raises OtherWorkers when a worker of another machine, or of an unknown one, lives.
    """
    require_no_other_worker(client)
    dead = dead_runs(client)
    for run in dead:
        crash(client, run)
    return Reconciled(crashed=tuple(run.name for run in dead), slots_freed=tuple(free_slots(client)))


def require_no_other_worker(client: SyncPrefectClient) -> None:
    """Raises OtherWorkers. Our workers carry the name of their machine (serve_plan.worker_name)."""
    now = datetime.now(UTC)
    try:
        workers = client.read_workers_for_work_pool(POOL)
    except ObjectNotFound:
        return
    for worker in workers:
        heard = worker.last_heartbeat_time
        is_alive = heard is not None and now - heard < WORKER_SILENT_AFTER
        if is_alive and not worker.name.endswith(f"on {socket.gethostname()}"):
            raise OtherWorkers(
                f"the worker {worker.name!r} lives and may be on another machine: reconcile when it is stopped, or "
                f"give the workers of this machine names that end so: prefect worker start --name {worker_name()!r}"
            )


def under_way(client: SyncPrefectClient) -> list[FlowRun]:
    """The flow runs of our pool that are under way, as the server sees it."""
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(UNDER_WAY)))),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found


def dead_runs(client: SyncPrefectClient) -> list[FlowRun]:
    """Those of them that no process executes."""
    runs = under_way(client)
    living = processes.flow_runs()
    return [run for run in runs if str(run.id) not in living]


def crash(client: SyncPrefectClient, run: FlowRun) -> None:
    """Tell the server; a run that was about to be cancelled can't crash by its rules, so it is not asked then."""
    result: OrchestrationResult[object] = client.set_flow_run_state(run.id, Crashed(message=WHY))
    if result.state is None or not result.state.is_crashed():
        client.set_flow_run_state(run.id, Crashed(message=WHY), force=True)


def free_slots(client: SyncPrefectClient) -> list[str]:
    """Set the slots in use of each deployment to the number of its runs that are under way. Returns what changed."""
    running = [run.deployment_id for run in under_way(client)]
    freed = []
    for deployment in client.read_deployments(work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))):
        limit = deployment.global_concurrency_limit
        held = running.count(deployment.id)
        if limit is not None and limit.active_slots > held:
            client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=held))
            freed.append(deployment.name)
    return freed


def make_pool(client: SyncPrefectClient) -> None:
    """The work pool, unless it is there."""
    try:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
    except ObjectAlreadyExists:
        return


def told(done: Reconciled) -> list[str]:
    """For people: a line per kind, none if nothing was wrong."""
    lines = []
    if done.crashed:
        lines.append(f"flow runs whose process is gone, now Crashed: {', '.join(done.crashed)}")
    if done.slots_freed:
        lines.append(f"slots that nobody held, now free: {', '.join(done.slots_freed)}")
    return lines


def main(arguments: Sequence[str]) -> None:
    """Called by the supervisor, in an environment that names its own server."""
    with get_client(sync_client=True) as client:
        if "--make-pool" in arguments:
            make_pool(client)
        try:
            lines = told(reconcile(client))
        except OtherWorkers as error:
            lines = [f"runs that look dead stay as they are: {error}"]
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
