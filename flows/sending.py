"""Sends a message to targets through Apprise, which is imported only here and only then. It decides nothing.

Each target has a thread of its own and the same time limit, so that a dead one delays no other. What goes wrong comes
back as words without any part of the target's URL: that may hold a password.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from apprise import Apprise

# For all targets together; Apprise waits 4 s for HTTP and 15 s for SMTP by itself.
SEND_SECONDS = 20.0
TOO_LATE = f"no answer in {SEND_SECONDS:.0f} s"
UNKNOWN = "Apprise does not know this URL, or something is missing in it"
# Shorter parts of a URL are no secrets, and words of every error.
SHORTEST_SECRET = 3
MARKS = r"[/:@?&=#;,\s]+"  # between the parts of a URL
OVERFLOW = re.compile(r"[?&]overflow=", re.IGNORECASE)  # who sets it knows better
LEAST_PART = 1000  # characters; services that take less are paid by the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message for one target."""

    target: str = field(repr=False)  # Apprise URL, with its secrets
    title: str
    text: str
    is_trouble: bool


def send_all(parcels: Mapping[str, Parcel], *, seconds: float = SEND_SECONDS) -> dict[str, str]:
    """Key -> what went wrong, empty: it was taken. Returns after `seconds` at the latest."""
    results: dict[str, str] = {}

    def carry(key: str, parcel: Parcel) -> None:
        results[key] = _send(parcel)

    threads = [
        threading.Thread(target=carry, args=(key, parcel), name="notify", daemon=True)
        for key, parcel in parcels.items()
    ]
    with _kept_quiet():
        for thread in threads:
            thread.start()
        ends = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
    return {key: results.get(key, TOO_LATE) for key in parcels}


def _send(parcel: Parcel) -> str:
    """What went wrong; empty: it was taken."""
    with _heard() as heard:
        try:
            from apprise import NotifyFormat, NotifyType

            target = service(parcel.target)
            if target is None:
                return UNKNOWN
            kind = NotifyType.WARNING if parcel.is_trouble else NotifyType.INFO
            taken = target.notify(parcel.text, title=parcel.title, notify_type=kind, body_format=NotifyFormat.TEXT)
        except Exception as error:  # a plugin's bug must not end the run that it tells of
            return scrubbed(f"{type(error).__name__}: {error}", parcel.target)
    return "" if taken else scrubbed("; ".join(heard) or "Apprise says only that it failed", parcel.target)


def service(url: str) -> Apprise | None:
    """What Apprise sends through. None: it does not know this URL.

    A message that is too long for a service (Discord takes 2000 characters) is sent in parts, where such a service
    takes short ones only (SMS) its beginning: else it would be refused, again and again, while more and more waits.
    """
    from apprise import Apprise, AppriseAsset, OverflowMode

    target = Apprise(asset=AppriseAsset(app_id="storywatch", async_mode=False, pgp_autogen=False, pem_autogen=False))
    if not target.add(url):
        return None
    if not OVERFLOW.search(url):
        for one in target:
            is_long = one.body_maxlen >= LEAST_PART
            one.overflow_mode = OverflowMode.SPLIT if is_long else OverflowMode.TRUNCATE
    return target


def scrubbed(text: str, target: str) -> str:
    """The text without any part of the target's URL but its scheme."""
    _, _, rest = target.partition("://")
    raw = re.split(MARKS, rest)
    parts = {*raw, *map(unquote, raw), *map(unquote_plus, raw), *re.split(MARKS, unquote(rest))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            text = text.replace(part, "***")
    return text


class _Hearing(logging.Handler):
    """Keeps what Apprise warns of in one thread: it says in no other way why it failed."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.thread = threading.get_ident()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:
            self.texts.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    handler, logger = _Hearing(), logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield handler.texts
    finally:
        logger.removeHandler(handler)


@contextmanager
def _kept_quiet() -> Iterator[None]:
    """Keep what Apprise logs out of our logs: it names parts of URLs."""
    logger = logging.getLogger("apprise")
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = before
