"""The flow that looks after the data folder: what Prefect starts once a day. A thin shell around maintaining.py."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_KEY, PREFECT_API_URL

from flows import aftermath, interrupts, maintaining, parameters
from flows.maintained import Maintained
from flows.maintaining import MaintenanceFailed
from flows.monitor import as_task
from flows.parameters import parameter
from flows.prefect_api import Api, api_at, basic
from flows.settings import load_settings
from flows.world import current_world


@flow(name="maintain", persist_result=False)
def maintain(
    dry_run: Annotated[bool, parameter(description="only say what would be done; nothing is written")] = False,
    data_dir: parameters.DataDir = None,
) -> dict[str, str]:
    """Check the warehouse, back it up, forget what is too old, in Prefect too. Returns step -> done, left or failed.

    Raises what maintaining.maintain raises, when all steps were tried; the same call again does the rest.
    """
    settings = load_settings({"data_dir": data_dir}, origin="the flow's parameters")
    world = current_world()
    follows = nullcontext() if dry_run else aftermath.failures_told(settings, world, "maintain")
    with interrupts.unwrapped(), follows:
        try:
            told = maintaining.maintain(
                settings, now=world.clock, api=_own_server(), dry_run=dry_run, say=world.progress.say, caller=as_task
            )
        except MaintenanceFailed as failed:
            _show(failed.maintained)
            raise
    _show(told)
    return {step.name: step.state for step in told.steps}


def _own_server() -> Api | None:
    """That by which this very run is known. None: the one that Prefect started for this run alone."""
    url, key, auth = PREFECT_API_URL.value(), PREFECT_API_KEY.value(), PREFECT_API_AUTH_STRING.value()
    if not url:
        return None
    authorization = f"Bearer {key.get_secret_value()}" if key else basic(auth.get_secret_value() if auth else None)
    return api_at(url, authorization, named_by="Prefect's settings")


def _show(told: Maintained) -> None:
    rows = [{"step": step.name, "state": step.state, "what": step.detail} for step in told.steps]
    create_table_artifact(key="what-maintenance-did", table=rows)
