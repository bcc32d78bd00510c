"""Bytes -> text: which encoding a feed or a page is really in, whatever it claims.

Pure. Used by feeds.py and articles.py, so that the rules are the same for both. What documents claim is wrong often
enough (a server's default charset, a template copied from elsewhere) that the bytes are heard first.
"""

from __future__ import annotations

import codecs
import re

import charset_normalizer

# A declared encoding is used only if its name is of these families: Python's codecs hold more than character encodings
# (rot13, zlib, idna), and UTF-7 has only ever served attacks.
_ENCODINGS = re.compile(
    r"(?i)(?:us-)?ascii|utf-?8(?:-sig)?|utf8|latin-?[0-9]+|l[1-9]|iso[-_]?8859[-_]?\d+(?:[-_][ei])?|"
    r"(?:windows|cp|x-cp|ibm|win)[-_]?\d{3,5}|koi8[-_][rut]|koi8|mac[-_]?(?:roman|cyrillic|greek|latin2|turkish)|"
    r"x-mac-cyrillic|gb2312|gbk|gb18030|x-gbk|hz(?:-gb-2312)?|big5(?:-?hkscs)?|x-x-big5|"
    r"shift[-_]?jis|sjis|x-sjis|ms_kanji|euc[-_](?:jp|kr|cn)|iso-2022-(?:jp|kr)(?:-\d)?|ks_c_5601-1987|uhc|johab|"
    r"tis-620|viscii|armscii-8|ptcp154"
)
# What browsers read under names that promise less (WHATWG Encoding, 4.2): the superset that is really meant.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Servers claim these where nobody has set anything (RFC 2616, 3.7.1): any claim of the document weighs more.
_SERVER_DEFAULTS = frozenset({"cp1252"})
# Valid multi-byte sequences per invalid one above which bytes are UTF-8 with some damage, against another claim. In
# running text of cp1251, GBK or Shift_JIS the quotient stays below 1.
_MOSTLY_UTF8 = 10
# Bytes given to the statistical detector: a few kilobytes of text decide, and it takes 0.1 s per 100 kB.
_DETECTOR_BYTES = 60_000
# What undeclared documents on the web are in; Macintosh and DOS pages, which the detector knows too, only confuse it.
_DETECTABLE = [
    *("cp1252", "cp1250", "cp1251", "koi8_r", "koi8_u", "iso8859_2", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874"),
]
# Share of bytes beyond ASCII among the letters above which a text is not in a Latin script: French has 4 %, Vietnamese
# in a single-byte encoding 25 %, Russian in cp1251 all.
_FOREIGN_SHARE = 0.4

_MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LETTER = re.compile(rb"[A-Za-z]")
_HIGH = re.compile(rb"[\x80-\xff]")
_ESCAPE_SEQUENCE = re.compile(rb"\x1b[$(]|~\{")
_CHARSET_PARAMETER = re.compile(r"(?i)charset\s*=\s*[\"']?\s*([\w.:-]+)")
_XML_DECLARATION = re.compile(rb"""(?s)\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]+)""")
_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)""")
_TAG = re.compile(rb"<[^<>]*>")
_RAW_TEXT = re.compile(rb"<(script|style)\b")


def declared_in_document(body: bytes) -> str | None:
    """The encoding that the document itself names: its XML declaration, or a meta element in its first 4 kB."""
    match = _XML_DECLARATION.match(body[:400]) or _META_CHARSET.search(body[:4096])
    return match[1].decode("ascii", "replace") if match else None


def decode(body: bytes, content_type: str | None) -> tuple[str, str]:
    """The text of a document and the name of the codec that gave it. Never fails: what can't be read becomes U+FFFD.

    `content_type` is the HTTP header as sent. In order: byte order mark; UTF-16 or UTF-32 by their NULs; UTF-8 if the
    bytes are that (or are it but for some damage) and hold characters beyond ASCII; the header's charset, unless it is
    a server's default and the document names another
    or the text is in no Latin script; the document's; UTF-8 with damage; the detector; cp1252.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    if wide := _wide_encoding(body):
        return body.decode(wide, "replace"), wide
    claimed = _claimed(body, content_type)
    if body.isascii():
        name = claimed[0] if claimed and _ESCAPE_SEQUENCE.search(body) else "ascii"
        return body.decode(name, "replace"), name
    valid, damaged = _utf8_sequences(body)
    if valid and valid >= _MOSTLY_UTF8 * damaged:
        return body.decode("utf-8", "replace"), "utf-8"
    for name in claimed:
        if name != "utf-8" and not (name in _SERVER_DEFAULTS and _is_foreign(body)):
            return body.decode(name, "replace"), name
    if valid > damaged:
        return body.decode("utf-8", "replace"), "utf-8"
    name = _detected(body)
    return body.decode(name, "replace"), name


def _wide_encoding(body: bytes) -> str | None:
    head = body[:4]
    if head[:1] == b"\x00" and head[1:2] == b"<":
        return "utf-16-be"
    if head == b"\x00\x00\x00<":
        return "utf-32-be"
    if head[:2] == b"<\x00":
        return "utf-32-le" if head == b"<\x00\x00\x00" else "utf-16-le"
    return None


def _claimed(body: bytes, content_type: str | None) -> list[str]:
    header = _CHARSET_PARAMETER.search(content_type or "")
    names = [_codec(header[1] if header else None), _codec(declared_in_document(body))]
    if names[0] in _SERVER_DEFAULTS and names[1] not in (None, "utf-8"):
        names.reverse()
    return [name for name in names if name]


def _codec(label: str | None) -> str | None:
    """Python's name for an encoding label; None for what is no character encoding that documents come in."""
    if not label or not _ENCODINGS.fullmatch(label):
        return None
    try:
        name = codecs.lookup(label.lower().removeprefix("x-").replace("win-", "windows-")).name
    except LookupError:
        return None
    return _SUPERSETS.get(name, name)


def _utf8_sequences(body: bytes) -> tuple[int, int]:
    """(valid multi-byte sequences, bytes beyond ASCII outside them) of the body read as UTF-8; (1, 0) if it is that."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        rest, valid = _MULTI_BYTE.subn(b"", body)
        return valid, len(_HIGH.findall(rest))
    return 1, 0


def _without_markup(body: bytes) -> bytes:
    """The bytes outside tags, scripts and styles; in linear time, whatever is left open."""
    lower, kept, at = body.lower(), [], 0
    while opened := _RAW_TEXT.search(lower, at):
        kept.append(body[at : opened.start()])
        closed = lower.find(b"</" + opened[1], opened.end())
        at = closed if closed >= 0 else len(body)
    return _TAG.sub(b" ", b" ".join([*kept, body[at:]]))


def _is_foreign(body: bytes) -> bool:
    """True when so many letters are beyond ASCII that the text can't be in a Latin script."""
    sample = _without_markup(body[: 4 * _DETECTOR_BYTES])
    high = len(_HIGH.findall(sample))
    return high > _FOREIGN_SHARE * (high + len(_LETTER.findall(sample)))


def _detected(body: bytes) -> str:
    """The detector's word on bytes that nobody declares; cp1252 where it has none."""
    sample = _without_markup(body[: 4 * _DETECTOR_BYTES])[:_DETECTOR_BYTES]
    best = charset_normalizer.from_bytes(sample, cp_isolation=_DETECTABLE).best()
    return _codec(best.encoding.replace("_", "-") if best else None) or "cp1252"
