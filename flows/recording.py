"""One run, recorded in Prefect or not: decided by Prefect's own active settings, never by ours.

Imports prefect inside functions: whoever says --no-prefect never pays for it.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from extractors.records import RunReport
from flows.one_line import one_line
from flows.settings import load_settings
from flows.watch import prepare
from flows.world import World, in_world

if TYPE_CHECKING:
    from flows.backfill_run import Order
    from flows.reextracting import Wanted

# For commands: Prefect's own lines belong into its UI. What goes wrong in a run is raised, and told once.
QUIET_PREFECT = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
HEALTH_TIMEOUT_SECONDS = 5.0
HEALTH_RETRIES = 1  # Prefect's own 5 make a minute of a server that hangs, and 15 s of one that is gone
USER_IN_URL = re.compile(r"//[^/\s]*@")


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

    def as_flow() -> RunReport:
        from flows.monitor import monitor

        report: RunReport = monitor(**_given(given))
        return report

    return _recorded(as_flow, lambda: pipeline.run(watch, command="run"), world, recording)


def backfill_once(given: Mapping[str, Any], order: Order, world: World, recording: Recording) -> RunReport:
    """Carry out a backfill, as a Prefect flow or without one. Raises what backfill_run.backfill raises."""
    from flows import backfill_run

    watch = prepare(load_settings(given), world, asks=not order.reads_archives_alone)
    backfill_run.search_of(watch, backfill_run.check(order, world.clock()))  # so is a wrong order

    def as_flow() -> RunReport:
        from flows.backfill import backfill

        report: RunReport = backfill(
            since=order.since,
            until=order.until,
            sources=list(order.sources),
            urls=list(order.lists),
            warc=list(order.archives),
            again=order.again,
            deadline_hours=None if order.deadline_seconds is None else order.deadline_seconds / 3600,
            **_given(given),
        )
        return report

    return _recorded(as_flow, lambda: backfill_run.backfill(watch, order), world, recording)


def reextract_once(given: Mapping[str, Any], wanted: Wanted, world: World, recording: Recording) -> RunReport:
    """Read archived pages again, as a Prefect flow or without one. Raises what reextracting.reextract raises."""
    from flows import reextracting

    watch = prepare(load_settings(given), world, asks=False)

    def as_flow() -> RunReport:
        from flows.reextract import reextract

        report: RunReport = reextract(since=wanted.since, url=wanted.url, **_given(given))
        return report

    return _recorded(as_flow, lambda: reextracting.reextract(watch, wanted), world, recording)


def _given(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def _recorded(
    as_flow: Callable[[], RunReport], plainly: Callable[[], RunReport], world: World, recording: Recording
) -> RunReport:
    from flows import interrupts

    why_not = why_not_recorded() if recording is Recording.IF_NAMED else None
    if recording is Recording.EMBEDDED or (recording is Recording.IF_NAMED and why_not is None):
        import flows.monitor  # noqa: F401  # before the server starts: it gives a busy machine time for that

        if recording is Recording.EMBEDDED:
            start_embedded_server()
        with in_world(world), interrupts.noted():
            return as_flow()
    if why_not:
        world.progress.say(f"not recorded in Prefect: {why_not}")
    return plainly()


def start_embedded_server() -> None:
    """Let Prefect start its own server, unless it runs already, and wait until it answers.

    Ctrl-C on a terminal goes to every process of the group. The server is started with SIGINT blocked, which processes
    inherit from the thread that starts them: it is still there when the flow notes that it was stopped. (Otherwise
    Prefect asks a dead server for more than a minute, and what the run did before is hidden behind its errors.)
    """
    failed: list[BaseException] = []

    def start() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        from prefect.client.orchestration import get_client

        try:
            with get_client(sync_client=True):
                pass
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=start, name="embedded-server", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def why_not_recorded() -> str | None:
    """None when Prefect's active settings (environment, profile, prefect.toml) name an API that answers us, else the
    reason, without a password.
    """
    for key, value in QUIET_PREFECT.items():
        os.environ.setdefault(key, value)
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    api_url = PREFECT_API_URL.value()
    if not api_url:
        return "its settings name no API (PREFECT_API_URL)"
    try:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: HEALTH_RETRIES}),
            get_client(sync_client=True, httpx_settings={"timeout": HEALTH_TIMEOUT_SECONDS}) as client,
        ):
            if (problem := client.api_healthcheck()) is not None:
                raise problem
            client.raise_for_api_version_mismatch()  # as a flow asks first; /health alone needs no password
    except Exception as error:  # httpx and Prefect raise all kinds of them for wrong addresses and other servers
        cause = error.__cause__ or error
        told = USER_IN_URL.sub("//", one_line(f"{type(cause).__name__}: {cause}", 200))
        return f"{USER_IN_URL.sub('//', api_url)} does not answer as it should ({told})"
    return None
