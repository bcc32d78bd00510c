"""What a URL makes us ask: the exact address that is requested, or the reason why it is not. Pure.

Not the identity of an address (`urls.py`): here nothing is sorted, dropped or unified, since a server may mean every
byte. Only what HTTP can't carry is changed: white space around, characters beyond ASCII, user names, fragments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from yarl import URL

from extractors.addresses import host_literal
from extractors.errors import BadUrl, Blocked

_EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space, which browsers strip (WHATWG URL, 4.4)
_SAFE = "%/?:@!$&'()*+,;=~-._[]|"  # sent as they are, beside letters and digits
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
# What nearly all addresses are made of; taken as it is. A last label of letters alone spells no IP address.
_ORDINARY_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.[a-z]{2,63}", re.ASCII)
_ORDINARY_TEXT = re.compile(r"[A-Za-z0-9%/?:@!$&'()*+,;=~\-._\[\]|]*", re.ASCII)
_LONGEST_HOST = 253  # characters (RFC 1035, 2.3.4)
_LONGEST_URL = 8000  # characters; RFC 9110, 4.1 asks recipients for that many, hardly any takes more
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """One address to request. `url` is pure ASCII, without user name and fragment."""

    url: str
    scheme: str  # "http" or "https"
    host: str  # lower case, IDNA; IPv6 without brackets; the unit of politeness
    origin: str  # scheme, host and port: the unit of robots.txt

    @property
    def robots_url(self) -> str:
        return f"{self.origin}/robots.txt"


def target_of(url: str) -> Target:
    """What to request for `url`.

    Raises BadUrl for what is no absolute http(s) address, Blocked for an IPv4 address in disguise (127.1, 0x7f.1,
    2130706433, 0177.0.0.1), wherever it leads: no publisher writes one. Plain addresses are judged when connecting.
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise BadUrl(url, f"scheme {scheme!r}: only http and https are fetched")
    host = _host(url, parts.hostname or "")
    port = _port(url, parts)
    shown_host = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{shown_host}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}")
    path = _quoted(parts.path)
    query = f"?{_quoted(parts.query)}" if parts.query else ""
    target = Target(url=f"{origin}{path or '/'}{query}", scheme=scheme, host=host, origin=origin)
    if len(target.url) > _LONGEST_URL:
        raise BadUrl(url[:200], f"{len(target.url)} characters; at most {_LONGEST_URL} are sent")
    return target


def redirect_target(source: Target, location: str) -> Target:
    """Where a redirect from `source` leads. Raises Blocked for a scheme other than http(s), else as target_of."""
    try:
        absolute = urljoin(source.url, _straightened(location))
        scheme = urlsplit(absolute).scheme.lower()
    except ValueError as error:
        raise BadUrl(source.url, f"redirect to {location[:200]!r}: {error}") from None
    if scheme not in _DEFAULT_PORTS:
        raise Blocked(source.url, f"redirect to {location[:200]!r}: only http and https are followed")
    return target_of(absolute)


def request_url(target: Target) -> URL:
    """For aiohttp: the target's address, byte by byte."""
    return URL(target.url, encoded=True)


def _straightened(url: str) -> str:
    """An address as browsers read it: no space around, no line breaks, slashes for backslashes before the query."""
    text = url.strip(_EDGES).replace("\t", "").replace("\r", "").replace("\n", "")
    front, mark, query = text.partition("?")
    return front.replace("\\", "/") + mark + query


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(_straightened(url))
    except ValueError as error:
        raise BadUrl(url, str(error)) from None


def _port(url: str, parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise BadUrl(url, str(error)) from None
    if port == 0:
        raise BadUrl(url, "port 0")
    return port


def _host(url: str, host: str) -> str:
    """The host in lower-case ASCII, checked; a literal address in its one plain form."""
    if len(host) <= _LONGEST_HOST and _ORDINARY_HOST.fullmatch(host):
        return host
    try:
        name = host if host.isascii() else URL.build(scheme="http", host=host).raw_host or ""
        name = name.lower().removesuffix(".")
        literal = host_literal(name)
    except ValueError as error:
        raise BadUrl(url, f"host {host[:100]!r}: {error}") from None
    if literal is not None:
        if literal.version == 4 and str(literal) != name:
            raise Blocked(url, f"host {host!r} is {literal} in disguise")
        if "%" in name:
            raise Blocked(url, f"host {host!r} is an address with a zone")
        return str(literal)
    if len(name) > _LONGEST_HOST or not _HOST_NAME.fullmatch(name):
        raise BadUrl(url, f"host {host[:100]!r} is no host name")
    return name


def _quoted(text: str) -> str:
    """Text of a path or query with all that HTTP can't carry percent-encoded; what is encoded stays as it is."""
    if _ORDINARY_TEXT.fullmatch(text):
        return text
    return quote(text.encode("utf-8", "surrogateescape" if _has_bytes(text) else "replace"), safe=_SAFE)


def _has_bytes(text: str) -> bool:
    """True if each surrogate stands for a byte that was no UTF-8, as aiohttp hands headers over."""
    return all(not "\ud800" <= char <= "\udfff" or "\udc80" <= char <= "\udcff" for char in text)
