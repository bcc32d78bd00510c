"""The `storywatch` command: one small file per command, put together here. Prefect is imported only where a flow runs.

Results go to standard output, everything else to standard error. An expected error is one line and an exit code; a bug
is a traceback. The table of exit codes is in `exits.py` and, checked by a test, in the README.
"""

from __future__ import annotations

import signal
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from extractors.errors import StorywatchError
from flows.commands import (
    backfill,
    compare,
    db,
    demo,
    diff,
    doctor,
    down,
    explain,
    extract,
    feeds,
    fetch,
    maintain,
    notify,
    query,
    reconcile,
    reextract,
    rescore,
    run,
    seed,
    status,
    story,
    up,
    url,
    why,
)
from flows.commands.exits import Exit, exit_code_of

app = typer.Typer(
    name="storywatch",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"storywatch {version('storywatch')}")
        raise typer.Exit


@app.callback()
def storywatch(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it, leave.")
    ] = False,
) -> None:
    """Watch one news story: find new coverage, keep clean text, tell copies from reports, ask SQL.

    New here? [bold]storywatch demo[/bold] shows all of it in a minute, without a network.
    """


app.command("run")(run.command)
app.command("backfill")(backfill.command)
app.command("demo")(demo.command)
app.command("up")(up.command)
app.command("down")(down.command)
app.command("maintain")(maintain.command)
app.command("reconcile")(reconcile.command)
app.command("fetch")(fetch.command)
app.command("why")(why.command)
app.command("explain")(explain.command)
app.command("rescore")(rescore.command)
app.command("compare")(compare.command)
app.command("url")(url.command)
app.command("query")(query.command)
app.command("status")(status.command)
app.command("doctor")(doctor.command)
app.command("extract")(extract.command)
app.command("reextract")(reextract.command)
app.command("diff")(diff.command)
app.add_typer(seed.app, name="seed")
app.add_typer(feeds.app, name="feeds")
app.add_typer(story.app, name="story")
app.add_typer(db.app, name="db")
app.add_typer(notify.app, name="notify")


def main() -> None:
    """Entry point of the console script. SIGTERM, as service managers send it, ends a command as Ctrl-C does."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except StorywatchError as error:
        print(f"storywatch: {error}", file=sys.stderr)
        sys.exit(exit_code_of(error))
    except KeyboardInterrupt:
        print("storywatch: stopped by hand", file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
    except SystemExit as ended:  # typer makes a 1 of it that the reader of our output has gone, as in `... | head`
        if isinstance(ended.__context__, BrokenPipeError):
            sys.exit(Exit.DONE)
        raise
