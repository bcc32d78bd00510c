"""The whole pipe on real feeds and real pages, served on loopback under their own addresses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.realweb import EVERYTHING, RealWeb, serve_real
from extractors.records import Relevance, RunReport
from flows import pipeline
from flows.rescoring import rescore
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from warehouse import connect, read

TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(300),
    pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA names no folder of test data"),
]


class Watched:
    """The real web with what two runs over it left behind."""

    def __init__(self, root: Path, web: FakeWeb) -> None:
        assert TESTDATA is not None
        self.real: RealWeb = serve_real(web, Path(TESTDATA) / "data")
        self.data_dir = connect.DataDir(root / "everything")
        (root / "everything.toml").write_text(EVERYTHING, "utf-8")
        self.feeds_file = self.real.write_feeds(root / "feeds.toml")
        self.world = World(resolver=web.resolver(), ssl_context=web.client_context())
        self.root = root
        self.first = self.run()
        self.stored = self.articles()
        self.second = self.run()

    def run(self) -> RunReport:
        settings = Settings(
            data_dir=self.data_dir.root,
            feeds_file=self.feeds_file,
            story_file=self.root / "everything.toml",
            host_delay_seconds=0.0,
        )
        return pipeline.run(prepare(settings, self.world), command="test")

    def articles(self) -> int:
        with connect.reader(self.data_dir, wait_seconds=5) as con:
            return int(read.query(con, "SELECT count(*) FROM article")[1][0][0])


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with FakeWeb() as web:
        yield Watched(tmp_path_factory.mktemp("real"), web)


def test_the_ledger_is_balanced_after_each_run(watched: Watched) -> None:
    for report in (watched.first, watched.second):
        assert report.status == "completed"
        assert report.ledger_discovered == sum(report.ledger_outcomes.values()) > len(watched.real.page_urls)


def test_at_least_95_percent_of_the_real_pages_are_stored_as_articles(watched: Watched) -> None:
    with connect.reader(watched.data_dir, wait_seconds=5) as con:
        stored = {row[0] for row in read.query(con, "SELECT entry_url FROM article_all")[1]}
    assert len(stored & set(watched.real.page_urls)) >= 0.95 * len(watched.real.page_urls)


def test_a_second_run_stores_nothing_new(watched: Watched) -> None:
    assert watched.second.discovered == 0
    assert watched.articles() == watched.stored


def test_why_answers_for_every_url(watched: Watched) -> None:
    with connect.reader(watched.data_dir, wait_seconds=5) as con:
        urls = [row[0] for row in read.query(con, "SELECT url FROM entry ORDER BY url")[1]]
        told = {row[0] for row in read.query(con, "SELECT DISTINCT url FROM why")[1]}
        assert all(read.why(con, url) is not None for url in urls[::10])  # each takes 20 ms; the view told all of them
    assert told == set(urls)
    assert len(urls) == watched.first.ledger_discovered


def test_every_feed_has_its_row_of_fetch(watched: Watched) -> None:
    with connect.reader(watched.data_dir, wait_seconds=5) as con:
        asked = {row[0] for row in read.query(con, "SELECT url FROM \"fetch\" WHERE kind = 'feed'")[1]}
    assert set(watched.real.feed_urls) <= asked


def test_of_other_news_at_most_2_percent_is_on_the_real_story(watched: Watched) -> None:
    """By their full texts; the gate, which most of them would not even pass, is left out."""
    settings = Settings(data_dir=watched.data_dir.root, feeds_file=watched.feeds_file)
    told = rescore(prepare(settings, watched.world), dry_run=True)
    assert told.articles == watched.stored
    on_story = told.articles - sum(change.now is Relevance.OFF for change in told.changes)
    print(f"\n{on_story} of {told.articles} articles are on the real story")
    assert on_story <= 0.02 * told.articles
