"""extractors/page_class.py: what a page is, in six languages, with the evidence that decided."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.articles import extract_article
from extractors.errors import NotArticle
from extractors.pages import page_of
from extractors.records import REASONS, Outcome
from tests.class_pages import WORDS, ClassPage, class_pages

NOW = datetime(2025, 10, 20, tzinfo=UTC)
PAGES = tuple(class_pages())
MADE: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "data" / "maker_pages.toml").read_text("utf-8"))[
    "page"
]


def found(html: str, url: str) -> tuple[str, str]:
    """(Class, evidence) of a page."""
    try:
        article = extract_article(page_of(html.encode(), url, NOW))
    except NotArticle as error:
        return error.reason, error.detail
    return article.page_class, article.class_evidence


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.page_class}-{page.language}-{page.url[-2:]}")
def test_a_page_is_told_for_what_it_is_in_each_language(page: ClassPage) -> None:
    page_class, evidence = found(page.html, page.url)
    assert page_class == page.page_class, evidence
    assert evidence


@pytest.mark.parametrize("page", MADE, ids=lambda page: page["name"])
def test_a_page_of_another_maker_is_told_and_short_news_about_such_pages_is_news(page: dict[str, Any]) -> None:
    page_class, evidence = found(page["html"], page["url"])
    assert page_class == page["class"], evidence


def test_there_are_enough_pages_of_each_class() -> None:
    of_class = Counter(page.page_class for page in PAGES)
    not_articles = {name for name, outcome in REASONS.items() if outcome is Outcome.NOT_ARTICLE}
    assert set(of_class) == {"article", "live_blog"} | (not_articles - {"unsupported_type", "empty_body"})
    assert len(PAGES) >= 60
    assert min(of_class.values()) >= 4
    assert len({page.language for page in PAGES}) >= 6


def test_a_page_that_is_no_article_still_hands_out_what_was_found_on_it() -> None:
    stub = next(page for page in PAGES if page.page_class == "paywall_stub" and page.language == "en")
    with pytest.raises(NotArticle) as caught:
        extract_article(page_of(stub.html.encode(), stub.url, NOW))
    assert caught.value.article is not None
    assert "parted after six hours" in caught.value.article.text
    assert caught.value.article.page_class == "paywall_stub"


ARTICLE = next(page for page in PAGES if page.page_class == "article" and page.language == "en")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</head>", '<script type="application/ld+json">{"@type": "VideoObject"}</script></head>'),
        ("<h1>", '<video src="/clip.mp4"></video><h1>'),
        ("Ferry talks end", "Live music: ferry talks end"),
        ("Ferry talks end", "Pictures of the pier: ferry talks end"),
    ],
)
def test_an_article_with_a_video_or_about_pictures_is_an_article(old: str, new: str) -> None:
    assert found(ARTICLE.html.replace(old, new), ARTICLE.url)[0] == "article"


def test_a_long_text_under_a_video_s_address_is_an_article() -> None:
    more = "".join(f"<p>{text}</p>" for language in ("en", "de") for text in WORDS[language]["paragraphs"])
    html = ARTICLE.html.replace("</article>", f"{more}</article>")
    assert found(html, "https://lantern.example/video/ferry-talks")[0] == "article"
    assert found(ARTICLE.html, "https://lantern.example/video/ferry-talks")[0] == "video_or_gallery"


def test_an_address_alone_makes_no_live_blog() -> None:
    assert found(ARTICLE.html, "https://lantern.example/live-blog/ferry-talks")[0] == "article"


def test_a_slug_that_begins_with_a_word_for_pictures_or_a_video_names_no_gallery() -> None:
    for slug in ("video-shows-ferry", "foto-of-the-pier", "pictures-of-a-pier", "podcast-maker-sues-port"):
        assert found(ARTICLE.html, f"https://lantern.example/region/{slug}")[0] == "article"
    assert found(ARTICLE.html, "https://lantern.example/fotostrecke-123")[0] == "video_or_gallery"
