"""storywatch maintain: look after the data folder."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.maintained import Maintained


def command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Check the warehouse, back it up, and forget what is too old: in it, in the archive, in Prefect. Daily is right.

    What is kept how long: the settings archive_keep_days (365), exchanges_keep_days (90), prefect_keep_days (30),
    backups_kept (7). The ledger, all articles and the pages of articles on the story stay for ever. A step that
    fails keeps none of the others from its work; the command ends with 1 then.

    Prefect is asked when PREFECT_API_URL names a server, or storywatch up is running on the data folder.

    [bold]Examples[/bold]

    \b
    storywatch maintain --dry-run
    storywatch maintain --data /srv/storywatch
    """
    from flows import aftermath
    from flows.maintaining import MaintenanceFailed, maintain, own_api
    from flows.settings import load_settings
    from flows.world import current_world

    settings = load_settings({"data_dir": data})
    world = current_world()
    follows = nullcontext() if dry_run else aftermath.failures_told(settings, world, "maintain")
    try:
        with follows:
            told = maintain(settings, now=world.clock, api=own_api(settings), dry_run=dry_run)
        _tell(told, json=json, dry_run=dry_run)
    except MaintenanceFailed as failed:
        _tell(failed.maintained, json=json, dry_run=dry_run)
        names = ", ".join(step.name for step in failed.maintained.steps if step.state == "failed")
        print(f"storywatch: failed: {names}", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION) from None


def _tell(told: Maintained, *, json: bool, dry_run: bool) -> None:
    if json:
        print(jsonlib.dumps({"dry_run": dry_run, **dataclasses.asdict(told)}, default=str, ensure_ascii=False))
        return
    for step in told.steps:
        print(f"{step.state:<7} {step.name:<17} {step.detail}")
    if dry_run:
        print("Nothing was written: this is what would be done.")
