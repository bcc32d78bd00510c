"""Parameters that several flows share. Unset means: as in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

DataDir = Annotated[Path | None, Field(description="folder of the warehouse; unset: as in the settings")]
FeedsFile = Annotated[Path | None, Field(description="feeds.toml; unset: as in the settings")]
StoryFile = Annotated[Path | None, Field(description="story.toml; unset: as in the settings")]
SeedsDir = Annotated[Path | None, Field(description="folder of seed articles; unset: as in the settings")]
HostDelaySeconds = Annotated[
    float | None, Field(ge=0, le=300, description="pause between two requests to a host; unset: as in the settings")
]
