"""Pages of every class in six languages, made of tests/data/page_classes.toml: what outlets' templates do to the words.

Each class comes in one page per language, live blogs and videos or galleries in two: 72 pages.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "page_classes.toml").read_text("utf-8")
)
MENU = "".join(f'<li><a href="/section/{number}">Section {number}</a></li>' for number in range(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPage:
    """A page and the class that it is of."""

    page_class: str
    language: str
    url: str
    html: str


def _page(language: str, title: str, main: str, head: str = "") -> str:
    outlet = WORDS[language]["outlet"]
    return (
        f"<!DOCTYPE html><html lang='{language}'><head><title>{title} | {outlet}</title>{head}</head><body>"
        f"<header><nav><ul>{MENU}</ul></nav></header><main>{main}</main><footer>{outlet}</footer></body></html>"
    )


def _json_ld(kind: str, **fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": kind, **fields}, ensure_ascii=False)}</script>'


def _paragraphs(language: str, count: int = 5) -> str:
    return "".join(f"<p>{text}</p>" for text in WORDS[language]["paragraphs"][:count])


def _article(language: str) -> str:
    headline = WORDS[language]["headline"]
    body = f"<article><h1>{headline}</h1>{_paragraphs(language)}</article>"
    return _page(language, headline, body, _json_ld("NewsArticle", headline=headline))


def _stated_live_blog(language: str) -> str:
    headline, texts = WORDS[language]["headline"], WORDS[language]["paragraphs"]
    updates = [{"@type": "BlogPosting", "headline": text[:40], "articleBody": text} for text in texts]
    body = f"<article><h1>{headline}</h1>{_paragraphs(language)}</article>"
    return _page(language, headline, body, _json_ld("LiveBlogPosting", headline=headline, liveBlogUpdate=updates))


def _plain_live_blog(language: str) -> str:
    words = WORDS[language]
    entries = "".join(
        f"<div><time>1{hour}:3{hour}</time><p>{text}</p></div>" for hour, text in enumerate(words["paragraphs"])
    )
    title = f"{words['live']}: {words['headline']}"
    return _page(language, title, f"<article><h1>{title}</h1>{entries}</article>")


def _video(language: str) -> str:
    words = WORDS[language]
    main = f"<h1>{words['headline']}</h1><video src='/clip.mp4'></video><p>{words['caption']}</p>"
    return _page(
        language, f"{words['headline']} | {words['video']}", main, '<meta property="og:type" content="video.other">'
    )


def _gallery(language: str) -> str:
    words = WORDS[language]
    figures = f"<figure><img src='/1.jpg'><figcaption>{words['caption']}</figcaption></figure>" * 9
    main = f"<h1>{words['headline']}</h1><p>{words['paragraphs'][1]}</p>{figures}"
    return _page(language, f"{words['gallery']} | {words['headline']}", main)


def _listing(language: str) -> str:
    words = WORDS[language]
    cards = "".join(f'<li><a href="/story/{number}">{words["headline"]} ({number})</a></li>' for number in range(40))
    return _page(language, words["section"], f"<h1>{words['section']}</h1><ul>{cards}</ul>")


def _consent(language: str) -> str:
    words = WORDS[language]
    return _page(language, words["outlet"], f"<div><p>{words['consent']}</p><p>{words['consent']}</p></div>")


def _bot_challenge(language: str) -> str:
    words = WORDS[language]
    body = f"<h1>{words['challenge_title']}</h1><p>{words['challenge']}</p>"
    return f"<html lang='{language}'><head><title>{words['challenge_title']}</title></head><body>{body}</body></html>"


def _paywall_stub(language: str) -> str:
    words = WORDS[language]
    main = f"<article><h1>{words['headline']}</h1>{_paragraphs(language, 2)}<p>{words['paywall']}</p></article>"
    head = _json_ld("NewsArticle", headline=words["headline"], isAccessibleForFree=False)
    return _page(language, words["headline"], main, head)


def _soft_404(language: str) -> str:
    words = WORDS[language]
    main = f"<h1>{words['not_found_title']}</h1><p>{words['not_found']}</p>{_paragraphs(language, 2)}"
    return _page(language, words["not_found_title"], main)


def _login(language: str) -> str:
    words = WORDS[language]
    form = "<form><input name='who'><input type='password' name='secret'><button>OK</button></form>"
    return _page(language, words["login_title"], f"<h1>{words['login_title']}</h1><p>{words['login']}</p>{form}")


def _too_short(language: str) -> str:
    words = WORDS[language]
    main = f"<article><h1>{words['headline']}</h1><p>{words['paragraphs'][0]}</p></article>"
    return _page(language, words["headline"], main, _json_ld("NewsArticle", headline=words["headline"]))


_MAKERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("article", _article),
    ("live_blog", _stated_live_blog),
    ("live_blog", _plain_live_blog),
    ("video_or_gallery", _video),
    ("video_or_gallery", _gallery),
    ("listing", _listing),
    ("consent", _consent),
    ("bot_challenge", _bot_challenge),
    ("paywall_stub", _paywall_stub),
    ("soft_404", _soft_404),
    ("login", _login),
    ("too_short", _too_short),
)


def class_pages() -> Iterator[ClassPage]:
    """All of them."""
    for language in WORDS:
        for number, (page_class, make) in enumerate(_MAKERS):
            url = f"https://lantern-{language}.example/news/2025/page-{number}"
            yield ClassPage(page_class=page_class, language=language, url=url, html=make(language))
