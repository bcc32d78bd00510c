"""storywatch notify: who is told of what matters, and what waits to be told."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from extractors.errors import SettingsError
from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.outbox import Mailbox, Outbox

app = typer.Typer(no_args_is_help=True, help="Who is told of what matters, and what waits to be told.")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def notify() -> None:
    """Who is told of what matters, and what waits to be told."""


@app.command("test")
def send_test(json: Json = False) -> None:
    """Send a message to each target of the settings and tell each one's result. Exits with 1 when one did not take it.

    Nothing of what waits is sent, and quiet hours are not kept.

    [bold]Examples[/bold]

    \b
    STORYWATCH_NOTIFY_TARGETS="mailtos://user:password@mail.your-domain.org" storywatch notify test
    storywatch notify test --json
    """
    from flows import sending
    from flows.notify import labels_of, targets_of
    from flows.settings import load_settings

    targets = targets_of(load_settings())
    if not targets:
        allowed = 'name at least one Apprise URL, as [notify] targets = ["mailtos://..."] in storywatch.toml'
        raise SettingsError("notify_targets", None, allowed, "its default")
    text = "This is a test of storywatch notify. Nothing has happened."
    parcels = {
        digest: sending.Parcel(target=url, title="storywatch: a test", text=text, is_trouble=False)
        for digest, url in targets.items()
    }
    errors = sending.send_all(parcels)
    labels = labels_of(targets)
    if json:
        results = [{"target": labels[one], "taken": not error, "error": error or None} for one, error in errors.items()]
        print(jsonlib.dumps({"targets": results}, ensure_ascii=False))
    else:
        for digest, error in errors.items():
            print(f"{labels[digest]}: {error or 'taken'}", file=sys.stderr if error else sys.stdout)
    if any(errors.values()):
        raise typer.Exit(Exit.ATTENTION)


@app.command("list")
def list_(data: options.Data = None, json: Json = False) -> None:
    """Show the targets, how they do, and what waits to be sent to each. Exits with 1 when one fails.

    [bold]Examples[/bold]

    \b
    storywatch notify list
    storywatch notify list --json | jq '.targets[].waiting'
    """
    from flows import outbox
    from flows.notify import labels_of, targets_of
    from flows.outbox_file import read_outbox
    from flows.settings import load_settings
    from warehouse.connect import DataDir

    settings = load_settings({"data_dir": data})
    box = outbox.for_targets(read_outbox(DataDir(settings.data_dir)), labels_of(targets_of(settings)))
    if json:
        print(jsonlib.dumps({"targets": [_as_json(one) for one in box.mailboxes.values()]}, ensure_ascii=False))
    else:
        print("\n".join(_lines(box)) or "no targets: [notify] targets of storywatch.toml names nobody")
    if any(one.failures for one in box.mailboxes.values()):
        raise typer.Exit(Exit.ATTENTION)


def _as_json(one: Mailbox) -> dict[str, object]:
    return {
        "target": one.label,
        "failures": one.failures,
        "error": one.error or None,
        "next_try_at": _time(one.next_try_at),
        "sent_at": _time(one.sent_at),
        "waiting": [
            {"kind": notice.kind.value, "at": _time(notice.at), "text": notice.text, "link": notice.link or None}
            for notice in one.waiting
        ],
    }


def _lines(box: Outbox) -> Iterator[str]:
    from flows.outbox import failure_of, short

    for one in box.mailboxes.values():
        sent = f"last message {short(one.sent_at)}" if one.sent_at else "no message yet"
        yield f"{one.label}: {failure_of(one)}" if one.failures else f"{one.label}: {sent}"
        yield from (f"    waits: {notice.kind}: {notice.text}" for notice in one.waiting)


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
