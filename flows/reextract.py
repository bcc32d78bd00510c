"""The flow that builds articles again from the archive: what Prefect starts by hand and watches. A thin shell.

begin -> find_pages -> read_again -> finish -> publish      (reextracting.py)
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from prefect import flow

from extractors.records import RunReport
from flows import interrupts, parameters
from flows.monitor import as_task, shown
from flows.parameters import parameter
from flows.reextracting import Wanted
from flows.reextracting import reextract as read_archive_again
from flows.settings import load_settings
from flows.watch import prepare
from flows.world import current_world


@flow(name="reextract", persist_result=False)
def reextract(
    since: Annotated[date | None, parameter(description="pages fetched on this day or later, UTC; unset: all")] = None,
    url: Annotated[str | None, parameter(description="the page of this address alone; unset: all")] = None,
    data_dir: parameters.DataDir = None,
    feeds_file: parameters.FeedsFile = None,
    story_file: parameters.StoryFile = None,
    seeds_dir: parameters.SeedsDir = None,
) -> RunReport:
    """Extract archived pages again; nobody is asked. Raises what reextracting.reextract raises."""
    given = {"data_dir": data_dir, "feeds_file": feeds_file, "story_file": story_file, "seeds_dir": seeds_dir}
    with interrupts.unwrapped():
        watch = prepare(load_settings(given, origin="the flow's parameters"), current_world(), asks=False)
        wanted = Wanted(since=since, url=url)
        report = read_archive_again(watch, wanted, caller=as_task, recorded_in_prefect=True)
        return shown(watch, report)
