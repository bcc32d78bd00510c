"""Parts of a page's tree that are not its article: cards of other articles, and what is only a link to other pages.

    tree --without_cards--> what trafilatura reads
    tree, lines of text --linked_lines--> those that are nothing but links

Not here: which lines go (article_lines.py), what the page says for machines (page_metadata.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement

_BLOCKS = frozenset({"p", "div", "li", "span", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
_MIN_LINK_LENGTH = 3  # characters


def without_cards(tree: HtmlElement) -> None:
    """Take the articles within an article out of the tree: the cards of others. In place.

    Left alone when one of them has as many words as all that is around them: then the outer one is only a frame.
    """
    nested = [element for element in tree.iter("article") if next(element.iterancestors("article"), None) is not None]
    if not nested:
        return
    words = {element: _paragraph_words(element) for element in nested}
    outermost = {element for element in tree.iter("article") if next(element.iterancestors("article"), None) is None}
    cards = [element for element in nested if element.getparent() is not None]
    own = sum(map(_paragraph_words, outermost)) - sum(
        words[card] for card in cards if next(card.iterancestors("article")) in outermost
    )
    if own > max(words.values()):
        for card in cards:
            if card.getparent() is not None:
                card.drop_tree()


def _paragraph_words(element: HtmlElement) -> int:
    return sum(len(" ".join(paragraph.itertext()).split()) for paragraph in element.iter("p"))


def linked_lines(tree: HtmlElement, url: str, lines: Collection[str]) -> frozenset[str]:
    """Those of the lines that are the text of a link to another page, or of a block within such a link."""
    own, found = urldefrag(url)[0], set()
    wanted = set(lines)
    for link in tree.iter("a"):
        target = (link.get("href") or "").strip()
        if target and not target.startswith("#"):
            texts = [text for text in _texts(link) if len(text) >= _MIN_LINK_LENGTH and text in wanted]
            if texts and not _is_same_page(own, target):
                found.update(texts)
    return frozenset(found)


def _is_same_page(own: str, target: str) -> bool:
    try:
        return urldefrag(urljoin(own, target))[0] == own
    except ValueError:  # "https://[" and the like lead nowhere
        return False


def _texts(link: HtmlElement) -> Iterator[str]:
    yield " ".join("".join(link.itertext()).split())
    if len(link):
        for block in link.iterdescendants():
            if block.tag in _BLOCKS:
                yield " ".join("".join(block.itertext()).split())
