"""Is an article a copy of one before it? Fingerprints of texts and the verdict over them.

Between the score (story.py) and the load. Pure: reads no store; who may be the original comes in as seeds, stored
candidates and the batch itself. Not here: paraphrases (rewrite) and the candidate search of the store.

An article is held against seeds, stored candidates and what is earlier in its batch, by (publication, else when first
seen; URL). EXACT: equal hash of the normalised tokens. NEAR: at least 20 shared word 3-grams, and either
- containment >= .45: that share of the new article's shingles is in the other. It finds truncation, boilerplate, a
  merge of two wires, edits of a third of the sentences; or
- resemblance (Jaccard) >= .20: it finds the article that has grown around an earlier one, such as a live blog, until
  the earlier one is less than a fifth of it.
Containment is that of the new article, not of the shorter one: an article of which a short earlier one (an official
statement, a brief) is a small part is mostly its own text, and whoever quotes the same statement would be called its
copy. The thresholds are those of issue 5, where they were measured on planted edits of 6,000 articles (precision .99,
recall .98 to 1.0; independent reports with the same quotations reach .26 containment). That measurement does not say
whose containment it took; for the choice made here it has not been repeated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xxhash

from extractors.records import Article, Candidate, Fingerprint, Seed, Verdict, VerdictKind

FORMAT_VERSION = 1  # of fingerprints; to be raised with any change of tokens, shingles, hash or sketch
SHINGLE_LENGTH = 3  # words
SKETCH_SHARE = 8  # FracMinHash keeps one hash of so many
SKETCH_LIMIT = 2**64 // SKETCH_SHARE  # a hash below this is in the sketch
CONTAINMENT_THRESHOLD = 0.45
RESEMBLANCE_THRESHOLD = 0.20
MIN_SHARED_SHINGLES = 20  # below, a shared quotation or boilerplate line is as likely as a copy
# Within a batch pairs are chosen by a shared hash of the sketch. Texts with a sketch smaller than this (about 250
# words) are compared with all: a near pair of larger ones shares at least 85 shingles, so that the chance of none in
# the sketch is (7/8)**85 = 1e-5.
SMALL_SKETCH = 32
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# Marks that belong to the word before them although Python counts them as no word characters.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7"
    "\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c04\u0c3e-\u0c4d\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d\u0d82\u0d83\u0dca-\u0ddf"
)
# Scripts that set no spaces between words: each character is a token. Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e80-\u0ecd\u1000-\u103f\u1780-\u17d3\u3040-\u309a\u309d-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_][{_MARKS}]*)+")
# The same for the texts without any of these characters, which are most: five times as fast.
_SPECIAL = re.compile(f"[{_UNSPACED}{_MARKS}]")
_PLAIN_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts overlap."""

    containment: float  # share of the first one's shingles that the second has, [0, 1]
    resemblance: float  # Jaccard index of both sets, [0, 1]; the same both ways
    shared_shingles: int


def normalised(text: str) -> str:
    """`text` in compatibility form and without case; idempotent."""
    if text.isascii():
        return text.lower()
    # Case folding can undo the normal form and the other way round; twice is enough (Unicode, toNFKC_Casefold).
    for _ in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
    return text


def tokens(text: str) -> list[str]:
    """The words of a text, normalised; of scripts without spaces the characters."""
    normal = normalised(text)
    is_plain = normal.isascii() or not _SPECIAL.search(normal)
    return (_PLAIN_TOKEN if is_plain else _TOKEN).findall(normal)


def fingerprint(text: str) -> Fingerprint:
    """What is kept of a text to tell its copies. Shorter than a shingle: one shingle; no words: none."""
    joined = " ".join(tokens(text)).encode()
    words = joined.split(b" ") if joined else []
    last = max(len(words) - SHINGLE_LENGTH, 0) + 1 if words else 0
    grams = {b" ".join(words[at : at + SHINGLE_LENGTH]) for at in range(last)}
    shingles = tuple(sorted(map(xxhash.xxh3_64_intdigest, grams)))
    return Fingerprint(
        content_hash=xxhash.xxh3_128_hexdigest(joined),
        shingle_length=SHINGLE_LENGTH,
        shingles=shingles,
        sketch=sketch(shingles),
        format_version=FORMAT_VERSION,
    )


def is_copy(first: Fingerprint, second: Fingerprint) -> bool:
    """Whether one of the texts is an exact or a near copy of the other; the same both ways."""
    ours, theirs = frozenset(first.shingles), frozenset(second.shingles)
    is_exact = bool(ours) and first.content_hash == second.content_hash
    return any(
        _kind(is_exact, likeness(*pair)) is not VerdictKind.INDEPENDENT for pair in ((ours, theirs), (theirs, ours))
    )


def sketch(shingles: Iterable[int]) -> tuple[int, ...]:
    """FracMinHash: the hashes that lie in the first of SKETCH_SHARE equal parts of their range, in the order given."""
    return tuple(shingle for shingle in shingles if shingle < SKETCH_LIMIT)


def likeness(first: frozenset[int], second: frozenset[int]) -> Likeness:
    """Overlap of two sets of shingles; empty sets overlap with nothing."""
    shared = len(first & second)
    if not shared:
        return Likeness(0.0, 0.0, 0)
    return Likeness(shared / len(first), shared / (len(first) + len(second) - shared), shared)


