"""extractors/searches.py and search_editions.py: what the news searches are asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from extractors.records import FeedKind, Relevance
from extractors.search_editions import BING_MARKETS, GDELT_LANGUAGES, GOOGLE_EDITIONS
from extractors.searches import Engine, Query, asked_of, search_feeds, search_url
from extractors.story import gate, load_story
from extractors.urls import canonical_url

HU = Query(language="hu", text="Halcyone komp tűz")
EN = Query(language="en", text="Halcyone ferry fire")
SINCE, UNTIL = datetime(2025, 10, 14, tzinfo=UTC), datetime(2025, 10, 15, tzinfo=UTC)
SEEDS = Path(__file__).parent.parent / "seeds"


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_google_news_is_asked_in_the_edition_of_the_language() -> None:
    url = search_url(Engine.GOOGLE_NEWS, HU)
    assert url.startswith("https://news.google.com/rss/search?q=Halcyone%20komp%20t%C5%B1z%20when:2d&")
    assert asked(url) == {"q": "Halcyone komp tűz when:2d", "hl": "hu", "gl": "HU", "ceid": "HU:hu"}


@pytest.mark.parametrize(
    ("language", "country", "hl", "ceid"),
    [
        ("en", None, "en-US", "US:en"),
        ("en-GB", None, "en-GB", "GB:en"),
        ("pt", "BR", "pt-BR", "BR:pt-419"),
        ("zh", "CN", "zh-CN", "CN:zh-Hans"),
        ("zh-Hant", None, "zh-TW", "TW:zh-Hant"),
    ],
)
def test_the_country_decides_between_the_editions_of_a_language(
    language: str, country: str | None, hl: str, ceid: str
) -> None:
    found = asked(search_url(Engine.GOOGLE_NEWS, Query(language=language, country=country, text="x")))
    assert (found["hl"], found["ceid"], found["gl"]) == (hl, ceid, ceid.partition(":")[0])


def test_a_window_at_google_is_in_whole_days_and_leaves_nothing_of_it_out() -> None:
    url = search_url(Engine.GOOGLE_NEWS, EN, since=SINCE, until=UNTIL)
    assert asked(url)["q"] == "Halcyone ferry fire after:2025-10-14 before:2025-10-15"
    noon = UNTIL.replace(hour=12)
    assert asked(search_url(Engine.GOOGLE_NEWS, EN, since=noon.replace(day=14), until=noon))["q"].endswith(
        "after:2025-10-14 before:2025-10-16"
    )


def test_bing_news_is_asked_for_rss_in_its_market_and_takes_no_dates() -> None:
    assert asked(search_url(Engine.BING_NEWS, HU)) == {
        "q": "Halcyone komp tűz",
        "format": "rss",
        "setlang": "hu",
        "setmkt": "hu-HU",
        "cc": "HU",
    }
    with pytest.raises(ValueError, match="takes no dates"):
        search_url(Engine.BING_NEWS, HU, since=SINCE, until=UNTIL)


def test_gdelt_is_asked_for_all_that_it_gives_at_once_the_newest_first() -> None:
    url = search_url(Engine.GDELT, EN)
    assert url.startswith("https://api.gdeltproject.org/api/v2/doc/doc?query=Halcyone%20ferry%20fire&mode=artlist&")
    assert asked(url) == {
        "query": "Halcyone ferry fire",
        "mode": "artlist",
        "format": "json",
        "maxrecords": "250",
        "sort": "datedesc",
        "timespan": "1d",
    }
    window = asked(search_url(Engine.GDELT, EN, since=SINCE, until=UNTIL))
    assert (window["startdatetime"], window["enddatetime"]) == ("20251014000000", "20251015000000")
    assert "timespan" not in window
    assert asked(search_url(Engine.GDELT, HU))["query"].endswith(" sourcelang:hun")


@pytest.mark.parametrize("engine", list(Engine))
def test_a_language_or_country_that_an_engine_does_not_know_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="xx"):
        search_url(engine, Query(language="xx", text="x"))
    if engine is not Engine.GDELT:
        with pytest.raises(ValueError, match="BR"):
            search_url(engine, Query(language="hu", country="BR", text="x"))
        assert asked_of(engine, [HU, Query(language="xx", text="x"), EN]) == (HU, EN)


def test_an_end_needs_a_beginning_before_it() -> None:
    for since in (None, UNTIL):
        with pytest.raises(ValueError, match="needs a since before it"):
            search_url(Engine.GDELT, EN, since=since, until=UNTIL)


def test_each_engine_gives_a_feed_for_each_query_that_it_can_be_asked() -> None:
    feeds = search_feeds([EN, HU, Query(language="en", text="Halcyone inquiry")], list(Engine), 3600.0)
    assert [feed.name for feed in feeds] == [
        "Google News, en",
        "Google News, hu",
        "Google News, en (2)",
        "Bing News, en",
        "Bing News, hu",
        "Bing News, en (2)",
        "GDELT, all languages",
        "GDELT, all languages (2)",
    ]
    assert {feed.interval_seconds for feed in feeds} == {3600.0}
    assert all(feed.is_search and feed.enabled for feed in feeds)
    assert [feed.language for feed in feeds][1::5] == ["hu", None]
    assert feeds[-1].kind is FeedKind.GDELT
    assert len({canonical_url(feed.url) for feed in feeds}) == len(feeds)


def test_the_same_query_twice_is_asked_once() -> None:
    assert len(search_feeds([EN, EN], [Engine.GDELT])) == 1


def test_no_engine_no_search() -> None:
    assert search_feeds([EN], []) == ()


def test_the_editions_fit_one_another() -> None:
    for (language, country), (hl, ceid) in GOOGLE_EDITIONS.items():
        assert ceid.partition(":")[0] == country
        assert {hl.partition("-")[0], ceid.partition(":")[2].partition("-")[0]} == {language}
    for language, countries in BING_MARKETS.items():
        assert len(language) == 2
        assert all(len(country) == 2 and country.isupper() for country in countries)
    assert len({code for code, _ in GDELT_LANGUAGES.values()}) == len(GDELT_LANGUAGES)


def test_the_packaged_story_is_searched_for_in_its_own_words_and_in_twenty_languages_or_more() -> None:
    story = load_story(SEEDS / "story.toml")
    for query in story.queries:
        match = gate(story, title=query.text, summary="-", published_at=None, now=SINCE)
        assert match.relevance is not Relevance.OFF, query
        assert any(asked_of(engine, [query]) for engine in Engine), query
    for engine in (Engine.GOOGLE_NEWS, Engine.BING_NEWS):
        assert len({query.language for query in asked_of(engine, story.queries)}) >= 20


@pytest.mark.parametrize("engine", list(Engine))
def test_a_query_that_is_no_text_is_told(engine: Engine) -> None:
    with pytest.raises(ValueError, match="half a character"):
        search_url(engine, Query(language="en", text="Putin \ud800"))
