"""Texts judged as they arrive, each against the seeds and those before it, without a store. Pure.

What `storywatch compare --jsonl` does. Arrival counts as the order of time; nothing that is said is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from extractors.candidates import Pool
from extractors.dedup import LONG_AGO, Compared, compared_seed, verdict
from extractors.fingerprints import fingerprint
from extractors.records import Seed, Verdict

_TICK = timedelta(microseconds=1)  # between arrivals; only their order counts


class Arrivals:
    """The texts so far. About 30 KB of memory for one of 300 words."""

    def __init__(self, seeds: Sequence[Seed] = ()) -> None:
        self._seeds = [compared_seed(seed) for seed in seeds]
        self._pool: Pool[Compared] = Pool()
        self._next = LONG_AGO

    def judge(self, name: str, text: str, published_at: datetime | None = None) -> Verdict:
        """What the text is to the seeds and to those before it; keep it for those after it."""
        self._next += _TICK
        new = Compared(name, self._next, published_at, fingerprint(text), text)
        found = verdict(new, [*self._seeds, *self._pool.like(new)])
        self._pool.add(replace(new))  # a fresh one: without the sets that the comparison has made
        return found
