"""What a page says about itself: headline, authors, dates, section, picture, address, language. Never invented.

Pure; reads a parsed tree that articles.py hands in. Only statements meant for machines count (JSON-LD, meta elements,
microdata, time elements beside the headline, the date in the address); a date that merely stands somewhere in the text
is nobody's date of publication. Authors: bylines.py. JSON-LD: json_ld.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from extractors import bylines, json_ld
from extractors.dates import Moment, moment, offset_minutes
from extractors.errors import BadUrl
from extractors.feed_items import language_tag
from extractors.json_ld import Block
from extractors.plaintext import folded, plain_text, shortened
from extractors.urls import absolute_url, canonical_url, host_of, is_front_page, is_same_outlet

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
_MODIFIED_NAMES = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "og:article:modified_time",
)
_SECTION_NAMES = ("article:section", "og:article:section", "parsely-section", "cxenseparse:section", "section")
_IMAGE_NAMES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_MAX_SECTION = 100  # characters
_MAX_ADDRESS = 2000  # characters of a picture's address; more is a picture written into the page (data:)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_TITLE_ENDING = re.compile(r"\s+[|–—·»-]\s+([^|–—·»]{1,60})$|\s*\|\s*([^|]{1,60})$")
_LETTERS = re.compile(r"[\W_]+")
# "Fri Apr 28 19:20:36 CEST 2023", as Java prints a date: nobody means it for others, and some templates show it.
_JAVA_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d?) (\d\d:\d\d:\d\d) ([A-Z]{1,5}) (\d{4})")
# "16.10.2025 18:00": with points the day comes first, everywhere.
_DOTTED_DATE = re.compile(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((?:19|20)\d\d)(?:,?\s+(\d\d:\d\d(?::\d\d)?))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date that a page states: when, where it stands ("json-ld", "meta", "time", "url"), and in which zone."""

    moment: Moment
    source: str
    offset_minutes: int | None  # minutes east of UTC as written; None: no zone is written


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMetadata:
    """What a page says about itself."""

    title: str = ""
    headlines: tuple[str, ...] = ()  # every form of it
    authors: tuple[str, ...] = ()
    published: Dated | None = None
    modified: Dated | None = None
    language: str | None = None  # primary tag
    section: str | None = None
    lead_image_url: str | None = None
    body: str = ""  # the article's body as JSON-LD states it, on one line
    types: tuple[str, ...] = ()  # of the objects in JSON-LD, and og:type; in lower case
    live_updates: tuple[Block, ...] = ()  # entries of a live blog in JSON-LD
    is_article: bool = False  # JSON-LD or Open Graph calls it an article
    is_collection: bool = False  # JSON-LD calls it a list of pages
    is_live_blog: bool = False  # JSON-LD calls it a live blog
    is_paid: bool = False  # schema.org isAccessibleForFree is false


