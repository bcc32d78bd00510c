"""Ctrl-C that can't get lost. Prefect swallows one that meets it after a flow's last line, and Python one that meets it
in a destructor: whoever pressed the key would see the run go on.

    with noted():                  # Ctrl-C is raised where it strikes, as always, and written down
        ...
        raise_if_noted()           # between two steps: raised again if somebody swallowed it
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_noted = threading.Event()


def is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: between two stages Prefect's own code meets it and raises something else."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def unwrapped() -> Iterator[None]:
    """Raise KeyboardInterrupt for every error that Ctrl-C is behind: Prefect calls a run that ends so Crashed, any
    other Failed.
    """
    try:
        yield
    except Exception as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from error
        raise


@contextmanager
def noted() -> Iterator[None]:
    """Write Ctrl-C down while the block runs; at its end, raise one that was swallowed.

    Does nothing outside the main thread, and where somebody else handles SIGINT (a worker, a job in the background).
    """
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_ours:
        yield
        return
    _noted.clear()
    signal.signal(signal.SIGINT, _note)
    try:
        with unwrapped():
            yield
        raise_if_noted()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _noted.clear()


def raise_if_noted() -> None:
    """Raises KeyboardInterrupt if Ctrl-C was pressed within `noted`."""
    if _noted.is_set():
        raise KeyboardInterrupt


def _note(number: int, frame: FrameType | None) -> None:
    _noted.set()
    signal.default_int_handler(number, frame)
