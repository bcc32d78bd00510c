"""A storywatch command on the replay, in a process of its own that may be killed. Never the open network.

    python -m tests.replay_command PORT TIME [--die-at INSTANT] -- run --no-prefect --data FOLDER ...

The real command, but for the clock, which stands still at TIME, and the resolver, which leads the replay's hosts to its
server on PORT. Says each stage of a run when it enters it. With --die-at it ends itself with
SIGKILL at one of INSTANTS, which a kill from outside would hardly ever meet.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flows import pipeline, world
from flows.commands import main
from flows.replay.server import ReplayResolver
from flows.replay.site import load_site
from flows.spool import Spool
from warehouse import connect, counts, migrate, publish, snapshots

# Name of an instant -> what is about to be called then, and the how manieth call of it that is, from 1.
INSTANTS: dict[str, tuple[Any, str, int]] = {
    "made": (connect, "sync", 1),  # the new warehouse is there, and has not its name yet
    "migrating": (migrate, "statement", 8),  # a step of the schema is carried out, and not noted
    "begun": (counts, "keep", 1),  # the first commit is made, its rows are not noted
    "loaded": (Spool, "clear", 1),  # a batch is committed, its answers are still in the spool
    "copied": (publish, "_convert", 1),  # the private file is copied, and not converted
    "converted": (snapshots, "make_current", 1),  # the snapshot is made, and has not its name yet
    "linked": (snapshots, "clear_old", 1),  # the snapshot is current, and what it replaces is still there
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(instant: str) -> None:
    owner, name, which = INSTANTS[instant]
    called = getattr(owner, name)
    calls = iter(range(1, which))

    @functools.wraps(called)
    def counted(*arguments: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            die()
        return called(*arguments, **named)

    setattr(owner, name, counted)


def tell_stages() -> None:
    timed = pipeline.Tally.timed

    def telling(self: pipeline.Tally, caller: pipeline.Caller) -> pipeline.Caller:
        call = timed(self, caller)

        def told(stage: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
            print(getattr(stage, "__name__", "stage"), flush=True)
            return call(stage, *arguments, **named)

        return told

    pipeline.Tally.timed = telling  # type: ignore[method-assign]


def start() -> None:
    given, command = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    port, now = int(given[0]), datetime.fromisoformat(given[1])
    resolver = ReplayResolver([outlet.host for outlet in load_site().outlets], port)
    world.World = functools.partial(world.World, clock=lambda: now, resolver=resolver)  # type: ignore[misc,assignment]
    tell_stages()
    if "--die-at" in given:
        die_at(given[given.index("--die-at") + 1])
    sys.argv = ["storywatch", *command]
    main()


if __name__ == "__main__":
    start()
