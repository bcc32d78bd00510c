"""Which feed a person means: by its name or its address, with the near ones where there is none such. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from extractors.errors import BadUrl, SettingsError
from extractors.records import Feed
from extractors.url_parts import plain_form


def named(feeds: Sequence[Feed], wanted: str) -> Feed:
    """The feed of that name (in any case) or address. Raises SettingsError, which names near ones."""
    identity = _identity(wanted)
    found = [
        feed for feed in feeds if feed.name.casefold() == wanted.strip().casefold() or plain_form(feed.url) == identity
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise _unknown(wanted, f"is the name of {len(found)} feeds; say which: {', '.join(feed.url for feed in found)}")
    by_folded = {text.casefold(): text for feed in feeds for text in (feed.name, feed.url)}
    near = difflib.get_close_matches(wanted.strip().casefold(), by_folded, n=3, cutoff=0.5)
    near += [folded for folded in by_folded if wanted.strip().casefold() in folded and folded not in near][:3]
    hint = f"; near it: {', '.join(by_folded[folded] for folded in near)}" if near else ""
    raise _unknown(wanted, f"there is no such feed{hint}; storywatch feeds list shows all {len(feeds)}")


def free_name(name: str, host: str, feeds: Sequence[Feed]) -> str:
    """The name, or, where a feed has it already, the name with the host and a number behind it."""
    taken = {feed.name.casefold() for feed in feeds}
    candidates = [name, f"{name} ({host})", *(f"{name} ({host}, {number})" for number in range(2, len(feeds) + 3))]
    return next(candidate for candidate in candidates if candidate.casefold() not in taken)


def _identity(wanted: str) -> str | None:
    try:
        return plain_form(wanted)
    except BadUrl:
        return None


def _unknown(wanted: str, problem: str) -> SettingsError:
    return SettingsError("NAME|URL", wanted, problem, "the command line")
