"""extractors.robots: whose rules count and what they allow (RFC 9309)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.robots import MAX_ROBOTS_BYTES, parse_robots, product_token

AGENT = "storywatch/0.1 (+https://operator.example/contact)"


def allowed(text: str, path: str = "/a") -> bool:
    return parse_robots(text.encode(), AGENT).allows(f"https://news.example{path}")


def test_the_product_token_is_the_first_word() -> None:
    assert product_token("StoryWatch/0.1 (+x)") == product_token("storywatch") == "storywatch"


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /b", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: story\nDisallow: /", True),
        ("User-agent: s\nDisallow: /", True),
        ("User-agent: StoryWatch\nDisallow: /", False),
        ("User-agent: storywatch/2.0\nDisallow: /", False),
        ("User-agent: storywatch\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: storywatch\n\nUser-agent: *\nDisallow: /", False),
        ("User-agent: storywatch\nDisallow:\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: storywatch # us\nDisallow: /b", True),
        ("User-agent: other\nUser-agent: storywatch\nDisallow: /", False),
        ("User-agent: storywatch\nAllow: /\nUser-agent: other\nDisallow: /", True),
        ("User-agent: storywatch\nDisallow: /b\n\nUser-agent: storywatch\nDisallow: /a", False),
        ("User-agent: other\nSitemap: https://news.example/s.xml\nUser-agent: storywatch\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nAllow: /a", True),
        ("User-agent: *\nDisallow: /*a$", False),
        ("user agent *\nDisallow /", False),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("<html><body>Disallow: /</body></html>", True),
        ("Disallow: /", True),
    ],
)
def test_the_group_that_names_us_counts_else_the_one_for_all(text: str, is_allowed: bool) -> None:
    assert allowed(text) is is_allowed


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("5", 5.0), ("0.5", 0.5), ("1e9", 300.0), ("-4", 0.0), ("nan", 0.0), ("inf", 0.0), ("soon", 0.0), ("", 0.0)],
)
def test_crawl_delay_is_clamped(asked: str, seconds: float) -> None:
    rules = parse_robots(f"User-agent: *\nCrawl-delay: {asked}".encode(), AGENT)
    assert rules.crawl_delay_seconds(300.0) == seconds


def test_what_comes_after_500_kib_is_ignored() -> None:
    filler = b"# " + b"x" * (MAX_ROBOTS_BYTES - 2) + b"\n"
    assert parse_robots(filler + b"User-agent: *\nDisallow: /", AGENT).allows("https://news.example/a")


def test_robots_txt_itself_may_always_be_asked_for() -> None:
    assert allowed("User-agent: *\nDisallow: /", "/robots.txt")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: bot{number}\n" for number in range(15_000)) + "Disallow: /\n" * 15_000,
        "User-agent: *\n" + "".join(f"Disallow: /{number:x}*b$\n" for number in range(30_000)),
        "User-agent: *\nDisallow: /" + "*a" * 200_000,
        "User-agent:" * 40_000,
    ],
    ids=["agents", "rules", "wildcards", "names"],
)
def test_hostile_files_of_500_kib_are_read_within_two_seconds(text: str) -> None:
    started = time.process_time()
    parse_robots(text.encode(), AGENT).allows("https://news.example/" + "a" * 2000)
    assert time.process_time() - started < 2.0


@given(st.binary(max_size=400))
def test_any_bytes_are_rules(body: bytes) -> None:
    rules = parse_robots(b"User-agent: *\n" + body, AGENT)
    rules.allows("https://news.example/a?b=c")
    assert 0.0 <= rules.crawl_delay_seconds(300.0) <= 300.0
