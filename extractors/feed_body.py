"""The body of a feed's answer -> text that a parser may safely be given, or the name of what it is instead.

Pure. Stands before every parser of feeds: the encoding is settled here, document types and what they declare are gone
(no entity is ever expanded), references to impossible characters are made harmless, over-long documents are cut, and
constructs on which feedparser takes quadratic time are refused.
"""

from __future__ import annotations

import contextlib
import html.entities
import json
import re
import zlib
from dataclasses import dataclass
from itertools import islice
from xml.parsers import expat

from extractors.charsets import decode
from extractors.errors import NotAFeed
from extractors.plaintext import folded, shortened

# Tags given to feedparser, which takes up to 50 microseconds for each: 2 s. That is 3,000 items of a usual feed; the
# largest of 78 real feeds has 14,000 tags.
MAX_TAGS = 40_000
# Attributes of one element. feedparser takes quadratic time in them: 500 kB in one element took over 20 s, 200 take
# half a millisecond. Real elements have under 30.
MAX_ATTRIBUTES = 200
# Namespace declarations in force at one place. feedparser takes quadratic time in them too: 8,000 nested ones (400 kB)
# took 3 s, 200 take 2 ms. Real feeds have under 20.
MAX_NAMESPACES = 200
# Bytes. A sitemap may be served as a .gz file; sitemaps.org allows 50 MB unpacked.
MAX_UNPACKED_BYTES = 50 * 1024 * 1024

_FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel", "urlset", "sitemapindex"})
_FEED_ROOT = re.compile(r"(?i)(?:<\?xml[^>]{0,200}\?>\s*)?<(?:\w+:)?(?:rss|rdf|feed|urlset|sitemapindex)\b")
_MAX_JUNK = 20_000  # characters before the root element in which it is looked for: a script's warnings, not a page
_MAX_HEAD = 1_000  # the same in a document that says that it is a page: feeds that a template has wrapped in one

_TAG = re.compile(r"<(/?[A-Za-z_][\w.-]*)(?::([\w.-]+))?")
_DOCTYPE = re.compile(r"(?is)<!DOCTYPE\b[^\[>]{0,1000}(?:\[.{0,5000}?\]\s*)?>")
_MAX_PROLOG = 2_000  # declarations, instructions and comments before the root element; real feeds have under 10
_LATE_DOCTYPE = re.compile(r"(?i)<!DOCTYPE\b[^<>\[]{0,300}>")  # of a page within an item
_DECLARATION = re.compile(r"(?i)<!(?=DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)")
_NUMERIC_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]+)|([0-9]+));?")
_NAMED_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XML_NAMES = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2
_ITEM = re.compile(r"(?i)<(?:\w+:)?(?:item|entry)\b")
_ITEM_END = re.compile(r"(?i)</(?:\w+:)?(?:item|entry)\s*>")
_HTML_TITLE = re.compile(r"(?is)<title\b[^>]*>([^<]{0,300})")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip file"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"RIFF", "an image, sound or video"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "a bzip2 file"),
)


@dataclass(frozen=True, slots=True)
class FeedBody:
    """Text that begins with its root element (XML) or is JSON."""

    root: str  # local name of the root element in lower case; "json" for JSON
    text: str
    cut: int = 0  # items left out because the document is over-long


def feed_body(body: bytes, content_type: str | None, url: str) -> FeedBody:
    """The body made ready for a parser. Raises NotAFeed, which says what it is instead."""
    is_gzip = body.startswith(b"\x1f\x8b")
    if is_gzip:
        body = _unpacked(body, url)
    for magic, name in _MAGIC:
        if body.startswith(magic):
            raise NotAFeed(url, name)
    text = decode(body, content_type)[0].strip().lstrip("\ufeff\x00")
    if not text:
        raise NotAFeed(url, "an empty body")
    if text[0] in "{[":
        prepared = FeedBody("json", text)
    else:
        root, start = _root(text, url)
        prepared = _tamed(root, text[start:], url)
    if is_gzip and prepared.root not in ("urlset", "sitemapindex"):
        raise NotAFeed(url, "a gzip file")
    return prepared


