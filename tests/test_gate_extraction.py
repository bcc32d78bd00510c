"""The gate of extraction: figures on real pages that never fall below what they were. `make gate` runs it alone.

gates/extraction.json holds the floors and the digest of the exam that they were measured on. A floor is raised when a
change earns it, and never lowered; with another exam they are measured anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.exam import Figures, Row, digest_of, measured, rows_of

TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
GATE: dict[str, Any] = json.loads((Path(__file__).parent / "gates" / "extraction.json").read_text("utf-8"))
SETS = ("sh", "fe", "ft")
pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.timeout(600),  # 50 s of CPU
    pytest.mark.skipif(not TESTDATA, reason="STORYWATCH_TESTDATA names no folder of test data"),
]


@pytest.fixture(scope="module")
def exam() -> list[Row]:
    return rows_of(Path(TESTDATA or "") / "data" / "pages")


@pytest.fixture(scope="module")
def figures(exam: list[Row]) -> Figures:
    return measured(exam)


def test_the_exam_is_the_one_that_the_floors_were_measured_on(exam: list[Row]) -> None:
    assert digest_of(exam) == GATE["exam_sha256"]


@pytest.mark.parametrize("name", SETS)
def test_the_text_is_no_worse_than_it_was_and_than_the_plain_extractor_s(figures: Figures, name: str) -> None:
    assert figures.f1[name] >= GATE["f1"][name]
    assert figures.f1[name] >= figures.plain_f1[name]


def test_the_change_per_page_is_above_zero_beyond_chance_and_no_page_loses_much(figures: Figures) -> None:
    assert figures.interval[0] > 0
    assert figures.mean_change >= GATE["mean_change"]
    assert min(figures.changes.values()) >= -0.2


@pytest.mark.parametrize("name", ["title", "authors", "date"])
def test_metadata_are_no_worse_than_they_were_and_better_than_the_plain_extractor_s(
    figures: Figures, name: str
) -> None:
    assert figures.metadata[name] >= GATE["metadata"][name]
    assert figures.metadata[name] > figures.plain_metadata[name]


def test_a_real_article_is_an_article(figures: Figures) -> None:
    assert len(figures.refused) <= 0.01 * figures.pages, figures.refused
