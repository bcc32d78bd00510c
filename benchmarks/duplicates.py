"""Planted edits on real texts: who is named the original, beside datasketch and rensa; and what it costs to grow.

    STORYWATCH_TESTDATA=... python -m benchmarks.duplicates [--half a|b] [--growth]

Thresholds were chosen on half a (every other original) and are measured on half b. Without datasketch or rensa, which
no part of storywatch needs (pip install datasketch rensa), their columns say so.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.growth import growth
from benchmarks.planted import FLOORS, KINDS, PRECISION_FLOOR, Original, Planted, originals, planted
from benchmarks.readout import paraphrase, reports
from extractors.candidates import Pool
from extractors.dedup import LONG_AGO, Compared, compared_seed, verdict
from extractors.fingerprints import fingerprint
from extractors.seeds import load_seeds
from extractors.tokens import tokens

# Name of what a text is a copy of, among those kept; None: of none.
Finder = Callable[[str], str | None]


@dataclass(slots=True)
class Score:
    """How one tool did."""

    hits: Counter[str] = field(default_factory=Counter)  # kind -> edits whose original was named
    edits: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)  # kind, of what, named instead
    false: list[tuple[str, str]] = field(default_factory=list)  # independent text, named

    @property
    def precision(self) -> float:
        found = self.hits.total() + len(self.wrong) + len(self.false)
        return self.hits.total() / found if found else 1.0

    def recall(self, kind: str) -> float:
        return self.hits[kind] / self.edits[kind]


class Ours:
    """storywatch's own verdicts, of texts in the order in which they are kept."""

    def __init__(self) -> None:
        self.pool: Pool[Compared] = Pool()
        self._kept = 0

    def keep(self, name: str, text: str) -> str | None:
        """Keep it; what it is a copy of among those before it."""
        self._kept += 1
        new = Compared(name, LONG_AGO + timedelta(seconds=self._kept), None, fingerprint(text), text)
        found = verdict(new, self.pool.like(new)).of
        self.pool.add(new)
        return found

    def find(self, text: str) -> str | None:
        new = Compared("query", LONG_AGO + timedelta(days=1), None, fingerprint(text), text)
        return verdict(new, self.pool.like(new)).of


def exam(
    its: Sequence[Original], edits: Sequence[Planted], keep: Callable[[str, str], str | None], find: Finder
) -> Score:
    """Keep the originals and the 60 reports, each of which is a copy of none; then ask for each edit."""
    score = Score()
    for name, text in [*((one.name, one.text) for one in its), *((one.outlet, one.text) for one in reports())]:
        named = keep(name, text)
        if named is not None:
            score.false.append((name, named))
    for edit in edits:
        named = find(edit.text)
        score.edits[edit.kind] += 1
        if named in edit.of:
            score.hits[edit.kind] += 1
        elif named is not None:
            score.wrong.append((edit.kind, edit.of[0], named))
    return score


def ours(its: Sequence[Original], edits: Sequence[Planted]) -> Score:
    """The exam of storywatch."""
    tool = Ours()
    return exam(its, edits, tool.keep, tool.find)


def rewrites_told() -> tuple[int, int]:
    """(paraphrases of the 60 reports told as copies of the right one, wrongly of another one)."""
    tool = Ours()
    for one in reports():
        tool.keep(one.outlet, one.text)
    named = [(tool.find(paraphrase(one)), one.outlet) for one in reports()]
    return sum(of == right for of, right in named), sum(of not in (None, right) for of, right in named)


def reports_taken_for_seeds() -> list[str]:
    """Those of the 60 reports that are told as copies or rewrites of a shipped seed."""
    seeds = [compared_seed(seed) for seed in load_seeds([Path(__file__).parents[1] / "seeds"])]
    found = []
    for one in reports():
        new = Compared(one.outlet, LONG_AGO + timedelta(days=1), None, fingerprint(one.text), one.text)
        if verdict(new, seeds).of is not None:
            found.append(one.outlet)
    return found


def _peer_words(text: str) -> set[str]:
    words = tokens(text)
    return {" ".join(words[at : at + 3]) for at in range(max(len(words) - 2, 1))}


