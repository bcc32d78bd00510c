"""What a page says about itself: headline, authors, date of publication, address, language. Never invented.

Pure; reads a parsed tree that articles.py hands in. Only statements meant for machines count (JSON-LD, meta elements,
microdata, time elements beside the headline, the date in the address); a date that merely stands somewhere in the text
is nobody's date of publication.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from extractors.dates import Moment, moment
from extractors.errors import BadUrl
from extractors.feed_items import language_tag
from extractors.plaintext import folded, plain_text
from extractors.urls import absolute_url, canonical_url, is_front_page, is_same_outlet

# Characters of one JSON-LD block; schema.org descriptions with the whole body in them stay below.
_MAX_JSON_LD = 2_000_000
_MAX_AUTHORS = 20  # names; more is a masthead, not a byline
_MAX_NAME = 80  # characters of an author's name; more is a biography

_ARTICLE_TYPES = re.compile(r"(?i)(?:\w*article|\w*blogposting|report|review|socialmediaposting)$")
_DATE_NAMES = (
    "article:published_time",  # Open Graph
    "datepublished",  # schema.org microdata
    "parsely-pub-date",  # Parse.ly
    "sailthru.date",  # Sailthru
    "cxenseparse:recs:publishtime",  # Cxense
    "article:published",
    "article:published:time",
    "published_time",
    "publication_date",
    "publish-date",
    "publishdate",
    "pubdate",
    "dc.date.issued",  # Dublin Core
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "og:article:published_time",
    "date",
)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_TITLE_ENDING = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{1,60}$|\s*\|\s*[^|]{1,60}$")
_BYLINE_START = re.compile(r"(?i)^(?:by|von|par|por|автор:?|írta:?|szerző:?|текст:?)\s+")
_NAME_SEPARATOR = re.compile(r"\s*(?:[;|,]|\s(?:and|und|et|és|и|та|&)\s)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says about itself."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    language: str | None = None  # primary tag
    is_article: bool = False  # JSON-LD or Open Graph calls it an article
    is_collection: bool = False  # JSON-LD calls it a list of pages
    is_paid: bool = False  # schema.org isAccessibleForFree is false


def page_metadata(tree: HtmlElement, url: str, now: datetime) -> PageMetadata:
    """The metadata of a page that answered at `url`; dates held against `now`."""
    metas = _metas(tree)
    blocks = list(_json_ld(tree))
    articles = [block for block in blocks if _is_of_type(block, _ARTICLE_TYPES)]
    article: dict[str, Any] = articles[0] if articles else {}
    types = " ".join(str(block.get("@type")) for block in blocks)
    return PageMetadata(
        title=_title(tree, article, metas),
        authors=_authors(article, metas),
        published=_published(tree, article, metas, url, now),
        language=_language(tree, article, metas),
        is_article=bool(articles) or metas.get("og:type", "").lower() == "article",
        is_collection=not articles and ("CollectionPage" in types or "ItemList" in types),
        is_paid=any(str(block.get("isAccessibleForFree")).lower() == "false" for block in articles),
    )


def canonical_link(tree: HtmlElement, final_url: str) -> str | None:
    """Another address that a page names as its own, in canonical form: rel=canonical, else og:url; None: there is none.

    Believed: an address of the same registered domain, or of a twin domain of the outlet, that is no front page.
    Whether both are the same article is for their texts to say: there are templates that name one address on every
    page of a site.
    """
    own = canonical_url(final_url)
    links = tree.xpath("//link[@rel='canonical' or @rel='CANONICAL' or @rel='Canonical']/@href")
    links += tree.xpath("//meta[@property='og:url' or @name='og:url']/@content")
    for link in links:
        try:
            named = absolute_url(final_url, str(link))
            if str(link).strip() and is_same_outlet(named, final_url) and not is_front_page(named):
                canonical = canonical_url(named)
                return canonical if canonical != own else None
        except BadUrl:
            continue
    return None


# -- reading --------------------------------------------------------------------------------------------------------


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Contents of meta elements (and of other elements with microdata) by name in lower case; the first of each."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        written = script.text or ""
        if "ld+json" in (script.get("type") or "").lower() and 2 < len(written) <= _MAX_JSON_LD:
            yield from _blocks(_loaded(written))


def _loaded(written: str) -> Any:
    """The JSON of a script; None where it is broken beyond what templates usually do to it."""
    for attempt in (written, _without_wrapping(written)):
        try:
            return json.loads(attempt, strict=False)  # raw line breaks within strings are common
        except (ValueError, RecursionError):
            continue
    return None


def _without_wrapping(written: str) -> str:
    inner = re.sub(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$", "", written.strip())
    return re.sub(r",(\s*[}\]])", r"\1", inner.strip().rstrip(";"))


def _blocks(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD document: of a list, of @graph, and what a page is about."""
    if isinstance(value, list) and depth < 5:
        for part in value[:200]:
            yield from _blocks(part, depth + 1)
    elif isinstance(value, dict) and depth < 5:
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _blocks(value.get(name), depth + 1)


