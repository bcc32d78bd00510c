"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of the warehouse.  [default: data]", show_default=False),
]
Feeds = Annotated[
    Path | None, typer.Option("--feeds", metavar="FILE", help="feeds.toml to use instead of seeds/feeds.toml.")
]
Story = Annotated[
    Path | None, typer.Option("--story", metavar="FILE", help="story.toml to use instead of seeds/story.toml.")
]
NoPrefect = Annotated[bool, typer.Option("--no-prefect", help="Never touch Prefect.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table: errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def day(text: str) -> date:
    """A day that somebody wrote, as a parser of an option. Raises BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2025-10-16") from None
