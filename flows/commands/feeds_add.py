"""storywatch feeds add: from the address of a site to a [[feed]] of feeds.toml."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from extractors.records import Feed
    from flows.discovering import Found


def command(
    url: Annotated[str, typer.Argument(metavar="URL", help="A site's front page, or a feed.")],
    name: Annotated[str | None, typer.Option(help="Name of the feed, for people.  [default: its title]")] = None,
    language: Annotated[str | None, typer.Option(help="Such as hu.  [default: what the feed says]")] = None,
    all_found: Annotated[bool, typer.Option("--all", help="Add every feed that is found, not the best alone.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, write nothing.")] = False,
    feeds: options.Feeds = None,
    quiet: options.Quiet = False,
) -> None:
    """Find the feed of a site and write it into feeds.toml.

    Asks the page for its feeds, then a few common names and robots.txt, and takes what really is a feed. The packaged
    feeds.toml is copied to ./seeds first.

    [bold]Examples[/bold]

    \b
    storywatch feeds add https://outlet.example/
    storywatch feeds add outlet.example --dry-run --all
    storywatch feeds add https://outlet.example/rss --name "Outlet, world" --language hu
    """
    from extractors.feed_list import load_feeds
    from extractors.url_parts import plain_form
    from flows.discovering import discover
    from flows.feed_file import NAME, own_feed_file, read_feed_file, replace_file, with_feeds
    from flows.progress import shown_progress
    from flows.settings import load_settings, seed_file
    from flows.watch import WebSession, require_contact
    from flows.world import current_world

    address, tag = _address(url), _language(language)
    settings = load_settings({"feeds_file": feeds})
    used = seed_file(NAME, settings.feeds_file, settings)
    known = {plain_form(feed.url): feed for feed in load_feeds(used)}
    if plain_form(address) in known:
        _end_as_known(known[plain_form(address)])
    with shown_progress(quiet=quiet) as progress:
        world = replace(current_world(), progress=progress)
        require_contact(settings, world)
        with WebSession(settings, world) as web:
            found = discover(address, web, world, settings.run_deadline_seconds, all_ways=all_found)
    if not found:
        print(
            f"storywatch: no feed found at {address}: its page links to none, and none is under the common names or in "
            "robots.txt; if you know its address, add that",
            file=sys.stderr,
        )
        raise typer.Exit(Exit.ATTENTION)
    chosen = found if all_found else found[:1]
    fresh = [feed for feed in chosen if plain_form(feed.url) not in known]
    added = _as_feeds(fresh, list(known.values()), name, tag)
    _show(found, {plain_form(feed.url) for feed in added}, known)
    if not added:
        _end_as_known(known[plain_form(chosen[0].url)])
    path, is_copy = own_feed_file(settings)
    if dry_run:
        print(f"Would add {len(added)} to {path}. Nothing was written.")
        return
    replace_file(path, with_feeds(read_feed_file(used), added))
    if is_copy:
        print(f"{path} is yours from now on: a copy of the packaged list, which is no longer read here.")
    print(f"Added to {path}: {', '.join(feed.name for feed in added)}.")


def _address(written: str) -> str:
    from extractors.errors import BadUrl, SettingsError
    from extractors.url_parts import plain_form

    url = written.strip() if "://" in written else f"https://{written.strip()}"
    try:
        plain_form(url)
    except BadUrl as error:
        raise SettingsError("URL", written, f"is no web address: {error.detail}", "the command line") from error
    return url


def _language(written: str | None) -> str | None:
    from extractors.errors import SettingsError
    from extractors.feed_items import language_tag

    tag = language_tag(written)
    if written and tag is None:
        raise SettingsError("--language", written, "is no language tag such as hu or pt-BR", "the command line")
    return tag


def _as_feeds(found: Sequence[Found], known: Sequence[Feed], name: str | None, language: str | None) -> list[Feed]:
    """The feeds to write; none has a name that another one has."""
    from extractors.records import Feed, FeedKind
    from extractors.urls import host_of
    from flows.feed_names import free_name

    feeds: list[Feed] = []
    for feed in found:
        host = host_of(feed.url)
        feeds.append(
            Feed(
                url=feed.url,
                name=free_name(name or feed.title or host, host, [*known, *feeds]),
                language=language or feed.language,
                kind=feed.kind if feed.kind in (FeedKind.SITEMAP, FeedKind.GDELT) else FeedKind.AUTO,
            )
        )
    return feeds


def _show(found: Sequence[Found], added: set[str], known: dict[str, Feed]) -> None:
    from extractors.url_parts import plain_form
    from flows.commands.show import rows_table, stdout_console

    rows = []
    for feed in found:
        identity = plain_form(feed.url)
        what = "adds" if identity in added else "already there" if identity in known else "also found"
        content = f"{feed.children} sitemaps" if feed.children else f"{feed.entries} entries"
        rows.append((what, feed.title, feed.kind.value, content, feed.newest_at, feed.how, feed.url))
    columns = ("", "title", "kind", "holds", "newest", "found as", "address")
    stdout_console().print(rows_table(columns, rows))


def _end_as_known(feed: Feed) -> None:
    """Say that the feed is there; that is well unless it is disabled."""
    if feed.enabled:
        print(f"Already there: {feed.name}, {feed.url}")
        raise typer.Exit(Exit.DONE)
    print(f"Already there, but disabled: {feed.name}; storywatch feeds enable {feed.url}", file=sys.stderr)
    raise typer.Exit(Exit.ATTENTION)
