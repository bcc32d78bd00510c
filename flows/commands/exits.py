"""Exit codes: the same for every command."""

from __future__ import annotations

from enum import IntEnum

from extractors.errors import InputError, NetworkUnreachable, QueryError, StorywatchError, WarehouseBusy


class Exit(IntEnum):
    """What the command ends with."""

    DONE = 0
    ATTENTION = 1  # done, or not, and somebody should look: it says at what
    USAGE = 2  # the command line, a setting or a file of seeds/ is wrong
    NO_NETWORK = 3  # no feed could be reached at all
    BUSY = 4  # another process holds the warehouse
    INTERRUPTED = 130  # Ctrl-C; the ledger is balanced, the next run goes on


MEANING = {
    Exit.DONE: "done",
    Exit.ATTENTION: "needs attention: what is wrong stands on standard error",
    Exit.USAGE: "usage: the command line, a setting or a file of `seeds/` is wrong",
    Exit.NO_NETWORK: "no network: no feed could be reached at all",
    Exit.BUSY: "another process holds the warehouse",
    Exit.INTERRUPTED: "stopped by Ctrl-C; the ledger is balanced, the next run goes on",
}


def exit_code_of(error: StorywatchError) -> Exit:
    """The exit code that an expected error ends the command with."""
    if isinstance(error, InputError | QueryError):
        return Exit.USAGE
    if isinstance(error, NetworkUnreachable):
        return Exit.NO_NETWORK
    if isinstance(error, WarehouseBusy):
        return Exit.BUSY
    return Exit.ATTENTION
