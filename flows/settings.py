"""One frozen `Settings`, read once at the edge: storywatch.toml < environment STORYWATCH_* < command line or flow
parameters.

A bad value raises SettingsError with key, value, what is allowed and where it came from. Paths are relative to the
working directory. Not here: what is watched (seeds/story.toml, seeds/feeds.toml) and Prefect's own settings.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, field_validator

import extractors
from extractors.errors import SeedFileError, SettingsError
from flows.notify_settings import NotifySettings, masked

PREFIX = "STORYWATCH_"
SETTINGS_FILE = Path("storywatch.toml")
# Read by tests alone; not a setting, but no typing error either.
FOREIGN_VARIABLES = frozenset({"STORYWATCH_TESTDATA", "STORYWATCH_SOAK_SCALE"})
PRODUCT = f"storywatch/{version('storywatch')}"
PACKAGE_SEEDS = Path(extractors.__file__).parent.parent / "seeds"
CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://\S+\.\S+")
# What stands in instructions, the README's own among them, and leads to nobody.
PLACEHOLDER = re.compile(r"your-domain|\bexample\.(com|org|net)\b", re.IGNORECASE)


class Settings(NotifySettings):
    """Everything that an operator can set. Each field: meaning, unit, allowed range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[Path, Field(description="folder of everything that storywatch writes")] = Path("data")
    feeds_file: Annotated[Path | None, Field(description="feeds.toml; unset: ./seeds, then the packaged one")] = None
    story_file: Annotated[Path | None, Field(description="story.toml; unset: ./seeds, then the packaged one")] = None
    seeds_dir: Annotated[Path | None, Field(description="folder of seed files, instead of ./seeds")] = None
    contact: Annotated[
        str | None, Field(description="e-mail or web address of whoever runs this; part of the User-Agent")
    ] = None
    host_delay_seconds: Annotated[float, Field(ge=0, le=300, description="pause between two requests to a host")] = 2.0
    poll_interval_seconds: Annotated[
        float, Field(ge=300, le=86_400, description="least time between two polls of a feed: that of the schedule")
    ] = 900.0
    ask_all_feeds: Annotated[bool, Field(description="ask also the feeds that are not due yet")] = False
    concurrency: Annotated[int, Field(ge=1, le=256, description="requests in flight, over all hosts")] = 32
    fetch_deadline_seconds: Annotated[float, Field(gt=0, le=600, description="for one request, body included")] = 30.0
    run_deadline_seconds: Annotated[
        float, Field(gt=0, le=86_400, description="for polling and fetching of one run; the rest waits for the next")
    ] = 720.0
    max_body_bytes: Annotated[int, Field(ge=65_536, le=1 << 30, description="decoded; larger bodies are refused")] = (
        15 << 20
    )
    max_attempts: Annotated[int, Field(ge=1, le=50, description="runs that try a page before it counts as failed")] = 4
    max_pages_per_run: Annotated[int, Field(ge=1, le=100_000, description="the rest waits for the next run")] = 2000
    duplicate_window_days: Annotated[
        int, Field(ge=1, le=3650, description="how far back near-duplicates are looked for; exact copies: everything")
    ] = 30
    writer_wait_seconds: Annotated[
        float, Field(ge=0, le=3600, description="how long to wait for another process that holds the warehouse")
    ] = 30.0
    archive: Annotated[bool, Field(description="keep the pages as they came, so that they can be read again")] = True
    archive_keep_days: Annotated[
        int,
        Field(ge=0, le=36_500, description="after it only the pages of articles on the story stay archived; 0: all do"),
    ] = 365
    exchanges_keep_days: Annotated[
        int, Field(ge=0, le=36_500, description="how long exchanges with feeds and robots.txt are kept; 0: for ever")
    ] = 90
    backups_kept: Annotated[int, Field(ge=0, le=1000, description="backups that maintenance keeps; 0: makes none")] = 7
    prefect_keep_days: Annotated[
        int, Field(ge=0, le=36_500, description="how long Prefect keeps ended runs of our deployments; 0: for ever")
    ] = 30
    publish_text: Annotated[bool, Field(description="false leaves article texts out of the published file")] = True
    publish_every_seconds: Annotated[
        float, Field(ge=0, le=86_400, description="publish at the latest after this time, changed or not")
    ] = 21_600.0

    @field_validator("contact")
    @classmethod
    def _contact_can_be_reached(cls, value: str | None) -> str | None:
        if value is not None and not CONTACT.fullmatch(value.strip()):
            raise ValueError("must be an e-mail address or a web address")
        if value is not None and PLACEHOLDER.search(value):
            raise ValueError("is a placeholder; it must be an address at which you can be reached")
        return value.strip() if value else None

    @property
    def user_agent(self) -> str:
        """The User-Agent header: product, version and, where set, the contact (RFC 9110, 10.1.5)."""
        return PRODUCT + (f" (+{self.contact})" if self.contact else "")


