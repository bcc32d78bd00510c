"""The flow that decides again which stored articles are on the story: what Prefect starts by hand and watches. A thin
shell around rescoring.py.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows import interrupts, rescoring
from flows.monitor import as_task
from flows.parameters import parameter
from flows.rescoring import Rescored
from flows.settings import load_settings
from flows.watch import prepare
from flows.world import current_world

# Rows of the artifact; the view article_all has all.
CHANGES_SHOWN = 500


@flow(name="rescore", persist_result=False)
def rescore(
    dry_run: Annotated[bool, parameter(description="only say what would change; nothing is written")] = False,
    data_dir: Annotated[
        Path | None, parameter(description="folder of the warehouse; unset: as in the settings")
    ] = None,
    story_file: Annotated[Path | None, parameter(description="story.toml; unset: as in the settings")] = None,
    seeds_dir: Annotated[
        Path | None, parameter(description="folder of seed articles; unset: as in the settings")
    ] = None,
) -> dict[str, int]:
    """Score every stored article by the story file as it is now. Returns the changes of class -> articles.

    Raises what rescoring.rescore raises; the same call again does the rest.
    """
    given = {"data_dir": data_dir, "story_file": story_file, "seeds_dir": seeds_dir}
    with interrupts.unwrapped():
        watch = prepare(load_settings(given, origin="the flow's parameters"), current_world(), asks=False)
        told: Rescored = as_task(rescoring.rescore, watch, dry_run=dry_run)
        rows = [
            {"was": one.was.value, "is": one.now.value, "by": one.rule, "article": one.url, "headline": one.title}
            for one in told.changes[:CHANGES_SHOWN]
        ]
        verb = "would be" if dry_run else "were"
        changed = f"{told.updated} {verb} updated, {len(told.changes)} of another class"
        said = f"{told.articles} articles scored again, {changed}"
        create_table_artifact(key="which-articles-changed-their-class", table=rows, description=said)
        return dict(Counter(f"{one.was} -> {one.now}" for one in told.changes))