def _is_of_type(block: dict[str, Any], pattern: re.Pattern[str]) -> bool:
    types = block.get("@type")
    return any(
        isinstance(name, str) and pattern.search(name) for name in (types if isinstance(types, list) else [types])
    )


# -- what it says ---------------------------------------------------------------------------------------------------


def _title(tree: HtmlElement, article: dict[str, Any], metas: dict[str, str]) -> str:
    headline = article.get("headline") or article.get("name")
    headings = [folded(element.text_content()) for element in tree.iter("h1")]
    elements = [folded(element.text_content()) for element in tree.xpath("//head/title | //body/title")]
    candidates = (
        plain_text(metas.get("og:title", "")),
        plain_text(headline) if isinstance(headline, str) else "",
        plain_text(metas.get("twitter:title", "")),
    )
    for title in candidates:
        if title:
            return _without_site_name(title, headings)
    lone = [heading for heading in headings if heading]
    if len(lone) == 1 and len(lone[0]) > 15:
        return lone[0]
    return _without_site_name(elements[0], headings) if elements else (lone[0] if lone else "")


def _without_site_name(title: str, headings: list[str]) -> str:
    """ "Headline | Outlet" without the outlet, where the page's heading shows that it is no part of the headline."""
    shorter = _TITLE_ENDING.sub("", title)
    return shorter if shorter != title and any(heading == shorter for heading in headings) else title


def _authors(article: dict[str, Any], metas: dict[str, str]) -> tuple[str, ...]:
    stated = [list(_names(article.get("author")))]
    stated += [
        [metas.get(name, "")] for name in ("author", "article:author", "parsely-author", "sailthru.author", "byl")
    ]
    for written in stated:
        parts = (part for text in written[:_MAX_AUTHORS] if "://" not in text for part in _NAME_SEPARATOR.split(text))
        clean = (_BYLINE_START.sub("", plain_text(part)) for part in parts)
        if names := dict.fromkeys(name for name in clean if name and len(name) <= _MAX_NAME and "@" not in name):
            return tuple(names)
    return ()


def _names(author: Any) -> Iterator[str]:
    if isinstance(author, str):
        yield author
    elif isinstance(author, dict):
        if not _is_of_type(author, re.compile("Organization$|NewsMediaOrganization$")):
            yield from _names(author.get("name"))
    elif isinstance(author, list):
        for one in author[:_MAX_AUTHORS]:
            yield from _names(one)


def _published(
    tree: HtmlElement, article: dict[str, Any], metas: dict[str, str], url: str, now: datetime
) -> Moment | None:
    """The first date that the page states and that is not absurd: JSON-LD, meta, microdata, time, address."""
    stated = [article.get(name) for name in ("datePublished", "dateCreated", "uploadDate")]
    stated += [metas.get(name) for name in _DATE_NAMES]
    stated += tree.xpath("//*[@itemprop='datePublished']/@datetime | //*[@itemprop='datePublished']/@content")[:1]
    stated += tree.xpath("//time[@pubdate]/@datetime")[:1]
    stated += tree.xpath("(//h1/ancestor::*[self::article or self::header or self::main])[last()]//time/@datetime")[:1]
    for raw in stated:
        if isinstance(raw, str) and (found := moment(raw, now)):
            return found
    in_address = _URL_DATE.search(url)
    return moment("-".join(in_address.groups()), now) if in_address else None


def _language(tree: HtmlElement, article: dict[str, Any], metas: dict[str, str]) -> str | None:
    written = article.get("inLanguage")
    for claimed in (tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang"), metas.get("og:locale"),
                    written if isinstance(written, str) else None, metas.get("content-language")):  # fmt: skip
        if tag := language_tag(claimed):
            return tag.partition("-")[0]
    return None
