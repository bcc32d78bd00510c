"""storywatch up: everything that scheduled runs need, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractors.errors import SettingsError
from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.serve_plan import Plan


def command(
    data: options.Data = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; any but loopback needs a password.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Of Prefect's server and its UI.")] = 4200,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is healthy; it goes on.")] = False,
    interval: Annotated[
        float | None,
        typer.Option("--interval", min=5, metavar="SECONDS", help="For trying out: instead of the schedules' own."),
    ] = None,
    deployments: Annotated[
        Path | None, typer.Option("--deployments", metavar="FILE", help="Other deployments than the packaged ones.")
    ] = None,
) -> None:
    """Start what one machine needs for scheduled runs: Prefect's server, a worker, the deployments. Ctrl-C ends all.

    Its files lie below the data folder (prefect/, logs/); a Prefect that you have set up is neither used nor touched.
    A part that dies is started again. Flows run in this folder, by its storywatch.toml and STORYWATCH_* variables.

    [bold]Examples[/bold]

    \b
    STORYWATCH_CONTACT=you@your-domain.org storywatch up
    storywatch up --detach --data /srv/storywatch --port 4300
    PREFECT_SERVER_API_AUTH_STRING=user:password storywatch up --host 0.0.0.0
    """
    from flows.serve import down_command, serve
    from flows.serve_plan import AUTH_VARIABLE, DEPLOYMENTS, Plan, require_auth
    from flows.settings import load_settings
    from flows.watch import prepare
    from flows.world import World

    settings = load_settings({"data_dir": data})
    prepare(settings, World())  # a missing contact and wrong files are told before anything starts
    auth = os.environ.get(AUTH_VARIABLE)
    require_auth(host, auth)
    if deployments is not None and not deployments.is_file():
        raise SettingsError("--deployments", str(deployments), "there is no such file", "the command line")
    plan = Plan(
        data_dir=settings.data_dir.resolve(),
        folder=Path.cwd(),
        host=host,
        port=port,
        interval_seconds=interval,
        deployments=(deployments or DEPLOYMENTS).resolve(),
        auth=auth,
    )
    if detach:
        start_detached(plan)
        show_up(plan, down_command(plan))
        return
    serve(plan, say, lambda: show_up(plan, "Ctrl-C"))


def say(line: str) -> None:
    """One line of progress; lost where its reader is gone (a closed terminal, a full disk): it must end nothing."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def show_up(plan: Plan, how_to_stop: str) -> None:
    """Where everything is."""
    print(
        f"storywatch is up: {plan.url}  (API {plan.api_url}, logs {plan.logs}); to stop it: {how_to_stop}", flush=True
    )


def start_detached(plan: Plan) -> None:
    """Start this same command in a session of its own, and wait until it is ready.

    Raises what `serve` would before it starts anything, and typer.Exit when it ends instead of getting ready.
    """
    from flows.serve import AlreadyUp, already_up, make_folders, require_free_port
    from flows.serve_plan import read_state
    from warehouse import lock

    make_folders(plan)
    if (pid := lock.holder(plan.lock_path)) is not None:
        raise AlreadyUp(already_up(plan, pid))
    if read_state(plan.state_path) is None:  # else what a killed one has left may still listen: it is ended first
        require_free_port(plan)
    log = plan.logs / "up.log"
    shown = log.stat().st_size if log.exists() else 0
    arguments = [one for one in sys.argv[1:] if one not in ("--detach", "-d")]
    with log.open("ab") as opened:
        started = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", "from flows.commands import main; main()", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while True:
            code = started.poll()
            state = read_state(plan.state_path)
            is_ready = state is not None and state.ready and state.supervisor.pid == started.pid
            shown = show_new(log, shown, until_ready=is_ready)
            if is_ready:
                return
            if code is not None:
                raise typer.Exit(code or Exit.ATTENTION)
            time.sleep(0.2)
    except KeyboardInterrupt:
        started.terminate()
        started.wait()
        raise


def show_new(log: Path, shown: int, *, until_ready: bool) -> int:
    """What the log has got since it had `shown` bytes; returns how many it has now."""
    with log.open("rb") as opened:
        opened.seek(shown)
        new = opened.read()
    for line in new.decode("utf-8", "replace").splitlines():
        if not (until_ready and line.startswith("storywatch is up")):
            say(line)
    return shown + len(new)
