"""The blocks of docs/sql.md that are marked with a client, to be run as they are written.

<!-- client: NAME -->                  the fenced block that follows is run: sh or python
<!-- client: NAME, file: PATH -->      ... is written to PATH first
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "sql.md"
_BLOCK = re.compile(r"^<!-- client: ([a-z-]+)(?:, file: (\S+))? -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and what its marker says of it."""

    client: str
    path: str | None  # of the file that it is, below the working directory; None: it is run
    language: str  # the fence's tag
    text: str


def blocks(client: str | None = None) -> list[Block]:
    """Those of `client`, or all, in the order of the page."""
    found = [
        Block(name, path or None, language, text)
        for name, path, language, text in _BLOCK.findall(PAGE.read_text("utf-8"))
    ]
    return [one for one in found if client in (None, one.client)]


def runnable(client: str) -> Block:
    """The one block of `client` that is run."""
    (block,) = (one for one in blocks(client) if one.path is None)
    return block
