"""storywatch demo: the main job on the bundled replay, over real HTTP on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from extractors.errors import SettingsError
from extractors.records import RunReport
from flows.commands import options
from flows.commands.exits import Exit

# Marks a folder as one that the demo made, and may therefore empty when it starts over.
MARK = ".storywatch-demo"
# The replay's hosts are this machine: a pause that shows politeness without making anybody wait.
HOST_DELAY_SECONDS = 0.05

QUESTIONS = (
    (
        "What is there, newest first? One row per independent report.",
        "SELECT published_at, outlet, language, title FROM coverage LIMIT 8",
    ),
    (
        "Who copied whom, and how soon after?",
        "SELECT verdict, outlet, title, verdict_of AS original, round(lead_seconds / 3600, 1) AS hours_after "
        "FROM article_all WHERE verdict IN ('exact', 'near') ORDER BY published_at",
    ),
    (
        "Why is something missing? Where every URL went.",
        "SELECT outcome, reason, urls FROM ledger ORDER BY urls DESC, outcome, reason",
    ),
)


def command(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder for all that the demo writes.")] = Path(
        "demo-data"
    ),
    no_prefect: Annotated[
        bool, typer.Option("--no-prefect", help="Skip Prefect's embedded server (saves about 20 s).")
    ] = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Replay three moments of the story: 10 fictional outlets, six languages, served on 127.0.0.1. No network needed.

    Runs the same flow as [bold]storywatch run[/bold], recorded on Prefect's embedded server, in a folder of its own;
    nothing lands in your home or your real warehouse. Starts over each time.

    [bold]Examples[/bold]

    \b
    storywatch demo
    storywatch demo --no-prefect --data /tmp/demo
    """
    from flows.commands.show import show_report
    from warehouse import lock

    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            "--data", str(data), f"no folder can be made there: {error.strerror}", "the command line"
        ) from None
    if any(data.iterdir()) and not (data / MARK).exists():
        allowed = "this folder was not made by the demo; choose one that is empty or not there yet"
        raise SettingsError("--data", str(data), allowed, "the command line")
    with lock.exclusive(data / MARK, wait_seconds=0):
        reports = replay_all(data, no_prefect=no_prefect, quiet=quiet or json)
    if json:
        show_report(reports[-1], json=True, quiet=False)
    elif not quiet:
        show_all(data, reports)


def replay_all(data: Path, *, no_prefect: bool, quiet: bool) -> list[RunReport]:
    """Run the three moments in `data`, from the beginning. Raises typer.Exit after Ctrl-C."""
    from flows.progress import Progress, shown_progress
    from flows.recording import Recording, run_once
    from flows.replay import REPLAY_SEEDS
    from flows.replay.server import ReplayServer
    from flows.replay.site import MOMENTS
    from flows.settings import PACKAGE_SEEDS
    from flows.world import World

    for folder in ("private", "public", "archive"):  # Prefect's files stay: its start is faster then
        shutil.rmtree(data / folder, ignore_errors=True)
    recording = Recording.NEVER if no_prefect else Recording.EMBEDDED
    if recording is Recording.EMBEDDED:
        embed_prefect(data)
    given = {
        "data_dir": data,
        "feeds_file": REPLAY_SEEDS / "feeds.toml",
        "story_file": PACKAGE_SEEDS / "story.toml",
        "seeds_dir": REPLAY_SEEDS,
        "host_delay_seconds": HOST_DELAY_SECONDS,
    }
    reports: list[RunReport] = []

    def replay(progress: Progress) -> None:
        with ReplayServer() as server:
            for number, moment in enumerate(MOMENTS, start=1):
                server.moment = moment
                progress.say(f"moment {number} of {len(MOMENTS)}: {moment:%d %B %Y, %H:%M} UTC")
                if number == 1 and recording is Recording.EMBEDDED:
                    progress.say("waiting for Prefect's embedded server, up to 20 s (--no-prefect skips it) ...")
                world = World(clock=clock_from(moment), resolver=server.resolver(), progress=progress, notifies=False)
                reports.append(run_once(given, world, recording))

    try:
        with shown_progress(quiet=quiet) as progress:
            replay(progress)
    except KeyboardInterrupt:
        print("stopped by hand: the ledger is balanced; the demo starts over next time", file=sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    return reports


def embed_prefect(data: Path) -> None:
    """Let Prefect, imported later, keep its files below `data` and start its own server, whatever the user has set
    up.
    """
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ["PREFECT_HOME"] = str((data / "prefect").resolve())
    os.environ["PREFECT_PROFILE"] = "ephemeral"
    os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "true"
    os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
    os.environ["PREFECT_LOGGING_SERVER_LEVEL"] = "ERROR"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"


def clock_from(moment: datetime) -> Callable[[], datetime]:
    """A clock that starts at `moment` and runs on."""
    started = time.monotonic()
    return lambda: moment + timedelta(seconds=time.monotonic() - started)


def show_all(data: Path, reports: Sequence[RunReport]) -> None:
    """What each moment brought, where every URL went, and three questions with their answers, ready to paste."""
    from flows.commands.show import rows_table, stdout_console
    from flows.report import outcome_table
    from warehouse import connect, read

    console = stdout_console()
    with connect.public_reader(connect.DataDir(data)) as con:
        outcomes: dict[str, dict[str, int]] = {}
        for outcome, reason, urls in read.query(con, "SELECT outcome, reason, urls FROM ledger")[1]:
            outcomes.setdefault(outcome, {})[reason] = urls
        discovered = sum(report.discovered for report in reports)
        console.print(outcome_table(outcomes, f"Where each of the {discovered} discovered URLs went"))
        for number, report in enumerate(reports, start=1):
            feeds = (
                f"{report.feeds_polled} feeds asked, {report.feeds_unchanged} unchanged, {report.feeds_failed} failed"
            )
            found = f"{report.discovered} URLs discovered, {report.fetched} pages asked for"
            console.print(f"moment {number}: {feeds}; {found}", markup=False)
        console.print("\n[bold]What to try next[/bold]: ask the published file in SQL.\n")
        for question, sql in QUESTIONS:
            columns, rows = read.query(con, sql)
            console.print(f"[bold]{question}[/bold]")
            print(f'{this_command()} query --data {data} "{sql}"')
            console.print(rows_table(columns, rows))
    print(
        f"The file itself, for any DuckDB client from 1.4 on: {data}/public/current/coverage.duckdb (open it read-only)"
    )
    print(f"Why did a URL end where it did?  {this_command()} why --data {data} URL")
    print("Watch the real story:            STORYWATCH_CONTACT=you@your-domain.org " + this_command() + " run")


def this_command() -> str:
    """How to call storywatch again from here."""
    if shutil.which("storywatch"):
        return "storywatch"
    called = Path(sys.argv[0])
    return os.path.relpath(called) if called.is_absolute() else str(called)
