"""Edits feeds.toml as a person would: a table more, one key changed; comments, order and blanks stay as they are.

tomlkit does the editing. What comes out is read again as every run would read it before it replaces the file, whole or
not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tomlkit
from tomlkit.items import AoT

from extractors.errors import SeedFileError
from extractors.feed_list import load_feeds
from extractors.records import Feed, FeedKind
from extractors.url_parts import plain_form
from flows.settings import PACKAGE_SEEDS, Settings, seed_file

NAME = "feeds.toml"


def own_feed_file(settings: Settings) -> tuple[Path, bool]:
    """The feeds.toml to edit, and whether it has yet to be made of the packaged one, which belongs to the program."""
    used = seed_file(NAME, settings.feeds_file, settings)
    own = settings.seeds_dir or Path("seeds")
    is_packaged = settings.feeds_file is None and used.resolve() == (PACKAGE_SEEDS / NAME).resolve()
    if not is_packaged or own.resolve() == PACKAGE_SEEDS.resolve():
        return used, False
    return own / NAME, True


def read_feed_file(path: Path) -> str:
    """The text of a feeds.toml, line ends and byte order mark as they are. Raises SeedFileError."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise SeedFileError(path, None, f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SeedFileError(path, None, f"is no UTF-8: {error.reason} at byte {error.start}") from None


def with_feeds(text: str, feeds: Sequence[Feed]) -> str:
    """The file with these feeds behind those that it has."""
    mark, text = _unmarked(text)
    document = tomlkit.parse(text)
    tables = document.get("feed")
    if tables is not None and not isinstance(tables, AoT):
        raise SeedFileError(
            NAME, None, "its feeds stand in one list; a feed can only be added where each is a [[feed]]"
        )
    if tables is None:
        tables = tomlkit.aot()
        document.append("feed", tables)
    for feed in feeds:
        table = tomlkit.table()
        table.add("name", feed.name)
        table.add("url", feed.url)
        if feed.language:
            table.add("language", feed.language)
        if feed.kind is not FeedKind.AUTO:
            table.add("kind", feed.kind.value)
        if tables and not tables[-1].as_string().endswith("\n\n"):
            tables[-1].add(tomlkit.nl())
        tables.append(table)
    return mark + _with_line_ends_of(text, tomlkit.dumps(document))


def with_switched(text: str, url: str, *, enabled: bool) -> str:
    """The file with the feed at `url` enabled or not; a file that says so already comes back unchanged."""
    mark, text = _unmarked(text)
    document = tomlkit.parse(text)
    for table in document["feed"]:
        if plain_form(str(table["url"])) == plain_form(url) and table.get("enabled", True) is not enabled:
            if enabled:
                del table["enabled"]
            else:
                table["enabled"] = False
    return mark + _with_line_ends_of(text, tomlkit.dumps(document))


def _unmarked(text: str) -> tuple[str, str]:
    """(byte order mark or nothing, the rest)."""
    return (text[:1], text[1:]) if text.startswith("\ufeff") else ("", text)


def _with_line_ends_of(model: str, text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in model else text


def replace_file(path: Path, text: str) -> tuple[Feed, ...]:
    """Put `text` in the place of the file, which it makes if need be, and return its feeds.

    Raises SeedFileError for what is no valid feeds.toml, and for a folder or file that can't be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        folder = path.resolve().parent  # where it is a link, that of the file behind it
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{path.name}.", suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            file.write(text.encode())  # line ends as they are
            file.flush()
            os.fsync(file.fileno())
        feeds = load_feeds(temporary)
        temporary.chmod(mode)
        temporary.replace(path.resolve())  # where it is a link, the file behind it
    except SeedFileError as error:
        raise SeedFileError(path, error.line, error.problem) from error
    except OSError as error:
        raise SeedFileError(path, None, f"can't be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return feeds
