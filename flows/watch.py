"""What one run works with: its settings, the files of seeds/ read and checked, the world, and one web session.

Nothing is fetched or written here; wrong files are told before anything starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from extractors.errors import SettingsError
from extractors.feed_list import load_feed_list
from extractors.http import Fetcher, FetchPolicy, Request, Result, fetch_all
from extractors.records import Feed, Fetch, Seed
from extractors.searches import search_feeds
from extractors.seeds import load_seeds
from extractors.story import Story, load_story
from flows.settings import Settings, seed_file, seed_folders
from flows.world import World
from warehouse.connect import DataDir


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A story, where its coverage is looked for, and what it is held against."""

    settings: Settings
    world: World
    story: Story
    feeds: tuple[Feed, ...]
    seeds: tuple[Seed, ...]

    @property
    def data_dir(self) -> DataDir:
        """The folder of everything that is written."""
        return DataDir(self.settings.data_dir)


def prepare(settings: Settings, world: World, *, asks_the_web: bool = True) -> Watch:
    """Read and check all that a run needs. Raises InputError, naming file and line or the setting."""
    if asks_the_web:
        require_contact(settings, world)
    story = load_story(seed_file("story.toml", settings.story_file, settings))
    feeds = listed_feeds(seed_file("feeds.toml", settings.feeds_file, settings), story)
    return Watch(
        settings=settings,
        world=world,
        story=story,
        feeds=tuple(feed for feed in feeds if feed.enabled),
        seeds=load_seeds(seed_folders(settings)),
    )


def listed_feeds(path: Path, story: Story) -> tuple[Feed, ...]:
    """The feeds that feeds.toml names, and after them the searches for the story's queries. Raises SeedFileError."""
    listed = load_feed_list(path)
    return listed.feeds + search_feeds(story.queries, listed.engines, listed.search_interval_seconds)


def require_contact(settings: Settings, world: World) -> None:
    """Raises SettingsError when the open network would be asked by somebody who can't be reached."""
    if world.open_network and settings.contact is None:
        raise SettingsError(
            "contact",
            None,
            "must be set before anything is asked of the open network: an e-mail or web address at which the people "
            "whose servers are asked can reach you, such as STORYWATCH_CONTACT=you@your-domain.org",
            "its default",
        )


class WebSession:
    """One Fetcher for a whole run, usable from plain functions: host pauses and robots.txt hold across stages."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._policy = FetchPolicy(
            user_agent=settings.user_agent,
            total_deadline_seconds=settings.fetch_deadline_seconds,
            max_body_bytes=settings.max_body_bytes,
            host_delay_seconds=settings.host_delay_seconds,
            concurrency=settings.concurrency,
        )
        self._world = world
        self._runner = asyncio.Runner()
        self._fetcher: Fetcher | None = None
        self._robots_told = 0

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fetcher is not None:
            self._runner.run(self._fetcher.__aexit__(None, None, None))
        self._runner.__exit__(kind, error, trace)

    def fetch_all(
        self, requests: Sequence[Request], on_result: Callable[[Result], None], deadline_seconds: float
    ) -> list[Result]:
        """The result of each request that was done by the deadline, in order; `on_result` is told of each as it
        ends.
        """
        return self._runner.run(self._fetch_all(requests, on_result, deadline_seconds))

    async def _fetch_all(
        self, requests: Sequence[Request], on_result: Callable[[Result], None], deadline_seconds: float
    ) -> list[Result]:
        if self._fetcher is None:
            self._fetcher = await Fetcher(
                self._policy,
                resolver=self._world.resolver,
                ssl_context=self._world.ssl_context,
                clock=self._world.clock,
            ).__aenter__()
        return await fetch_all(self._fetcher, requests, on_result=on_result, deadline_seconds=deadline_seconds)

    def new_robots_fetches(self) -> list[Fetch]:
        """The robots.txt files that were asked for since this was last called."""
        rows = self._fetcher.robots_fetches[self._robots_told :] if self._fetcher else []
        self._robots_told += len(rows)
        return rows
