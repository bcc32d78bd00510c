"""Messages between a run and its extraction workers, over pipes. Standard library only.

A message is its length in 8 bytes, big-endian, then a pickle. For our own processes alone: pickles are trusted.
"""

from __future__ import annotations

import pickle
from typing import IO

LENGTH_BYTES = 8


def receive(pipe: IO[bytes]) -> object | None:
    """The next message; None at the end of the input."""
    head = pipe.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    content = pipe.read(int.from_bytes(head, "big"))
    message: object = pickle.loads(content)  # noqa: S301
    return message


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(content).to_bytes(LENGTH_BYTES, "big") + content)
    pipe.flush()
