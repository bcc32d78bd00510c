"""Markup -> plain text fit for storing: what every title, summary and article text goes through.

Pure. Not the extraction of a page's main content (articles.py); here markup is small and all of it is meant.
"""

from __future__ import annotations

import html
import re
import unicodedata

from lxml import etree

# Feeds escape once too often: after decoding, "&#8217;" or "&amp;" is still there. Only what nobody means literally.
_LEFT_OVER = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|amp|quot|apos|nbsp|[lr][sd]quo|[nm]dash|hellip);")
# Controls but tab and line breaks; half characters; and what Unicode keeps for no character at all.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero-width space, word joiner, stray order mark
_HORIZONTAL_SPACE = re.compile(r"[^\S\n]+")
_LINE_BREAKS = re.compile(r" *\n[\s]*")
_TAG_START = re.compile(r"<[/!?a-zA-Z]")
_HIDDEN = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg", "head", "title"})
_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup "
    "tt u var wbr"
)
_INLINE = frozenset(_INLINE_NAMES.split())
# Characters of markup that are looked at: a summary that carries a whole article is cut long before.
_MAX_MARKUP = 100_000


def clean_text(text: str) -> str:
    """Any text as storable UTF-8: NFC, no controls, no half characters, no invisible ones; line breaks as "\\n"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n").replace("\u2028", "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _UNSTORABLE.sub("", text.replace("\u2029", "\n"))))


def folded(text: str) -> str:
    """Clean text on one line: every run of white space is one space."""
    return " ".join(clean_text(text).split())


def paragraphs(text: str) -> str:
    """Clean text with one newline between paragraphs and none at either end."""
    return _LINE_BREAKS.sub("\n", _HORIZONTAL_SPACE.sub(" ", clean_text(text))).strip()


def plain_text(markup: str) -> str:
    """The text that a reader sees of a piece of HTML, on one line. Text without markup comes back folded."""
    markup = clean_text(markup[:_MAX_MARKUP])
    markup = _without_tags(markup) if _TAG_START.search(markup) else html.unescape(markup)
    if _LEFT_OVER.search(markup):
        markup = html.unescape(markup)
    return folded(markup)


def shortened(text: str, length: int) -> str:
    """At most `length` characters, cut between words where there are any, with an ellipsis in place of the rest."""
    if len(text) <= length:
        return text
    head, space, _ = text[: length - 1].rpartition(" ")
    return (head if space and len(head) > length // 2 else text[: length - 1]).rstrip() + "…"


def _without_tags(markup: str) -> str:
    parser = etree.HTMLParser(recover=True, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    tree = etree.fromstring(f"<html><body><div>{markup}</div></body></html>", parser)
    if tree is None:
        return ""
    parts: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        name = element.tag
        is_inline = name in _INLINE
        if event == "start":
            hidden += name in _HIDDEN
            parts.append("" if is_inline else " ")
            if not hidden:
                parts.append(element.text or "")
        else:
            hidden -= name in _HIDDEN
            parts.append("" if is_inline else " ")
            if not hidden:
                parts.append(element.tail or "")
    return "".join(parts)
