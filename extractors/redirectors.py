"""Links that lead somewhere else: redirectors and news aggregators, and the address that they carry in themselves.

    https://www.bing.com/news/apiclick.aspx?...&url=https%3a%2f%2flantern.example%2fa  ->  https://lantern.example/a

Pure; what a link does not carry is for the network to find (flows/collecting.py), with `target_in_page` for the page
that an aggregator shows in between. Only known hosts count: "?url=" means something else on any other site. Facts from
ClearURLs ("redirections" of its providers), the AMP Project's "AMP Cache URL format", and addresses as feeds show them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote, urljoin

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from extractors.addresses import is_public_looking
from extractors.domains import registered_domain
from extractors.errors import BadUrl
from extractors.records import Response
from extractors.url_parts import Parts, names, split, without_user, without_www

# Bytes of an interstitial page that are looked through; Google's has some 600 KB, its link stands at the front.
_MAX_PAGE_BYTES = 1_000_000

# Times that one address is decoded: each hand that a link goes through encodes it once.
_MAX_HANDS = 5

_WEB_ADDRESS = re.compile(r"(?i)https?:[/\\]{2}[^/\\]").match
_ENCODED_ADDRESS = re.compile(r"(?i)https?%(?:25)*3a").match

# Host, path -> the parameters that may hold the target, the likeliest first.
_BY_PARAMETER: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"(?:news\.)?google\.(?:com?\.)?[a-z]{2,3}", r"/url", ("url", "q", "imgrefurl")),
    (r"(?:news|plus)\.url\.google\.com", r"/url", ("url", "q")),
    (r"consent\.(?:google|youtube)\.(?:com?\.)?[a-z]{2,3}", r"/(?:m|ml|d|s)", ("continue",)),
    (r"googleadservices\.com", r"/pagead/aclk", ("adurl",)),
    (r"(?:[a-z0-9-]+\.)?bing\.com", r"/news/apiclick\.aspx", ("url",)),
    (r"(?:l|lm|m|web)\.facebook\.com|facebook\.com", r"/l\.php|/flx/warn/?|/sharer\.php|/sharer/sharer\.php", ("u",)),
    (r"l\.(?:instagram\.com|messenger\.com|threads\.net|threads\.com)", r"/(?:l\.php)?", ("u",)),
    (r"t\.umblr\.com", r"/redirect", ("z",)),
    (r"(?:m\.)?vk\.(?:com|ru)", r"/away\.php|/away", ("to",)),
    (r"(?:[a-z0-9-]+\.)*safelinks\.protection\.outlook\.com", r"/.*", ("url",)),
    (r"(?:x|twitter)\.com", r"/i/redirect", ("url",)),
    (r"out\.reddit\.com", r"/.*", ("url",)),
    (r"(?:m\.)?youtube\.com", r"/redirect", ("q",)),
    (r"duckduckgo\.com", r"/l/?", ("uddg",)),
    (r"linkedin\.com", r"/redir/redirect|/safety/go", ("url",)),
    (r"getpocket\.com|flipboard\.com", r"/redirect", ("url",)),
    (r"go\.skimresources\.com", r"/.*", ("url",)),
    (r"redirect\.viglink\.com", r"/.*", ("u",)),
    (r"steamcommunity\.com", r"/linkfilter/?", ("u", "url")),
    (r"(?:exit|gate)\.sc", r"/.*", ("url",)),
    (r"slack-redir\.net", r"/link", ("url",)),
    (r"deref-(?:gmx\.(?:net|com)|web\.de)", r"/.*", ("redirectUrl",)),
    (r"(?:go|click|r)\.mail\.ru", r"/(?:redir|cl[a-z0-9]*).*", ("u", "url")),
    (r"t\.me", r"/iv", ("url",)),
    (r"yandex\.(?:ru|com|by|kz)", r"/turbo/?", ("text",)),
)


def decoded_target(url: str | Parts) -> str | None:
    """The address that a redirector's, an aggregator's or an AMP cache's link carries in itself; None: it carries none,
    or is no such link. Always shorter than `url`, so that following one after another ends.
    """
    try:
        parts = split(url) if isinstance(url, str) else url
        found = _carried(parts)
        if found is None:
            return None
        target = without_user(found.strip())
        return target if len(target) < len(parts.text) and is_public_looking(split(target).host) else None
    except BadUrl:
        return None


def final_target(url: str) -> str | None:
    """What is left when a link within a link within ... has been decoded; None: it carries none."""
    found = None
    while (target := decoded_target(found or url)) is not None:
        found = target
    return found


def is_aggregator(url: str) -> bool:
    """True for a link whose page is somewhere else, whether or not the link carries its address."""
    try:
        parts = split(url)
    except BadUrl:
        return False
    host = without_www(parts.host)
    if _LABELS.isdisjoint(host.split(".")):
        return False
    if any(pattern(host) and path(parts.path) for pattern, path, _ in _PARAMETERS):
        return True
    return any(pattern(host) and path(parts.path) for pattern, path in _AGGREGATORS)


def is_still_there(asked: str, answered: str) -> bool:
    """True when `answered`, to which the aggregator's link `asked` has led, is a page of the aggregator."""
    try:
        return is_aggregator(answered) or registered_domain(split(asked).host) == registered_domain(
            split(answered).host
        )
    except BadUrl:
        return True


