"""Is an article a copy of one before it? The verdict over fingerprints and sentences.

Between the score (story.py) and the load. Pure: reads no store; who may be the original comes in as seeds, stored
candidates and the batch itself. Fingerprints are made in fingerprints.py, sentences in sentences.py; which texts are
held against each other at all is said in candidates.py.

An article is held against the seeds and what is earlier by (publication, else when first seen; URL), so that verdicts
do not depend on the order of arrival. In this order:

EXACT        equal hash of the normalised words.
NEAR         at least 20 shared word 3-grams (8 where it is wholly in the other), and one of
             - containment >= .45: that share of its shingles is in the other (truncation, boilerplate, merge, edits)
             - resemblance (Jaccard) >= .20 (edited words; grown, such as a live blog)
             - the other is in it to .60, has 80 shingles and makes a twentieth of it (a live blog that has grown far)
             and the same holds, with somewhat less, of what is left without passages that make no copy: text in
             quotation marks, and what three other texts carry as well, if each of the two has a third of its own.
REWRITE      sentences aligned in order (rewrites.py) make .55 of it, and .20 more than what it shares word for word.
INDEPENDENT  none of these; its measures are those of the most like one before it, so that one can see how far it is.

Of several, exact goes before near before rewrite. Of those that are nearly as like as the best, a seed goes before an
article (the seed's own page is as like as the seed), then the earliest, then the first by URL. How the thresholds were
chosen: docs/design.md; how they do: benchmarks/duplicates.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Protocol

from extractors.candidates import Pool
from extractors.fingerprints import (
    FORMAT_VERSION,
    SHINGLE_LENGTH,
    SKETCH_LIMIT,
    Likeness,
    fingerprint,
    likeness,
    sketch,
)
from extractors.records import Fingerprint, Seed, Verdict, VerdictKind
from extractors.rewrites import similarity
from extractors.sentences import sentence_words
from extractors.tokens import normalised, tokens

__all__ = [
    "FORMAT_VERSION",
    "LONG_AGO",
    "SHINGLE_LENGTH",
    "SKETCH_LIMIT",
    "Compared",
    "Likeness",
    "compared",
    "compared_seed",
    "fingerprint",
    "is_copy",
    "judge",
    "likeness",
    "normalised",
    "sketch",
    "tokens",
    "verdict",
]

CONTAINMENT_THRESHOLD = 0.45
RESEMBLANCE_THRESHOLD = 0.20
REWRITE_THRESHOLD = 0.55
REWORDED = 0.20  # similarity beyond containment that a rewrite needs: without it the same passages are the same words
MIN_SHARED_SHINGLES = 20  # below, a shared quotation or boilerplate line is as likely as a copy
WHOLE = 0.98  # containment from which a text is wholly in the other: a brief cut to its first lines
MIN_WHOLE_SHINGLES = 8
# The other within the article: how much of it, at least how long, and at least what part of the article.
GROWN_CONTAINMENT = 0.60
GROWN_SHINGLES = 80
GROWN_RESEMBLANCE = 0.05
# What is left without quotations and common passages must be alike too, by this part of the thresholds.
REST = 1.0
MIN_REST_SHINGLES = 12  # less than this left: nothing can be said of it, and the whole has to be a copy beyond doubt
SURE_CONTAINMENT = 0.80
CARRIERS = 3  # other texts that have a shingle of both: it belongs to a passage that is going round
OWN_SHARE = 1 / 3  # of each text must be its own for a common passage to count as such and not as the copied text
AS_LIKE = 0.9  # of the best containment: differences below this are no reason to prefer a later original
REWRITES_TRIED = 5  # the most like by containment, besides the seeds: an alignment costs a millisecond
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Dated(Protocol):
    """An Article or a Candidate."""

    @property
    def url(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def first_seen_at(self) -> datetime: ...


@dataclass(frozen=True)
class Compared:
    """A text as it is held against others."""

    name: str  # URL or "seed:<slug>"
    time: datetime  # published_at, else first_seen_at
    published_at: datetime | None
    fingerprint: Fingerprint
    text: str = ""  # of seeds none: their sentences are part of the fingerprint
    is_seed: bool = False

    @cached_property
    def shingles(self) -> frozenset[int]:
        return frozenset(self.fingerprint.shingles)

    @cached_property
    def quoted(self) -> frozenset[int]:
        return frozenset(self.fingerprint.quoted)

    @cached_property
    def sentences(self) -> tuple[tuple[int, ...], ...]:
        return self.fingerprint.sentences or sentence_words(self.text)

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Ascending from what can be the original of what comes later."""
        return (not self.is_seed, self.time, self.name)


