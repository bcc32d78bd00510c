"""What differs between two texts, for people: paragraph by paragraph, within a changed one word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
_WORD = re.compile(r"\s+|[^\W_]+|[\W_]")
# Paragraphs that share less than this of their words are two, not one that was changed.
LIKENESS = 0.5
# Beyond this a paragraph is shown as replaced: comparing word by word takes the square of its length.
LONGEST_COMPARED = 4_000  # words


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a paragraph and what became of it."""

    kind: Kind
    text: str


def paragraphs_of(old: str, new: str) -> Iterator[list[Piece]]:
    """The paragraphs of both texts in reading order, each in pieces; a removed one stands where it was."""
    before, after = old.split("\n"), new.split("\n")
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ([Piece("same", line)] for line in before[i:j])
        else:
            yield from _replaced(before[i:j], after[k:m])


def words_of(old: str, new: str) -> list[Piece]:
    """One line in pieces, word by word."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > LONGEST_COMPARED:
        return [piece for piece in (Piece("removed", old), Piece("added", new)) if piece.text]
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[i:j])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(before[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(after[k:m])))
    return pieces


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[list[Piece]]:
    """Changed paragraphs: each old one with the first new one that is like it, the others for themselves."""
    start = 0
    for old in before:
        place = next((n for n in range(start, len(after)) if _are_alike(old, after[n])), None)
        if place is None:
            yield [Piece("removed", old)]
            continue
        yield from ([Piece("added", line)] for line in after[start:place])
        yield words_of(old, after[place])
        start = place + 1
    yield from ([Piece("added", line)] for line in after[start:])


def _are_alike(old: str, new: str) -> bool:
    ours, theirs = set(old.split()), set(new.split())
    return len(ours & theirs) >= LIKENESS * max(1, min(len(ours), len(theirs)))