def datasketch_exam(its: Sequence[Original], edits: Sequence[Planted]) -> Score | None:
    """datasketch's MinHashLSH as its documentation uses it: 128 permutations, threshold .5; None: not installed."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    index = MinHashLSH(threshold=0.5, num_perm=128)
    kept: dict[Any, Any] = {}

    def signature(text: str) -> Any:
        made = MinHash(num_perm=128)
        made.update_batch([gram.encode() for gram in _peer_words(text)])
        return made

    def find(text: str) -> str | None:
        made = signature(text)
        return max(index.query(made), key=lambda name: made.jaccard(kept[name]), default=None)

    def keep(name: str, text: str) -> str | None:
        found = find(text)
        kept[name] = signature(text)
        index.insert(name, kept[name])
        return found

    return exam(its, edits, keep, find)


def rensa_exam(its: Sequence[Original], edits: Sequence[Planted]) -> Score | None:
    """rensa's R-MinHash with its own LSH: 128 permutations, 32 bands, threshold .5; None: not installed."""
    try:
        from rensa import RMinHash, RMinHashLSH
    except ImportError:
        return None
    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    kept: dict[Any, Any] = {}
    names: list[str] = []

    def signature(text: str) -> Any:
        made = RMinHash(num_perm=128, seed=42)
        made.update(list(_peer_words(text)))
        return made

    def find(text: str) -> str | None:
        made = signature(text)
        found = [place for place in index.query(made) if made.jaccard(kept[place]) >= 0.5]
        return names[max(found, key=lambda place: made.jaccard(kept[place]))] if found else None

    def keep(name: str, text: str) -> str | None:
        found = find(text)
        kept[len(names)] = signature(text)
        index.insert(len(names), kept[len(names)])
        names.append(name)
        return found

    return exam(its, edits, keep, find)


def main() -> None:
    """Run and print."""
    if "STORYWATCH_TESTDATA" not in os.environ:
        sys.exit("STORYWATCH_TESTDATA names the folder of the test data; it is not set")
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=("a", "b"))
    parser.add_argument("--growth", action="store_true")
    given = parser.parse_args()
    every, donors = originals(Path(os.environ["STORYWATCH_TESTDATA"]))
    its = {"a": every[::2], "b": every[1::2], None: every}[given.half]
    edits = planted(its, donors)
    columns = {"floor": None, "storywatch": ours(its, edits)}
    columns |= {"datasketch": datasketch_exam(its, edits), "rensa": rensa_exam(its, edits)}
    print(f"{len(its)} originals, {len(reports())} reports of one event, {len(edits)} edits")
    print(f"{'recall':28}" + "".join(f"{name:>12}" for name in columns))
    for kind in KINDS:
        cells = [f"{FLOORS[kind]:12.2f}"]
        cells += [f"{score.recall(kind):12.3f}" if score else f"{'absent':>12}" for score in list(columns.values())[1:]]
        print(f"{kind:28}" + "".join(cells))
    cells = [f"{score.precision:12.3f}" if score else f"{'absent':>12}" for score in list(columns.values())[1:]]
    print(f"{'precision':28}{PRECISION_FLOOR:12.2f}" + "".join(cells))
    right, wrong = rewrites_told()
    print(f"paraphrases of the reports: {right} of {len(reports())} told, {wrong} of another one")
    print(f"reports taken for a copy of a seed: {len(reports_taken_for_seeds())}")
    print(f"signature of 300 words: {signature_microseconds(every):.0f} microseconds of CPU")
    if given.growth:
        for line in growth():
            print(line)


def signature_microseconds(its: Sequence[Original]) -> float:
    """CPU time of a fingerprint of 300 words, in microseconds: the mean over the originals of the best of five."""
    texts = [" ".join(one.text.split()[:300]) for one in its if len(one.text.split()) >= 300]
    best = [float("inf")] * len(texts)
    for _ in range(5):
        for place, text in enumerate(texts):
            started = time.process_time_ns()
            fingerprint(text)
            best[place] = min(best[place], (time.process_time_ns() - started) / 1000)
    return sum(best) / len(best)


if __name__ == "__main__":
    main()
