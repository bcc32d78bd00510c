"""What a run takes from its caller besides settings: the clock, the way names become addresses, where progress is
shown.

Only code can set these, never a setting or an environment variable, so that the address guard stays whole for everybody
who runs storywatch. The demo and the tests hand in a resolver that knows loopback servers alone. A Prefect flow's
parameters must be JSON, hence the context variable.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from extractors.http import PinnedResolver
from flows.progress import Progress, Silent


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The clock, the resolver (None: the system's, public addresses only), an SSL context (None: the system's CAs),
    progress.
    """

    clock: Callable[[], datetime] = utc_now
    resolver: PinnedResolver | None = None
    ssl_context: ssl.SSLContext | None = None
    progress: Progress = field(default_factory=Silent)
    notifies: bool = True  # False: nobody is told, as of a replay

    @property
    def open_network(self) -> bool:
        """Whether requests may leave this machine."""
        return self.resolver is None


_current: ContextVar[World] = ContextVar("storywatch_world")


def current_world() -> World:
    """The world of the flow that runs."""
    return _current.get(World())


@contextmanager
def in_world(world: World) -> Iterator[None]:
    """Let flows that are started inside run in `world`."""
    token = _current.set(world)
    try:
        yield
    finally:
        _current.reset(token)