def page_metadata(
    tree: HtmlElement, url: str, now: datetime, byline: Callable[[], Sequence[str]] = tuple
) -> PageMetadata:
    """The metadata of a page that answered at `url`; dates held against `now`. `byline` finds the authors that are
    seen on the page; it is asked when none are stated.
    """
    metas = _metas(tree)
    blocks = json_ld.blocks_of(tree)
    articles = json_ld.articles_among(blocks)
    live_blog = json_ld.live_blog_among(blocks)
    types = tuple(name.lower() for block in blocks for name in _listed(block.get("@type")))
    headings = [heading for heading in (folded(element.text_content()) for element in tree.iter("h1")) if heading]
    elements = [folded(element.text_content()) for element in tree.xpath("//head/title | //body/title")]
    article = json_ld.with_people(_own(articles, (metas.get("og:title", ""), *headings)), blocks)
    sites = _site_names(article, metas, url)
    stated = [json_ld.text_of(article, "headline") or json_ld.text_of(article, "name")]
    stated += [plain_text(metas.get(name, "")) for name in ("og:title", "twitter:title")]
    return PageMetadata(
        title=_title(stated, headings, elements, sites),
        headlines=tuple(dict.fromkeys(form for form in (*stated, *headings, *elements) if form)),
        authors=bylines.authors(tree, article, metas, sites, byline),
        published=_published(tree, article, metas, url, now),
        modified=_first_dated(_modified_statements(tree, article, metas), now),
        language=_language(tree, article, metas),
        section=_section(article, metas),
        lead_image_url=_lead_image(article, metas, url),
        body=json_ld.body_of(articles),
        types=(*types, metas.get("og:type", "").lower()),
        live_updates=tuple(json_ld.updates_of(live_blog)) if live_blog else (),
        is_article=bool(articles) or metas.get("og:type", "").lower() == "article",
        is_collection=not articles and ("collectionpage" in types or "itemlist" in types),
        is_live_blog=live_blog is not None,
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


def _listed(value: object) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _site_names(article: Block, metas: Mapping[str, str], url: str) -> tuple[str, ...]:
    """What the outlet calls itself, and its host with and without the last label."""
    publisher = article.get("publisher")
    named = json_ld.text_of(publisher, "name") if isinstance(publisher, dict) else ""
    host = host_of(url)
    names = (plain_text(metas.get("og:site_name", "")), named, metas.get("application-name", ""), host)
    return tuple(name for name in (*names, host.rpartition(".")[0]) if name)


# -- what it says ---------------------------------------------------------------------------------------------------


def _title(stated: Sequence[str], headings: Sequence[str], elements: Sequence[str], sites: Sequence[str]) -> str:
    """The headline: what og:title says, unless JSON-LD, the page's heading and its title element agree on another,
    and the one for social media is only repeated by twitter:title.
    """
    headline, social, tweeted = stated
    if headline and social == tweeted and _letters(headline) not in _letters(social):
        agreeing = [other for other in (headings[:1], elements[:1]) if other]
        if len(agreeing) == 2 and all(_letters(other[0]).startswith(_letters(headline)) for other in agreeing):
            return headline
    for title in (social, headline, tweeted):
        if title:
            return _without_site_name(title, headings, sites)
    if len(headings) == 1 and len(headings[0]) > 15:
        return headings[0]
    return _without_site_name(elements[0], headings, sites) if elements else (headings[0] if len(headings) == 1 else "")


def _own(articles: Sequence[Block], titles: Sequence[str]) -> Block:
    """The article that the page is: of several the one with the page's headline, else the first."""
    own = {_letters(plain_text(title)) for title in titles} - {""}
    named = (block for block in articles if len(articles) > 1 and _letters(json_ld.text_of(block, "headline")) in own)
    return next(named, articles[0] if articles else {})


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _without_site_name(title: str, headings: Sequence[str], sites: Sequence[str]) -> str:
    """ "Headline | Outlet" without the outlet: where the ending is the outlet's name, and the page's heading shows
    that it is no part of the headline or there is none to show it.
    """
    ending = _TITLE_ENDING.search(title)
    if ending is None:
        return title
    shorter = title[: ending.start()]
    last = _letters(ending[1] or ending[2])
    is_site = any(last in _letters(site) or _letters(site) in last for site in sites)
    return shorter if is_site and (shorter in headings or not headings) else title


def _statements(
    article: Block, names: Sequence[str], metas: Mapping[str, str], meta_names: Sequence[str]
) -> Iterator[tuple[str, object]]:
    yield from (("json-ld", article.get(name)) for name in names)
    yield from (("meta", metas.get(name)) for name in meta_names)


def _microdata(tree: HtmlElement, name: str) -> list[tuple[str, object]]:
    found = tree.xpath(f"//*[@itemprop='{name}']/@datetime | //*[@itemprop='{name}']/@content")[:1]
    return [("meta", value) for value in found]


def _modified_statements(tree: HtmlElement, article: Block, metas: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    yield from _statements(article, ("dateModified",), metas, _MODIFIED_NAMES)
    yield from _microdata(tree, "dateModified")


def _first_dated(statements: Iterator[tuple[str, object]], now: datetime) -> Dated | None:
    """The first date of the statements that is not absurd."""
    for source, raw in statements:
        if not isinstance(raw, str):
            continue
        written = _JAVA_DATE.sub(r"\2 \1 \5 \3 \4", raw.strip())
        if dotted := _DOTTED_DATE.fullmatch(written):
            written = f"{dotted[3]}-{dotted[2]:0>2}-{dotted[1]:0>2}" + (f"T{dotted[4]}" if dotted[4] else "")
        if found := moment(written, now):
            return Dated(moment=found, source=source, offset_minutes=offset_minutes(written))
    return None


def _published(tree: HtmlElement, article: Block, metas: Mapping[str, str], url: str, now: datetime) -> Dated | None:
    """The first date that the page states: JSON-LD, meta, microdata, time, address."""

    def stated() -> Iterator[tuple[str, object]]:
        yield from _statements(article, ("datePublished", "dateCreated", "uploadDate"), metas, _DATE_NAMES)
        yield from _microdata(tree, "datePublished")
        yield from (("time", value) for value in tree.xpath("//time[@pubdate]/@datetime")[:1])
        beside = "(//h1/ancestor::*[self::article or self::header or self::main])[last()]//time/@datetime"
        yield from (("time", value) for value in tree.xpath(beside)[:1])
        if in_address := _URL_DATE.search(url):
            yield "url", "-".join(in_address.groups())

    return _first_dated(stated(), now)


def _language(tree: HtmlElement, article: Block, metas: Mapping[str, str]) -> str | None:
    written = article.get("inLanguage")
    for claimed in (tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang"), metas.get("og:locale"),
                    written if isinstance(written, str) else None, metas.get("content-language")):  # fmt: skip
        if tag := language_tag(claimed):
            return tag.partition("-")[0]
    return None


def _section(article: Block, metas: Mapping[str, str]) -> str | None:
    stated = (json_ld.text_of(article, "articleSection"), *(plain_text(metas.get(name, "")) for name in _SECTION_NAMES))
    return next((shortened(section, _MAX_SECTION) for section in stated if section), None)


def _lead_image(article: Block, metas: Mapping[str, str], url: str) -> str | None:
    """The address of the picture that stands for the article."""
    image = article.get("image")
    image = image[0] if isinstance(image, list) and image else image
    image = image.get("url") if isinstance(image, dict) else image
    for stated in (*(metas.get(name) for name in _IMAGE_NAMES), image):
        if isinstance(stated, str) and 0 < len(stated.strip()) <= _MAX_ADDRESS:
            try:
                return absolute_url(url, stated.strip())
            except BadUrl:
                continue
    return None
