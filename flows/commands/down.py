"""storywatch down: ends what `storywatch up` has started."""

from __future__ import annotations

import sys
from pathlib import Path

from flows.commands import options


def command(data: options.Data = None) -> None:
    """End what `storywatch up` has started on this data folder: runs, worker, server. Within some 10 s, nothing lost.

    A run that is on is told to end: what it has done is kept, and the next run goes on from there. Does nothing, and
    says so, when nothing runs.

    [bold]Examples[/bold]

    \b
    storywatch down
    storywatch down --data /srv/storywatch
    """
    from flows.commands.up import say
    from flows.serve import down
    from flows.serve_plan import Plan
    from flows.settings import load_settings

    data_dir = load_settings({"data_dir": data}).data_dir.resolve()
    was_up = down(Plan(data_dir=data_dir, folder=Path.cwd()), say)
    print(f"{data_dir}: stopped" if was_up else f"{data_dir}: nothing was running", file=sys.stderr)
