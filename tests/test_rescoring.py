"""flows/rescoring.py: a changed story decides again from stored texts, and nothing is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.dedup import fingerprint, judge
from extractors.records import Article, Judged, VerdictKind
from extractors.story import load_story, score
from flows.pipeline import recorded_steps
from flows.redeciding import decision_of
from flows.rescoring import Rescored, rescore
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from tests.records_factory import RUN, T0, address, at, make_article, make_entry, make_verdict
from tests.test_story import INVENTED
from warehouse import connect, load, read
from warehouse.publish import last_published

DAY = datetime(2031, 5, 10, 12, tzinfo=UTC)
NOW = datetime(2031, 6, 1, tzinfo=UTC)
FIRE = "The Halcyone caught fire at dawn. " + " ".join(f"Witness {n} saw smoke over deck {n}." for n in range(40))
REGATTA = "A blaze spoiled the regatta of Marlhaven. " + " ".join(f"Boat {n} lost its mast." for n in range(40))
# The regatta becomes the story's, the ferry ceases to be.
CHANGED = (
    INVENTED.replace('["halcyone"]', '["zephyrine"]')
    .replace('["marlhaven"]', '["marlhaven", "regatta"]')
    .replace('weight = -2.0\nstems = { en = ["regatta"] }', 'weight = -2.0\nstems = { en = ["nothing such"] }')
)


def article(name: str, text: str, **changes: Any) -> Article:
    given = {"title": "", "published_at": DAY, "published_precision": "second", "language": "en"} | changes
    return make_article(name, text=text, **given)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Three articles: one on the story, its copy, and one off it."""
    (tmp_path / "story.toml").write_text(INVENTED, "utf-8")
    settings = Settings(data_dir=tmp_path / "data", story_file=tmp_path / "story.toml")
    made = prepare(settings, World(clock=lambda: NOW), asks=False)
    stored = [
        article("first", FIRE),
        article("copy", FIRE, first_seen_at=at(9), published_at=DAY + timedelta(hours=1), outlet="echo.example"),
        article("other", REGATTA.replace("blaze", "storm")),
    ]
    with connect.writer(made.data_dir, wait_seconds=5) as con:
        load.start_run(con, RUN, T0, command="test")
        load.record_steps(con, recorded_steps(made.story), RUN)
        load.record_entries(con, [make_entry(name) for name in ("first", "copy", "other")], RUN)
        judged = []
        for one in stored:
            match = score(made.story, title="", text=one.text, published_at=DAY, now=NOW)
            judged.append(Judged(article=one, match=match, fingerprint=fingerprint(one.text), verdict=None))
        verdicts = judge([(one.article, one.fingerprint) for one in judged[:2]], seeds=(), stored={})
        judged = [replace(one, verdict=verdicts.get(one.article.url)) for one in judged]
        load.load_judged(con, judged, RUN)
        load.record_decisions(con, [replace(decision_of(one, at(10)), attempts=1) for one in judged], RUN)
    return made


def changed(watch: Watch, text: str) -> Watch:
    path = watch.settings.story_file
    assert path is not None
    path.write_text(text, "utf-8")
    return replace(watch, story=load_story(path))


def asked(watch: Watch, sql: str) -> list[tuple[Any, ...]]:
    with connect.reader(watch.data_dir, wait_seconds=5) as con:
        return read.query(con, sql)[1]


def outcomes(watch: Watch) -> dict[str, str]:
    return {url.rsplit("/", 1)[1]: reason for url, reason in asked(watch, "SELECT url, reason FROM entry")}


def test_the_same_story_changes_nothing_and_publishes_nothing(watch: Watch) -> None:
    told = rescore(watch, dry_run=False)
    assert (told.articles, told.updated, told.changes) == (3, 0, [])
    assert last_published(watch.data_dir) is None


def test_a_dry_run_tells_the_changes_and_writes_nothing(watch: Watch) -> None:
    before = asked(watch, "SELECT * FROM story_match ORDER BY ALL"), outcomes(watch), asked(watch, "SELECT * FROM run")
    told = rescore(changed(watch, CHANGED), dry_run=True)
    assert {(one.url, one.was.value, one.now.value) for one in told.changes} == {
        (address("first"), "core", "off"),
        (address("copy"), "core", "off"),
    }
    after = asked(watch, "SELECT * FROM story_match ORDER BY ALL"), outcomes(watch), asked(watch, "SELECT * FROM run")
    assert after == before


