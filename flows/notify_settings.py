"""The settings of `notify`, a part of Settings (settings.py): in storywatch.toml a table [notify], in the environment
STORYWATCH_NOTIFY_....
"""

from __future__ import annotations

import re
from datetime import time
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, field_validator

# Apprise alone knows which schemes there are; it takes 0.2 s to load, so here only the shape is looked at.
TARGET = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class Kind(StrEnum):
    """What a notice is about; in this order it is told."""

    RUN = "run"
    DISK = "disk"
    STEP = "step"
    SPIKE = "spike"
    SILENCE = "silence"
    FEED = "feed"


def _words(value: object) -> object:
    """A list from the environment: its words."""
    return value.split() if isinstance(value, str) else value


class NotifySettings(BaseModel):
    """Who is told of what, and when. Each field: meaning, unit, allowed range."""

    notify_targets: Annotated[
        tuple[SecretStr, ...],
        BeforeValidator(_words),
        Field(description="Apprise URLs, as mailto://... or json://...; in the environment with blanks between them"),
    ] = ()
    notify_kinds: Annotated[
        tuple[Kind, ...],
        BeforeValidator(_words),
        Field(description="of " + ", ".join(Kind)),
    ] = tuple(Kind)
    notify_quiet_hours: Annotated[
        str, Field(description='hours in which nothing is sent, as "22:00-07:00"; empty: none')
    ] = ""
    notify_time_zone: Annotated[str, Field(description='time zone of these hours, as "Europe/Budapest"')] = "UTC"
    notify_least_minutes: Annotated[
        float, Field(ge=0, le=10_080, description="least time between two messages to a target")
    ] = 30.0
    notify_feed_failures: Annotated[
        int, Field(ge=1, le=100, description="failed polls in a row from which a feed is broken")
    ] = 3
    notify_spike_factor: Annotated[
        float, Field(ge=1.5, le=1000, description="times the usual number of articles a day that are a spike")
    ] = 3.0
    notify_spike_articles: Annotated[
        int, Field(ge=1, le=100_000, description="articles a day in a language below which nothing is a spike")
    ] = 10
    notify_silence_articles: Annotated[
        int, Field(ge=1, le=100_000, description="articles on each of 14 days from which none is a silence")
    ] = 10
    notify_disk_free_bytes: Annotated[
        int, Field(ge=0, description="free space below which the disk is nearly full")
    ] = 1 << 30
    notify_disk_free_share: Annotated[float, Field(ge=0, le=0.9, description="the same as a share of the disk")] = 0.03

    @field_validator("notify_targets")
    @classmethod
    def _targets_are_urls(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for place, target in enumerate(value, start=1):
            if not TARGET.fullmatch(target.get_secret_value()):
                raise ValueError(f"number {place} must be an Apprise URL: a scheme, ://, and no blanks")
        if len({target.get_secret_value() for target in value}) < len(value):
            raise ValueError("names a target twice")
        return value

    @field_validator("notify_quiet_hours")
    @classmethod
    def _hours_are_from_to(cls, value: str) -> str:
        found = HOURS.fullmatch(value)
        if value and (found is None or found.group(1, 2) == found.group(3, 4)):
            raise ValueError('must be two different times of day, as "22:00-07:00"')
        return value

    @field_validator("notify_time_zone")
    @classmethod
    def _zone_is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError('must be a time zone of the IANA database, as "Europe/Budapest"') from None
        return value

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """Begin and end, in notify_time_zone; None: no quiet hours."""
        if not self.notify_quiet_hours:
            return None
        begin, end = (time.fromisoformat(one) for one in self.notify_quiet_hours.split("-"))
        return begin, end


def masked(value: Any) -> list[str]:
    """Targets as they may be shown: of each the scheme alone, for all the rest may be a secret."""
    shown = value.split() if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    return [scheme_of(str(one)) + "://..." for one in shown]


def scheme_of(target: str) -> str:
    """The scheme of a target's URL, at most 20 characters; "?" if it has none."""
    scheme, colon, _ = target.partition("://")
    return scheme[:20] if colon and re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*", scheme) else "?"
