"""flows/watch.py: what a run asks. Feeds of feeds.toml and searches for the story's queries, through the whole pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.records import RunReport
from extractors.searches import Engine, Query, search_feeds
from flows import pipeline
from flows.replay import REPLAY_SEEDS
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.test_collecting import story
from warehouse import connect, read

NOW = datetime(2025, 10, 20, tzinfo=UTC)
QUERY = '[[query]]\nlanguage = "en"\ntext = "Halcyone ferry"\n'
GOOGLE, BING, GDELT = (
    search_feeds([Query(language="en", text="Halcyone ferry")], [engine])[0].url for engine in Engine
)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        web.client_context()
        yield web


def watch(web: FakeWeb, root: Path, search: str) -> Watch:
    (root / "feeds.toml").write_text('[[feed]]\nname = "Lantern"\nurl = "https://lantern.example/rss"\n' + search)
    (root / "story.toml").write_text(EVERYTHING + QUERY)
    settings = Settings(
        data_dir=root / "data",
        feeds_file=root / "feeds.toml",
        story_file=root / "story.toml",
        host_delay_seconds=0,
        max_attempts=1,
    )
    return prepare(settings, World(resolver=web.resolver(), ssl_context=web.client_context(), clock=lambda: NOW))


def rows(root: Path, sql: str) -> list[tuple[object, ...]]:
    with connect.reader(connect.DataDir(root / "data"), wait_seconds=5) as con:
        return list(read.query(con, sql)[1])


def run(web: FakeWeb, root: Path, search: str) -> RunReport:
    return pipeline.run(watch(web, root, search), command="test")


def test_searches_are_asked_beside_the_feeds_where_feeds_toml_says_so(web: FakeWeb, tmp_path: Path) -> None:
    assert [feed.is_search for feed in watch(web, tmp_path, "").feeds] == [False]
    watched = watch(web, tmp_path, '[search]\nengines = ["gdelt", "bing-news"]\ninterval_minutes = 60\n')
    assert [feed.name for feed in watched.feeds] == ["Lantern", "GDELT, all languages", "Bing News, en"]
    assert [feed.interval_seconds for feed in watched.feeds] == [None, 3600, 3600]


def test_the_demo_asks_no_search(tmp_path: Path) -> None:
    with FakeWeb() as web:
        demo = prepare(Settings(data_dir=tmp_path, seeds_dir=REPLAY_SEEDS), World(resolver=web.resolver()))
    assert demo.feeds
    assert not any(feed.is_search for feed in demo.feeds)


def test_what_three_searches_show_goes_through_the_ledger_under_its_outlet(web: FakeWeb, tmp_path: Path) -> None:
    page = "<html><head><title>Ferry</title></head><body><article><p>{}</p></article></body></html>"
    for number in (1, 2):
        web.serve(
            f"https://lantern.example/{number}", page.format(story(number)), headers={"Content-Type": "text/html"}
        )
    article = {"url": "https://lantern.example/1", "title": "Ferry burns", "domain": "lantern.example"}
    web.serve(GDELT, json.dumps({"articles": [article | {"language": "English", "seendate": "20251019T101500Z"}]}))
    link = "https://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;url=https%3a%2f%2flantern.example%2f2&amp;c=1"
    found = f"<item><title>Ferry towed</title><link>{link}</link></item>"
    web.serve(BING, f'<rss version="2.0"><channel><title>b</title>{found}</channel></rss>')
    source = '<source url="https://lamp.example">The Lamp</source>'
    hidden = "https://news.google.com/rss/articles/CBMiAAAA?oc=5"
    found = f"<item><title>Ferry sunk - The Lamp</title><link>{hidden}</link>{source}</item>"
    web.serve(GOOGLE, f'<rss version="2.0"><channel><title>g</title>{found}</channel></rss>')
    report = run(web, tmp_path, '[search]\nengines = ["google-news", "bing-news", "gdelt"]\n')
    assert report.ledger_discovered == sum(report.ledger_outcomes.values()) == 3
    told = rows(tmp_path, "SELECT title, outlet, language, outcome, published_at FROM entry ORDER BY title")
    assert told[0] == ("Ferry burns", "lantern.example", "en", "loaded", None)
    assert told[1][:2] == ("Ferry sunk", "lamp.example")
    assert told[2][:4] == ("Ferry towed", "lantern.example", "en", "loaded")
    assert rows(tmp_path, "SELECT kind FROM feed WHERE url LIKE '%gdelt%'") == [("gdelt",)]


def test_a_refusal_of_gdelt_is_a_row_with_its_words_and_no_fault_of_the_others(web: FakeWeb, tmp_path: Path) -> None:
    web.serve(GDELT, "Please limit requests to one every 5 seconds.", headers={"Content-Type": "text/html"})
    run(web, tmp_path, '[search]\nengines = ["gdelt"]\n')
    told = rows(tmp_path, "SELECT reason, detail FROM \"fetch\" WHERE kind = 'feed' AND url LIKE '%gdelt%'")
    assert told == [("rate_limited", 'GDELT says: "Please limit requests to one every 5 seconds."')]
