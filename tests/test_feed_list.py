"""extractors/feed_list.py: which searches feeds.toml asks, and how often; the list that ships. More: test_feeds.py."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from extractors.errors import SeedFileError
from extractors.feed_list import load_feed_list, load_feeds, load_search
from extractors.searches import SEARCH_INTERVAL_SECONDS, Engine

FEED = '[[feed]]\nname = "Lantern"\nurl = "https://lantern.example/rss"\n'
PACKAGED = Path(__file__).parent.parent / "seeds" / "feeds.toml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_without_searches_asks_none(tmp_path: Path) -> None:
    listed = load_feed_list(written(tmp_path, FEED))
    assert (listed.engines, listed.feeds[0].interval_seconds) == ((), None)


def test_searches_are_named_once_each_with_how_often_they_are_asked(tmp_path: Path) -> None:
    path = written(tmp_path, FEED + '[search]\nengines = ["gdelt", "google-news", "gdelt"]\ninterval_minutes = 45\n')
    assert load_search(path) == (Engine.GDELT, Engine.GOOGLE_NEWS)
    assert load_feed_list(path).search_interval_seconds == 2700
    path = written(tmp_path, FEED + '[search]\nengines = ["bing-news"]\n')
    assert load_feed_list(path).search_interval_seconds == SEARCH_INTERVAL_SECONDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.google.com/rss/search?q=a&hl=hu&gl=HU", "https://news.google.com/rss/search?q=a&hl=en&gl=GB"),
        ("https://lantern.example/?feed=rss2", "https://lantern.example/?feed=atom"),
        ("https://m.lantern.example/feed", "https://lantern.example/feed"),
        ("https://lantern.example/rss?source=google", "https://lantern.example/rss?source=bing"),
    ],
)
def test_two_feeds_of_one_site_are_two(tmp_path: Path, one: str, other: str) -> None:
    assert (
        len(
            load_feeds(
                written(tmp_path, "".join(FEED.replace("https://lantern.example/rss", url) for url in (one, other)))
            )
        )
        == 2
    )


@pytest.mark.parametrize("other", ["http://WWW.lantern.example:80/rss/", "https://lantern.example/%72ss#top"])
def test_one_feed_spelled_twice_is_a_mistake(tmp_path: Path, other: str) -> None:
    with pytest.raises(SeedFileError, match="already there"):
        load_feeds(written(tmp_path, FEED + FEED.replace("https://lantern.example/rss", other)))


def test_a_feed_may_ask_to_be_left_alone_for_longer(tmp_path: Path) -> None:
    [feed] = load_feeds(written(tmp_path, FEED + "interval_minutes = 60\n"))
    assert feed.interval_seconds == 3600


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (FEED + '[search]\nengines = ["altavista"]\n', 5, "allowed: google-news, bing-news, gdelt"),
        (FEED + "[search]\nengines = []\n", 5, "must name one or more"),
        (FEED + "[search]\ninterval_minutes = 30\n", 4, "must name one or more"),
        (FEED + '[search]\nengines = ["gdelt"]\ninterval_minutes = 1\n', 6, "from 5 to 1440"),
        (FEED + '[search]\nengine = ["gdelt"]\n', 5, "unknown key"),
        (FEED + "interval_minutes = 0\n", 4, "from 5 to 1440"),
        ("search = 7\n" + FEED, 1, "must be a table"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    with pytest.raises(SeedFileError) as caught:
        load_feed_list(written(tmp_path, text))
    assert caught.value.line == line
    assert problem in caught.value.problem


def test_the_list_that_ships_asks_all_three_searches() -> None:
    assert load_search(PACKAGED) == tuple(Engine)


@pytest.mark.real
def test_the_list_that_ships_carries_every_address_that_was_collected() -> None:
    root = os.environ.get("STORYWATCH_TESTDATA")
    if not root:
        pytest.skip("STORYWATCH_TESTDATA is not set")
    collected = json.loads((Path(root) / "data/story/feeds.json").read_text("utf-8"))
    wanted = [row["url"] for part in ("feeds", "news_sitemaps") for row in collected[part]]
    assert len(wanted) == 75
    assert set(wanted) <= {feed.url for feed in load_feeds(PACKAGED)}
