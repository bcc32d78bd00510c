"""Finds the terms of a story in a text, in any script: folding, boundaries, places in the original.

Not the place for what the terms mean: that is story.py, its only user. Pure.

Folding treats each character alone (compatibility decomposition, case folding, marks dropped), so that
fold(a + b) == fold(a) + fold(b), composed and decomposed spellings come out the same, and a place in the folded text
can be traced back to the original.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

# Combining accents; Hebrew points; Arabic vowel signs, hamza above and below, tatweel; the dot below letters of India:
# written or left out at will. Not the iota below a Greek vowel, which is a letter in lower case.
_MARKS = (
    "\u0300-\u0344\u0346-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u0655"
    "\u0670\u093c\u09bc\u0a3c\u0abc\u200b-\u200f\u00ad"
)
_DROPPED = re.compile(f"[{_MARKS}]+")
_IS_KEPT = re.compile(f"[^\x00-\x7f{_MARKS}]")  # beyond ASCII and not dropped
# Letters with a stroke and the like have no decomposition in Unicode; Persian letters that Arabic writes otherwise;
# typographic apostrophes, quotation
# marks and dashes, so that a term with one is found however it is set; any space.
_REPLACED = str.maketrans("łđøıħŧیکى’ʼ‘“”„«»‐‑–—\t\n\r", 'ldoihtيكي\'\'\'"""""----   ')
_REPLACEABLE = re.compile(f"[{re.escape(''.join(map(chr, _REPLACED)))}]")
# Scripts whose words are set apart by spaces and don't have particles glued to their front: a stem there is the
# beginning of a word. Digits, Latin, Greek, Cyrillic, Armenian, Georgian.
_BOUNDED = "0-9A-Za-z\u00c0-\u02af\u0370-\u058f\u10a0-\u10ff\u1e00-\u1fff"
_IS_BOUNDED = re.compile(f"[{_BOUNDED}]")
_IS_ELSEWHERE = re.compile("[\u0590-\u109f\u1100-\u1dff\u2c00-\U0010ffff]")
# Characters whose folding may not be one character long: all but these ranges, of which a test proves that it is.
_MAYBE_UNEVEN = re.compile(
    "[^\x00-\xac\xae-\xbb\xbf-\xde\xe0-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u01c3\u01cd-\u01f0\u01f4-\u02ff"
    "\u037b-\u0586\u05d0-\u063f\u0641-\u064a\u0671-\u0674\u0679-\u0928\u092a-\u0930\u0935-\u093b\u093d-\u0957\u0960-\u09bb\u09bd-\u09ca"
    "\u0e01-\u0e32\u0e34-\u0eb2\u1e00-\u1e99\u1e9f-\u1eff\u2010-\u2024\u2027-\u2032\u3000-\u304b\u3400-\uabff]"
)
NOT = "!"  # at the beginning of a stem: this spelling is another word
_SHORTEST = 3  # letters of a stem in a bounded script, unless it is a whole word: two begin too many words
_STOP, _STOP_WHOLE = "", "  "  # keys in a node of the trie: a stem ends here; it ends here if the word does

Places = list[tuple[int, int]]


def fold(text: str) -> str:
    """`text` without case, accents and compatibility forms; idempotent; fold(a + b) == fold(a) + fold(b)."""
    if text.isascii():
        return text.lower().translate(_REPLACED)
    # Not str.translate: outside ASCII it takes ten times as long as both of these.
    spelt = unicodedata.normalize("NFKD", _REPLACEABLE.sub(_replacement, text))
    if not _IS_KEPT.search(spelt):  # most of what is written in Latin letters, but for its accents
        return spelt.encode("ascii", "ignore").decode("ascii").lower().translate(_REPLACED)
    folded = unicodedata.normalize("NFKD", spelt.casefold())
    return _REPLACEABLE.sub(_replacement, _DROPPED.sub("", folded))


def _replacement(match: re.Match[str]) -> str:
    return chr(_REPLACED[ord(match[0])])


@cache
def _folded_length(character: str) -> int:
    return len(fold(character))


@dataclass(frozen=True, slots=True)
class TermIndex:
    """All terms of a story, compiled; pickles."""

    ascii_words: re.Pattern[str]  # in folded texts of ASCII alone
    words: re.Pattern[str]  # in all others: the stems of scripts that set words apart
    elsewhere: tuple[re.Pattern[str], ...]  # and those of the other scripts, one each: an expression of all is slow
    groups_of: Mapping[str, tuple[str, ...]]  # folded stem -> groups that list it
    others: Mapping[str, frozenset[str]]  # group -> spellings, composed and in lower case, that are another word

    def places(self, text: str) -> dict[str, Places]:
        """Group -> [start, end) of each match, in characters of `text`, ascending; groups without a match are absent.

        Matches don't overlap, and of several stems that begin at one place the longest counts: "vienna
        convention" is not a mention of Vienna.
        """
        folded = fold(text)
        found: dict[str, Places] = {}
        if folded.isascii():
            self._find(self.ascii_words, folded, found)
        else:
            self._find(self.words, folded, found)
            if _IS_ELSEWHERE.search(folded):
                for script in self.elsewhere:
                    self._find(script, folded, found)
                for places in found.values():
                    places.sort()
        return self._without_others(_in_original(found, text), text) if found else found

    def _without_others(self, found: dict[str, Places], text: str) -> dict[str, Places]:
        for group in self.others.keys() & found.keys():
            others = self.others[group]
            found[group] = [(a, b) for a, b in found[group] if _composed(text[a:b]) not in others]
            if not found[group]:
                del found[group]
        return found

    def _find(self, pattern: re.Pattern[str], folded: str, found: dict[str, Places]) -> None:
        groups_of = self.groups_of
        for match in pattern.finditer(folded):
            stem = match[1]
            if stem is not None:  # None: the end of the text
                span = match.span(1)
                for group in groups_of[stem]:
                    if group in found:
                        found[group].append(span)
                    else:
                        found[group] = [span]


