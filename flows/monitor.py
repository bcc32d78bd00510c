"""The flow: what Prefect schedules, watches and retries. Thin tasks around the pipe; every decision is in plain
functions.

    feeds --poll--> Response --parse--> Entry --record--> ledger --gate--> Entry --fetch--> Page --extract--> Article
          (polling.py, extractors/feeds.py)   (polling.py, story.py)       (collecting.py, http.py, articles.py)

    Article --judge--> Verdict --load--> tables --publish--> snapshot --report--> RunReport --show--> artifacts, events
            (collecting.py, dedup.py)   (warehouse/)        (publish.py)           (shown.py)

To change what happens in a stage, change the function named here; this file only says that it is a task. One task per
stage, not per page: a task run costs about 28 ms of CPU, mostly in the server, which for a task per page is more than
the page's own work. Results are never cached (cache_policy=NO_CACHE): the ledger decides what is done already. Stages
return known errors as values, so a task fails only for a bug or a broken warehouse.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

# Prefect's embedded server needs about 20 s on an idle machine, its default limit; a busy one needs more.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from extractors.records import RunReport
from flows import interrupts, parameters, pipeline
from flows.parameters import parameter
from flows.settings import load_settings
from flows.shown import logged, show
from flows.watch import Watch, prepare
from flows.world import current_world

P = ParamSpec("P")
T = TypeVar("T")


def as_task(stage: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The Caller that makes each call of a stage one task run, named after the stage.

    To Prefect the task has no parameters: it would look into each of them, down to every entry of every feed, for
    futures and states, twice a task. For 120 pages that was 5 s of CPU, as much as all else.
    """
    name = stage.__name__.replace("_", "-")

    def stage_with_its_arguments() -> T:
        return stage(*args, **kwargs)

    one_task = task(name=name, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)(
        stage_with_its_arguments
    )
    result: T = one_task()
    interrupts.raise_if_noted()
    return result


def shown(watch: Watch, report: RunReport) -> RunReport:
    """The report, with what it tells among the artifacts, events and log lines of the flow run under way."""
    show(watch, report)
    return report


@flow(name="monitor", persist_result=False)
def monitor(
    data_dir: parameters.DataDir = None,
    feeds_file: parameters.FeedsFile = None,
    story_file: parameters.StoryFile = None,
    seeds_dir: parameters.SeedsDir = None,
    host_delay_seconds: parameters.HostDelaySeconds = None,
    max_pages_per_run: Annotated[
        int | None, parameter(ge=1, le=100_000, description="pages fetched at most; unset: as in the settings")
    ] = None,
    ask_all_feeds: Annotated[
        bool | None, parameter(description="ask also the feeds that are not due yet; unset: as in the settings")
    ] = None,
) -> RunReport:
    """Ask every feed that is due, fetch what is new, decide, load, publish; says where every URL went.

    Raises what pipeline.run raises: the run is Failed (or Crashed, after Ctrl-C) then, and the ledger balanced all the
    same.
    """
    given = {
        "data_dir": data_dir,
        "feeds_file": feeds_file,
        "story_file": story_file,
        "seeds_dir": seeds_dir,
        "host_delay_seconds": host_delay_seconds,
        "max_pages_per_run": max_pages_per_run,
        "ask_all_feeds": ask_all_feeds,
    }
    with interrupts.unwrapped():
        watch = prepare(load_settings(given, origin="the flow's parameters"), logged(current_world()))
        report = pipeline.run(watch, command="monitor", caller=as_task, recorded_in_prefect=True)
        return shown(watch, report)
