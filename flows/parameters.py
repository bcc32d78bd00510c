"""Parameters of flows as Prefect's UI shows them, and those that several share. Unset: as in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field


def parameter(*, description: str, **limits: Any) -> Any:
    """A pydantic Field whose description reaches the UI: Prefect 3.8 replaces a field's own by what a docstring says
    under "Args", also by nothing, but leaves its JSON schema alone. `limits`: ge, gt, le, lt.
    """
    return Field(description=description, json_schema_extra={"description": description}, **limits)


DataDir = Annotated[Path | None, parameter(description="folder of the warehouse; unset: as in the settings")]
FeedsFile = Annotated[Path | None, parameter(description="feeds.toml; unset: as in the settings")]
StoryFile = Annotated[Path | None, parameter(description="story.toml; unset: as in the settings")]
SeedsDir = Annotated[Path | None, parameter(description="folder of seed articles; unset: as in the settings")]
HostDelaySeconds = Annotated[
    float | None,
    parameter(ge=0, le=300, description="pause between two requests to a host; unset: as in the settings"),
]
