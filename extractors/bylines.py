"""Who wrote an article, from what the page states: names one by one, as they are written. Never invented.

Pure. In order: the authors in JSON-LD (people, with whoever is named beside them), meta elements, microdata, the byline
that is seen; then organisations, where nobody else is named; the outlet's own name comes last, for it says least.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lxml.html import HtmlElement

from extractors.json_ld import Block, is_of_type
from extractors.plaintext import folded, plain_text

_MAX_AUTHORS = 20  # names; more is a masthead, not a byline
_MAX_NAME = 80  # characters of an author's name; more is a biography
_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "og:article:author")
_ORGANIZATION = re.compile(r"Organization$|Corporation$|Brand$")
_START = re.compile(
    r"(?i)^(?:(?:by|von|par|por|di|door|av|af|od|írta|szerző|автор|автори|текст|autor(?:in|en)?|author|text)\s*:\s*|"
    r"(?:by|von|par|por|автор|autor(?:in)?)\s+)"
)
_SEPARATOR = re.compile(r"\s*(?:[;|•]|,(?!\s*[JS]r\b)|\s(?:and|und|et|és|и|та|y|e|i|en|og|och|&)\s)\s*")
_STRONG_SEPARATOR = re.compile(r"\s*(?:[;|•]|,(?!\s*[JS]r\b))\s*")


def authors(
    tree: HtmlElement,
    article: Block,
    metas: Mapping[str, str],
    site_names: Sequence[str],
    byline: Callable[[], Sequence[str]],
) -> tuple[str, ...]:
    """The names. `byline` is asked only when the page states nobody: finding it takes a search through the page."""
    stated = list(_stated(article.get("author")))
    people = [name for name, is_organization in stated if not is_organization]
    sites = {name.casefold() for name in site_names}
    found: Sequence[str]
    for found in (
        _names([name for name, _ in stated if name.casefold() not in sites], _STRONG_SEPARATOR) if people else (),
        _names([metas[name] for name in _METAS if name in metas][:1], _SEPARATOR),
        _names(_microdata(tree), _SEPARATOR),
    ):
        if found and not all(name.casefold() in sites for name in found):
            return tuple(found)
    seen = _names(byline(), _SEPARATOR)
    organizations = _names([name for name, is_organization in stated if is_organization], _STRONG_SEPARATOR)
    if seen and (_are_people(seen) or not organizations):
        return tuple(seen)
    return tuple(organizations or _names([name for name, _ in stated] + [metas.get(_METAS[0], "")], _SEPARATOR))


def _stated(author: Any, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """(Name, whether it is an organisation's) of each author in JSON-LD."""
    if isinstance(author, str):
        yield author, False
    elif isinstance(author, dict) and depth < 3:
        for name, _ in _stated(author.get("name"), depth + 1):
            yield name, is_of_type(author, _ORGANIZATION)
    elif isinstance(author, list):
        for one in author[:_MAX_AUTHORS]:
            yield from _stated(one, depth + 1)


def _microdata(tree: HtmlElement) -> list[str]:
    named = tree.xpath("//*[@itemprop='author']//*[@itemprop='name'] | //*[@itemprop='author'][not(@itemscope)]")
    return [folded(element.get("content") or element.text_content()) for element in named[:_MAX_AUTHORS]]


def _names(written: Sequence[str], separator: re.Pattern[str]) -> list[str]:
    """Each name once; without "by", without what can't be a name: an address, a biography."""
    parts = (part for text in written[:_MAX_AUTHORS] if "://" not in text for part in separator.split(plain_text(text)))
    clean = (_START.sub("", part).strip(" .:") if len(part) < _MAX_NAME else part for part in parts)
    return list(dict.fromkeys(name for name in clean if 1 < len(name) <= _MAX_NAME and "@" not in name))


def _are_people(names: Sequence[str]) -> bool:
    """Whether each could be a person's: two words or more, the first of them with a capital where there are any."""
    return all(" " in name and not name[0].islower() for name in names)
