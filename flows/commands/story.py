"""storywatch story: the file that says what the story is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

app = typer.Typer(no_args_is_help=True, help="The file that says what the story is.")


@app.callback()
def story() -> None:
    """The file that says what the story is."""


@app.command("check")
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A story.toml.  [default: the one that runs use]")
    ] = None,
    story: options.Story = None,
) -> None:
    """Read the story file and say, line by line, what is wrong with it and what looks like a slip.

    Exits with 2 when a run would refuse the file.

    [bold]Examples[/bold]

    \b
    storywatch story check
    storywatch story check my-story.toml
    """
    from extractors.story import read_story
    from extractors.story_slips import slips
    from flows.settings import load_settings, seed_file

    settings = load_settings({"story_file": file or story})
    path = seed_file("story.toml", settings.story_file, settings)
    watched, problems = read_story(path)
    for problem in sorted(problems, key=lambda one: one.line or 0):
        print(problem, file=sys.stderr)
    for slip in slips(watched):
        print(f"{path}: {slip}", file=sys.stderr)
    stems = len(watched.index.groups_of)
    print(
        f"{path}: {watched.name!r}, from {watched.opens}: {len(watched.weights)} groups with {stems} stems, "
        f"{len(watched.combinations)} combinations, {len(watched.asides)} asides, {len(watched.gates)} gates, "
        f"{len(watched.queries)} queries, {len(watched.steps)} steps"
        if not problems
        else f"{path}: {len(problems)} error{'s' if len(problems) > 1 else ''}; no run would start"
    )
    if problems:
        raise typer.Exit(Exit.USAGE)
