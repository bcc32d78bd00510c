"""extractors/gdelt.py: article lists of GDELT, what they hold back, and what GDELT says instead."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from extractors.errors import FeedRateLimited, NotAFeed
from extractors.feeds import FeedDocument, parse_feed
from extractors.records import Feed, FeedKind, Response
from extractors.searches import Engine, Query, search_feeds, search_url

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
QUERY = Query(language="en", text="Halcyone ferry")
[FEED] = search_feeds([QUERY], [Engine.GDELT])
LIVE = FEED.url
ARTICLE = {
    "url": "https://www.lantern.example/a",
    "url_mobile": "https://m.lantern.example/a",
    "title": "Ferry burns , crew safe",
    "seendate": "20251016T151500Z",
    "socialimage": "https://www.lantern.example/a.jpg",
    "domain": "lantern.example",
    "language": "Hungarian",
    "sourcecountry": "Hungary",
}


def parsed(
    body: str | bytes, *, feed: Feed = FEED, url: str = LIVE, content_type: str = "application/json"
) -> FeedDocument:
    response = Response(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": content_type},
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=NOW,
        elapsed_seconds=0.1,
        wire_bytes=len(body),
    )
    return parse_feed(response, feed, now=NOW)


def articles(count: int) -> str:
    return json.dumps({"articles": [ARTICLE | {"url": f"https://lantern.example/{n}"} for n in range(count)]})


def windows(document: FeedDocument) -> list[tuple[datetime, datetime]]:
    """The windows of the children, in their order."""
    found = []
    for child in document.children:
        asked = dict(parse_qsl(urlsplit(child.url).query))
        found.append((moment(asked["startdatetime"]), moment(asked["enddatetime"])))
    return found


def moment(written: str) -> datetime:
    return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def test_an_article_becomes_an_entry_of_its_outlet_and_language() -> None:
    document = parsed(json.dumps({"articles": [ARTICLE]}))
    assert document.kind is FeedKind.GDELT
    [entry] = document.entries
    assert (entry.url, entry.outlet, entry.language) == ("https://www.lantern.example/a", "lantern.example", "hu")
    assert entry.title == "Ferry burns , crew safe"


def test_the_day_on_which_gdelt_came_by_is_no_date_of_publication() -> None:
    [entry] = parsed(json.dumps({"articles": [ARTICLE]})).entries
    assert (entry.published_at, entry.published_precision) == (None, None)
    assert entry.published_raw == "seendate 20251016T151500Z"


@pytest.mark.parametrize("body", ["{}", "[]", '{"articles": []}', " {}\n"])
def test_nothing_found_is_a_document_without_entries(body: str) -> None:
    document = parsed(body)
    assert (document.kind, document.entries, document.children) == (FeedKind.GDELT, (), ())


def test_a_list_is_known_by_its_look_whatever_the_feed_is_said_to_be() -> None:
    feed = Feed(url=LIVE, name="unannounced")
    assert parsed(articles(2), feed=feed).kind is FeedKind.GDELT
    with pytest.raises(NotAFeed):
        parsed("{}", feed=feed)


def test_control_characters_and_stray_backslashes_in_titles_are_read() -> None:
    body = '{"articles": [{"url": "https://lantern.example/a", "title": "Fire\tat \\\'sea\\x", "seendate": ""}]}'
    [entry] = parsed(body).entries
    assert entry.title == "Fire at \\'sea\\x"
    escaped = json.dumps({"articles": [ARTICLE | {"title": 'C:\\new "quoted" \u00e9 \\\\ end'}]})
    assert parsed(escaped).entries[0].title == 'C:\\new "quoted" \u00e9 \\\\ end'


def test_odd_articles_are_skipped_and_the_others_come_out() -> None:
    body = json.dumps({"articles": [None, {"url": 5}, {"url": "ftp://x/"}, ARTICLE | {"domain": 7, "language": None}]})
    document = parsed(body)
    assert [(entry.outlet, entry.language) for entry in document.entries] == [("lantern.example", None)]
    assert document.skipped == 3


def test_the_mobile_address_stands_in_for_one_that_is_none() -> None:
    [entry] = parsed(json.dumps({"articles": [ARTICLE | {"url": ""}]})).entries
    assert entry.url == "https://m.lantern.example/a"


# -- refusals -------------------------------------------------------------------------------------------------------


def test_a_refusal_for_asking_too_often_is_said_in_gdelts_own_words() -> None:
    words = "Please limit requests to one every 5 seconds or contact us for larger queries."
    with pytest.raises(FeedRateLimited, match="one every 5 seconds") as refused:
        parsed(words, content_type="text/html")
    assert (refused.value.reason, refused.value.transient) == ("rate_limited", True)


@pytest.mark.parametrize(
    "body",
    [
        "Your query was too short or too long.",
        "<html><body><p>Your query was too short or too long.</p></body></html>",
    ],
)
def test_any_other_refusal_too(body: str) -> None:
    with pytest.raises(NotAFeed, match="too short or too long") as refused:
        parsed(body, content_type="text/html")
    assert refused.value.reason == "not_a_feed"


@pytest.mark.parametrize("body", ['{"articles": [{"url": "x"', '{"timeline": []}', "7", '{"articles": 3}', ""])
def test_what_is_no_list_is_no_feed(body: str) -> None:
    with pytest.raises(NotAFeed):
        parsed(body)


# -- full windows ---------------------------------------------------------------------------------------------------


def test_a_window_that_is_not_full_has_no_children() -> None:
    assert parsed(articles(249)).children == ()


def test_a_full_live_window_is_halved_from_now_on_and_the_later_half_comes_first() -> None:
    document = parsed(articles(250))
    assert len(document.entries) == 250
    [late, early] = windows(document)
    assert late == (NOW - timedelta(hours=12), NOW)
    assert early == (NOW - timedelta(days=1), NOW - timedelta(hours=12, seconds=1))
    for child in document.children:
        asked = dict(parse_qsl(urlsplit(child.url).query))
        assert asked["query"] == "Halcyone ferry"
        assert "timespan" not in asked
        assert (asked["mode"], asked["maxrecords"]) == ("artlist", "250")


def test_halves_are_halved_down_to_a_quarter_of_an_hour_and_cover_the_whole() -> None:
    since, until = datetime(2025, 10, 16, tzinfo=UTC), datetime(2025, 10, 16, 5, tzinfo=UTC)
    open_windows = [search_url(Engine.GDELT, QUERY, since=since, until=until)]
    leaves = []
    while open_windows:
        url = open_windows.pop()
        document = parsed(articles(250), url=url)
        open_windows += [child.url for child in document.children]
        if not document.children:
            asked = dict(parse_qsl(urlsplit(url).query))
            leaves.append((asked["startdatetime"], asked["enddatetime"]))
    leaves.sort()
    assert leaves[0][0] == "20251016000000"
    assert leaves[-1][1] == "20251016050000"
    for (_, end), (start, _) in itertools.pairwise(leaves):
        assert moment(start) - moment(end) == timedelta(seconds=1)
    assert len(leaves) == 20


@pytest.mark.parametrize(
    "window",
    [
        "",
        "&timespan=soon",
        "&startdatetime=yesterday",
        "&timespan=15min",
        "&timespan=99999m",
        "&timespan=1d&enddatetime=00010101000000",
    ],
)
def test_a_window_that_can_t_be_told_or_is_the_smallest_is_not_halved(window: str) -> None:
    url = f"https://api.gdeltproject.org/api/v2/doc/doc?query=x&mode=artlist&format=json&maxrecords=250{window}"
    assert parsed(articles(250), url=url).children == ()


def test_half_a_character_in_an_address_does_not_end_a_run() -> None:
    url = "https://api.gdeltproject.org/api/v2/doc/doc?query=x\ud800&maxrecords=10&timespan=1d"
    assert len(parsed(articles(10), url=url).children) == 2


@pytest.mark.parametrize(("span", "days"), [("2w", 14), ("48h", 2), ("2880min", 2), ("2880", 2), ("3months", 90)])
def test_every_unit_of_a_timespan_is_known(span: str, days: int) -> None:
    url = f"https://api.gdeltproject.org/api/v2/doc/doc?query=x&maxrecords=10&timespan={span}"
    assert windows(parsed(articles(10), url=url))[1][0] == NOW - timedelta(days=days)
