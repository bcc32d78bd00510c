"""What a run brought, for people: nothing that others wrote becomes a mark, HTML or a link of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.markdown import MOST_ROWS, brought_markdown, link, text
from flows.one_line import keyed, one_line
from tests.records_factory import T0
from tests.test_notices import a_feed, a_step
from warehouse.standing import Brought, BroughtArticle

HOSTILE = [
    "a | b | c",
    "[click](javascript:alert(1))",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "**bold** _x_ `code` ~~no~~ # head",
    "line\n\n## another\n---\n| x |",
    "https://evil.example www.evil.example a@evil.example",
    "\u202egpj.exe \u2066x\u2069",
    "&lt;script&gt; &#60;b&#62; \\| \\[",
    "]( <b>) |",
]


def an_article(title: str = "Headline", url: str = "https://wire.example/a", **changes: object) -> BroughtArticle:
    fields: dict[str, object] = {
        "url": url,
        "entry_url": url,
        "title": title,
        "outlet": "wire.example",
        "language": "en",
        "published_at": T0,
        "relevance": "core",
        "score": 0.5,
        "verdict": "independent",
        "verdict_of": None,
        "verdict_of_title": None,
        "feed_name": "The wire",
    }
    return BroughtArticle(**fields | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_shown_as_it_is_and_does_nothing(title: str) -> None:
    assert set(re.sub(r"&#\d+;", "", text(title))) & set("|[]()<>*_`~#\\:.@&\n\r-!") == set()
    shown = brought_markdown(Brought(articles=(an_article(title),), new_steps=(), feeds=()))
    (row,) = [line for line in shown.splitlines() if "wire&#46;example" in line]
    assert re.fullmatch(r"\| [^|]* \| [^|]* \| [^|]* \| \[[^][]*\]\(https://wire\.example/a\) \| 0\.50 \|", row)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_one_line_without_marks(given_text: str) -> None:
    shown = text(given_text)
    assert set(re.sub(r"&#\d+;", "", shown)) & set("|[]()<>*_`~#\\\n\r") == set()
    assert len(one_line(given_text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://wire.example/a?b=c&d=1", "[x](https://wire.example/a?b=c&d=1)"),
        ("https://wire.example/a)b|c<d>\"e 'f", "[x](https://wire.example/a%29b%7Cc%3Cd%3E%22e%20%27f)"),
        ("https://wire.example/\u0439", "[x](https://wire.example/%D0%B9)"),
        ("javascript:alert(1)", "x"),
        ("JaVaScRiPt://wire.example/%0aalert(1)", "x"),
        ("data:text/html,<b>", "x"),
        ("https://[bad", "x"),
        ("//wire.example", "x"),
        ("seed:first-report", "x"),
    ],
)
def test_only_addresses_of_the_web_are_links_and_none_ends_early(url: str, expected: str) -> None:
    assert link("x", url) == expected


def test_core_articles_duplicates_and_feeds_in_trouble_stand_in_their_tables() -> None:
    copy = an_article("Copy", verdict="near", verdict_of="https://wire.example/first", verdict_of_title="First")
    aside = an_article("Aside", relevance="related")
    brought = Brought(
        articles=(an_article("News"), copy, aside), new_steps=(a_step("call"),), feeds=(a_feed("failing"),)
    )
    shown = brought_markdown(brought)
    assert "New step of the story: call." in shown
    assert "## New core articles: 1\n" in shown
    assert "[News](https://wire.example/a)" in shown
    assert "| near | wire&#46;example | [Copy](https://wire.example/a) | [First](https://wire.example/first) |" in shown
    assert "| [wire](https://wire.example/feed) | failing |  | timeout |" in shown
    assert "Aside" not in shown


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    many = tuple(an_article(f"News {number}") for number in range(MOST_ROWS + 7))
    shown = brought_markdown(Brought(articles=many, new_steps=(), feeds=()))
    assert shown.count("[News ") == MOST_ROWS
    assert "... and 7 more" in shown


def test_a_line_of_the_log_has_keys_and_quotes_what_has_blanks() -> None:
    shown = keyed("feed failed", feed='The "wire"', url="https://wire.example/?a=b", detail="a\nb", reason=None)
    assert shown == r'feed failed feed="The \"wire\"" url=https://wire.example/?a=b detail="a b"'