def load_settings(overrides: Mapping[str, Any] | None = None, *, origin: str = "the command line") -> Settings:
    """The settings in force. `overrides`: key -> value, None meaning "not given"; `origin`: where they come from.

    Raises SettingsError for an unknown key or a bad value, from whichever source.
    """
    values, origins = _layered(overrides, origin)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        field = Settings.model_fields[key]
        problem = re.sub(r"^(Value error|Input), ?", "", first["msg"]).replace("Input should", "it should")
        allowed = f"{problem} ({field.description}; default {field.default!r})"
        is_secret = key == "notify_targets" or (key.startswith("notify_") and "://" in str(first["input"]))  # mixed up
        given = masked(values.get(key)) if is_secret else first["input"]
        raise SettingsError(key, given, allowed, origins.get(key, "its default")) from None


def setting_origins(overrides: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Key -> where its value comes from, of those that are not left at their default. Raises as load_settings."""
    return _layered(overrides, "the command line")[1]


def _layered(overrides: Mapping[str, Any] | None, origin: str) -> tuple[dict[str, Any], dict[str, str]]:
    """(key -> value, key -> where it comes from); nothing is checked but the keys."""
    layers = [
        (_file_layer(), str(SETTINGS_FILE)),
        (_environment_layer(), "the environment"),
        ({key: value for key, value in (overrides or {}).items() if value is not None}, origin),
    ]
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer, name in layers:
        for key, value in layer.items():
            if key not in Settings.model_fields:
                shown = PREFIX + key.upper() if name == "the environment" else key
                given = masked(value) if "://" in str(value) else value  # as of a misspelt notify_targets
                raise SettingsError(shown, given, f"there is no such setting{_nearest(key)}", name)
            values[key] = value
            origins[key] = f"{PREFIX}{key.upper()} in {name}" if name == "the environment" else name
    return values, origins


def _file_layer() -> dict[str, Any]:
    try:
        return _flat(tomllib.loads(SETTINGS_FILE.read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SeedFileError(SETTINGS_FILE, None, f"can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SeedFileError(SETTINGS_FILE, None, f"not valid TOML: {error}") from None


def _flat(layer: Mapping[str, Any]) -> dict[str, Any]:
    """A table [name] as keys name_..., which they are called elsewhere."""
    flat = {key: value for key, value in layer.items() if not isinstance(value, dict)}
    for key, table in layer.items():
        if isinstance(table, dict):
            flat |= {f"{key}_{inner}": value for inner, value in table.items()}
    return flat


def _environment_layer() -> dict[str, str]:
    named = {k: v for k, v in os.environ.items() if k.startswith(PREFIX) and k not in FOREIGN_VARIABLES}
    return {key.removeprefix(PREFIX).lower(): value for key, value in named.items()}


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key, Settings.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(Settings.model_fields)}"


def seed_folders(settings: Settings) -> tuple[Path, ...]:
    """Where seed files are looked for, in order: `seeds_dir`, or ./seeds where there is one, then the packaged ones."""
    mine = settings.seeds_dir or Path("seeds")
    is_other = mine.is_dir() and mine.resolve() != PACKAGE_SEEDS.resolve()
    return (mine, PACKAGE_SEEDS) if is_other else (PACKAGE_SEEDS,)


def seed_file(name: str, chosen: Path | None, settings: Settings) -> Path:
    """The file that is meant: the chosen one, else the first of that name in the seed folders."""
    found = (folder / name for folder in seed_folders(settings) if (folder / name).exists())
    return chosen or next(found, PACKAGE_SEEDS / name)