# -- what a link carries --------------------------------------------------------------------------------------------


def _carried(parts: Parts) -> str | None:
    host = without_www(parts.host)
    if _LABELS.isdisjoint(host.split(".")):
        return None
    for is_host, is_path, parameters in _PARAMETERS:
        if is_host(host) and is_path(parts.path):
            return next((found for name in parameters if (found := _in_parameter(parts.query, name))), None)
    for is_decoded, decode in _DECODERS:
        if is_decoded(host):
            return decode(parts)
    return None


def _in_parameter(query: str, name: str) -> str | None:
    for part in query.replace("&amp;", "&").split("&"):
        if part.startswith(f"{name}="):
            return _as_address(part[len(name) + 1 :])
    return None


def _as_address(written: str) -> str | None:
    """A percent-encoded address; encoded twice where a link went through two hands."""
    for _ in range(_MAX_HANDS):
        if _ENCODED_ADDRESS(written):
            written = unquote(written)
    if _WEB_ADDRESS(written) and not re.search(r"[/?&=]", written[8:].partition("/")[2]):
        written = unquote(written)  # only "://" was left as it is: "https://lantern.example%2Fa%3Fid%3D1"
    return written if _WEB_ADDRESS(written) else None


def _google_news(parts: Parts) -> str | None:
    """The article's address in the identifier of older links: Base64 of 08 13 22, a length, the address. What newer
    links hold (AU_yq...) only Google can read.
    """
    match = re.fullmatch(r"/(?:rss/|__i/rss/rd/)?(?:articles|read)/([\w=-]+)", parts.path)
    if match is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(match[1].rstrip("=") + "=" * (-len(match[1].rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 5 or raw[0] != 0x08 or raw[2] != 0x22:
        return None
    length, start = (raw[3], 4) if raw[3] < 0x80 else ((raw[3] & 0x7F) | raw[4] << 7, 5)  # a varint
    return _as_utf8_address(raw[start : start + length])


def _as_utf8_address(raw: bytes) -> str | None:
    try:
        return _as_address(raw.decode())
    except UnicodeDecodeError:  # a length that is none, or an identifier that holds something else
        return None


def _bing(parts: Parts) -> str | None:
    """bing.com/ck/a?...&u=a1<Base64 of the address>, and bing.com/amp/s/<address>."""
    if parts.path.startswith("/amp/"):
        return _amp_path(parts, r"/amp")
    match = re.search(r"(?:\A|&)u=a1([\w-]+)", parts.query)
    if match is None or not parts.path.startswith("/ck/"):
        return None
    try:
        raw = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4))
    except (binascii.Error, ValueError):
        return None
    return _as_utf8_address(raw)


def _amp_path(parts: Parts, front: str) -> str | None:
    """<front>/s/<host>/<path>: https; without "s": http."""
    match = re.match(rf"{front}/(s/)?(?:https?(?::|%3[Aa])//?)?((?:[^/.]+\.)+[^/]+.*)", parts.path)
    if match is None:
        return None
    return f"http{'s' if match[1] else ''}://{match[2]}" + (f"?{parts.query}" if parts.query else "")


def _amp_cache(parts: Parts) -> str | None:
    return _amp_path(parts, r"/(?:c|v|wp|r|a)")


def _google_amp(parts: Parts) -> str | None:
    return _amp_path(parts, r"/amp")


def _turbo(parts: Parts) -> str | None:
    match = re.fullmatch(r"/(?:turbo/)?((?:[^/.]+\.)+[^/.]+)/[sn]/(.*)", parts.path)
    return f"https://{match[1]}/{match[2]}" if match else None


def _yahoo(parts: Parts) -> str | None:
    match = re.search(r"/RU=([^/]+)", parts.path)
    return _as_address(match[1]) if match else None


def _proofpoint(parts: Parts) -> str | None:
    if parts.path.startswith("/v1/"):
        return _in_parameter(parts.query, "u")
    if parts.path.startswith("/v2/"):
        match = re.search(r"(?:\A|&)u=([^&]+)", parts.query)
        return _as_address(unquote(match[1].replace("-", "%").replace("_", "/"))) if match else None
    match = re.match(r"/v3/__(https?:/+.+?)__;", f"{parts.path}?{parts.query}")
    if match is None or "*" in match[1]:  # "*" stands for a character that is told in a further part
        return None
    return re.sub(r"^(https?:)/+", r"\1//", match[1])


def _in_path(parts: Parts) -> str | None:
    match = re.search(r"/(https?(?::|%3[Aa]).+)", parts.path)
    return _as_address(re.sub(r"/\d+/[\w=-]{10,}/[\w=-]+\Z", "", match[1])) if match else None


def _whole_query(parts: Parts) -> str | None:
    return _as_address(parts.query)


def _disqus(parts: Parts) -> str | None:
    found = _in_parameter(parts.query, "url")
    return found and re.sub(r":[\w-]{20,}\Z", "", found)


_PARAMETERS = tuple(
    (re.compile(host).fullmatch, re.compile(path).fullmatch, names) for host, path, names in _BY_PARAMETER
)
_DECODERS: tuple[tuple[Callable[[str], object], Callable[[Parts], str | None]], ...] = (
    (re.compile(r"news\.google\.com").fullmatch, _google_news),
    (re.compile(r"google\.(?:com?\.)?[a-z]{2,3}").fullmatch, _google_amp),
    (re.compile(r"(?:[a-z0-9-]+\.)?(?:cdn\.ampproject\.org|bing-amp\.com)").fullmatch, _amp_cache),
    (re.compile(r"(?:[a-z0-9-]+\.)?bing\.com").fullmatch, _bing),
    (re.compile(r"(?:[a-z0-9-]+\.)?turbopages\.org|yandex\.(?:ru|com|by|kz)").fullmatch, _turbo),
    (re.compile(r"r\.search\.yahoo\.com").fullmatch, _yahoo),
    (re.compile(r"urldefense\.proofpoint\.com|urldefense\.(?:com|us)").fullmatch, _proofpoint),
    (re.compile(r"click\.redditmail\.com|(?:[a-z0-9-]+\.)*awstrack\.me").fullmatch, _in_path),
    (re.compile(r"href\.li|anonym\.to").fullmatch, _whole_query),
    (re.compile(r"disq\.us").fullmatch, _disqus),
)
# Aggregators whose links do not always carry their target, beside those of _BY_PARAMETER.
_AGGREGATORS = (
    (
        re.compile(r"news\.google\.com").fullmatch,
        re.compile(r"/(?:rss/|__i/rss/rd/)?(?:articles|read|stories)/.+").fullmatch,
    ),
    (re.compile(r"(?:[a-z0-9-]+\.)?bing\.com").fullmatch, re.compile(r"/ck/.*").fullmatch),
    (re.compile(r"consent\.google\.(?:com?\.)?[a-z]{2,3}").fullmatch, re.compile(r".*").fullmatch),
    (re.compile(r"apple\.news").fullmatch, re.compile(r"/.+").fullmatch),
)
# One of these labels stands in the host of every link that counts: most addresses are done with one look.
_LABELS = names(
    "google googleadservices bing bing-amp ampproject facebook instagram messenger threads umblr vk",
    "outlook reddit redditmail awstrack youtube duckduckgo linkedin getpocket flipboard skimresources",
    "viglink steamcommunity exit gate slack-redir deref-gmx deref-web mail t yandex turbopages yahoo",
    "proofpoint urldefense href anonym disq apple x twitter",
)


# -- what a page in between says ------------------------------------------------------------------------------------

_REFRESH = re.compile(r"(?i)^\s*[\d.]*\s*[;,]\s*(?:url\s*=)?\s*['\"]?\s*(\S+?)['\"]?\s*$")
_LOCATION = re.compile(
    r"""(?x) \b location (?: \.href )? \s* (?: = | \.(?:replace|assign) \s* \( ) \s*
    (["']) (https?:[^"'<>\s]{1,2000}) \1"""
)


def target_in_page(response: Response) -> str | None:
    """The address to which an aggregator's page in between leads; None: it does not say.

    In this order: Google's data-n-au, a refresh, location.replace("...") and its kin, rel=canonical and links marked
    nofollow; the first that leaves the aggregator.
    """
    source = response.body[:_MAX_PAGE_BYTES].decode("utf-8", "replace").replace("\x00", "")
    for link in _links_out(source):
        try:
            target = without_user(urljoin(response.final_url, link.strip()))
            split(target)
        except (BadUrl, ValueError):
            continue
        target = final_target(target) or target
        if _is_front(target):
            continue
        if not is_still_there(response.final_url, target) and not is_still_there(response.url, target):
            return target
    return None


def _is_front(target: str) -> bool:
    """Whether an address names a site and nothing within it: many a page links to one, none leads there."""
    parts = split(target)
    return not parts.path.strip("/") and not parts.query


def _links_out(source: str) -> list[str]:
    try:
        tree: HtmlElement = document_fromstring(source.encode(), parser=HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return []
    refreshes = tree.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content")
    links = [str(link) for link in tree.xpath("//@data-n-au")]
    links += [match[1] for text in refreshes if (match := _REFRESH.match(str(text)))]
    links += [_unescaped(match[2]) for text in tree.xpath("//script/text()") for match in _LOCATION.finditer(str(text))]
    links += [str(link) for link in tree.xpath("//link[@rel='canonical']/@href")]
    links += [str(link) for link in tree.xpath("//a[contains(concat(' ', @rel, ' '), ' nofollow ')]/@href")]
    return links


def _unescaped(text: str) -> str:
    r"""A JavaScript string: "\/" and "\u0026"."""
    text = re.sub(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))", lambda m: chr(int(m[1] or m[2], 16)), text)
    return text.replace("\\/", "/")
