"""extractors/redirectors.py: what a link carries in itself, and what an aggregator's page in between says."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from extractors.errors import BadUrl
from extractors.records import Response
from extractors.redirectors import decoded_target, final_target, is_aggregator, is_still_there, target_in_page
from extractors.urls import canonical_url
from tests.url_pairs import google_news

TARGET = "https://lantern.example/a?id=1"
GOOGLE = "https://news.google.com/rss/articles/CBMiAU_yqLabc?oc=5"


def page(html: str, url: str = GOOGLE, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        url=url,
        final_url=url,
        status=200,
        headers=headers or {},
        body=html.encode(),
        fetched_at=datetime(2025, 10, 16, tzinfo=UTC),
        elapsed_seconds=0.1,
        wire_bytes=len(html),
    )


@pytest.mark.parametrize(
    "link",
    [
        f"https://news.google.com/rss/articles/{google_news(TARGET)}?oc=5",
        f"https://news.google.com/articles/{google_news(TARGET, TARGET + '&amp=1')}",
        f"https://news.google.com/read/{google_news(TARGET)}==",
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&url={quote(TARGET, safe='')}&c=1",
        f"https://www.google.hu/url?sa=t&url={quote(TARGET, safe='')}",
        f"https://consent.google.com/m?continue={quote(TARGET, safe='')}&gl=HU",
        f"https://lm.facebook.com/l.php?u={quote(TARGET, safe='')}&h=x",
        f"https://click.redditmail.com/CL0/{quote(TARGET, safe='')}/1/0100018f-abcdef-000000/abcdef=123",
        f"https://duckduckgo.com/l/?uddg={quote(TARGET, safe='')}",
        f"https://href.li/?{TARGET}",
        f"https://urldefense.com/v3/__{TARGET}__;!!abc",
        f"https://l.facebook.com/l.php?u={quote(quote(TARGET, safe=''), safe='')}",
        "https://lantern-example.cdn.ampproject.org/c/s/lantern.example/a?id=1",
        "https://yandex.ru/turbo?text=" + quote(TARGET, safe=""),
    ],
)
def test_a_link_that_carries_its_target_is_decoded(link: str) -> None:
    assert decoded_target(link) == TARGET


def test_a_long_address_in_a_google_link_has_a_length_of_two_bytes() -> None:
    long = "https://lantern.example/" + "a" * 300
    assert decoded_target(f"https://news.google.com/rss/articles/{google_news(long)}") == long


def test_a_google_link_whose_length_runs_beyond_the_address_is_not_decoded() -> None:
    raw = b"\x08\x13\x22\x18https://lantern.example\xd2\x01\x00"  # a length of 24, the address has 23
    link = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert decoded_target(f"https://news.google.com/rss/articles/{link}") is None


@pytest.mark.parametrize(
    "link",
    [
        GOOGLE,
        "https://news.google.com/rss/articles/CBMi",
        "https://news.google.com/rss/articles/!!!!",
        "https://news.google.com/rss/search?q=a",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=ftp%3A%2F%2Flantern.example%2Fa",
        "https://www.google.com/url?q=http%3A%2F%2F127.0.0.1%2Fa",
        "https://www.google.com/url?q=http%3A%2F%2Flocalhost%2Fa",
        "https://www.google.com/url?q=http%3A%2F%2F%5B%3A%3A1%5D%2Fa",
        "https://www.google.com/url?q=http%3A%2F%2F2130706433%2Fa",
        "https://lantern.example/?url=https%3A%2F%2Fbeacon.example%2F",
        "https://google.lantern.example/url?q=https%3A%2F%2Fbeacon.example%2F",
        "no address",
    ],
)
def test_what_carries_no_public_address_is_not_decoded(link: str) -> None:
    assert decoded_target(link) is None


def test_a_link_within_a_link_is_followed_to_its_end_and_the_end_comes() -> None:
    link = TARGET
    for _ in range(5):
        link = f"https://l.facebook.com/l.php?u={quote(link, safe='')}"
    assert final_target(link) == TARGET
    assert canonical_url(link) == TARGET
    loop = "https://l.facebook.com/l.php?u="
    with pytest.raises(BadUrl, match="without end"):
        canonical_url(loop * 200 + "https://lantern.example/a")


def test_passwords_in_a_target_are_dropped() -> None:
    link = "https://www.google.com/url?q=" + quote("https://reader:secret@lantern.example/a", safe="")
    assert decoded_target(link) == "https://lantern.example/a"


def test_an_aggregators_link_is_told_from_other_addresses() -> None:
    assert is_aggregator(GOOGLE)
    assert is_aggregator("https://www.bing.com/news/apiclick.aspx?tid=1")
    assert is_aggregator("https://news.google.com/stories/CAAqNggKIjBD?hl=en-US")
    assert is_aggregator("https://news.google.com/__i/rss/rd/articles/CBMiAU_yqLa?oc=5")
    assert not is_aggregator("https://news.google.com/rss/search?q=a")
    assert not is_aggregator("https://lantern.example/rss/articles/CBMi")


def test_a_consent_page_is_still_the_aggregator() -> None:
    assert is_still_there(GOOGLE, "https://consent.google.com/ml?continue=x")
    assert is_still_there(GOOGLE, "https://consent.google.de/ml?continue=x")
    assert not is_still_there(GOOGLE, "https://lantern.example/a")


@pytest.mark.parametrize(
    "html",
    [
        f'<c-wiz><div data-n-au="{TARGET}"></div></c-wiz>',
        f'<meta http-equiv="Refresh" content="0; URL=\'{TARGET}\'">',
        f'<a href="{TARGET}" rel="nofollow noopener">lantern.example</a>',
        f'<link rel="canonical" href="{TARGET}">',
        '<script>window.location.replace("https:\\/\\/lantern.example\\/a?id\\u003d1");</script>',
        f"<script>location.href = '{TARGET}'</script>",
        f'<a rel="nofollow" href="https://policies.google.com/">x</a><a rel="nofollow" href="{TARGET}">y</a>',
        f'<a rel="nofollow" href="https://www.google.com/url?q={quote(TARGET, safe="")}">y</a>',
    ],
)
def test_a_page_in_between_names_the_address_it_leads_to(html: str) -> None:
    assert target_in_page(page(f"<html><body>{html}</body></html>")) == TARGET


@pytest.mark.parametrize(
    "html",
    [
        *("", "<p>Before you continue</p>", '<a href="https://lantern.example/">no rel</a>', "\0"),
        '<link rel="canonical" href="https://lantern.example/">',
    ],
)
def test_a_page_that_leads_nowhere_has_no_target(html: str) -> None:
    assert target_in_page(page(html)) is None
