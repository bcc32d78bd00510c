"""Which texts are held against each other: the rule of the store's candidate search, for texts in memory. Pure.

Two texts are compared if their words are equal, or if they are no more than a window apart and share enough hashes of
their sketches. The store asks the same of its tables (warehouse/sql/read/candidates.sql): a pair is compared or not
whoever came first, in one batch or in two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from extractors.records import Fingerprint

# Shared hashes that a pair needs: this share of the smaller sketch, and so many at least. Copies share a fifth;
# paraphrases, whose sentences are worth aligning, a tenth.
MIN_SHARED_SHARE = 0.10
MIN_SHARED_HASHES = 2
SMALL_SKETCH = 11  # smaller ones, of some 45 words and less, may share a single hash


class Placed(Protocol):
    """A text with its time."""

    @property
    def fingerprint(self) -> Fingerprint: ...
    @property
    def time(self) -> datetime: ...


T = TypeVar("T", bound=Placed)


class Pool(Generic[T]):
    """Texts, found by the hashes of their sketches and by their words. It only grows."""

    def __init__(self, texts: Iterable[T] = (), window: timedelta | None = None) -> None:
        self._window = window
        self._all: list[T] = []
        self._sizes: list[int] = []
        self._sketched: dict[int, list[int]] = {}  # hash of a sketch -> places
        self._worded: dict[str, list[int]] = {}  # content hash -> places
        for text in texts:
            self.add(text)

    def add(self, text: T) -> None:
        place = len(self._all)
        self._all.append(text)
        self._sizes.append(len(text.fingerprint.sketch))
        self._worded.setdefault(text.fingerprint.content_hash, []).append(place)
        for hashed in text.fingerprint.sketch:
            self._sketched.setdefault(hashed, []).append(place)

    def like(self, text: T) -> list[T]:
        """Those that `text` is to be held against, never itself."""
        its = text.fingerprint
        shared: Counter[int] = Counter()
        for hashed in its.sketch:
            shared.update(self._sketched.get(hashed, ()))
        size = len(its.sketch)
        places = {
            place
            for place, count in shared.items()
            if count >= needed(size, self._sizes[place]) and self._is_within(text, self._all[place])
        }
        places.update(self._worded.get(its.content_hash, ()))  # equal words, however far apart
        return [self._all[place] for place in sorted(places) if self._all[place] is not text]

    def _is_within(self, one: T, other: T) -> bool:
        return self._window is None or abs(one.time - other.time) <= self._window


def needed(size: int, other_size: int) -> float:
    """Shared hashes that two sketches of these sizes must have."""
    smaller = min(size, other_size)
    return max(1 if smaller < SMALL_SKETCH else MIN_SHARED_HASHES, MIN_SHARED_SHARE * smaller)
