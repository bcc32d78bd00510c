"""On the story or not: the rules of seeds/story.toml against the ways that were tried before them, in the same run.

    STORYWATCH_TESTDATA=... python -m benchmarks.story

Prints quality on the labelled coverage (digests: the figures flatter), what the gate and the score take of other news,
and CPU time. The baselines are few lines each and keep the best threshold that they could have had on this very file.
"""

from __future__ import annotations

import gc
import json
import math
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extractors.records import Relevance
from extractors.story import Story, gate, load_story, score
from extractors.terms import build_index, fold

SHIPPED = Path(__file__).parents[1] / "seeds" / "story.toml"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
IN_WINDOW = datetime(2025, 10, 20, tzinfo=UTC)  # when other news is said to be published, which spares nothing
LEAST_IN_LANGUAGE = 8  # items from which on a language has a figure of its own
WORDS_PER_ARTICLE = 600
ROUNDS = 5
EVENT_GROUPS = (
    "summit",
    "meeting",
    "call",
    "cancelled",
    "postponed",
    "wasted",
    "warrant",
    "flight",
    "visit",
    "call_day",
)


@dataclass(frozen=True, slots=True)
class Quality:
    """Core and related against off."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.false)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)


def quality(truth: Sequence[bool], told: Sequence[bool]) -> Quality:
    """Of two sequences of the same length."""
    pairs = Counter(zip(truth, told, strict=True))
    return Quality(hits=pairs[True, True], false=pairs[False, True], missed=pairs[True, False])


class Sample:
    """The labelled coverage, the other news and the seeds of STORYWATCH_TESTDATA."""

    def __init__(self, testdata: Path) -> None:
        self._data = testdata / "data"
        self.rows: list[dict[str, Any]] = self._read("story/coverage.jsonl")
        self.truth = [row["relevance"] != "off" for row in self.rows]
        self.dates = [datetime.fromisoformat(row["published"]).replace(tzinfo=UTC) for row in self.rows]
        self.seeds = [path.read_text("utf-8") for path in sorted((testdata / "seeds").glob("*.txt"))]

    @cached_property
    def pages(self) -> list[tuple[str, str]]:
        """Title and body of each page of other news."""
        return [(page["title"] or "", page["body"] or "") for page in self._read("pages/truth.jsonl")]

    def _read(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self._data / name).read_text("utf-8").splitlines()]

    def scored(self, story: Story) -> list[bool]:
        """Whether each item is on the story by its text."""
        return [
            score(story, title=row["title"], text=row["text"], published_at=at, now=NOW).relevance is not Relevance.OFF
            for row, at in zip(self.rows, self.dates, strict=True)
        ]

    def gated(self, story: Story, *, title_only: bool = False) -> list[bool]:
        """Whether each item would be fetched by its title and the first 300 characters of its text."""
        length = 0 if title_only else 300
        return [
            gate(story, title=row["title"], summary=row["text"][:length], published_at=at, now=NOW).relevance
            is not Relevance.OFF
            for row, at in zip(self.rows, self.dates, strict=True)
        ]

    def by_language(self, told: Sequence[bool]) -> dict[str, Quality]:
        """Of the languages with enough items."""
        counts = Counter(row["lang"] for row in self.rows)
        places = {
            language: [place for place, row in enumerate(self.rows) if row["lang"] == language]
            for language, count in counts.items()
            if count >= LEAST_IN_LANGUAGE
        }
        return {
            language: quality([self.truth[at] for at in mine], [told[at] for at in mine])
            for language, mine in places.items()
        }


def blinded(story: Story, groups: Sequence[str]) -> Story:
    """The story without the stems of some groups: what is left when a text has other words than the sample."""
    kept: dict[str, list[str]] = {}
    for stem, listed in story.index.groups_of.items():
        for group in listed:
            if group not in groups:
                kept.setdefault(group, []).append(f"{stem} " if len(stem) < 3 else stem)
    return replace(story, index=build_index(kept))


# -- baselines ------------------------------------------------------------------------------------------------------


def english_boolean(sample: Sample, story: Story) -> list[bool]:
    """Both names and the city, in English."""
    texts = (f"{row['title']} {row['text']}".lower() for row in sample.rows)
    return [all(word in text for word in ("trump", "putin", "budapest")) for text in texts]


def multilingual_boolean(sample: Sample, story: Story) -> list[bool]:
    """Both names and the place, in all spellings; no dates."""
    found = (story.index.places(f"{row['title']}\n{row['text']}") for row in sample.rows)
    return [{"trump", "putin"} <= {*groups} and not {"budapest", "hungary"}.isdisjoint(groups) for groups in found]


def tfidf_to_seeds(sample: Sample, story: Story) -> list[bool]:
    """Cosine to the nearer seed over TF-IDF, at the best threshold for this very sample."""
    texts = [_words(f"{row['title']} {row['text']}") for row in sample.rows]
    seeds = [_words(text) for text in sample.seeds]
    documents = len(texts) + len(seeds)
    frequency = Counter(word for words in (*texts, *seeds) for word in words)
    weigh = {word: math.log((1 + documents) / (1 + count)) + 1 for word, count in frequency.items()}
    vectors = [_unit(words, weigh) for words in texts]
    nearest = [max(_cosine(vector, _unit(seed, weigh)) for seed in seeds) for vector in vectors]
    return _best_cut(sample.truth, nearest)


def weighted_entities(sample: Sample, story: Story) -> list[bool]:
    """Sum of the weights of the groups that are met, in the window, at the best threshold for this very sample."""
    sums = []
    for row, at in zip(sample.rows, sample.dates, strict=True):
        groups = story.index.places(f"{row['title']}\n{row['text']}")
        sums.append(sum(story.weights[group] for group in groups) if at.date() >= story.opens else -9.0)
    return _best_cut(sample.truth, sums)


BASELINES: Mapping[str, Callable[[Sample, Story], list[bool]]] = {
    "English boolean": english_boolean,
    "multilingual boolean": multilingual_boolean,
    "TF-IDF to the seeds": tfidf_to_seeds,
    "weighted entities": weighted_entities,
}


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w\w+", fold(text)))


def _unit(words: Counter[str], weigh: Mapping[str, float]) -> dict[str, float]:
    vector = {word: count * weigh[word] for word, count in words.items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other.get(word, 0.0) for word, value in one.items())


def _best_cut(truth: Sequence[bool], values: Sequence[float]) -> list[bool]:
    cuts = ([value >= cut for value in values] for cut in sorted(set(values)))
    return max(cuts, key=lambda told: quality(truth, told).f1)


# -- speed ----------------------------------------------------------------------------------------------------------


def articles_of_600_words(sample: Sample) -> list[str]:
    """One per language: its on-story digests one after another, which is denser with terms than any real article; and
    the other news that is as long."""
    made = []
    for language in sorted({row["lang"] for row in sample.rows}):
        mine = [
            row["text"] for row, on in zip(sample.rows, sample.truth, strict=True) if on and row["lang"] == language
        ]
        words = " ".join(mine).split()
        if len(words) >= 20:
            made.append(" ".join((words * (WORDS_PER_ARTICLE // len(words) + 1))[:WORDS_PER_ARTICLE]))
    long = (body.split() for _, body in sample.pages)
    return made + [" ".join(words[:WORDS_PER_ARTICLE]) for words in long if len(words) >= WORDS_PER_ARTICLE]


def gate_seconds(sample: Sample, story: Story) -> float:
    """CPU time per entry of the labelled coverage and the other news, all dated in the window; best of some rounds."""
    entries = [(row["title"], row["text"][:300]) for row in sample.rows]
    entries += [(title, body[:300]) for title, body in sample.pages]
    return _best(
        lambda: [gate(story, title=title, summary=lead, published_at=IN_WINDOW, now=NOW) for title, lead in entries],
        len(entries),
    )


def score_seconds(sample: Sample, story: Story) -> float:
    """CPU time per article of 600 words."""
    texts = articles_of_600_words(sample)
    return _best(
        lambda: [score(story, title="", text=text, published_at=IN_WINDOW, now=NOW) for text in texts], len(texts)
    )


def _best(work: Callable[[], object], count: int) -> float:
    gc.collect()
    best = math.inf
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best / count


def main() -> None:
    """Run and print."""
    if "STORYWATCH_TESTDATA" not in os.environ:
        sys.exit("STORYWATCH_TESTDATA names the folder of the test data; it is not set")
    sample, story, console = Sample(Path(os.environ["STORYWATCH_TESTDATA"])), load_story(SHIPPED), Console(width=120)
    table = Table("on the story or not", "F1", "precision", "recall", title=f"{len(sample.rows)} labelled items")
    ways = {name: baseline(sample, story) for name, baseline in BASELINES.items()}
    told = sample.scored(story)
    ways |= {
        "seeds/story.toml": told,
        "  without any word for meeting, call, cancelling ...": sample.scored(blinded(story, EVENT_GROUPS)),
        "  without the first name": sample.scored(blinded(story, ["trump"])),
        "  without the second name": sample.scored(blinded(story, ["putin"])),
        "  without the city": sample.scored(blinded(story, ["budapest"])),
        "everything": [True] * len(told),
    }
    for name, answers in ways.items():
        reached = quality(sample.truth, answers)
        table.add_row(name, f"{reached.f1:.2f}", f"{reached.precision:.2f}", f"{reached.recall:.2f}")
    console.print(table)
    languages = ", ".join(f"{name} {one.f1:.2f}" for name, one in sample.by_language(told).items())
    console.print(f"F1 by language: {languages}")
    for name, answers in {"title and lead": sample.gated(story), "title": sample.gated(story, title_only=True)}.items():
        kept = sum(here and on for here, on in zip(answers, sample.truth, strict=True)) / sum(sample.truth)
        off = [here for here, on in zip(answers, sample.truth, strict=True) if not on]
        console.print(f"gate by {name}: keeps {kept:.1%} of what is on the story, drops {1 - sum(off) / len(off):.0%}")
    console.print(
        f"gate {gate_seconds(sample, story) * 1e6:.0f} us, score {score_seconds(sample, story) * 1e6:.0f} us CPU"
    )


if __name__ == "__main__":
    main()
