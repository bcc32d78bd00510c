"""What the supervisor asks Prefect's server, over plain HTTP: prefect itself is not imported by a process that lives
for months and only has to know whether all is well.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.serve_plan import POOL, Plan

TIMEOUT_SECONDS = 10.0
# Whoever began so recently may not have a process yet, or is about to say how it ended.
TOO_YOUNG = timedelta(seconds=60)


class NoAnswer(Exception):
    """The server did not answer, or not as it should."""


def ask(plan: Plan, path: str, body: object = None) -> Any:
    """One request, POST if there is a body. Raises NoAnswer."""
    headers = {"Content-Type": "application/json"}
    if plan.auth:
        headers["Authorization"] = f"Basic {base64.b64encode(plan.auth.encode()).decode()}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{plan.api_url}{path}", data, headers)  # noqa: S310
    try:
        # No proxy of the environment: it is this machine's own server.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        raise NoAnswer(str(error)) from error


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