def compared(article: Dated, its: Fingerprint) -> Compared:
    return Compared(article.url, article.published_at or article.first_seen_at, article.published_at, its, article.text)


def compared_seed(seed: Seed) -> Compared:
    return Compared(
        f"seed:{seed.slug}", seed.published_at or LONG_AGO, seed.published_at, seed.fingerprint, is_seed=True
    )


def is_copy(first: Fingerprint, second: Fingerprint) -> bool:
    """Whether one of the texts is an exact or a near copy of the other; the same both ways."""
    one, two = (Compared("", LONG_AGO, None, its) for its in (first, second))
    return _is_exact(one, two) or any(
        _is_near(*pair, likeness(pair[0].shingles, pair[1].shingles), Passages(pair[0], ()))
        for pair in ((one, two), (two, one))
    )


def judge(
    articles: Sequence[tuple[Dated, Fingerprint]],
    *,
    seeds: Sequence[Seed],
    stored: Mapping[str, Sequence[Dated]],
    window: timedelta | None = None,
) -> dict[str, Verdict]:
    """Article URL -> verdict; independent of the order of `articles`, and of what was judged in which batch.

    `stored`: article URL -> candidates of the store, earlier and later ones (the later ones tell which passages are
    going round); those of the article itself or of another one of the batch are skipped, since these are compared as
    they come. `window`: how far apart near ones may be, for the pairs within the batch; None: any.
    """
    ordered = sorted(articles, key=lambda pair: (pair[1].content_hash, pair[1].shingles))
    batch = {article.url: compared(article, its) for article, its in reversed(ordered)}  # of the same URL the first
    pool = Pool(batch.values(), window)
    kept = [compared_seed(seed) for seed in seeds]
    found: dict[str, Compared] = {}  # each stored text is read once per call
    verdicts = {}
    for url in sorted(batch):
        others = pool.like(batch[url])
        for candidate in stored.get(url, ()):
            if candidate.url not in batch:
                if candidate.url not in found:
                    found[candidate.url] = compared(candidate, fingerprint(candidate.text))
                others.append(found[candidate.url])
        verdicts[url] = verdict(batch[url], [*kept, *others])
    return verdicts


def verdict(article: Compared, others: Sequence[Compared]) -> Verdict:
    """What `article` is to those of `others` that come before it; the order of `others` does not matter."""
    earlier = sorted((one for one in others if one.order < article.order), key=lambda one: one.order)
    measured = [(likeness(article.shingles, one.shingles), one) for one in earlier]
    exact = next((pair for pair in measured if _is_exact(article, pair[1])), None)
    if exact is not None:
        return _made(article, VerdictKind.EXACT, exact, None)
    passages = Passages(article, others)
    near = _first_of_the_best([pair for pair in measured if _is_near(article, pair[1], pair[0], passages)])
    if near is not None:
        return _made(article, VerdictKind.NEAR, near, None)
    similar = _by_similarity(article, measured)
    rewritten = _first_of_the_most_similar(
        [one for one in similar if one[0] >= REWRITE_THRESHOLD and _is_reworded(*one)]
    )
    if rewritten is not None:
        return _made(article, VerdictKind.REWRITE, rewritten[1], rewritten)
    alike = min(measured, key=lambda pair: (-pair[0].containment, pair[1].order), default=None)
    return _made(article, VerdictKind.INDEPENDENT, alike, similar[0] if similar else None)


Measured = tuple[Likeness, Compared]
Similar = tuple[float, Measured]


def _is_exact(article: Compared, other: Compared) -> bool:
    return bool(article.shingles) and article.fingerprint.content_hash == other.fingerprint.content_hash


