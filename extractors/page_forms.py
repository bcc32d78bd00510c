"""The forms in which one page is offered: AMP, mobile, for printing, with the name of its index file. Pure.

Each rule takes a normalised path or host and gives the one of the page itself. "amp" is also a word and "m" also an
outlet, so every rule asks first whether what is left still names an article, or a site.
"""

from __future__ import annotations

import re

from extractors.domains import is_public_suffix
from extractors.url_parts import names, without_www

# First labels of a host that show the same pages to other devices. Not here: "i" (pictures), "beta", "old" (other
# texts), "www3" and beyond (a site of its own at some outlets).
_DEVICE_LABELS = names(
    "m amp mobile touch wap mobil mob mobi mweb pda 3g www1 www2",
)
# Hosts that look so and are sites of their own: a magazine on telephones, and the like. (addresses as they are linked)
_OWN_SITES = frozenset({"mobil.idnes.cz", "mobil.se", "amp.dev", "m.mk.co.kr"})

# Not "home.html": where it stands beside an index, it is another page.
_INDEX_FILE = re.compile(r"/(?:index\.(?:s?html?|php\d?|aspx?|jsp|cfm)|default\.aspx?)\Z", re.I)
# What an article's path has and a section's, a day's or an edition's has not: a number that is no year, two words, a
# name below a date, a file's ending.
_ARTICLE_NAME = re.compile(
    r"""(?xi)
    (?<![0-9]) (?! (?:19|20)[0-9]{2} (?:[01][0-9] (?:[0-3][0-9])? )? (?![0-9]) ) [0-9]{4,}
    | (?:[a-z]|%[0-9a-f]{2}) [-_] (?: [a-z] | %[0-9a-f] | (?!(?:19|20)[0-9]{2}(?![0-9]))[0-9] )
    | / (?:19|20)[0-9]{2} [-/] [01]?[0-9] (?:[-/][0-3]?[0-9])? / [^/]*[a-z]
    | \.(?:s?html?|php|aspx?|cms|ece|story)(?:/|\Z)"""
)
# Behind these words stands what is looked up, not an article: /tag/trump/amp, /topics/amp/2025-10 are pages on amps.
_LOOK_UP = re.compile(
    r"/(?:tags?|topics?|wiki|search|dictionary|glossary|thema|themen|tema|temas|cimke|products?)(?:/|\Z)"
)
_AMP_ENDING = re.compile(
    r"/index\.amp\Z|(?:\.amp\.(?=s?html?\Z)|~amp(?=\.s?html?\Z)|_amp(?=\.shtml\Z)|(?<=[0-9]{4})-amp(?=\.html\Z)|"
    r"\.amp\Z)|(?<=\.html)\.amp\Z",
    re.I,
)
_PRINT_ENDING = re.compile(r"(?:~|\.)print(?:version)?(?=\.s?html?\Z)", re.I)
_PRINT_SEGMENT = re.compile(
    r"/(?:print|printable|print-version|drucken|druckversion|imprimir|nyomtatas|tisk)(?:\.html?|/)?\Z", re.I
)
_PRINT_FRONT = re.compile(r"\A/(?:print|printview|print-article|nyomtatas)(?=/)", re.I)
_COMMENTS = re.compile(
    r"/(?:comments|comment-page-\d+|kommentare|kommentarer|comentarios|commentaires|diskuse)\Z", re.I
)
_AMP_SEGMENT = re.compile(r"(?:/amp(?:html)?)+(?=/|\Z)", re.I)

_AMP_NAMES = names(
    "amp outputtype output service view mode type format tpl template layout _format",
)
_AMP_ONLY = names(
    "amp_js_v amp_gsa amp_r amp_ct amp_lite amp_cf ampshare usqp amp_markup is_amp isamp _amp",
    "amp_latest_update_time",
)
_AMP_VALUE = re.compile(r"(?i)|1|true|yes|on|amp")
_PRINT_NAMES = names(
    "print printable printview printpage printer printerfriendly printpagedarticle",
)
_PRINT_WAYS = names(
    "view mode output format version type pagewanted display action tmpl outputtype do art",
)
_PRINT_VALUE = re.compile(r"(?i)|1|true|yes|y|on")
_MOBILE_WAYS = frozenset(["view", "display", "version", "site", "device", "mode", "theme"])


def without_device(host: str) -> str:
    """The host without "m.", "amp.", ...: "m.lantern.example" -> "lantern.example"; "en.m.wikipedia.org" too. A host
    of which nothing but a public suffix would be left (m.hu, amp.dev) is a site of its own.
    """
    while True:
        first, _, rest = host.partition(".")
        second, _, further = rest.partition(".")
        if first in _DEVICE_LABELS and host not in _OWN_SITES and not is_public_suffix(without_www(rest)):
            host = without_www(rest)
        elif second == "m" and "." in further and not is_public_suffix(further):
            host = without_www(f"{first}.{further}")
        else:
            return host


def without_amp(path: str) -> str:
    """/slug/amp, /amp/slug, /news/amp/slug, /slug.amp, /slug.amp.html, /slug~amp.html -> the article's own path."""
    if "amp" not in path and "AMP" not in path:
        return path
    shorter = _AMP_ENDING.sub(lambda match: "." if match[0].endswith(".") else "", path)
    segment = _AMP_SEGMENT.search(shorter)
    if segment:
        without = shorter[: segment.start()] + shorter[segment.end() :]
        if _ARTICLE_NAME.search(without) and not _LOOK_UP.search(shorter[: segment.start()]):
            return without
    return shorter if len(shorter) > 1 else path


def without_print(path: str) -> str:
    """/slug/print, /print/slug, /slug~print.html -> the article's own path."""
    shorter = _PRINT_ENDING.sub("", path)
    for pattern in (_PRINT_SEGMENT, _PRINT_FRONT):
        without = pattern.sub("", shorter)
        if without != shorter and _ARTICLE_NAME.search(without):
            shorter = without
    return shorter


def without_comments(path: str) -> str:
    """/slug/comments -> /slug: the article with the comments unfolded."""
    without = _COMMENTS.sub("", path)
    return without if without != path and _ARTICLE_NAME.search(without) else path


def without_index_file(path: str) -> str:
    """/news/index.html -> /news."""
    return _INDEX_FILE.sub("", path) or "/"


def is_form(name: str, value: str) -> bool:
    """True for a parameter that asks for the AMP, the mobile or the printed form: ?amp=1, ?outputType=amp, ?print=1."""
    lowered = name.lower()
    if lowered in _AMP_ONLY:
        return True
    if lowered in _AMP_NAMES and (value.lower() == "amp" or (lowered == "amp" and _AMP_VALUE.fullmatch(value))):
        return True
    if lowered in _PRINT_NAMES and _PRINT_VALUE.fullmatch(value):
        return True
    if lowered in _PRINT_WAYS and value.lower() in ("print", "printable", "printer", "drucken", "component"):
        return True
    return lowered in _MOBILE_WAYS and value.lower() in ("mobile", "desktop", "touch")
