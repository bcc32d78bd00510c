"""extractors/feed_links.py: where a site may have its feeds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.feed_links import FEED_PATHS, MOST_LINKS, common_addresses, feed_links, likeliest_sitemaps

PAGE = "https://lantern.example/news/"


def links(head: str) -> tuple[str, ...]:
    return feed_links(f"<html><head>{head}</head><body>x</body></html>".encode(), "text/html; charset=utf-8", PAGE)


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = "") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}" title="{title}">'


def test_feeds_come_in_the_order_of_the_page_absolute_and_once_each() -> None:
    found = links(
        link("all.xml") + link("/atom", "application/atom+xml; charset=utf-8") + link("all.xml") + link("//b.example/f")
    )
    assert found == (
        "https://lantern.example/news/all.xml",
        "https://lantern.example/atom",
        "https://b.example/f",
    )


def test_comments_come_last() -> None:
    found = links(link("/comments/feed/", title="Comments") + link("/k", title="Hírek, Kommentek") + link("/feed/"))
    assert [url.rpartition("example")[2] for url in found] == ["/feed/", "/comments/feed/", "/k"]


def test_other_alternates_are_no_feeds() -> None:
    assert not links(
        link("/hu", "", rel="alternate")
        + link("/wp-json/wp/v2/pages/2", "application/json")
        + link("/style.xml", rel="stylesheet")
        + link("javascript:void(0)")
        + link("")
    )


def test_json_feed_and_rel_feed_are_feeds_and_base_is_obeyed() -> None:
    found = links(
        '<base href="https://cdn.example/x/">'
        + link("f.json", "application/feed+json")
        + '<link rel="FEED" href="f.xml">'
    )
    assert found == ("https://cdn.example/x/f.json", "https://cdn.example/x/f.xml")


def test_a_portal_with_hundreds_of_feeds_is_asked_for_a_few() -> None:
    assert len(links("".join(link(f"/{number}.xml") for number in range(300)))) == MOST_LINKS


@given(st.binary(max_size=500))
def test_any_bytes_have_links_or_none(body: bytes) -> None:
    feed_links(body, None, PAGE)
    likeliest_sitemaps(body, PAGE)


def test_robots_txt_lists_sitemaps_those_of_news_first() -> None:
    robots = (
        b"User-agent: *\nDisallow: /x\nSitemap: /all.xml\nsitemap: https://b.example/news.xml #\nSitemap: ftp://x\n"
    )
    assert likeliest_sitemaps(robots, "https://lantern.example/robots.txt") == (
        "https://b.example/news.xml",
        "https://lantern.example/all.xml",
    )


def test_common_names_are_at_the_root_of_the_site() -> None:
    assert common_addresses(PAGE, FEED_PATHS)[0] == "https://lantern.example/rss"
