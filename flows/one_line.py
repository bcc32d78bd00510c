"""Text of others, made fit for a line of ours: in a log, a message, a cell of a table."""

from __future__ import annotations

import unicodedata

# Marks that change the direction of what follows them, beyond the text that they stand in.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CUT = "..."


def one_line(text: str, longest: int = 300) -> str:
    """The text on one line, without control characters and marks of direction, at most `longest` characters."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or (char not in _DIRECTION and unicodedata.category(char) not in ("Cc", "Cs", "Co"))
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - len(CUT)].rstrip() + CUT


def keyed(text: str, **facts: object) -> str:
    """A line for a log: words, then `key=value` of each fact that is not None, quoted where it has blanks.

    The keys are the same everywhere: feed (its name), url, reason, outlet, verdict.
    """
    pairs = [f"{key}={_value(fact)}" for key, fact in facts.items() if fact is not None]
    return " ".join([one_line(text), *pairs])


def _value(fact: object) -> str:
    value = one_line(str(fact), longest=2000)
    if value and " " not in value and '"' not in value:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
