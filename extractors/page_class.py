"""Article, or what it is instead: the class of a page, with the evidence that decided.

Pure rules over the title, the extracted text and a few facts of the page. Only called for pages that came with status
200 and have a body. Not here: extraction (articles.py), the story (story.py).

Each rule needs two independent signs, one of them that there is little else on the page: an article about cookie walls,
captchas or paywalls has the vocabulary, but it also has paragraphs of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from extractors import page_phrases
from extractors.article_lines import bare_line
from extractors.page_parts import card_texts
from extractors.urls import is_front_page
from extractors.words import word_count

# Words. Measured on 323 real news pages in 30 languages: the shortest has 64, 1 % have under 100. What is shorter than
# this is a caption, a menu or a notice.
MIN_ARTICLE_WORDS = 40
ARTICLE_CLASSES = frozenset({"article", "live_blog"})  # the classes that are loaded
# Words of text on a page that are compatible with its being a challenge, a login or an error: such pages explain
# themselves in a paragraph, and may list a few headlines below.
_MAX_NOTICE_WORDS = 150
# Words that a stub shows before the wall. A longer beginning is news in itself and is kept as an article.
_MAX_STUB_WORDS = 120
# Words outside paragraphs about consent that a cookie wall may have: a headline, a footer.
_MAX_WORDS_BESIDE_CONSENT = 60
_MIN_CONSENT_PHRASES = 3  # distinct ones; an article on the subject may quote one or two
# Words outside such paragraphs up to which buttons count too: the headline of a wall, and no news.
_MAX_WORDS_BESIDE_BUTTONS = 25
# Words that a page shows beside "Already a subscriber?" from which on that alone makes it no stub: menus say so too.
_MIN_WORDS_BESIDE_ASIDE = 50
_MAX_NOT_FOUND_WORDS = 100  # of a page whose text, and not its title, says that there is nothing
# Headings that lead to other pages, from which on a page may be a list of them; words of a card with such a heading and
# an excerpt; share of the text that must stand in cards.
_MIN_CARDS, _MAX_CARD_WORDS, _CARDED_SHARE = 4, 80, 0.6
_LANGUAGE_PATH = re.compile(r"(?i)^https?://[^/]+/[a-z]{2}(?:-[a-z]{2})?/?$")

_TITLE_PARTS = re.compile(r"\s+[|–—·•«»:-]+\s+|\s*\|\s*")

# Names in the source of the services that challenge: Cloudflare, DataDome, HUMAN (PerimeterX), Imperva, AWS WAF,
# Akamai, Kasada, DDoS-Guard. Ordinary pages behind them carry some too: never enough without a short text.
_CHALLENGE_MARKS = (
    *("_cf_chl_opt", "cf-challenge-running", "cf_captcha_kind", "challenge-error-text", "captcha-delivery.com"),
    *("px-captcha", "_Incapsula_Resource", "Incapsula incident ID", "awsWafCookieDomainList", "gokuProps"),
    *("errors.edgesuite.net", "ips.js?", "ddos-guard/js-challenge", "ak-challenge", "__qrator"),
)
_CONSENT_ADDRESS = re.compile(
    r"(?i)://(?:consent|guce|privacy)\.|/(?:cookie-?wall|privacy-?(?:gate|wall)|consent(?:-?wall)?|zustimmung)(?:[/?.]|$)"
)

# Share of a page's words that are links above which it is a list of other pages, unless it says that it is an article.
_LISTING_LINK_SHARE = 0.75
# Words of text that a video's or a gallery's page may have: a caption and a description.
_MAX_CAPTION_WORDS = 150
_MEDIA_TYPES = frozenset({"videoobject", "video", "imagegallery", "mediagallery", "audioobject", "podcastepisode"})
_MEDIA_ADDRESS = re.compile(
    r"(?i)/(?:(?:gallery|galleries|galeri[ae]s?|fotogaler\w*|fotostrecken?|bildergalerien?|diaporamas?|slideshows?)(?:[/-]|$)|"
    r"(?:videos?|watch|mediathek|audio|podcasts?|bilder|photos?|fotos?|pictures|kepek|av)(?:/|$))"
)
_LIVE_ADDRESS = re.compile(
    r"(?i)[/-](?:live-?(?:blog|ticker|updates?|news|text)|newsblog|ticker|en-direct|direct|directo|onlayn|online-hronika)(?=[/.-]|$)"
)
_MIN_LIVE_ENTRIES = 3  # entries with a time of their own that make a live blog of a page that is called one
_CLOCK = re.compile(
    r"(?:\W*(?:[01]?\d|2[0-3])[:.h][0-5]\d\b.{0,30}|.{0,30}\b(?:[01]?\d|2[0-3])[:.h][0-5]\d\W*(?:uhr|[ap]\.?m\.?|gmt|cet|мск|h)?\W*)",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "select", "textarea"})
_FURNITURE = _UNSEEN | {"a", "nav", "header", "footer", "aside", "form", "button", "ul", "ol"}
_SENTENCE_END = re.compile(r"[.!?…。！？।][\"'”»’)\]]*\s*$")


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """What the rules look at. What is read from the tree is read when a rule asks: most pages need none of it."""

    url: str  # final address
    title: str  # of the page, its outlet's name included
    text: str  # extracted main content, one paragraph per line
    source: str  # the document
    tree: HtmlElement  # the same, parsed
    is_article: bool = False  # its metadata call it one
    is_collection: bool = False  # its metadata call it a list
    is_live_blog: bool = False  # its metadata call it one
    is_paid: bool = False  # its metadata say that reading costs
    types: tuple[str, ...] = ()  # of JSON-LD and Open Graph, in lower case
    live_updates: int = 0  # entries of a live blog in its metadata

    @cached_property
    def visible(self) -> str:
        """The text of the page's body, menus and buttons and all."""
        return " ".join(_texts(self.tree, _UNSEEN))

    @cached_property
    def visible_words(self) -> int:
        """Words of the page's body, menus and all."""
        return word_count(self.visible)

    @cached_property
    def headings(self) -> list[str]:
        """Texts of the page's headings of the first rank."""
        return [" ".join("".join(heading.itertext()).split()) for heading in self.tree.iter("h1")]

    @cached_property
    def linked_words(self) -> int:
        """Words within links."""
        return word_count(" ".join(" ".join(link.itertext()) for link in self.tree.iter("a")))

    @cached_property
    def running_words(self) -> int:
        """Words outside links, menus and forms."""
        return word_count(" ".join(_texts(self.tree, _FURNITURE)))

    @cached_property
    def clock_lines(self) -> int:
        """Lines that begin with a time of day or are nothing else, or time elements, whichever are more."""
        lines = sum(1 for line in self.text.split("\n") if _CLOCK.match(line))
        return max(lines, sum(1 for element in self.tree.iter("time") if ":" in "".join(element.itertext())))

    @cached_property
    def has_password_field(self) -> bool:
        return any((field.get("type") or "").lower() == "password" for field in self.tree.iter("input"))


