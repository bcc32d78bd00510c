"""Whether Prefect is as scheduled runs need it: server, pool, worker, deployments, schedules. Asked over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import yaml

from flows.prefect_api import Api, NoAnswer, named_api
from flows.schedules import Ask, Deployed, asked_within, deployed
from flows.serve_plan import DEPLOYMENTS, LEASES_ON_DISK, POOL, Plan, read_state
from warehouse import lock
from warehouse.connect import DataDir
from warehouse.integrity import Finding

PREFECT_SECONDS = 10.0  # for all questions
WORKER_SILENT_AFTER = timedelta(seconds=100)  # it reports every 30 s
CHECK = "prefect"
DEPLOY = "storywatch up deploys it; on a server of your own: prefect --no-prompt deploy --all"


def findings(data_dir: DataDir, now: datetime) -> Iterator[Finding]:
    """All of them. Not to use Prefect is well."""
    plan = Plan(data_dir=data_dir.root.absolute(), folder=data_dir.root)
    if read_state(plan.state_path) is not None and not lock.is_held(plan.lock_path):
        yield _bad("storywatch up was killed: what is left of it runs unwatched", "start it again, or storywatch down")
    api = named_api(data_dir)
    if api is None:
        yield _well("not used here: no API is named (PREFECT_API_URL), and storywatch up does not run on this folder")
        return
    try:
        yield from _of_server(asked_within(api, PREFECT_SECONDS), api, now)
    except NoAnswer as error:
        remedy = "start the server, or set PREFECT_API_URL right; with a password: PREFECT_API_AUTH_STRING"
        yield _bad(f"{api.url}, named by {api.named_by}, does not answer: {error}", remedy)
    except (KeyError, TypeError, ValueError) as error:
        yield _bad(f"{api.url} answers otherwise than Prefect 3.8: {error!r}", "let PREFECT_API_URL end in /api")


def _of_server(ask: Ask, api: Api, now: datetime) -> Iterator[Finding]:
    theirs, ours = str(ask("/admin/version")), version("prefect")
    if _minor(theirs) != _minor(ours):
        yield _bad(f"the server is Prefect {theirs}, here is {ours}", "install the same on both: constraints.txt")
    else:
        yield _well(f"{api.url}, named by {api.named_by}: Prefect {theirs}")
    leases = ask("/admin/settings")["server"]["concurrency"]["lease_storage"]
    if leases.endswith(".memory"):
        yield _bad(
            "slots of running flows are kept in the server's memory: after a power cut later runs may be cancelled",
            f"start the server with PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE={LEASES_ON_DISK}",
        )
    pools = ask("/work_pools/filter", {"work_pools": {"name": {"any_": [POOL]}}})
    if not pools:
        yield _bad(f"there is no work pool {POOL}", f"prefect work-pool create --type process {POOL}, then deploy")
        return
    if pools[0]["is_paused"]:
        yield _bad(f"the work pool {POOL} is paused: nothing runs", f"prefect work-pool resume {POOL}")
    yield _of_workers(ask(f"/work_pools/{POOL}/workers/filter", {}), now)
    yield from _of_deployments(deployed(ask))


def _of_workers(workers: list[dict[str, Any]], now: datetime) -> Finding:
    beats = {
        str(one["name"]): datetime.fromisoformat(one["last_heartbeat_time"]).astimezone(UTC)
        for one in workers
        if one["last_heartbeat_time"]
    }
    alive = [name for name, beat in beats.items() if now - beat < WORKER_SILENT_AFTER]
    if alive:
        return _well(f"worker: {', '.join(sorted(alive))}")
    last = f"the last one reported at {max(beats.values()):%Y-%m-%d %H:%M}Z" if beats else "none ever reported"
    return _bad(f"no worker serves the pool {POOL}: {last}", f"storywatch up, or prefect worker start --pool {POOL}")


def _of_deployments(found: tuple[Deployed, ...]) -> Iterator[Finding]:
    there = {one.name: one for one in found}
    wanted = {one["name"]: one for one in yaml.safe_load(DEPLOYMENTS.read_text("utf-8"))["deployments"]}
    wrong = [finding for name, one in wanted.items() for finding in _of_deployment(there.get(name), name, one)]
    yield from wrong
    if not wrong:
        yield _well(f"deployments: {', '.join(sorted(wanted))}")


def _of_deployment(one: Deployed | None, name: str, wanted: dict[str, Any]) -> Iterator[Finding]:
    if one is None:
        yield _bad(f"there is no deployment {name}", DEPLOY)
        return
    if one.limit != wanted["concurrency_limit"]["limit"]:
        yield _bad(f"{name} has no limit of one run at a time: runs would overlap", DEPLOY)
    if not wanted["schedules"]:
        return
    if one.is_paused:
        yield _bad(f"{name} is paused: nothing of it runs", "resume it on its page in the UI")
    elif not one.has_schedule:
        yield _bad(f"{name} has no active schedule", DEPLOY)
    elif one.next_run_at is None:
        remedy = "see the server's log; with sqlalchemy 2.1 or later it creates none: install from constraints.txt"
        yield _bad(f"{name} has a schedule, and no run is scheduled", remedy)


def _minor(number: str) -> list[str]:
    return number.split(".")[:2]


def _well(detail: str) -> Finding:
    return Finding(check=CHECK, is_well=True, detail=detail)


def _bad(detail: str, remedy: str) -> Finding:
    return Finding(check=CHECK, is_well=False, detail=detail, remedy=remedy)
