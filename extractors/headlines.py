"""Do two headlines announce the same report? For leads, whose pages can't be read. Pure.

    title -> without outlet and UPDATE -> words -> what is left of each beside the other -> same, or another story

Headlines of one report differ by edits, by the outlet's name, by an UPDATE prefix, by how a name is spelt. Headlines of
two reports often differ by one word: another step of the story, another counterpart, place, number or date. So
likeness alone says nothing: what one has instead of the other must be no more than another word for the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, pairwise

from extractors.headline_titles import plain_title
from extractors.headline_words import (
    CALENDAR,
    CLASSES,
    DECISIVE,
    JOINING,
    LIGHT,
    NAME_SPELLINGS,
    NEGATIONS,
    NUMBER_WORDS,
    OPPOSITES,
    UNSURE,
)
from extractors.tokens import tokens

MIN_OVERLAP = 0.60  # Dice index of the content words; below, what is equal may be the names of the story alone
MIN_WORDS = 3  # content words; of shorter ones only equal words are the same
INFLECTION = 3  # characters by which two forms of one word may differ at the end
MIN_STEM = 4  # characters that they must share
CACHED_WORDS = 100_000  # on one story the same words come up again and again
_VOWELS = str.maketrans("", "", "aeiouyjаеёиоуыэюяіїєйьъ'’")
_SOUNDS = str.maketrans({"z": "s", "w": "v", "c": "k", "q": "k"})
_DIGITS = re.compile(r"\d")
_QUESTION = re.compile("[?？؟]")
_AXES = tuple(enumerate(OPPOSITES))
_TO_COME = frozenset({"meet", "speak", "talk", "call", "discuss", "hold", "phone"})
_POSSESSIVE = "s"  # the word that is left of "'s"


@dataclass(frozen=True, slots=True)
class Headline:
    """A title as it is compared."""

    words: tuple[str, ...]  # all of them, in order, without outlet and prefix; numbers in digits
    content: frozenset[str]  # those that say something, another word for the same step as its class
    numbers: frozenset[str] = field(default=frozenset())
    calendar: frozenset[str] = field(default=frozenset())  # weekdays and months
    steps: frozenset[str] = field(default=frozenset())  # the decisive classes: cancelled, postponed, denied, ...
    negated: bool = False
    asked: bool = False  # a question
    unsure: bool = False  # may, might, could
    sides: frozenset[tuple[int, bool]] = field(default=frozenset())  # before, not after; see _sides

    @property
    def keys(self) -> frozenset[str]:
        """What two headlines of one report have in common whatever the spelling."""
        return frozenset(map(_skeleton, self.content))


def headline(title: str) -> Headline:
    """`title` as it is compared."""
    words = [_folded(word) for word in tokens(plain_title(title))]
    words = [NAME_SPELLINGS.get(word, word) for word in words if word]
    words = [NUMBER_WORDS.get(word, word) for word in words]
    content, steps, numbers, calendar = set(), set(), set(), set()
    for word in words:
        kind = CLASSES.get(word)
        if _DIGITS.search(word):
            numbers.add(word)
        elif word in CALENDAR:
            calendar.add(CALENDAR[word])
        elif kind in DECISIVE:
            steps.add(kind)
        elif kind is not None:
            content.add(kind)
        elif word not in LIGHT and word not in NEGATIONS and len(word) > 1:
            content.add(word)
    return Headline(
        words=tuple(words),
        content=frozenset(content),
        numbers=frozenset(numbers),
        calendar=frozenset(calendar),
        steps=frozenset(filter(None, steps)),
        negated=not NEGATIONS.isdisjoint(words),
        asked=_QUESTION.search(title) is not None,
        unsure=not UNSURE.isdisjoint(words),
        sides=_sides(words),
    )


def overlap(one: Headline, other: Headline) -> tuple[float, float]:
    """(share of the words of `one` that `other` has in some form, Jaccard index), each in [0, 1]."""
    ours, theirs = _left(one, other)
    shared = len(one.content) - len(ours)
    total = shared + len(ours) + len(theirs)
    return (shared / len(one.content), shared / total) if shared else (0.0, 0.0)


def is_same(one: Headline, other: Headline) -> bool:
    """Whether both announce the same report; the same both ways."""
    if one.asked != other.asked:
        return False
    if one.words == other.words:
        return bool(one.words)
    if (one.steps, one.negated, one.unsure) != (other.steps, other.negated, other.unsure) or _is_opposite(one, other):
        return False
    if _said(one) == _said(other) != ():
        return True
    if not _is_part(one.numbers, other.numbers) or not _is_part(one.calendar, other.calendar):
        return False
    fewer, more = sorted((len(one.content), len(other.content)))
    if fewer < MIN_WORDS or 2 * fewer < MIN_OVERLAP * (fewer + more):
        return False
    ours, theirs = _left(one, other)
    if ours and theirs:
        return False  # something instead of something else
    if _owned(one) & ours or _owned(other) & theirs or _is_turned_round(one, other):
        return False
    shared = len(one.content) - len(ours)
    return 2 * shared >= MIN_OVERLAP * (len(one.content) + len(other.content))


class Headlines:
    """Headlines by name, found by the words that they share. It only grows."""

    def __init__(self) -> None:
        self._all: list[tuple[str, Headline]] = []
        self._with: dict[str, list[int]] = {}  # key -> places
        self._worded: dict[tuple[bool, tuple[str, ...]], int] = {}  # whether asked, words -> the first with them

    def add(self, name: str, one: Headline) -> None:
        place = len(self._all)
        self._all.append((name, one))
        self._worded.setdefault((one.asked, one.words), place)
        for key in one.keys:
            self._with.setdefault(key, []).append(place)

    def first_same(self, one: Headline) -> tuple[str, Headline] | None:
        """The first that was added and announces the same report, equal words before others; None: there is none."""
        if one.words and (one.asked, one.words) in self._worded:
            return self._all[self._worded[one.asked, one.words]]
        shared = Counter(place for key in one.keys for place in self._with.get(key, ()))
        least = 0.4 * len(one.keys)  # the Dice index asks for more; inflected words have keys of their own
        for place in sorted(place for place, count in shared.items() if count >= least):
            if is_same(one, self._all[place][1]):
                return self._all[place]
        return None


def _said(one: Headline) -> tuple[str, ...]:
    """The words that say something, in order."""
    return tuple(word for word in one.words if word not in LIGHT)


def _is_opposite(one: Headline, other: Headline) -> bool:
    """Whether they have words that exclude each other: before and after, up and down, will and did."""
    return any((axis, not side) in other.sides for axis, side in one.sides)


def _sides(words: Sequence[str]) -> frozenset[tuple[int, bool]]:
    """(place in OPPOSITES, whether the first of both) of what stands alone, without its opposite."""
    found = set(words)
    if any(word == "to" and after in _TO_COME for word, after in pairwise(words)):
        found.add("will")
    ways = ((axis, not first.isdisjoint(found), not second.isdisjoint(found)) for axis, (first, second) in _AXES)
    return frozenset((axis, first) for axis, first, second in ways if first != second)


def _owned(one: Headline) -> set[str]:
    """What somebody has: of "Putin's aide" the aide, who is not Putin."""
    return {word for mark, word in pairwise(one.words) if mark == _POSSESSIVE}


def _is_turned_round(one: Headline, other: Headline) -> bool:
    """Whether two names have changed places otherwise than as equals: who calls whom, who says what of whom."""
    ours, theirs = _places(one), _places(other)
    shared = sorted(ours.keys() & theirs.keys(), key=ours.__getitem__)
    return any(
        theirs[first] > theirs[second]
        and not (_are_equals(one, ours[first], ours[second]) and _are_equals(other, theirs[second], theirs[first]))
        for first, second in combinations(shared, 2)
    )


def _places(one: Headline) -> dict[str, int]:
    """Name or thing -> where it stands first; words with a class are verbs and change places freely."""
    found: dict[str, int] = {}
    for place, word in enumerate(one.words):
        if word in one.content:
            found.setdefault(_skeleton(word), place)
    return found


def _are_equals(one: Headline, first: int, second: int) -> bool:
    """Whether something joins them, and nothing but that stands between: not the colon after whoever says it."""
    between = one.words[first + 1 : second]
    return bool(between) and JOINING.issuperset(between)


def _left(one: Headline, other: Headline) -> tuple[set[str], set[str]]:
    """Content words of each that the other has in no form."""
    ours, theirs = set(one.content - other.content), set(other.content - one.content)
    for word in sorted(ours) if theirs else ():
        start, bones = word[:MIN_STEM], _skeleton(word)
        alike = sorted(also for also in theirs if also.startswith(start) or _skeleton(also) == bones)
        twin = next((also for also in alike if _is_form(word, also)), None)
        if twin is not None:
            ours.discard(word)
            theirs.discard(twin)
    return ours, theirs


def _is_form(one: str, other: str) -> bool:
    """Whether they are forms of one word, or spellings of one name."""
    shorter, longer = sorted((one, other), key=len)
    same = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if same >= MIN_STEM and len(longer) - same <= INFLECTION and len(shorter) - same <= 1 and longer[same:] != "ia":
        return True
    return (
        len(shorter) >= MIN_STEM
        and _skeleton(one) == _skeleton(other)
        and _distance(one, other) <= min(3, len(longer) // 3)
    )


@lru_cache(CACHED_WORDS)
def _skeleton(word: str) -> str:
    """What transliterations of a name agree in: its consonants, alike ones as one, no letter twice in a row."""
    sounds = re.sub("s?ch|s[hz]", "s", word).replace("kh", "h").replace("ck", "k").translate(_SOUNDS)
    bones = sounds.translate(_VOWELS)
    return "".join(letter for at, letter in enumerate(bones) if at == 0 or letter != bones[at - 1]) or word


def _distance(one: str, other: str) -> int:
    """Least number of letters to change, add or take away (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        above, row[0] = row[0], at
        for to, also in enumerate(other, 1):
            above, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, above + (letter != also))
    return row[-1]


def _folded(word: str) -> str:
    """Without accents, in scripts that have any."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _is_part(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one has nothing instead of what the other has: an edit may add or leave out a number, not change it."""
    return one <= other or other <= one
