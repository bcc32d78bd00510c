"""The flow of a backfill: what Prefect starts by hand and watches. Thin tasks; every decision is in plain functions.

    begin -> discover -> collect_pages -> finish -> publish
             (backfill_slices.py, backfill_lists.py, backfill_warc.py)  (pipeline.py)

Five task runs, however much there is: slices and pages are counted in the report and in the view `backfill`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow

from extractors.records import RunReport
from flows import interrupts, parameters
from flows.backfill_run import Order
from flows.backfill_run import backfill as fill
from flows.monitor import as_task, shown
from flows.parameters import parameter
from flows.settings import load_settings
from flows.shown import logged
from flows.watch import prepare
from flows.world import current_world


@flow(name="backfill", persist_result=False)
def backfill(
    since: Annotated[date | None, parameter(description="first day, UTC; needed unless only files are read")] = None,
    until: Annotated[date | None, parameter(description="last day, UTC; needed unless only files are read")] = None,
    sources: Annotated[list[str] | None, parameter(description="only sources whose name holds one of these")] = None,
    urls: Annotated[list[Path] | None, parameter(description="files of addresses, one per line")] = None,
    warc: Annotated[list[Path] | None, parameter(description="WARC files, .warc or .warc.gz")] = None,
    again: Annotated[bool, parameter(description="also ask what is done already")] = False,
    deadline_hours: Annotated[
        float | None, parameter(gt=0, le=1000, description="unset: until nothing is left")
    ] = None,
    data_dir: parameters.DataDir = None,
    feeds_file: parameters.FeedsFile = None,
    story_file: parameters.StoryFile = None,
    seeds_dir: parameters.SeedsDir = None,
    host_delay_seconds: parameters.HostDelaySeconds = None,
) -> RunReport:
    """Fill in the time from `since` to `until`, or read files; says where every URL went.

    Raises what backfill_run.backfill raises: the run is Failed (or Crashed, after Ctrl-C) then, and the ledger
    balanced. The same call again goes on from there.
    """
    given = {
        "data_dir": data_dir,
        "feeds_file": feeds_file,
        "story_file": story_file,
        "seeds_dir": seeds_dir,
        "host_delay_seconds": host_delay_seconds,
    }
    order = Order(
        since=since,
        until=until,
        sources=tuple(sources or ()),
        lists=tuple(urls or ()),
        archives=tuple(warc or ()),
        again=again,
        deadline_seconds=None if deadline_hours is None else deadline_hours * 3600,
    )
    with interrupts.unwrapped():
        watch = prepare(
            load_settings(given, origin="the flow's parameters"),
            logged(current_world()),
            asks=not order.reads_archives_alone,
        )
        report = fill(watch, order, caller=as_task, recorded_in_prefect=True)
        return shown(watch, report)
