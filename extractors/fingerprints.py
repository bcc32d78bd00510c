"""Fingerprints of texts: hashed word 3-grams, a sample of them, and how two of them overlap. Pure.

    text -> tokens -> shingles (all, and those within quotation marks) -> sketch, the part that the store keeps

dedup.py says what follows from an overlap; seeds.py writes fingerprints to files. The text can't be read back.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import xxhash

from extractors.records import Fingerprint
from extractors.sentences import sentence_words
from extractors.tokens import WORD_WEIGHT, token_runs, weight

FORMAT_VERSION = 2  # to be raised with any change of tokens, shingles, hash, sketch or sentences
SHINGLE_LENGTH = 3  # words; in scripts without spaces as many characters as make three words
# FracMinHash keeps one hash of so many. One of eight, as first measured, misses 4 of 100 texts of 40 words in a longer
# one; one of four misses none of them, and costs 300 bytes more per article.
SKETCH_SHARE = 4
SKETCH_LIMIT = 2**64 // SKETCH_SHARE  # a hash below this is in the sketch
_SHINGLE_WEIGHT = SHINGLE_LENGTH * WORD_WEIGHT
# Looked for in the words joined by spaces: one pass tells whether any of them weighs less than a word.
_ANY_UNSPACED = re.compile("[\u0e01-\u0ecd\u1000-\u103f\u1780-\u17d3\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts overlap."""

    containment: float  # share of the first one's shingles that the second has, [0, 1]
    resemblance: float  # Jaccard index of both sets, [0, 1]; the same both ways
    shared_shingles: int


def fingerprint(text: str) -> Fingerprint:
    """What is kept of a text to tell its copies. Shorter than a shingle: one shingle; no words: none."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []  # of words in quotation marks
    for run, is_quoted in token_runs(text):
        if is_quoted and run:
            spans.append((len(words), len(words) + len(run)))
        words += run
    joined = " ".join(words)
    encoded = joined.encode()
    grams, lengths = _grams(encoded.split(b" "), joined) if words else ([], None)
    hashes = list(map(xxhash.xxh3_64_intdigest, grams))
    shingles = tuple(sorted(set(hashes)))
    return Fingerprint(
        content_hash=xxhash.xxh3_128_hexdigest(encoded),
        shingle_length=SHINGLE_LENGTH,
        shingles=shingles,
        sketch=shingles[: bisect_left(shingles, SKETCH_LIMIT)],
        quoted=_quoted(hashes, lengths, spans) if spans else (),
        format_version=FORMAT_VERSION,
    )


def seed_fingerprint(text: str) -> Fingerprint:
    """The fingerprint of a seed: with its sentences, so that paraphrases are told without its text."""
    return replace(fingerprint(text), sentences=sentence_words(text))


def placed_shingles(words: Sequence[str]) -> list[tuple[int, int, int]]:
    """(hash, its first word, the one after its last) of every shingle of the tokens `words`, in order."""
    grams, lengths = _grams([word.encode() for word in words], " ".join(words)) if words else ([], None)
    ends = [SHINGLE_LENGTH] * len(grams) if lengths is None else lengths
    return [
        (xxhash.xxh3_64_intdigest(gram), at, at + length)
        for at, (gram, length) in enumerate(zip(grams, ends, strict=True))
    ]


def sketch(shingles: Iterable[int]) -> tuple[int, ...]:
    """FracMinHash: the hashes that lie in the first of SKETCH_SHARE equal parts of their range, in the order given."""
    return tuple(shingle for shingle in shingles if shingle < SKETCH_LIMIT)


def likeness(first: frozenset[int], second: frozenset[int]) -> Likeness:
    """Overlap of two sets of shingles; empty sets overlap with nothing."""
    shared = len(first & second)
    if not shared:
        return Likeness(0.0, 0.0, 0)
    return Likeness(shared / len(first), shared / (len(first) + len(second) - shared), shared)


def _grams(words: Sequence[bytes], joined: str) -> tuple[list[bytes], list[int] | None]:
    """The shingles in order, and how many tokens each has (None: SHINGLE_LENGTH, as far as there are so many)."""
    if joined.isascii() or not _ANY_UNSPACED.search(joined):
        if len(words) < SHINGLE_LENGTH:
            return [b" ".join(words)], None
        return list(map(b" ".join, zip(words, words[1:], words[2:], strict=False))), None
    weights = [weight(word) for word in joined.split(" ")]
    grams: list[bytes] = []
    lengths: list[int] = []
    end = held = 0
    for start in range(len(words)):
        while end < len(words) and held < _SHINGLE_WEIGHT:
            held += weights[end]
            end += 1
        if held < _SHINGLE_WEIGHT and grams:
            break
        grams.append(b" ".join(words[start:end]))
        lengths.append(end - start)
        held -= weights[start]
    return grams, lengths


def _quoted(hashes: Sequence[int], lengths: Sequence[int] | None, spans: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Those shingles that stand wholly within quotation marks wherever they stand."""
    inside: set[int] = set()
    outside: list[Sequence[int]] = []
    done = 0
    for start, end in spans:
        last = start
        while last < min(end, len(hashes)) and last + (SHINGLE_LENGTH if lengths is None else lengths[last]) <= end:
            last += 1
        inside.update(hashes[start:last])
        outside.append(hashes[done:start])
        done = last
    inside.difference_update(*outside, hashes[done:])
    return tuple(sorted(inside))
