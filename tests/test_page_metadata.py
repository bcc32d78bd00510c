"""extractors/page_metadata.py, bylines.py, json_ld.py, languages.py: what a page says about itself, never more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml.html import document_fromstring

from extractors.dates import offset_minutes
from extractors.languages import MIN_CONFIDENCE, language_of
from extractors.page_metadata import PageMetadata, page_metadata
from tests.class_pages import WORDS

NOW = datetime(2025, 10, 20, tzinfo=UTC)
URL = "https://www.lantern.example/region/ferry-talks"


def ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def meta(**fields: str) -> str:
    return "".join(f'<meta property="{name.replace("_", ":")}" content="{value}">' for name, value in fields.items())


def read(head: str = "", body: str = "<p>x</p>", url: str = URL, byline: Sequence[str] = ()) -> PageMetadata:
    tree = document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    return page_metadata(tree, url, NOW, lambda: byline)


# -- headline -------------------------------------------------------------------------------------------------------


def test_the_headline_is_that_of_open_graph_without_the_outlet_s_name() -> None:
    head = meta(og_title="Ferry talks end | The Lantern", og_site_name="The Lantern")
    assert read(head, "<h1>Ferry talks end</h1>").title == "Ferry talks end"


def test_an_ending_that_is_not_the_outlet_s_name_is_part_of_the_headline() -> None:
    head = meta(og_title="Ferry talks end - latest news", og_site_name="The Lantern")
    assert read(head, "<h1>Ferry talks end</h1>").title == "Ferry talks end - latest news"


def test_a_headline_for_social_media_yields_to_the_one_that_json_ld_heading_and_title_agree_on() -> None:
    head = ld(headline="Ferry talks end") + meta(
        og_title="They met for six hours", twitter_title="They met for six hours"
    )
    assert (
        read(head + "<title>Ferry talks end | The Lantern</title>", "<h1>Ferry talks end</h1>").title
        == "Ferry talks end"
    )
    assert read(head + "<title>Six hours</title>", "<h1>Ferry talks end</h1>").title == "They met for six hours"


# -- authors --------------------------------------------------------------------------------------------------------


def person(name: str, kind: str = "Person") -> dict[str, str]:
    return {"@type": kind, "name": name}


@pytest.mark.parametrize(
    ("head", "body", "byline", "authors"),
    [
        (ld(author=[person("Ada Quill"), person("Bo Reed")]), "", (), ("Ada Quill", "Bo Reed")),
        (ld(author=[person("Ada Quill"), person("Wire Agency", "Organization")]), "", (), ("Ada Quill", "Wire Agency")),
        (ld(author=[person("Ada Quill"), person("The Lantern", "Organization")], publisher=person("The Lantern")), "",
         (), ("Ada Quill",)),
        (ld(author=person("Wire Agency", "NewsMediaOrganization")), "", ("red", "agencies"), ("Wire Agency",)),
        (ld(author=person("The Lantern", "Organization")), "", ("Ada Quill",), ("Ada Quill",)),
        (ld(author="Ada Quill; Bo Reed"), "", (), ("Ada Quill", "Bo Reed")),
        (ld(author=person("Le Phare et Agence")), "", (), ("Le Phare et Agence",)),
        ('<meta name="author" content="By Ada Quill and Bo Reed">', "", (), ("Ada Quill", "Bo Reed")),
        ('<meta name="author" content="lantern.example">', "", ("Ada Quill",), ("Ada Quill",)),
        ('<meta name="author" content="lantern.example">', "", (), ("lantern.example",)),
        ('<meta property="article:author" content="https://social.example/ada">', "", ("Ada Quill",), ("Ada Quill",)),
        ("", "<span itemprop='author' itemscope><b itemprop='name'>Ada Quill und Bo Reed</b></span>", (),
         ("Ada Quill", "Bo Reed")),
        ("", "", ("Autor: Ada Quill",), ("Ada Quill",)),
        ("", "", (), ()),
        (ld(author={"@type": "Person", "name": {"name": {"name": {"name": "x y"}}}}), "", (), ()),
    ],
)  # fmt: skip
def test_authors_are_those_that_the_page_names(
    head: str, body: str, byline: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    assert read(head, body + "<p>x</p>", byline=byline).authors == authors


def test_the_byline_is_not_looked_for_where_authors_are_stated() -> None:
    def never() -> Sequence[str]:
        raise AssertionError("asked")

    tree = document_fromstring(f"<html><head>{ld(author=person('Ada Quill'))}</head><body><p>x</p></body></html>")
    assert page_metadata(tree, URL, NOW, never).authors == ("Ada Quill",)


# -- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body", "url", "source", "instant", "offset"),
    [
        (ld(datePublished="2025-10-16T21:05:09+02:00"), "", URL, "json-ld", "2025-10-16T19:05:09", 120),
        (ld(datePublished="Thu Oct 16 21:05:09 CEST 2025"), "", URL, "json-ld", "2025-10-16T19:05:09", 120),
        (meta(article_published_time="2025-10-16T21:05Z"), "", URL, "meta", "2025-10-16T21:05:00", 0),
        ("", "<b itemprop='datePublished' content='2025-10-16'></b>", URL, "meta", "2025-10-16T00:00:00", None),
        ("", "<article><h1>x</h1><time datetime='2025-10-16T21:05'>then</time></article>", URL, "time",
         "2025-10-16T21:05:00", None),
        ("", "", "https://lantern.example/2025/10/16/ferry", "url", "2025-10-16T00:00:00", None),
    ],
)  # fmt: skip
def test_a_date_comes_with_where_it_is_stated_and_in_which_zone(
    head: str, body: str, url: str, source: str, instant: str, offset: int | None
) -> None:
    published = read(head, body + "<p>x</p>", url).published
    assert published is not None
    assert (published.source, published.offset_minutes) == (source, offset)
    assert published.moment.at.isoformat() == f"{instant}+00:00"


def test_the_last_change_has_its_precision_and_is_no_date_of_publication() -> None:
    found = read(ld(dateModified="2025-10-17"))
    assert found.modified is not None
    assert (found.modified.moment.precision, found.published) == ("day", None)
    assert read(meta(article_modified_time="2031-01-01")).modified is None


@pytest.mark.parametrize(
    ("raw", "minutes"),
    [("2025-10-16T21:05:09-0430", -270), ("Thu, 16 Oct 2025 21:05:09 GMT", 0), ("2025-10-16", None),
     ("Thu, 16 Oct 2025 21:05:09 +0300", 180), ("20251016T210509Z", 0), ("2025-10-16T21:05+99:99", None), ("", None)],
)  # fmt: skip
def test_the_zone_is_the_one_that_is_written(raw: str, minutes: int | None) -> None:
    assert offset_minutes(raw) == minutes


# -- the rest -------------------------------------------------------------------------------------------------------


def test_section_and_picture_are_taken_from_what_is_stated() -> None:
    found = read(ld(articleSection=["Region", "Sea"], image=[{"url": "/b.jpg"}]))
    assert (found.section, found.lead_image_url) == ("Region", "https://www.lantern.example/b.jpg")
    assert (
        read(meta(article_section="Sea", og_image="//img.example/a.jpg")).lead_image_url == "https://img.example/a.jpg"
    )
    assert read(meta(og_image="data:image/png;base64,AAAA")).lead_image_url is None


@pytest.mark.parametrize("language", WORDS)
def test_the_language_of_a_text_is_told_and_how_sure_that_is(language: str) -> None:
    tag, confidence = language_of("\n".join(WORDS[language]["paragraphs"]))
    assert tag == language
    assert MIN_CONFIDENCE <= confidence <= 1


def test_json_ld_of_any_shape_is_read_or_left_alone() -> None:
    for value in (
        "[]",
        "3",
        "null",
        '{"@graph": [1, null, {"@type": 4}]}',
        '{"@type": ["NewsArticle", 3], "author": 7}',
    ):
        assert read(f'<script type="application/ld+json">{value}</script>').authors == ()
    deep = "[" * 5000 + "]" * 5000
    assert not read(f'<script type="application/ld+json">{deep}</script>').is_article


def test_of_several_articles_in_json_ld_the_one_with_the_page_s_headline_counts() -> None:
    other = ld(headline="Why the quay has no roof", author="Bo Reed", datePublished="2020-01-01")
    own = ld(headline="Ferry talks end", author="Ada Quill", datePublished="2025-10-16")
    found = read(other + own, "<h1>Ferry talks end</h1>")
    assert (found.title, found.authors) == ("Ferry talks end", ("Ada Quill",))
    assert found.published is not None
    assert found.published.moment.at == datetime(2025, 10, 16, tzinfo=UTC)


def test_an_author_that_json_ld_names_by_a_reference_is_the_one_that_has_it() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "Ferry talks end", "author": [{"@id": "#p"}, {"@id": "#nobody"}]},
        {"@type": "Person", "@id": "#p", "name": "Ada Quill"},
    ]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert read(head).authors == ("Ada Quill",)


def test_a_date_with_points_begins_with_the_day() -> None:
    for raw, hour in (("6.10.2025", 0), ("06.10.2025 18:30", 18), ("06.10.2025, 18:30:05", 18)):
        found = read(meta(article_published_time=raw)).published
        assert found is not None
        assert (found.moment.at.month, found.moment.at.day, found.moment.at.hour) == (10, 6, hour)


def test_a_name_s_addition_and_a_word_before_it_are_no_author() -> None:
    assert read(ld(author={"@type": "Person", "name": "Ada Quill, Jr"})).authors == ("Ada Quill, Jr",)
    assert read(byline=["Автор Ада Квилл"]).authors == ("Ада Квилл",)