class Passages:
    """Which shingles of everything that is held against an article, earlier or later, are going round."""

    def __init__(self, article: Compared, others: Sequence[Compared]) -> None:
        self._article = article
        self._others = others

    @cached_property
    def _going_round(self) -> frozenset[int]:
        carriers = Counter(chain.from_iterable(one.shingles for one in (self._article, *self._others)))
        return frozenset(hashed for hashed, count in carriers.items() if count >= CARRIERS + 2)

    def common(self, other: Compared, like: Likeness) -> frozenset[int]:
        """Those, if the article and `other` both have text of their own beside what goes round, else none."""
        article = self._article
        smaller = min(len(article.shingles), len(other.shingles))
        if len(self._others) <= CARRIERS or like.shared_shingles > (1 - OWN_SHARE) * smaller:
            return frozenset()
        has_own = all(
            len(one.shingles - self._going_round) >= OWN_SHARE * len(one.shingles) for one in (article, other)
        )
        return self._going_round if has_own else frozenset()


def _is_near(article: Compared, other: Compared, like: Likeness, passages: Passages) -> bool:
    if not _is_alike(like, len(other.shingles), 1.0):
        return False
    left_out = article.quoted | other.quoted
    common = passages.common(other, like)
    left_out = left_out | common if common else left_out
    if left_out.isdisjoint(article.shingles & other.shingles):
        return True
    ours, theirs = article.shingles - left_out, other.shingles - left_out
    if min(len(ours), len(theirs)) < MIN_REST_SHINGLES:
        return like.containment >= SURE_CONTAINMENT
    return _is_alike(likeness(ours, theirs), len(theirs), REST)


def _is_alike(like: Likeness, other_size: int, part: float) -> bool:
    """Whether the overlap is that of a copy. `part` of the thresholds is asked for."""
    if like.shared_shingles < MIN_SHARED_SHINGLES * part:
        return like.containment >= WHOLE and like.shared_shingles >= MIN_WHOLE_SHINGLES
    if like.containment >= CONTAINMENT_THRESHOLD * part or like.resemblance >= RESEMBLANCE_THRESHOLD * part:
        return True
    return (
        other_size >= GROWN_SHINGLES * part
        and like.shared_shingles >= GROWN_CONTAINMENT * other_size
        and like.resemblance >= GROWN_RESEMBLANCE * part
    )


def _first_of_the_best(measured: Sequence[Measured]) -> Measured | None:
    """The first, in the order given, of those that are about as like as the best."""
    best = max((like.containment for like, _ in measured), default=0.0)
    return next((pair for pair in measured if pair[0].containment >= AS_LIKE * best), None)


def _first_of_the_most_similar(similar: Sequence[Similar]) -> Similar | None:
    """The same for rewrites: of a paraphrase and what it was made from, a second paraphrase names the latter."""
    best = max((score for score, _ in similar), default=0.0)
    as_like = [one for one in similar if one[0] >= AS_LIKE * best]
    return min(as_like, key=lambda one: one[1][1].order, default=None)


def _by_similarity(article: Compared, measured: Sequence[Measured]) -> list[Similar]:
    """The seeds and the most like ones by containment, the most similar first."""
    stored = sorted(
        (pair for pair in measured if not pair[1].is_seed and pair[0].shared_shingles),
        key=lambda pair: (-pair[0].containment, pair[1].order),
    )
    tried = [pair for pair in measured if pair[1].is_seed] + stored[:REWRITES_TRIED]
    scored = [(similarity(article.sentences, pair[1].sentences), pair) for pair in tried]
    return sorted(scored, key=lambda one: (-one[0], one[1][1].order))


def _is_reworded(similar: float, measured: Measured) -> bool:
    """Whether it is similar in other words, rather than by passages that both have word for word."""
    return similar - measured[0].containment >= REWORDED


def _made(article: Compared, kind: VerdictKind, alike: Measured | None, similar: Similar | None) -> Verdict:
    like, other = alike if alike is not None else (Likeness(0.0, 0.0, 0), None)
    of = other if kind is not VerdictKind.INDEPENDENT else None
    lead = None
    if of is not None and of.published_at is not None and article.published_at is not None:
        lead = (article.published_at - of.published_at).total_seconds()
    return Verdict(
        article_url=article.name,
        kind=kind,
        of=of.name if of is not None else None,
        containment=like.containment,
        resemblance=like.resemblance,
        shared_shingles=like.shared_shingles,
        containment_threshold=CONTAINMENT_THRESHOLD,
        resemblance_threshold=RESEMBLANCE_THRESHOLD,
        lead_seconds=lead,
        similarity=similar[0] if similar is not None else None,
        similar_to=similar[1][1].name if similar is not None else None,
        similarity_threshold=REWRITE_THRESHOLD if similar is not None else None,
    )
