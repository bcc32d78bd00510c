"""A fetched page -> the article on it. The only user of trafilatura; the untyped library ends at this door.

    Page --sniff, charsets--> source --lxml--> tree --page_metadata--> metadata ─────────────┐
                                                └--page_parts, trafilatura--> whole text ────┼--page_class--> class
                                                                             └--article_lines--> Article, or PageError

Not here: fetching, relevance, duplicates. Nothing is fetched: trafilatura is handed a tree, never an address. It has no
limit of its own on time; whoever calls this on pages of strangers runs it where it can be ended.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Set
from importlib.metadata import version

import trafilatura
import trafilatura.metadata
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from extractors import json_ld
from extractors.article_lines import Surroundings, article_lines, bare_line, shingles
from extractors.charsets import decode
from extractors.dates import Moment
from extractors.errors import ExtractionLost, NotArticle
from extractors.languages import MIN_CONFIDENCE, MIN_WORDS, language_of
from extractors.page_class import ARTICLE_CLASSES, MIN_ARTICLE_WORDS, PageClass, PageFacts, page_class
from extractors.page_metadata import Dated, PageMetadata, canonical_link, page_metadata
from extractors.page_parts import linked_lines, without_cards
from extractors.plaintext import folded, paragraphs, shortened
from extractors.records import Article, Entry, Page
from extractors.urls import canonical_url, host_of
from extractors.words import word_count

# Raised whenever other text or metadata may come out of the same page: what is stored names it.
RULES_VERSION = 3
EXTRACTOR = f"trafilatura {version('trafilatura')} rules {RULES_VERSION}"

# Words of running text (outside links, menus and forms) on a page of which the extractor brought back next to nothing:
# from here on something was there to be found.
_MIN_LOST_WORDS = 250
# Characters. The longest real article that was measured has some 100,000; what is longer is no article but a dump, and
# took the run 200 MB to compare with others.
_MAX_TEXT_LENGTH = 1_000_000
# The body that a page states for machines shows that text was lost: shingles that it must have to be worth holding
# against, share of them that may be missing, and what reading every paragraph must bring back. Two outlets of 184 have
# such pages (+.34 and +.58 of F1); as a replacement for the text everywhere the stated body loses .023.
_MIN_STATED_SHINGLES, _MIN_COVERED, _MIN_GAIN = 100, 0.6, 0.3
_MAX_TITLE_LENGTH = 500  # characters; as in feed_items.py
_SNIFFED_BYTES = 1024  # a type shows itself at the beginning (WHATWG MIME Sniffing, 5: 1,445 at most)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"RIFF", "image, sound or video"),
    (b"\x00\x00\x01\x00", "image"),
    (b"PK\x03\x04", "zip or office document"),
    (b"\xd0\xcf\x11\xe0", "office document"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"ID3", "sound"),
    (b"OggS", "sound or video"),
    (b"\x1aE\xdf\xa3", "video"),
)
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""})
_OPAQUE_TYPES = frozenset(
    {"application/octet-stream", "binary/octet-stream", "application/x-httpd-php", "unknown/unknown"}
)
_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1|article|table|br)\b", re.IGNORECASE)

# What trafilatura lets through on trees that break its assumptions.
_TRAFILATURA_GIVES_UP = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
    etree.LxmlError,
)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it gives up on is an outcome here, not a log line
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def extract_article(page: Page) -> Article:
    """The article on a fetched page.

    Raises NotArticle, with the class of the page as reason, the evidence as detail and what was extracted all the same,
    for what is none; ExtractionLost when there is running text on the page and the extractor did not bring it back.
    """
    response = page.response
    url = response.url
    _refuse_other_types(response.body, response.headers.get("content-type", ""), url)
    source = decode(response.body, response.headers.get("content-type"))[0].replace("\x00", "")
    if not source.strip():
        raise NotArticle(url, "empty_body", "nothing but white space")
    if not _TAG.search(source):
        raise NotArticle(url, "unsupported_type", "text without any markup of a page")
    tree, is_whole = _tree(source, url)
    metadata = page_metadata(tree, response.final_url, response.fetched_at, lambda: _byline(tree))
    without_cards(tree)
    whole = _main_content(tree, response.final_url, metadata)
    if len(whole) > _MAX_TEXT_LENGTH:
        problem = f"{len(whole)} characters of text; at most {_MAX_TEXT_LENGTH} are kept"
        raise ExtractionLost(url, "extraction_lost", problem)
    facts = _facts(tree, source, whole, response.final_url, metadata)
    found = page_class(facts)
    if found.name in ("too_short", "listing"):
        _refuse_lost(facts, url, is_whole=is_whole)
    article = _article(page, tree, metadata, _without_surroundings(tree, whole, response.final_url, metadata), found)
    if found.name in ARTICLE_CLASSES and article.word_count < MIN_ARTICLE_WORDS:
        found = PageClass("too_short", f"{article.word_count} words are left without those of the page around them")
    if found.name not in ARTICLE_CLASSES:
        raise NotArticle(url, found.name, found.evidence, article)
    return article


# -- what it is -----------------------------------------------------------------------------------------------------


def _refuse_other_types(body: bytes, content_type: str, url: str) -> None:
    if not body:
        raise NotArticle(url, "empty_body", "the body has no bytes")
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise NotArticle(
                url, "unsupported_type", f"its first bytes are those of a {name} file, sent as {content_type!r}"
            )
    media_type = content_type.partition(";")[0].strip().lower()
    is_page = bool(_TAG.search(body[:_SNIFFED_BYTES].replace(b"\x00", b"").decode("latin-1")))
    if media_type in _PAGE_TYPES or (is_page and media_type in _OPAQUE_TYPES):
        return
    raise NotArticle(url, "unsupported_type", f"sent as {media_type!r}")


def _parser() -> HTMLParser:
    """huge_tree: without it libxml2 silently drops what is nested deeper than 255 levels, and text beyond 10 MB. The
    rest is as trafilatura's own parser has it; comments in the tree cost it .03 of F1 on some pages.
    """
    return HTMLParser(
        encoding="utf-8",
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
    )


def _tree(source: str, url: str) -> tuple[HtmlElement, bool]:
    """(The page as a tree, parsed once, whether all of it is there: libxml2 stops at 2,048 levels)."""
    parser = _parser()
    try:
        tree = document_fromstring(source.encode(), parser=parser)
        return tree, not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    except etree.LxmlError as error:
        raise NotArticle(url, "empty_body", f"no element in it: {error}") from error


def _main_content(tree: HtmlElement, url: str, metadata: PageMetadata) -> str:
    """Main content in clean text, one paragraph per line; empty when there is none."""
    try:
        text = paragraphs(
            trafilatura.extract(tree, url=url, include_comments=False, with_metadata=False, deduplicate=False) or ""
        )
        stated = metadata.body or " ".join(json_ld.text_of(update, "articleBody") for update in metadata.live_updates)
        return _whole_as_stated(tree, text, shingles(stated))
    except _TRAFILATURA_GIVES_UP as error:
        raise ExtractionLost(url, "extraction_lost", f"trafilatura fails: {type(error).__name__}: {error}") from error


def _whole_as_stated(tree: HtmlElement, text: str, stated: Set[tuple[str, ...]]) -> str:
    """The text, or every paragraph of the page where the body that the page states shows that most was cut away."""
    if len(stated) < _MIN_STATED_SHINGLES:
        return text
    covered = len(shingles(text) & stated) / len(stated)
    if covered >= _MIN_COVERED:
        return text
    body = trafilatura.baseline(tree)[0]
    fuller = paragraphs("\n".join("".join(element.itertext()) for element in body))
    return fuller if len(shingles(fuller) & stated) / len(stated) >= covered + _MIN_GAIN else text


def _without_surroundings(tree: HtmlElement, whole: str, url: str, metadata: PageMetadata) -> str:
    """The text of the article alone."""
    candidates = {form for line in whole.split("\n") for form in (line, bare_line(line))}
    linked = linked_lines(tree, url, candidates)
    return article_lines(whole, Surroundings(headlines=metadata.headlines, linked=linked, stated=metadata.body))


def _facts(tree: HtmlElement, source: str, text: str, url: str, metadata: PageMetadata) -> PageFacts:
    titles = [folded(element.text_content()) for element in tree.xpath("//title[1]")]
    return PageFacts(
        url=url,
        title=titles[0] if titles and titles[0] else metadata.title,
        text=text,
        source=source,
        tree=tree,
        is_article=metadata.is_article,
        is_collection=metadata.is_collection,
        is_live_blog=metadata.is_live_blog,
        is_paid=metadata.is_paid,
        types=metadata.types,
        live_updates=len(metadata.live_updates),
    )


def _refuse_lost(facts: PageFacts, url: str, *, is_whole: bool) -> None:
    """Raises ExtractionLost when the page has running text and next to none of it came back."""
    words = word_count(facts.text)
    if words < MIN_ARTICLE_WORDS and not is_whole:
        raise ExtractionLost(url, "extraction_lost", f"{words} words came back; what is nested deeper is not parsed")
    if words < MIN_ARTICLE_WORDS and facts.running_words >= _MIN_LOST_WORDS:
        problem = f"{words} words came back of a page with {facts.running_words} of running text"
        raise ExtractionLost(url, "extraction_lost", problem)


# -- putting together -----------------------------------------------------------------------------------------------


def _article(page: Page, tree: HtmlElement, metadata: PageMetadata, text: str, found: PageClass) -> Article:
    entry, response = page.entry, page.response
    published, published_from = _published(page, metadata.published)
    words = word_count(text)
    language, confidence = _language(text, words, metadata, entry)
    return Article(
        url=canonical_url(response.final_url),
        canonical_link=canonical_link(tree, response.final_url),
        entry_url=entry.url,
        final_url=response.final_url,
        outlet=host_of(canonical_url(response.final_url)),
        title=shortened(metadata.title or entry.title, _MAX_TITLE_LENGTH),
        text=text,
        word_count=words,
        fetched_at=response.fetched_at,
        first_seen_at=entry.first_seen_at,
        authors=metadata.authors,
        language=language,
        language_confidence=confidence,
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_source=("feed" if published_from == "feed" else "page") if published_from else None,
        published_from=published_from,
        published_offset_minutes=metadata.published.offset_minutes if metadata.published else None,
        published_gap_seconds=_published_gap(entry, metadata.published),
        modified_at=metadata.modified.moment.at if metadata.modified else None,
        modified_precision=metadata.modified.moment.precision if metadata.modified else None,
        section=metadata.section,
        lead_image_url=metadata.lead_image_url,
        page_class=found.name,
        class_evidence=found.evidence,
        extractor=EXTRACTOR,
    )


def _published(page: Page, stated: Dated | None) -> tuple[Moment | None, str | None]:
    """When it was published and who says so: the page, and where on it, else the feed."""
    if stated:
        return stated.moment, stated.source
    entry = page.entry
    if entry.published_at and entry.published_precision:
        return Moment(entry.published_at, entry.published_precision), "feed"
    return None, None


def _published_gap(entry: Entry, stated: Dated | None) -> float | None:
    """Seconds from the feed's date to the page's; None where only one of them has one."""
    if stated is None or entry.published_at is None:
        return None
    return (stated.moment.at - entry.published_at).total_seconds()


def _language(text: str, words: int, metadata: PageMetadata, entry: Entry) -> tuple[str | None, float | None]:
    """The language of the text and how sure it is; what the page or the feed claims, with None, where it is not."""
    if words >= MIN_WORDS:
        tag, confidence = language_of(text)
        if confidence >= MIN_CONFIDENCE:
            return tag, confidence
    return metadata.language or (entry.language.partition("-")[0].lower() if entry.language else None), None


def _byline(tree: HtmlElement) -> tuple[str, ...]:
    """Names from the byline, as trafilatura finds and joins them with "; "; none when it finds none."""
    try:
        named = trafilatura.metadata.extract_author(tree)
    except _TRAFILATURA_GIVES_UP:
        return ()
    return tuple(filter(None, map(folded, (named or "").split(";"))))