@dataclass(frozen=True, slots=True)
class PageClass:
    """What a page is: "article", "live_blog" or a reason of records.REASONS, and the evidence in words."""

    name: str
    evidence: str


def page_class(facts: PageFacts) -> PageClass:
    """The class of a page; the first rule that applies decides."""
    words = word_count(facts.text)
    for rule in (_bot_challenge, _consent, _soft_404, _login, _paywall_stub, _video_or_gallery, _listing):
        if evidence := rule(facts, words):
            return PageClass(rule.__name__[1:], evidence)
    if words < MIN_ARTICLE_WORDS:
        return PageClass("too_short", f"{words} words of text, at least {MIN_ARTICLE_WORDS} make an article")
    if evidence := _live_blog(facts):
        return PageClass("live_blog", evidence)
    return PageClass("article", f"{words} words of text")


def challenge_instead(source: str, url: str) -> str | None:
    """The evidence that what should be something else, such as a feed, is a bot challenge; None: it is none."""
    try:
        tree = document_fromstring(source.encode(), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    text = " ".join(_texts(tree, _UNSEEN))
    title = " ".join(" ".join(element.itertext()) for element in tree.iter("title"))
    return _bot_challenge(PageFacts(url=url, title=title, text=text, source=source, tree=tree), word_count(text))


def _titled(facts: PageFacts, pattern: re.Pattern[str]) -> str | None:
    """The part of the title ("Headline | Outlet") that is, as a whole, what the pattern says."""
    return next((part for part in _TITLE_PARTS.split(facts.title) if pattern.fullmatch(part.strip())), None)


def _texts(tree: HtmlElement, without: frozenset[str]) -> list[str]:
    """Texts of the page that stand outside the elements of the given names, in document order."""
    texts: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            hidden += element.tag in without
            if not hidden and element.text:
                texts.append(element.text)
        else:
            hidden -= element.tag in without
            if not hidden and element.tail:
                texts.append(element.tail)
    return texts


def _bot_challenge(facts: PageFacts, words: int) -> str | None:
    if words > _MAX_NOTICE_WORDS or facts.visible_words > 2 * _MAX_NOTICE_WORDS:
        return None
    title = _titled(facts, page_phrases.CHALLENGE_TITLE)
    mark = next((mark for mark in _CHALLENGE_MARKS if mark in facts.source), None)
    said = page_phrases.CHALLENGE_TEXT.search(facts.text)
    if not said and words < MIN_ARTICLE_WORDS and facts.visible_words < _MAX_NOTICE_WORDS:
        said = page_phrases.CHALLENGE_TEXT.search(facts.visible)
    if title and (mark or said or facts.visible_words < _MAX_NOTICE_WORDS):
        return f'title "{title}", {facts.visible_words} words on the page'
    if mark and words < MIN_ARTICLE_WORDS:
        return f"{mark} in the source, {facts.visible_words} words on the page"
    if said and words < MIN_ARTICLE_WORDS and not facts.is_article:
        return f'it says "{said[0]}" and little else'
    return None


def _consent(facts: PageFacts, words: int) -> str | None:
    beside = 0
    for line in facts.text.split("\n"):
        beside += 0 if page_phrases.CONSENT_WORDS.search(line) else word_count(line)
        if beside > _MAX_WORDS_BESIDE_CONSENT:
            return None
    phrases = _consent_phrases(facts.text)
    if len(phrases) == _MIN_CONSENT_PHRASES - 1 and beside <= _MAX_WORDS_BESIDE_BUTTONS:
        phrases = _consent_phrases(facts.visible)
    if len(phrases) >= _MIN_CONSENT_PHRASES:
        return f"{len(phrases)} phrases of cookie walls, such as {min(phrases)!r}; {beside} words beside them"
    if _CONSENT_ADDRESS.search(facts.url) and (phrases or words < MIN_ARTICLE_WORDS):
        return f"the address {facts.url}"
    return None


def _consent_phrases(text: str) -> set[str]:
    return {found[0].lower() for phrase in page_phrases.CONSENT_PHRASES if (found := phrase.search(text))}


def _soft_404(facts: PageFacts, words: int) -> str | None:
    title = _titled(facts, page_phrases.NOT_FOUND_TITLE)
    if title and (words <= 2 * _MAX_NOTICE_WORDS or not facts.is_article):
        return f'title "{title}"'
    if facts.is_article or words > _MAX_NOT_FOUND_WORDS:
        return None
    if heading := next(filter(page_phrases.NOT_FOUND_TITLE.fullmatch, facts.headings), None):
        return f'heading "{heading}", and {words} words of text'
    if said := page_phrases.NOT_FOUND_TEXT.search(facts.text):
        return f'it says "{said[0]}" in {words} words'
    return None


def _login(facts: PageFacts, words: int) -> str | None:
    title = _titled(facts, page_phrases.LOGIN_TITLE)
    has_form = facts.has_password_field or not title or title.count(" ") < 2
    if title and not facts.is_article and words <= (_MAX_NOTICE_WORDS if has_form else MIN_ARTICLE_WORDS):
        return f'title "{title}", {words} words of text'
    if facts.has_password_field and words < MIN_ARTICLE_WORDS and not facts.is_article:
        return f"a field for a password and {words} words of text"
    return None


def _paywall_stub(facts: PageFacts, words: int) -> str | None:
    if words > _MAX_STUB_WORDS:
        return None
    if found := page_phrases.PAYWALL.search(facts.text):
        return f'it says "{found[0]}" in {words} words'
    if found := page_phrases.PAYWALL_ASIDE.search(facts.text):
        lines = facts.text.split("\n")
        beside = sum(word_count(line) for line in lines if not page_phrases.PAYWALL_ASIDE.search(line))
        if beside < _MIN_WORDS_BESIDE_ASIDE:
            return f'it says "{found[0]}" beside {beside} words'
    if facts.is_paid and words < MIN_ARTICLE_WORDS:
        return f"its metadata say that it is not free, and it shows {words} words"
    return None


def _listing(facts: PageFacts, words: int) -> str | None:
    if facts.is_article and not (facts.is_collection and "collectionpage" in facts.types):
        return None
    if is_front_page(facts.url) or _LANGUAGE_PATH.match(facts.url):
        return "the address of a front page"
    if facts.types and facts.types[-1] == "profile":
        return "og:type is profile"
    lines = facts.text.split("\n")
    sentences = sum(1 for line in lines if _SENTENCE_END.search(line))
    share = facts.linked_words / max(1, facts.visible_words)
    if share >= _LISTING_LINK_SHARE and sentences * 3 < len(lines) and len(lines) >= 5:
        return f"{share:.0%} of its words are links, {sentences} of {len(lines)} lines are sentences"
    if facts.is_collection and sentences * 2 < len(lines):
        return f"its metadata call it a list, {sentences} of {len(lines)} lines are sentences"
    cards = card_texts(facts.tree, _MAX_CARD_WORDS)
    if len(cards) >= max(_MIN_CARDS, _CARDED_SHARE * words / _MAX_CARD_WORDS):
        carded = sum(word_count(line) for line in lines if any(bare_line(line) in card for card in cards))
        if carded >= _CARDED_SHARE * words:
            return f"{carded} of its {words} words stand in {len(cards)} cards of other pages"
    return None


def _video_or_gallery(facts: PageFacts, words: int) -> str | None:
    kind = _stated_kind(facts)
    if kind is None or words > _MAX_CAPTION_WORDS:
        return None
    if words >= MIN_ARTICLE_WORDS and facts.is_article and not kind.startswith(("og:type", "the address")):
        return None  # a short report with a video beside it
    return f"{kind}, and {words} words of text"


def _stated_kind(facts: PageFacts) -> str | None:
    """Where the page says that it is a video, a sound or a gallery; None: it doesn't."""
    if facts.types and facts.types[-1].startswith(("video", "music")):
        return f"og:type is {facts.types[-1]}"
    if found := _MEDIA_ADDRESS.search(facts.url):
        return f"the address has {found[0]!r}"
    if any(name in _MEDIA_TYPES for name in facts.types):
        return f"its metadata call it {next(name for name in facts.types if name in _MEDIA_TYPES)}"
    title = _titled(facts, page_phrases.MEDIA_TITLE)
    return f'title "{title}"' if title else None


def _live_blog(facts: PageFacts) -> str | None:
    if facts.is_live_blog:
        return f"its metadata call it a live blog, with {facts.live_updates} entries"
    named = page_phrases.LIVE_TITLE.search(facts.title) or _LIVE_ADDRESS.search(facts.url)
    if named and (entries := facts.clock_lines) >= _MIN_LIVE_ENTRIES:
        return f"{named[0].strip()!r} in its title or address, and {entries} entries with a time"
    return None