def judge(
    articles: Sequence[tuple[Article, Fingerprint]],
    *,
    seeds: Sequence[Seed],
    stored: Mapping[str, Sequence[Candidate]],
) -> dict[str, Verdict]:
    """Article URL -> verdict; independent of the order of `articles`.

    `stored`: article URL -> candidates of the store; those of the article itself or of another one of the batch are
    skipped: among themselves the articles of a batch are judged by their own times. Seeds and stored candidates count
    whatever their time. The best of several: exact before near, then the highest containment, then seeds before
    articles (the seed's own page is as like as the seed), then the earliest, then by URL; a seed without a date is as
    early as can be.
    """
    ordered = sorted(articles, key=lambda pair: (_time(pair[0]), pair[0].url, pair[1].content_hash, pair[1].shingles))
    urls = {article.url for article, _ in articles}
    seed_others = [_of_seed(seed) for seed in seeds]
    stored_others: dict[str, _Other] = {}  # each stored text is read once per call
    earlier = _Batch()
    verdicts: dict[str, Verdict] = {}
    for article, its in ordered:
        if article.url in verdicts:
            continue  # the same article twice
        others = [*seed_others, *earlier.like(its.sketch)]
        for candidate in stored.get(article.url, ()):
            if candidate.url not in urls:
                if candidate.url not in stored_others:
                    stored_others[candidate.url] = _of_candidate(candidate)
                others.append(stored_others[candidate.url])
        verdicts[article.url] = _verdict(article, its, others)
        earlier.add(_of_article(article, its), its.sketch)
    return verdicts


@dataclass(frozen=True, slots=True)
class _Other:
    """What an article is held against."""

    of: str  # URL or "seed:<slug>"
    is_seed: bool
    time: datetime
    published_at: datetime | None
    content_hash: str
    shingles: frozenset[int]


class _Batch:
    """The articles of a batch judged so far, found by the hashes of their sketches."""

    def __init__(self) -> None:
        self._all: list[_Other] = []
        self._small: list[int] = []  # places of those with a small sketch
        self._with: dict[int, list[int]] = {}  # hash of a sketch -> places

    def add(self, other: _Other, sketched: Sequence[int]) -> None:
        place = len(self._all)
        self._all.append(other)
        if len(sketched) < SMALL_SKETCH:
            self._small.append(place)
        for hashed in sketched:
            self._with.setdefault(hashed, []).append(place)

    def like(self, sketched: Sequence[int]) -> list[_Other]:
        """Those that may be near to an article with this sketch; misses 1 pair in 100,000 at the threshold."""
        if len(sketched) < SMALL_SKETCH:
            return self._all
        places = set(self._small).union(*(self._with.get(hashed, ()) for hashed in sketched))
        return [self._all[place] for place in places]


def _of_seed(seed: Seed) -> _Other:
    return _Other(
        f"seed:{seed.slug}",
        True,
        seed.published_at or _LONG_AGO,
        seed.published_at,
        seed.fingerprint.content_hash,
        frozenset(seed.fingerprint.shingles),
    )


def _of_candidate(candidate: Candidate) -> _Other:
    time = candidate.published_at or candidate.first_seen_at
    shingles = frozenset(fingerprint(candidate.text).shingles)
    return _Other(candidate.url, False, time, candidate.published_at, candidate.content_hash, shingles)


def _of_article(article: Article, its: Fingerprint) -> _Other:
    return _Other(article.url, False, _time(article), article.published_at, its.content_hash, frozenset(its.shingles))


def _time(article: Article) -> datetime:
    return article.published_at or article.first_seen_at


def _kind(is_exact: bool, like: Likeness) -> VerdictKind:
    if is_exact:
        return VerdictKind.EXACT
    enough = like.containment >= CONTAINMENT_THRESHOLD or like.resemblance >= RESEMBLANCE_THRESHOLD
    return VerdictKind.NEAR if enough and like.shared_shingles >= MIN_SHARED_SHINGLES else VerdictKind.INDEPENDENT


_RANK = {VerdictKind.EXACT: 0, VerdictKind.NEAR: 1, VerdictKind.INDEPENDENT: 2}


def _verdict(article: Article, its: Fingerprint, others: Iterable[_Other]) -> Verdict:
    shingles = frozenset(its.shingles)
    kind, like, best = VerdictKind.INDEPENDENT, Likeness(0.0, 0.0, 0), None
    best_rank: tuple[int, float, bool, datetime, str] = (_RANK[kind], 0.0, True, datetime.max.replace(tzinfo=UTC), "")
    for other in others:
        found = likeness(shingles, other.shingles)
        found_kind = _kind(bool(shingles) and other.content_hash == its.content_hash, found)
        rank = (_RANK[found_kind], -found.containment, not other.is_seed, other.time, other.of)
        if rank < best_rank:
            kind, like, best, best_rank = found_kind, found, other, rank
    of = best if kind is not VerdictKind.INDEPENDENT else None
    lead = None
    if of is not None and of.published_at is not None and article.published_at is not None:
        lead = (article.published_at - of.published_at).total_seconds()
    return Verdict(
        article_url=article.url,
        kind=kind,
        of=of.of if of is not None else None,
        containment=like.containment,
        resemblance=like.resemblance,
        shared_shingles=like.shared_shingles,
        containment_threshold=CONTAINMENT_THRESHOLD,
        resemblance_threshold=RESEMBLANCE_THRESHOLD,
        lead_seconds=lead,
    )
