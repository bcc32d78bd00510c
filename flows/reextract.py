"""The flow that builds articles again from the archive: what Prefect starts by hand and watches. A thin shell.

begin -> find_pages -> read_again -> finish -> publish      (reextracting.py)
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_table_artifact

from extractors.records import RunReport
from flows import interrupts
from flows.monitor import as_task
from flows.parameters import parameter
from flows.reextracting import Wanted
from flows.reextracting import reextract as read_archive_again
from flows.report import artifact_rows, summary
from flows.settings import load_settings
from flows.watch import prepare
from flows.world import current_world


@flow(name="reextract", persist_result=False)
def reextract(
    since: Annotated[date | None, parameter(description="pages fetched on this day or later, UTC; unset: all")] = None,
    url: Annotated[str | None, parameter(description="the page of this address alone; unset: all")] = None,
    data_dir: Annotated[
        Path | None, parameter(description="folder of the warehouse; unset: as in the settings")
    ] = None,
    feeds_file: Annotated[Path | None, parameter(description="feeds.toml; unset: as in the settings")] = None,
    story_file: Annotated[Path | None, parameter(description="story.toml; unset: as in the settings")] = None,
    seeds_dir: Annotated[
        Path | None, parameter(description="folder of seed articles; unset: as in the settings")
    ] = None,
) -> RunReport:
    """Extract archived pages again; nobody is asked. Raises what reextracting.reextract raises."""
    given = {"data_dir": data_dir, "feeds_file": feeds_file, "story_file": story_file, "seeds_dir": seeds_dir}
    with interrupts.unwrapped():
        watch = prepare(load_settings(given, origin="the flow's parameters"), current_world(), asks=False)
        wanted = Wanted(since=since, url=url)
        report = read_archive_again(watch, wanted, caller=as_task, recorded_in_prefect=True)
        create_table_artifact(key="where-every-url-went", table=artifact_rows(report), description=summary(report))
        return report
