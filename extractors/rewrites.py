"""How much of a text tells the same, in the same order, as another one: the measure behind `rewrite`. Pure.

Sentences are aligned from first to last (each with at most one, never crossing) by the content words that they share.
A word counts the more the fewer sentences of both texts have it: names that every report repeats say little, a word or
number that stands in one sentence of each says much. Works on hashes (sentences.py), so that seeds need no text.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from extractors.sentences import is_number

Sentences = Sequence[Sequence[int]]

# Two sentences that share less than this of their words' weight are not aligned: chance reaches it everywhere.
MIN_ALIGNED = 0.15
# An aligned sentence counts with this power of what it shares. Whoever rewrites changes the words of each sentence but
# keeps all of them; whoever reports the same event has a few sentences alike and others not. With 1/2 instead of 1 and
# the bar that one of a thousand independent pairs passes, 98 instead of 80 of 100 paraphrases are found.
ALIGNED_POWER = 0.5
# Of a text with fewer sentences nothing is said: three facts in their natural order are no sign of copying.
MIN_SENTENCES = 5
MAX_SENTENCES = 150  # the first ones of a text count; the alignment costs the product of both
NUMBER_WEIGHT = 1.5  # a number says more than a word: two authors seldom choose the same ones


def similarity(first: Sentences, second: Sentences) -> float:
    """Share of `first`, by weight of its words, that `second` tells in the same order, in [0, 1]; 0 for short texts."""
    ours, theirs = first[:MAX_SENTENCES], second[:MAX_SENTENCES]
    if min(len(ours), len(theirs)) < MIN_SENTENCES:
        return 0.0
    spread = Counter(word for sentence in ours for word in sentence)
    spread.update(word for sentence in theirs for word in sentence)
    weights = {word: _weight(word, seen) for word, seen in spread.items()}
    total_ours = [sum(map(weights.__getitem__, sentence)) for sentence in ours]
    total_theirs = [sum(map(weights.__getitem__, sentence)) for sentence in theirs]
    places: dict[int, list[int]] = {}
    for place, sentence in enumerate(theirs):
        for word in sentence:
            places.setdefault(word, []).append(place)
    best = [0.0] * (len(theirs) + 1)  # over the first j sentences of theirs
    for sentence, total in zip(ours, total_ours, strict=True):
        shared = [0.0] * len(theirs)
        for word in sentence:
            for place in places.get(word, ()):
                shared[place] += weights[word]
        above, row = best, [0.0]
        for place, weight in enumerate(shared):
            score = max(above[place + 1], row[place])
            if weight:
                alike = weight / math.sqrt(total * total_theirs[place])
                if alike >= MIN_ALIGNED:
                    score = max(score, above[place] + alike**ALIGNED_POWER * total)
            row.append(score)
        best = row
    return min(1.0, best[-1] / sum(total_ours))


def _weight(word: int, seen: int) -> float:
    """`seen`: sentences of both texts that have it; 2 is what a fact told once by each comes to."""
    return (NUMBER_WEIGHT if is_number(word) else 1.0) * 2 / max(2, seen)
