"""Edits planted in real texts, so that it is known which article is a copy of which. Pure, the same at every call.

An original is a real page's text of 180 words or more. Strange words and sentences come from the donors: the pages that
are too short to be originals, and paragraphs of other originals, at most one of each.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.words import word_count

MIN_WORDS = 180
# Pages of the collection that carry the text of another one: the same list of nominees, and one wire report twice.
TWINS = frozenset({"fe-213fa49971aa", "ft-bccd9fe8592b"})
BOILERPLATE = (
    "You are reading the free edition of our service. Members of the supporters' circle receive the evening letter and "
    "may listen to every story. If you notice a mistake, write to the corrections desk and name the page.",
    "This page uses small files that remember your choices. You may change them at any time under settings, where a "
    "list of our partners is kept as well. All times are local unless a report says otherwise.",
)
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[。！？])|\n+")
_UNSPACED_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{2}|[\u0e01-\u0e4e]{4}")
_WORD = re.compile(rf"{_UNSPACED_WORD.pattern}|(?:(?![\u3040-\u30ff\u4e00-\u9fff\u0e01-\u0e4e])[^\W\d_]){{4,}}")


@dataclass(frozen=True, slots=True)
class Original:
    """A real text and where it is from."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Planted:
    """An edit with the originals of which naming any one is right."""

    kind: str
    text: str
    of: tuple[str, ...]


def originals(testdata: Path) -> tuple[tuple[Original, ...], tuple[Original, ...]]:
    """(originals, donors) of the folder's pages."""
    lines = (testdata / "data" / "pages" / "truth.jsonl").read_text("utf-8").splitlines()
    rows = [Original(row["file"].partition(".")[0], row["body"]) for row in map(json.loads, lines)]
    long = tuple(row for row in rows if word_count(row.text) >= MIN_WORDS and row.name not in TWINS)
    return long, tuple(row for row in rows if word_count(row.text) < MIN_WORDS)


def planted(its: Sequence[Original], donors: Sequence[Original], salt: str = "") -> list[Planted]:
    """Every kind of edit of each of them; another `salt` makes other edits."""
    strange = [part for donor in donors for part in sentences(donor.text)]
    made = []
    for place, one in enumerate(its):
        for kind, edit in EDITS.items():
            chance = random.Random(f"{salt}{kind} {one.name}")
            made.append(Planted(kind, edit(one, its, strange, chance), (one.name,)))
        other = its[(place + 1) % len(its)]
        made.append(Planted("two wires merged", f"{one.text}\n{other.text}", (one.name, other.name)))
    return made


def sentences(text: str) -> list[str]:
    """Its sentences as pieces, with the ends of paragraphs as pieces of their own."""
    return [part for part in _SENTENCE_END.split(text) if part.strip()]


def paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n+", text) if part.strip()]


def _edited(share: float) -> Callable[..., str]:
    def edit(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
        parts = sentences(one.text)
        for place in chance.sample(range(len(parts)), max(1, round(share * len(parts)))):
            words = parts[place].split()
            if chance.random() < 0.5 and len(words) > 5:  # half of it said otherwise
                for at in range(0, len(words), 2):
                    words[at] = chance.choice(chance.choice(strange).split())
                parts[place] = " ".join(words)
            else:
                parts[place] = chance.choice(strange)
        return "\n".join(parts)

    return edit


def _new_head(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
    rest = paragraphs(one.text)[1:] or sentences(one.text)[2:]
    return "\n".join([*chance.sample(strange, 3), *rest])


def _boilerplate(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
    return "\n".join([BOILERPLATE[0], one.text, BOILERPLATE[1]])


def _truncated(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
    return "\n".join(paragraphs(one.text)[:3])


def _live_blog(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
    """Grown to three to six times its length by paragraphs of others, some above and some between its own."""
    wanted = word_count(one.text) * chance.uniform(2, 5)
    updates: list[str] = []
    for other in chance.sample(list(its), len(its)):
        if other.name != one.name and wanted > 0:
            updates.append(chance.choice(paragraphs(other.text)))
            wanted -= word_count(updates[-1])
    above = chance.randrange(len(updates) + 1)
    return "\n".join([*updates[:above], one.text, *updates[above:]])


def _replaced(one: Original, its: Sequence[Original], strange: Sequence[str], chance: random.Random) -> str:
    """Of its content words (four letters or more) 40 % are another text's."""
    is_unspaced = _is_unspaced(one.text)
    alike = [other for other in its if other is not one and _is_unspaced(other.text) is is_unspaced]
    pool = [word for other in chance.sample(alike, min(3, len(alike))) for word in _WORD.findall(other.text)]
    return _WORD.sub(lambda found: chance.choice(pool) if chance.random() < 0.4 else found[0], one.text)


def _is_unspaced(text: str) -> bool:
    return len(_UNSPACED_WORD.findall(text)) > 50


EDITS: dict[str, Callable[..., str]] = {
    "exact": lambda one, its, strange, chance: one.text,
    "10 % of sentences edited": _edited(0.1),
    "20 % of sentences edited": _edited(0.2),
    "30 % of sentences edited": _edited(0.3),
    "new headline and lede": _new_head,
    "boilerplate added": _boilerplate,
    "first three paragraphs": _truncated,
    "live blog grown": _live_blog,
    "40 % of words replaced": _replaced,
}
KINDS = (*EDITS, "two wires merged")
FLOORS = dict.fromkeys(KINDS, 0.99) | {"live blog grown": 0.95, "40 % of words replaced": 0.75}
PRECISION_FLOOR = 0.99