def test_what_leaves_the_story_loses_its_verdict_and_comes_back_judged_anew(watch: Watch) -> None:
    assert outcomes(watch) == {"first": "independent", "copy": "exact", "other": "score"}
    told = rescore(changed(watch, CHANGED), dry_run=False)
    assert outcomes(watch) == {"first": "score", "copy": "score", "other": "score"}
    assert asked(watch, "SELECT * FROM verdict") == asked(watch, "SELECT * FROM posting") == []
    assert told.published_snapshot == 1
    back = rescore(changed(watch, INVENTED), dry_run=False)
    assert outcomes(watch) == {"first": "independent", "copy": "exact", "other": "score"}
    assert back.rejudged == 2
    assert len(asked(watch, "SELECT DISTINCT s.article_url FROM posting AS p JOIN sketch AS s USING (sketch_id)")) == 2
    assert rescore(watch, dry_run=False).updated == 0


def test_the_history_is_kept(watch: Watch) -> None:
    rescore(changed(watch, CHANGED), dry_run=False)
    rescore(changed(watch, INVENTED), dry_run=False)
    moves = asked(watch, f"SELECT reason FROM decision WHERE url = '{address('first')}' AND reason <> 'queued'")
    assert sorted(reason for (reason,) in moves) == ["independent", "independent", "score"]
    past = asked(watch, f"SELECT relevance FROM story_match_past WHERE article_url = '{address('first')}'")
    assert past[0] == ("core",)
    assert [row[0] for row in asked(watch, "SELECT status FROM run WHERE command = 'rescore'")] == ["completed"] * 2


def test_a_copy_whose_original_leaves_the_story_is_judged_anew(watch: Watch) -> None:
    with connect.writer(watch.data_dir, wait_seconds=5) as con:
        load.record_entries(con, [make_entry("far", first_seen_at=at(20))], RUN)
        far = article("far", FIRE.replace("Halcyone", "Zephyrine and the Halcyone"), first_seen_at=at(20))
        match = score(watch.story, title="", text=far.text, published_at=DAY, now=NOW)
        verdict = make_verdict("far", kind=VerdictKind.NEAR, of=address("first"))
        one = Judged(article=far, match=match, fingerprint=fingerprint(far.text), verdict=verdict)
        load.load_judged(con, [one], RUN)
        load.record_decisions(con, [replace(decision_of(one, at(21)), attempts=1)], RUN)
    rescore(changed(watch, CHANGED), dry_run=False)
    assert asked(watch, 'SELECT article_url, kind, "of" FROM verdict') == [(address("far"), "independent", None)]
    assert outcomes(watch)["far"] == "independent"


def test_the_steps_follow(watch: Watch) -> None:
    with_signs = INVENTED.replace('what = "The ferry burns."', 'what = "The ferry burns."\nall = ["ferry", "fire"]')
    assert asked(watch, "SELECT * FROM article_step") == []
    rescore(changed(watch, with_signs), dry_run=False)
    assert asked(watch, "SELECT article_url, step FROM article_step ORDER BY ALL") == [
        (address("copy"), "fire"),
        (address("first"), "fire"),
    ]
    rescore(changed(watch, INVENTED), dry_run=False)
    assert asked(watch, "SELECT * FROM article_step") == []


def test_a_step_is_told_with_its_first_source_and_those_who_followed(watch: Watch) -> None:
    with_signs = INVENTED.replace('what = "The ferry burns."', 'what = "The ferry burns."\nall = ["ferry", "fire"]')
    rescore(changed(watch, with_signs), dry_run=False)
    shown = "step, articles, outlets, languages, first_outlet, first_url, second_outlet_seconds, last_outlet_seconds"
    assert asked(watch, f"SELECT {shown} FROM story_step") == [
        ("fire", 2, 2, 1, "daily.example", address("first"), 3600, 3600)
    ]
    with connect.public_reader(watch.data_dir) as con:
        assert read.query(con, "SELECT step, outlets FROM story_step")[1] == [("fire", 2)]


def test_the_ledger_stays_balanced(watch: Watch) -> None:
    rescore(changed(watch, CHANGED), dry_run=False)
    assert asked(watch, "SELECT balanced FROM run_health WHERE command = 'rescore'") == [(True,)]
    assert isinstance(rescore(watch, dry_run=True), Rescored)
