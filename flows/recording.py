"""One run, recorded in Prefect or not: decided by Prefect's own active settings, never by ours.

Imports prefect inside functions: whoever says --no-prefect never pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from typing import Any

from extractors.records import RunReport
from flows.settings import load_settings
from flows.watch import prepare
from flows.world import World, in_world

# For commands: Prefect's own lines belong into its UI; what goes wrong is still shown.
QUIET_PREFECT = {"PREFECT_LOGGING_LEVEL": "WARNING", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
HEALTH_TIMEOUT_SECONDS = 5.0


class Recording(Enum):
    """Whether a run is to be recorded in Prefect."""

    IF_NAMED = "if Prefect's active settings name an API that answers"
    EMBEDDED = "on the server that Prefect starts by itself"
    NEVER = "never touch Prefect"


def run_once(given: Mapping[str, Any], world: World, recording: Recording) -> RunReport:
    """Run the monitor with these settings, as a Prefect flow or as the same stages without one, and say which in one
    line.

    Raises what pipeline.run raises.
    """
    from flows import pipeline

    watch = prepare(load_settings(given), world)  # wrong files are told before Prefect is waited for
    why_not = why_not_recorded() if recording is Recording.IF_NAMED else None
    if recording is Recording.EMBEDDED or (recording is Recording.IF_NAMED and why_not is None):
        from flows.monitor import monitor

        with in_world(world):
            report: RunReport = monitor(**{key: value for key, value in given.items() if value is not None})
        return report
    if why_not:
        world.progress.say(f"not recorded in Prefect: {why_not}")
    return pipeline.run(watch, command="run")


def why_not_recorded() -> str | None:
    """None when Prefect's active settings (environment, profile, prefect.toml) name an API that answers, else the
    reason.
    """
    for key, value in QUIET_PREFECT.items():
        os.environ.setdefault(key, value)
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    api_url = PREFECT_API_URL.value()
    if not api_url:
        return "its settings name no API (PREFECT_API_URL)"
    with get_client(sync_client=True, httpx_settings={"timeout": HEALTH_TIMEOUT_SECONDS}) as client:
        problem = client.api_healthcheck()
    return f"{api_url} does not answer ({problem!r})" if problem is not None else None
