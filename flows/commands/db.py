"""storywatch db: the private file itself: its schema, whether it is whole, copies of it."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.backups import Backup
    from warehouse.connect import DataDir

app = typer.Typer(no_args_is_help=True, help="The warehouse itself: its schema, whether it is whole, backups.")


@app.callback()
def db() -> None:
    """The warehouse itself: its schema, whether it is whole, backups."""


@app.command("migrate")
def migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say from which version to which; write nothing.")] = False,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Don't back up first.")] = False,
    data: options.Data = None,
    quiet: options.Quiet = False,
) -> None:
    """Back up, bring the schema to that of this storywatch, and publish. Every run migrates, too, without a backup.

    [bold]Examples[/bold]

    \b
    storywatch db migrate --dry-run
    storywatch db migrate
    """
    from warehouse import backups, connect, faults
    from warehouse.migrate import missing_steps, schema_version

    settings, data_dir, now = _here(data)
    path, wait = data_dir.warehouse_path, settings.writer_wait_seconds
    connect.require(data_dir)
    with faults.duckdb_errors(path), connect.opened(path, connect.deadline_after(wait), read_only=True) as con:
        steps = missing_steps(con, path)
    if not steps:
        print(f"{path}: version {schema_version()}, up to date")
        return
    names = ", ".join(step.name for step in steps)
    print(f"{path}: from version {steps[0].version - 1} to {schema_version()} ({names})")
    if dry_run:
        return
    say = _say(quiet)
    if not no_backup:
        made = backups.back_up(data_dir, now=now, wait_seconds=wait, say=say)
        print(f"backed up to {made.path}; `storywatch db restore {made.path.stem}` puts it back")
    say("migrating")
    with connect.writer(data_dir, wait_seconds=wait):
        pass
    _publish(settings, data_dir, now, say)


@app.command("check")
def check(data: options.Data = None, json: options.Json = False, quiet: options.Quiet = False) -> None:
    """Check that the warehouse is whole: schema, rows, ledger, what belongs together, the published file.

    Reads all of both files. Exits with 1 when something is wrong, and says what to do.

    [bold]Examples[/bold]

    \b
    storywatch db check
    storywatch db check --json | jq '.[] | select(.is_well | not)'
    """
    from warehouse.integrity import check as check_warehouse

    settings, data_dir, _ = _here(data)
    found = check_warehouse(data_dir, wait_seconds=settings.writer_wait_seconds, say=_say(quiet))
    if json:
        print(jsonlib.dumps([dataclasses.asdict(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(f"{'ok ' if one.is_well else 'BAD'}  {one.check:<14}  {one.detail}")
    bad = [one for one in found if not one.is_well]
    for one in bad:
        print(f"NEEDS ATTENTION: {one.check}: {one.remedy}", file=sys.stderr)
    if bad:
        raise typer.Exit(Exit.ATTENTION)


@app.command("backup")
def backup(
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, metavar="N", help="Afterwards delete all but the last N backups.")
    ] = None,
    data: options.Data = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Copy the warehouse into the folder `backups` of the data folder, as of the last commit. Runs may go on meanwhile.

    Beside the copy lies a .json with its row counts and SHA-256.

    [bold]Examples[/bold]

    \b
    storywatch db backup
    storywatch db backup --keep 14
    """
    from warehouse import backups

    settings, data_dir, now = _here(data)
    made = backups.back_up(data_dir, now=now, wait_seconds=settings.writer_wait_seconds, keep=keep, say=_say(quiet))
    print(jsonlib.dumps(dataclasses.asdict(made), default=str) if json else _line(made))


@app.command("restore")
def restore(
    name: Annotated[
        str | None, typer.Argument(metavar="[BACKUP]", help="File, or name in the folder of backups; none: list them.")
    ] = None,
    data: options.Data = None,
    quiet: options.Quiet = False,
) -> None:
    """Put a backup in the place of the warehouse and publish it. It is verified first; what was there is kept aside.

    Refuses (exit code 4) while a run is going on.

    [bold]Examples[/bold]

    \b
    storywatch db restore
    storywatch db restore 20251020T093000Z
    storywatch db restore /mnt/backups/20251020T093000Z.duckdb
    """
    from warehouse import backups

    settings, data_dir, now = _here(data)
    if name is None:
        for one in backups.backups(data_dir):
            print(_line(one))
        print(f"{data_dir.backups}: name one of these, or any file that `storywatch db backup` made", file=sys.stderr)
        raise typer.Exit(Exit.USAGE)
    path = Path(name)
    if not path.is_file() and (data_dir.backups / f"{name}.duckdb").is_file():
        path = data_dir.backups / f"{name}.duckdb"
    say = _say(quiet)
    done = backups.restore(data_dir, path, now=now, wait_seconds=settings.writer_wait_seconds, say=say)
    print(f"restored {_line(done.backup)}")
    if done.kept_in is not None:
        print(f"what was there is in {done.kept_in}")
    _publish(settings, data_dir, now, say)


@app.command("publish")
def publish(data: options.Data = None, quiet: options.Quiet = False) -> None:
    """Publish the last commit now, whether or not anything has changed. Runs publish by themselves.

    [bold]Examples[/bold]

    \b
    storywatch db publish
    """
    from warehouse import connect

    settings, data_dir, now = _here(data)
    connect.require(data_dir)
    _publish(settings, data_dir, now, _say(quiet))


def _here(data: Path | None) -> tuple[Settings, DataDir, datetime]:
    from flows.settings import load_settings
    from flows.world import current_world
    from warehouse.connect import DataDir

    settings = load_settings({"data_dir": data})
    return settings, DataDir(settings.data_dir), current_world().clock()


def _publish(settings: Settings, data_dir: DataDir, now: datetime, say: Callable[[str], None]) -> None:
    from warehouse.publish import publish as publish_now

    say("publishing")
    number = publish_now(
        data_dir,
        "storywatch db",
        now=now,
        wait_seconds=settings.writer_wait_seconds,
        publish_text=settings.publish_text,
    )
    print(f"snapshot {number} is published")


def _line(one: Backup) -> str:
    held = f"{one.rows.get('entry', 0)} URLs, {one.rows.get('article', 0)} articles"
    return f"{one.path.stem}  version {one.schema_version}, {held}, {one.size_bytes / 1e6:,.1f} MB"


def _say(quiet: bool) -> Callable[[str], None]:
    """What long work tells about itself, on standard error."""
    return (lambda text: None) if quiet else (lambda text: print(f"{text} ...", file=sys.stderr, flush=True))
