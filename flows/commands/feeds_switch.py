"""storywatch feeds disable and enable: whether a feed of feeds.toml is asked."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands import options

Wanted = Annotated[str, typer.Argument(metavar="NAME|URL", help="A feed, by its name or its address.")]


def disable(wanted: Wanted, feeds: options.Feeds = None) -> None:
    """Ask a feed no longer; it stays in feeds.toml with enabled = false.

    [bold]Examples[/bold]

    \b
    storywatch feeds disable "BBC World"
    storywatch feeds disable https://outlet.example/rss
    """
    _switch(wanted, feeds, enabled=False)


def enable(wanted: Wanted, feeds: options.Feeds = None) -> None:
    """Ask a disabled feed again.

    [bold]Examples[/bold]

    \b
    storywatch feeds enable "BBC World"
    storywatch feeds enable https://outlet.example/rss
    """
    _switch(wanted, feeds, enabled=True)


def _switch(wanted: str, feeds: options.Feeds, *, enabled: bool) -> None:
    from extractors.feed_list import load_feeds
    from flows.feed_file import NAME, own_feed_file, replace_file, with_switched
    from flows.feed_names import named
    from flows.settings import load_settings, seed_file

    settings = load_settings({"feeds_file": feeds})
    used = seed_file(NAME, settings.feeds_file, settings)
    feed = named(load_feeds(used), wanted)
    state = "enabled" if enabled else "disabled"
    if feed.enabled is enabled:
        print(f"{feed.name} is {state} already.")
        return
    path, is_copy = own_feed_file(settings)
    replace_file(path, with_switched(used.read_text("utf-8-sig"), feed.url, enabled=enabled))
    if is_copy:
        print(f"{path} is yours from now on: a copy of the packaged list, which is no longer read here.")
    print(f"{feed.name} is {state} in {path}.")
