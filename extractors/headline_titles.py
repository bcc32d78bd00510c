"""A title without outlet and UPDATE, with numbers, countries and phrases written one way. Pure; for headlines.py."""

from __future__ import annotations

import re

from extractors.headline_words import CLASSES, DECISIVE, NEGATIONS, PHRASES, PREFIX, PREFIX_KEEPS
from extractors.tokens import tokens

_SUFFIX = re.compile(r"\s+[|–—·•-]\s+(?P<outlet>[^|–—·•]{2,40})$")
_OUTLET_WORDS = 5  # the longest names of outlets
_SMALL_WORD = 3  # letters up to which a word of an outlet's name may begin small: "the", "of", "de"
_THOUSANDS = re.compile(r"(?<=\d)[,.'’\u00a0\u202f](?=\d{3}(?!\d))")
_ABBREVIATED = (
    (re.compile(r"(?i)(?<=\d)\s?(?:bn|mrd|mlrd|млрд)\b\.?"), " billion"),
    (re.compile(r"(?i)(?<=\d)\s?(?:mn|mln|млн)\b\.?"), " million"),
    (re.compile(r"\s?%"), " percent"),
    (re.compile(r"(?i)\bper cent\b"), "percent"),
)
# Capitals tell these from the pronouns and the article that are spelt alike. A title all in capitals tells nothing.
_COUNTRIES = (
    (re.compile(r"\bU\.S\.(?:A\.)?|\bUSA?\b|\bUnited States\b"), "America"),
    (re.compile(r"\bU\.K\.|\bUK\b|\bUnited Kingdom\b"), "Britain"),
    (re.compile(r"\bU\.N\.|\bUN\b|\bUnited Nations\b"), "UNO"),
)
# Who says it may stand behind it: "..., Kremlin says", "...: White House".
_SAID_BEHIND = re.compile(
    r"(?i)^(?P<what>.+?)\s*(?:,\s*(?P<says>[^,:]{2,30}?)\s+sa(?:ys|id)|:\s+(?P<who>\S+(?:\s\S+)?))$"
)
# What joins names as equals; a colon doesn't. Written as "and", so that it can be told from a verb.
_JOINED = re.compile(r"(?<=[^\W\d])\s*(?:[,&/]|\s[–—-](?=\s)|[–—-](?!\s))\s*(?=[^\W\d])")


def plain_title(title: str) -> str:
    """`title` as its words are compared, where enough is left of it."""
    bare = _bare(title)
    said = _SAID_BEHIND.match(bare)
    if said:
        bare = f"{said['says'] or said['who']}: {said['what']}"
    if not bare.isupper():
        for country, name in _COUNTRIES:
            bare = country.sub(name, bare)
    bare = _THOUSANDS.sub("", bare)
    for form, word in (*_ABBREVIATED, *PHRASES):
        bare = form.sub(word, bare)
    return _JOINED.sub(" and ", bare)


def _bare(title: str) -> str:
    bare = PREFIX.sub("", title.strip())
    while (end := _SUFFIX.search(bare)) and _is_outlet(end["outlet"]) and _has_enough(bare[: end.start()]):
        bare = bare[: end.start()]
    return bare if _has_enough(bare) else title


def _has_enough(bare: str) -> bool:
    return len(tokens(bare)) >= PREFIX_KEEPS


def _is_outlet(end: str) -> bool:
    """Whether it can be an outlet's name and not what the headline goes on with."""
    if any(word in NEGATIONS or CLASSES.get(word) in DECISIVE for word in tokens(end)):
        return False
    words = end.split()
    return len(words) == 1 or (
        len(words) <= _OUTLET_WORDS and not any(word[0].islower() and len(word) > _SMALL_WORD for word in words)
    )
