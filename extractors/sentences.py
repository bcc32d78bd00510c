"""A text as the hashed content words of its sentences, in order: what tells a paraphrase without the text. Pure.

Used by rewrites.py; seeds.py writes it to seed files. The words of a sentence come as a set of 32-bit hashes of stems,
from which neither the words nor their order can be read back.
"""

from __future__ import annotations

import re
from itertools import pairwise

import xxhash

from extractors.tokens import is_unspaced, tokens

STEM_LENGTH = 6  # characters: inflected and derived forms of a word mostly agree that far, in any language
MIN_WORD_LENGTH = 4  # characters; shorter ones are mostly articles, prepositions, pronouns
MIN_SENTENCE_WORDS = 3  # content words; a shorter sentence (a heading, "he said") belongs to the one before it
# An end is a mark with what closes after it; a dot only after a word of two small letters or a digit, so that neither
# "U.S." nor "J. Doe" ends a sentence. Paragraphs end sentences.
_END = re.compile(
    r"(?:(?<=[^\W\d_A-Z]{2})|(?<=\d))[.!?…]+[\"'”’»)\]]*\s+|[!?…]+[\"'”’»)\]]*\s+|[。！？]+[」』”’）]*|\n+"
)
# What many reports of one event quote alike, such as a read-out, is no sign of a paraphrase; the choice of a few quoted
# words is. From so many characters on, about twelve words, a quotation is left out.
_LONG_QUOTATION = re.compile(
    r"[“„][^“”„\n]{70,}[”“\n]|«[^«»\n]{70,}»|「[^「」\n]{30,}」|\"[^\"\n]{70,}\"|"
    r"(?<![^\W_])['‘‚](?=[^\W_])(?:[^'‘’\n]|['’](?=[^\W_])){70,}['‘’](?![^\W_])"
)
_NUMBER = re.compile(r"\d")
# Frequent words of four letters or more that say nothing; of other languages their spread over the text tells them.
_STOP_WORDS = """
    about after again against also although always among another around because been before being below between both
    could does doing down during each either even ever every from further have having here hers herself himself into
    itself just like made make many might more most much must myself never only other others ours over said same
    says shall should since some still such than that their theirs them themselves then there these they this those
    though through told under until upon very were what when where whether which while whom whose will with within
    without would your yours
    """
_STOP = frozenset(_STOP_WORDS.split())
_IS_NUMBER = 1  # lowest bit of a hash: whether it is of a number


def sentence_words(text: str) -> tuple[tuple[int, ...], ...]:
    """The hashed content words of each sentence, ascending and distinct; of numbers odd, of all others even."""
    found: list[set[int]] = []
    for part in _END.split(_LONG_QUOTATION.sub(" ", text)):
        words = {_hashed(word) for word in _content(part)}
        if not words:
            continue
        if found and (len(words) < MIN_SENTENCE_WORDS or len(found[-1]) < MIN_SENTENCE_WORDS):
            found[-1] |= words
        else:
            found.append(words)
    return tuple(tuple(sorted(words)) for words in found)


def is_number(hashed: int) -> bool:
    """Whether it is the hash of a number."""
    return bool(hashed & _IS_NUMBER)


def _content(part: str) -> list[str]:
    """Stems of the words that say something; of scripts without spaces the pairs of characters."""
    words = tokens(part)
    stems = [
        word if _NUMBER.search(word) else word[:STEM_LENGTH]
        for word in words
        if (len(word) >= MIN_WORD_LENGTH and word not in _STOP) or _NUMBER.search(word)
    ]
    if any(map(is_unspaced, words)):
        stems += [one + two for one, two in pairwise(words) if is_unspaced(one + two)]
    return stems


def _hashed(stem: str) -> int:
    hashed = xxhash.xxh32_intdigest(stem.encode())
    return hashed | _IS_NUMBER if _NUMBER.search(stem) else hashed & ~_IS_NUMBER
