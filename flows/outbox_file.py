"""The file <data>/private/notify.json: what people were told and what waits to be told, replaced in one step.

A file and not a table: a run that failed because the warehouse is broken, full or held has to be told, too. What waits
is on the disk before it is sent, and noted as sent when the target has taken it: a kill in between sends that one
message twice and loses none (at least once). Of a target's URL only a digest is kept.
"""

from __future__ import annotations

import os

from pydantic import TypeAdapter, ValidationError

from flows.outbox import Mailbox, Outbox
from warehouse.connect import DataDir, sync

_CONTENT = TypeAdapter(Outbox)


def read_outbox(data_dir: DataDir) -> Outbox:
    """What the file says; an empty one where there is none, or it is not whole: what is then, counts as known."""
    try:
        return _CONTENT.validate_json(data_dir.notify_path.read_bytes())
    except (OSError, ValidationError):
        return Outbox()


def write_outbox(data_dir: DataDir, outbox: Outbox) -> None:
    """Replace the file in one step, on the disk. Raises OSError."""
    path = data_dir.notify_path
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_CONTENT.dump_json(outbox))
    sync(new)
    new.replace(path)
    sync(path.parent)


def failing_targets(data_dir: DataDir) -> list[Mailbox]:
    """The targets that did not take the last message: for `status`, which shows `label`, `failures`, `error`."""
    return [box for box in read_outbox(data_dir).mailboxes.values() if box.failures]