def build_index(stems: Mapping[str, Iterable[str]]) -> TermIndex:
    """Compiles group -> stems as people write them.

    A stem is the beginning of a word in Latin, Cyrillic, Greek, Armenian, Georgian, and stands anywhere in other
    scripts; one that ends in a space is a whole word. Stems may hold spaces. One that begins with ! says that a stem of
    its group, spelt with these very accents, is another word. Raises ValueError for a stem without letters or digits,
    and for one too short to mean anything.
    """
    groups_of: dict[str, tuple[str, ...]] = {}
    spellings: set[str] = set()
    others: dict[str, frozenset[str]] = {}
    for group, written in stems.items():
        for stem in written:
            if stem.startswith(NOT):
                others[group] = others.get(group, frozenset()) | {_composed(stem.removeprefix(NOT).strip())}
                continue
            spelling = spelling_of(stem)
            spellings.add(spelling)
            bare = spelling.rstrip()
            if group not in groups_of.get(bare, ()):
                groups_of[bare] = (*groups_of.get(bare, ()), group)
    bounded = {stem for stem in spellings if _IS_BOUNDED.match(stem)}
    return TermIndex(
        ascii_words=_words({stem for stem in bounded if stem.isascii()}, "0-9a-z"),
        words=_words(bounded, _BOUNDED),
        elsewhere=tuple(re.compile(f"({_any_of(set(stems), '')})") for stems in _by_script(spellings - bounded)),
        groups_of=groups_of,
        others=others,
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def spelling_of(stem: str) -> str:
    """A stem as it is looked for: folded, with a space at its end for a whole word. Raises ValueError for what would
    match nearly everything."""
    folded = fold(stem).lstrip()
    bare = folded.rstrip()
    if not any(character.isalnum() for character in bare):
        raise ValueError(f"{stem!r} holds no letter or digit")
    if bare != folded:
        return f"{bare} "
    if _IS_BOUNDED.match(bare) and len(bare) < _SHORTEST:
        raise ValueError(f"{stem!r} is too short: {_SHORTEST} letters, or a space at its end for a whole word")
    return bare


def _by_script(stems: set[str]) -> list[list[str]]:
    """Of stems whose scripts differ none begins inside another."""
    scripts: dict[str, list[str]] = {}
    for stem in sorted(stems):
        scripts.setdefault(unicodedata.name(stem[0], "").partition(" ")[0], []).append(stem)
    return list(scripts.values())


def _in_original(found: dict[str, Places], text: str) -> dict[str, Places]:
    """Brings places in fold(text) back to `text`."""
    if text.isascii():
        return found
    # Only characters whose folding is not one long shift what follows: note where they are in both texts.
    at = [match.start() for match in _MAYBE_UNEVEN.finditer(text) if _folded_length(match[0]) != 1]
    if not at:
        return found
    shifts = list(accumulate(_folded_length(text[place]) - 1 for place in at))
    ends = [
        place + 1 + shift for place, shift in zip(at, shifts, strict=True)
    ]  # in the folded text, after each of them

    def origin(folded_place: int) -> int:
        """Place in `text` of the character that the folded character at `folded_place` comes from."""
        before = bisect_right(ends, folded_place)
        straight = folded_place - (shifts[before - 1] if before else 0)
        return min(straight, at[before]) if before < len(at) else straight

    return {group: [(origin(a), origin(b - 1) + 1) for a, b in places] for group, places in found.items()}


def _words(stems: set[str], letters: str) -> re.Pattern[str]:
    """Finds stems at the beginnings of words: runs of `letters`, so that a word also begins where its script does.

    Each match passes over the words before it that begin with no stem, one look at each, and ends with its word; the
    last match is the end of the text and has no stem (without it, each search that finds nothing more would be tried
    again from every character). Three times as fast as asking at every character whether a word begins there.
    """
    any_stem = _any_of(stems, f"(?![{letters}])")
    word, gap = f"[{letters}]", f"[^{letters}]"
    return re.compile(rf"{gap}*+(?:(?!{any_stem}){word}++{gap}*+)*+(?:({any_stem}){word}*+|\Z)")


def _any_of(stems: set[str], word_end: str) -> str:
    """A regular expression for any of `stems`, the longest first, that looks at each character once."""
    root: dict[str, Any] = {}
    for stem in stems:
        node = root
        for character in stem.rstrip():
            node = node.setdefault(character, {})
        node[_STOP if stem == stem.rstrip() else _STOP_WHOLE] = {}
    return _expression(root, word_end) if root else "(?!)"


def _expression(node: dict[str, Any], word_end: str) -> str:
    ways = [re.escape(key) + _expression(below, word_end) for key, below in sorted(node.items()) if len(key) == 1]
    if _STOP in node:
        ways.append("")
    elif _STOP_WHOLE in node:
        ways.append(word_end)
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
