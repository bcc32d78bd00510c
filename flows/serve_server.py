"""What the supervisor asks Prefect's server, over plain HTTP: prefect itself is not imported by a process that lives
for months and only has to know whether all is well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flows.prefect_api import Api, NoAnswer, basic
from flows.serve_plan import POOL, Plan

__all__ = ["NoAnswer", "ask", "heartbeat", "is_healthy", "under_way", "utc_now"]

# Whoever began so recently may not have a process yet, or is about to say how it ended.
TOO_YOUNG = timedelta(seconds=60)


def ask(plan: Plan, path: str, body: object = None) -> Any:
    """One request, POST if there is a body. Raises NoAnswer."""
    return Api(url=plan.api_url, authorization=basic(plan.auth)).ask(path, body)


def is_healthy(plan: Plan) -> bool:
    """Whether the server answers."""
    try:
        return bool(ask(plan, "/health"))
    except NoAnswer:
        return False


def heartbeat(plan: Plan, worker: str) -> datetime | None:
    """When the worker of that name was last heard of. Raises NoAnswer. None: never."""
    for one in ask(plan, f"/work_pools/{POOL}/workers/filter", {}):
        if one["name"] == worker and one["last_heartbeat_time"]:
            return datetime.fromisoformat(one["last_heartbeat_time"])
    return None


def under_way(plan: Plan, now: datetime) -> list[str]:
    """Ids of the flow runs of our pool that have been under way for a while. Raises NoAnswer."""
    wanted = {
        "flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}},
        "work_pools": {"name": {"any_": [POOL]}},
    }
    return [
        run["id"]
        for run in ask(plan, "/flow_runs/filter", wanted)
        if now - datetime.fromisoformat(run["state"]["timestamp"]) > TOO_YOUNG
    ]


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)
