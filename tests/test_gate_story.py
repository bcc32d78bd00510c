"""Quality gate of the relevance: what seeds/story.toml decides on the labelled coverage, the seeds and other news.

The floors stand in story_floors.json and only rise.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.story import (
    BASELINES,
    EVENT_GROUPS,
    NOW,
    SHIPPED,
    Sample,
    blinded,
    gate_seconds,
    quality,
    score_seconds,
)
from extractors.records import Relevance
from extractors.story import Story, gate, load_story, score

TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
FLOORS = json.loads((Path(__file__).parent / "story_floors.json").read_text("utf-8"))
# The issue's limits times this: a loaded machine counts CPU time of others' cache misses as ours.
SLACK = 5
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA names no folder of test data"),
]


@pytest.fixture(scope="module")
def sample() -> Sample:
    assert TESTDATA is not None
    return Sample(Path(TESTDATA))


@pytest.fixture(scope="module")
def story() -> Story:
    return load_story(SHIPPED)


def test_the_score_keeps_its_floors_in_all_and_in_each_language(sample: Sample, story: Story) -> None:
    told = sample.scored(story)
    reached = quality(sample.truth, told)
    assert reached.f1 >= FLOORS["f1"]
    assert reached.precision >= FLOORS["precision"]
    assert reached.recall >= FLOORS["recall"]
    by_language = sample.by_language(told)
    assert len(by_language) >= 6
    assert {name: one.f1 for name, one in by_language.items() if one.f1 < FLOORS["language_f1"]} == {}


def test_the_gate_loses_next_to_nothing_and_spares_most_of_the_rest(sample: Sample, story: Story) -> None:
    let_in = sample.gated(story)
    kept = [here for here, on in zip(let_in, sample.truth, strict=True) if on]
    off = [here for here, on in zip(let_in, sample.truth, strict=True) if not on]
    assert sum(kept) / len(kept) >= FLOORS["gate_recall"]
    assert 1 - sum(off) / len(off) >= FLOORS["gate_drops_off"]


def test_a_title_alone_passes_the_gate_as_often(sample: Sample, story: Story) -> None:
    titles = sample.gated(story, title_only=True)
    kept = [here for here, on in zip(titles, sample.truth, strict=True) if on]
    assert sum(kept) / len(kept) >= FLOORS["gate_recall"]


@pytest.mark.parametrize("group", ["trump", "putin", "budapest", "hungary"])
def test_a_name_in_a_spelling_that_nobody_knows_costs_little(sample: Sample, story: Story, group: str) -> None:
    told = sample.scored(blinded(story, [group]))
    assert quality(sample.truth, told).f1 >= FLOORS["without_one_name_f1"]


def test_the_words_for_what_happens_need_not_be_known(sample: Sample, story: Story) -> None:
    told = sample.scored(blinded(story, EVENT_GROUPS))
    assert quality(sample.truth, told).f1 >= FLOORS["without_words_for_events_f1"]


def test_every_baseline_is_below(sample: Sample, story: Story) -> None:
    reached = quality(sample.truth, sample.scored(story)).f1
    assert all(quality(sample.truth, way(sample, story)).f1 < reached for way in BASELINES.values())


@pytest.mark.parametrize("at", [None, datetime(2025, 10, 18, tzinfo=UTC), datetime(2025, 11, 20, tzinfo=UTC)])
def test_other_news_is_neither_fetched_nor_taken_for_the_story(
    sample: Sample, story: Story, at: datetime | None
) -> None:
    gated = scored = 0
    for title, body in sample.pages:
        gated += gate(story, title=title, summary=body[:300], published_at=at, now=NOW).relevance is not Relevance.OFF
        scored += score(story, title=title, text=body, published_at=at, now=NOW).relevance is not Relevance.OFF
    assert 1 - gated / len(sample.pages) >= FLOORS["pages_gate_drops"]
    assert scored / len(sample.pages) <= FLOORS["pages_scored_on"]


def test_both_seeds_are_core_with_and_without_a_date(sample: Sample, story: Story) -> None:
    assert len(sample.seeds) == 2
    for text in sample.seeds:
        for at in (None, datetime(2025, 10, 17, tzinfo=UTC)):
            assert score(story, title="", text=text, published_at=at, now=NOW).relevance is Relevance.CORE
            let_in = gate(story, title="", summary=text[:300], published_at=at, now=NOW)
            assert let_in.relevance is not Relevance.OFF


def test_deciding_is_fast(sample: Sample, story: Story) -> None:
    assert gate_seconds(sample, story) < SLACK * 60e-6
    assert score_seconds(sample, story) < SLACK * 1e-3
