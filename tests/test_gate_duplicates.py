"""The gate of the duplicate verdicts: planted edits on real texts, with floors that only rise."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.duplicates import ours, reports_taken_for_seeds, rewrites_told
from benchmarks.planted import BOILERPLATE, FLOORS, PRECISION_FLOOR, originals, paragraphs, planted, sentences
from extractors.dedup import LONG_AGO, Compared, compared_seed, verdict
from extractors.fingerprints import fingerprint
from extractors.records import VerdictKind
from extractors.seeds import load_seeds
from tools.real_seeds import TEXTS

TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
SHIPPED = Path(__file__).parents[1] / "seeds"
REWRITES_FLOOR = 0.5  # of the paraphrases of the 60 reports; no other report may be named
# Every third original, that the fast suite stays fast; benchmarks/duplicates.py takes all of them.
STEP = 3


@pytest.mark.timeout(600)
@pytest.mark.real
@pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA names no folder of test data")
def test_planted_edits_name_the_right_original_and_independent_texts_name_none() -> None:
    assert TESTDATA is not None
    every, donors = originals(Path(TESTDATA))
    its = every[1::STEP]
    score = ours(its, planted(its, donors, salt="gate"))
    missed = {kind: score.recall(kind) for kind, floor in FLOORS.items() if score.recall(kind) < floor}
    assert missed == {}
    assert score.precision >= PRECISION_FLOOR, (score.wrong, score.false)


def test_no_report_of_one_event_is_a_copy_of_another_and_paraphrases_are_told() -> None:
    right, wrong = rewrites_told()
    assert right >= REWRITES_FLOOR * 60
    assert wrong == 0
    assert ours((), ()).false == []


def test_no_report_of_ours_is_taken_for_a_copy_of_a_seed() -> None:
    assert reports_taken_for_seeds() == []


@pytest.mark.real
@pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA names no folder of test data")
@pytest.mark.parametrize("slug", TEXTS)
def test_both_seeds_are_told_from_their_fingerprints_alone(slug: str) -> None:
    assert TESTDATA is not None
    text = (Path(TESTDATA) / "seeds" / TEXTS[slug]).read_text("utf-8")
    chance = random.Random(slug)
    parts, lines = sentences(text), paragraphs(text)
    edits = {
        "whole": text,
        "first half": "\n".join(parts[: len(parts) // 2]),
        "second half": "\n".join(parts[len(parts) // 2 :]),
        "without 30 % of its sentences": "\n".join(part for part in parts if chance.random() > 0.3),
        "sentences reshuffled": "\n".join(chance.sample(parts, len(parts))),
        "paragraphs reshuffled": "\n".join(chance.sample(lines, len(lines))),
        "wrapped in boilerplate": "\n".join([*BOILERPLATE, text, *BOILERPLATE]),
    }
    seeds = [compared_seed(seed) for seed in load_seeds([SHIPPED])]
    for name, edit in edits.items():
        new = Compared("new", LONG_AGO + timedelta(days=1), None, fingerprint(edit), edit)
        found = verdict(new, seeds)
        assert found.of == f"seed:{slug}", name
        assert found.kind is (VerdictKind.EXACT if name == "whole" else VerdictKind.NEAR), name
