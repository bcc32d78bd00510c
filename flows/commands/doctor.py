"""storywatch doctor: what is wrong, and what to do about it."""

from __future__ import annotations

import dataclasses
import json as jsonlib

import typer

from flows.commands import options
from flows.commands.exits import Exit


def command(
    feeds: options.Feeds = None, story: options.Story = None, data: options.Data = None, json: options.Json = False
) -> None:
    """Check all that storywatch needs, and say what to do about what is wrong. Exits with 1 when anything is.

    Looked at are Python and packages, settings and where they come from, contact, the files of seeds/, folders, disk,
    clock, Prefect (server, pool, worker, deployments, schedules), the warehouse, the published file and backups.
    Changes nothing, reads all of the warehouse, and asks nobody but the API of Prefect that PREFECT_API_URL, or
    storywatch up, names.

    [bold]Examples[/bold]

    \b
    storywatch doctor
    storywatch doctor --json | jq '.[] | select(.is_well | not)'
    """
    from flows.examining import examine
    from flows.world import current_world

    given = {"data_dir": data, "feeds_file": feeds, "story_file": story}
    found = []
    for one in examine(given, current_world().clock()):
        found.append(one)
        if not json:
            print(f"{'ok ' if one.is_well else 'BAD'}  {one.check:<14}  {one.detail}", flush=True)
            if one.remedy:
                print(f"     {'':<14}  -> {one.remedy}", flush=True)
    if json:
        print(jsonlib.dumps([dataclasses.asdict(one) for one in found], ensure_ascii=False))
    if not all(one.is_well for one in found):
        raise typer.Exit(Exit.ATTENTION)