def _unpacked(body: bytes, url: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise NotAFeed(url, f"a broken gzip file: {error}") from error
    if unpacker.unconsumed_tail:
        raise NotAFeed(url, f"a gzip file of more than {MAX_UNPACKED_BYTES} bytes")
    return unpacked


def _root(text: str, url: str) -> tuple[str, int]:
    """Local name of the root element and where its tag begins. Raises NotAFeed for roots that no feed has."""
    position = 0
    for _ in range(_MAX_PROLOG):
        position = text.find("<", position)
        if position < 0:
            break
        if text.startswith("<!--", position):
            position = text.find("-->", position)
        elif text.startswith("<?", position):
            position = text.find("?>", position)
        elif doctype := _DOCTYPE.match(text, position):
            position = doctype.end()
        elif tag := _TAG.match(text, position):
            name = (tag[2] or tag[1]).lower()
            if name in _FEED_ROOTS:
                return name, position
            return _root_after_junk(name, text, url)
        else:
            position += 1
        if position < 0:
            break
    raise NotAFeed(url, _plain(text))


def _root_after_junk(name: str, text: str, url: str) -> tuple[str, int]:
    is_page = name in ("html", "head", "body")
    late = _FEED_ROOT.search(text, 0, _MAX_HEAD if is_page else _MAX_JUNK)
    if late is None:
        raise NotAFeed(
            url, _html_page(text) if is_page or _HTML_TITLE.search(text) else f"an XML document with the root <{name}>"
        )
    start = text.rindex("<", late.start(), late.end())
    tag = _TAG.match(text, start)
    assert tag is not None
    return (tag[2] or tag[1]).lower(), start


def _html_page(text: str) -> str:
    title = _HTML_TITLE.search(text)
    named = shortened(folded(html.unescape(title[1])), 80) if title else ""
    return f'an HTML page titled "{named}"' if named else "an HTML page"


def _plain(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return f'text that begins "{shortened(folded(text[:200]), 60)}"'
    return "JSON"


# -- taming ---------------------------------------------------------------------------------------------------------


def _tamed(root: str, text: str, url: str) -> FeedBody:
    text = _DECLARATION.sub("&lt;!", _LATE_DOCTYPE.sub("", text))
    text = _NUMERIC_REFERENCE.sub(_possible_reference, text)
    text = _NAMED_REFERENCE.sub(_character, text)
    text = _NOT_XML.sub("", text)
    if root in ("urlset", "sitemapindex"):
        return FeedBody(root, text)
    text, cut = _cut(text)
    _refuse_quadratic(text, url)
    return FeedBody(root, text, cut)


def _possible_reference(match: re.Match[str]) -> str:
    """The reference as written if it names a character that XML allows; else U+FFFD."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    code = int(digits, base) if len(digits) <= 8 else 0x110000
    is_possible = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0xFFFF < code < 0x110000
    return match[0] if is_possible else "\ufffd"


def _character(match: re.Match[str]) -> str:
    """The character of an HTML name, which XML does not know; the names that XML knows stay."""
    name = match[1]
    return match[0] if name in _XML_NAMES else html.entities.html5.get(name, match[0])


def _cut(text: str) -> tuple[str, int]:
    """At most MAX_TAGS tags, up to the end of an item, and how many items that leaves out."""
    if text.count("<") <= MAX_TAGS:
        return text, 0
    position = next(islice(re.finditer("<", text), MAX_TAGS, None)).start()
    position = max((end.end() for end in _ITEM_END.finditer(text, 0, position)), default=position)
    return text[:position], len(_ITEM.findall(text, position))


def _refuse_quadratic(text: str, url: str) -> None:
    """Raises NotAFeed on an element with more than MAX_ATTRIBUTES attributes, and where more than MAX_NAMESPACES
    namespace declarations are in force.

    Only well-formed documents can cost that: feedparser's other parser, which takes broken ones, is linear in them. So
    it is enough to look as far as expat gets.
    """
    most_attributes = most_namespaces = 0
    open_elements: list[int] = [0]  # namespace declarations in force within each

    def started(_name: str, attributes: list[str]) -> None:
        nonlocal most_attributes, most_namespaces
        most_attributes = max(most_attributes, len(attributes) // 2)
        open_elements.append(open_elements[-1] + sum(name.startswith("xmlns") for name in attributes[::2]))
        most_namespaces = max(most_namespaces, open_elements[-1])

    def ended(_name: str) -> None:
        open_elements.pop()

    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    with contextlib.suppress(expat.ExpatError):
        parser.Parse(text.encode(), True)
    if most_attributes > MAX_ATTRIBUTES:
        raise NotAFeed(url, f"XML with {most_attributes} attributes on one element; at most {MAX_ATTRIBUTES} are read")
    if most_namespaces > MAX_NAMESPACES:
        raise NotAFeed(url, f"XML with {most_namespaces} namespaces at one place; at most {MAX_NAMESPACES} are read")
