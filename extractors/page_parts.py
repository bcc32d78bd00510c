"""Parts of a page's tree that are not its article: cards of other articles, and what is only a link to other pages.

    tree --without_cards--> what trafilatura reads
    tree, lines of text --linked_lines--> those that are nothing but links
    tree --card_texts--> what the cards say, from which a list of pages is told

Not here: which lines go (article_lines.py), what the page says for machines (page_metadata.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement

_BLOCKS = frozenset({"p", "div", "li", "span", "strong", "h1", "h2", "h3", "h4", "h5", "h6"})
_MIN_LINK_LENGTH = 3  # characters
_MAX_KICKER_WORDS = 15  # before a card's heading: a section, a date, a name; more is an article around the card
_MAX_CARDS = 500  # that are looked at
_MAX_CARD_ELEMENTS = 100  # of a link that are looked at; a link around half a page is a slip of the template


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


def card_texts(tree: HtmlElement, max_words: int) -> list[str]:
    """Texts of the cards of other pages, each on one line: what stands around a heading that is a link, as far as no
    other such heading and not the page's own (h1) stands in it. What has more words than `max_words` is no card.
    """
    headings = list(islice(filter(_is_link, tree.iter("h2", "h3", "h4")), _MAX_CARDS))
    around = Counter(above for heading in (*headings, *tree.iter("h1")) for above in heading.iterancestors())
    texts = []
    for heading in headings:
        card = heading
        while (above := card.getparent()) is not None and around[above] == 1:
            if _words_before(card) > _MAX_KICKER_WORDS:
                break
            card = above
        text = " ".join(" ".join(card.itertext()).split())
        if text.count(" ") < max_words:
            texts.append(text)
    return texts


def _words_before(element: HtmlElement) -> int:
    """Words of the elements and texts before an element within its parent."""
    earlier = list(element.itersiblings(preceding=True))
    texts = [element.getparent().text or "", *("".join(one.itertext()) + (one.tail or "") for one in earlier)]
    return len(" ".join(texts).split())


def _is_link(heading: HtmlElement) -> bool:
    """Whether all of a heading is a link, from within or from around."""
    if next(heading.iterancestors("a"), None) is not None:
        return True
    words = "".join(heading.itertext()).split()
    return bool(words) and any("".join(link.itertext()).split() == words for link in heading.iter("a"))


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
        for block in islice(link.iterdescendants(), _MAX_CARD_ELEMENTS):
            if block.tag in _BLOCKS:
                yield " ".join("".join(block.itertext()).split())
