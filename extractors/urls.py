"""Addresses: what is one address spelled twice, and what is two.

Pure; no network, no table of outlets, no AMP and mobile forms yet; what a page says of its own address is read in
page_metadata.py. Sits at the front of the pipe: every Entry gets its identity here, and so does every Article.

    discovered address --absolute_url--> Entry.url --canonical_url--> Entry.canonical_url, Article.url

The canonical form is an identity, fit for comparing; the address that is fetched is Entry.url, as discovered.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urljoin

import idna

from extractors.errors import BadUrl
from extractors.tracking import is_tracking

# Characters, of the canonical form. Browsers and servers stop between 2,000 and 8,192; what is longer is a payload.
MAX_URL_LENGTH = 8_192

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_PATH_KEPT = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")  # RFC 3986, 3.3
_QUERY_KEPT = _UNRESERVED | frozenset(b"!$'()*,;:@/?[]")  # RFC 3986, 3.4, without what separates: & = + and #
_FRAGMENT_KEPT = _PATH_KEPT | frozenset(b"?")

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space: dropped at both ends (WHATWG URL, 4.4)
_LINE_BREAKS = str.maketrans("", "", "\t\r\n")  # dropped anywhere (WHATWG URL, 4.4)
_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_PARTS = re.compile(r"(?is)\A(https?):[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z")
_ASCII_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:")
_SESSION_PARAMETER = re.compile(r"(?i);(?:jsessionid|phpsessid|sid)=[^/;]*")
_SLASHES = re.compile(r"(?<!:)/{2,}")  # not in "/web/2025/https://...": an address within the path


@dataclass(frozen=True, slots=True)
class _Parts:
    """A web address taken apart; nothing normalised but the host."""

    host: str  # lower-case, ASCII, without port
    port: str  # ":8080", or "" for 80 and 443
    path: str
    query: str
    fragment: str


def canonical_url(url: str) -> str:
    """The identity of a web address: two spellings of one address give one text. Idempotent.

    Rules, in order: scheme "https" for http and https; host in lower case, A-labels (IDNA 2008 with UTS 46), without
    leading "www.", user name, trailing dot and the ports 80 and 443; percent-encoding with upper-case hex, unreserved
    characters decoded, all else that RFC 3986 forbids encoded as UTF-8; session identifiers in the path dropped, runs
    of slashes made one, dot segments resolved, the trailing slash dropped except in the path "/", which a front page
    always has; parameters: tracking ones (extractors/tracking.py) and empty ones dropped, "+" written "%20", sorted by
    name (those of one name keep their order); fragment dropped, except one that begins with "!": an address of its own.

    Raises BadUrl when it is no http(s) address with a host, or longer than MAX_URL_LENGTH.
    """
    parts = _split(url)
    host = _without_www(parts.host)
    path = _canonical_path(parts.path)
    query = _canonical_query(parts.query)
    canonical = f"https://{host}{parts.port}{path}"
    if query:
        canonical += f"?{query}"
    if parts.fragment.startswith("!"):
        canonical += f"#{_escaped(parts.fragment, _FRAGMENT_KEPT)}"
    if len(canonical) > MAX_URL_LENGTH:
        raise BadUrl(_shown(url), f"longer than {MAX_URL_LENGTH} characters")
    return canonical


def host_of(url: str) -> str:
    """Host in lower case (A-labels) without port and without leading "www.". Raises BadUrl."""
    return _without_www(_split(url).host)


def is_front_page(url: str) -> bool:
    """True when the address names a site and nothing within it: no path, no parameter that counts. Raises BadUrl."""
    parts = _split(url)
    return _canonical_path(parts.path) == "/" and not _canonical_query(parts.query)


def absolute_url(base: str, link: str) -> str:
    """`link`, as found in a document at `base`, as an absolute http(s) address fit for storing and asking.

    Otherwise as written: host, parameters and fragment are left alone; white space and control characters are encoded.
    Raises BadUrl when that gives no http(s) address with a host, or one longer than MAX_URL_LENGTH.
    """
    written = link.strip(_EDGES).translate(_LINE_BREAKS)
    try:
        joined = written if _SCHEME.match(written) else urljoin(base, written)
    except ValueError as error:  # "https://[" and the like
        raise BadUrl(_shown(link), f"no address: {error}") from error
    _split(joined)
    absolute = _CONTROLS.sub(lambda match: f"%{ord(match.group()):02X}", joined)
    if len(absolute) > MAX_URL_LENGTH:
        raise BadUrl(_shown(link), f"longer than {MAX_URL_LENGTH} characters")
    return absolute


# -- taking apart ---------------------------------------------------------------------------------------------------


def _split(url: str) -> _Parts:
    match = _PARTS.match(url.strip(_EDGES).translate(_LINE_BREAKS))
    if match is None:
        raise BadUrl(_shown(url), "no http(s) address with a host")
    if _SURROGATES.search(url):
        raise BadUrl(_shown(url), "holds half a character (a lone surrogate)")
    authority = match[2].rpartition("@")[2]
    host, port = _host_and_port(url, authority)
    return _Parts(host, port, match[3].replace("\\", "/"), match[4] or "", match[5] or "")


def _host_and_port(url: str, authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        literal, bracket, rest = authority[1:].partition("]")
        try:
            host = f"[{ipaddress.IPv6Address(literal)}]"
        except ValueError as error:
            raise BadUrl(_shown(url), f"no IPv6 address: {error}") from error
        if not bracket or (rest and not rest.startswith(":")):
            raise BadUrl(_shown(url), "no host")
        port = rest[1:]
    else:
        name, _, port = authority.partition(":")
        host = _ascii_host(url, name)
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise BadUrl(_shown(url), f"no port: {port[:20]!r}")
    number = int(port) if port else 443
    return host, "" if number in (80, 443) else f":{number}"


def _ascii_host(url: str, name: str) -> str:
    decoded = unquote_to_bytes(name.encode()).decode(errors="replace")
    host = decoded.lower()
    if not host.isascii():
        try:
            host = idna.encode(decoded, uts46=True, transitional=False).decode("ascii").lower()
        except (idna.IDNAError, ValueError) as error:  # IDNAError, and what idna lets through for over-long labels
            raise BadUrl(_shown(url), f"no host name: {error}") from error
    host = host.rstrip(".")
    if not _ASCII_HOST.fullmatch(host) or ".." in host:
        raise BadUrl(_shown(url), f"no host name: {host[:80]!r}")
    return host


def _without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def _shown(url: str) -> str:
    """The address as an error carries it: storable, of bounded length."""
    return url[:500].encode(errors="replace").decode().replace("\x00", "")


# -- putting together -----------------------------------------------------------------------------------------------


def _escaped(text: str, kept: frozenset[int]) -> str:
    """Percent-encoding normalised: what is in `kept` stays, an escape of an unreserved character is decoded."""
    out: list[str] = []
    written = text.encode()
    position = 0
    while position < len(written):
        byte = written[position]
        escape = _ESCAPE.match(written, position) if byte == 0x25 else None
        if escape:
            byte = int(escape[1], 16)
            position += 3
            out.append(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}")
        else:
            position += 1
            out.append(chr(byte) if byte in kept else f"%{byte:02X}")
    return "".join(out)


def _canonical_path(path: str) -> str:
    path = _escaped(path, _PATH_KEPT)
    path = _SLASHES.sub("/", _SESSION_PARAMETER.sub("", path))
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "/" + _SLASHES.sub("/", "/".join(segments)).strip("/")


def _canonical_query(query: str) -> str:
    kept: list[tuple[str, str]] = []
    for part in query.split("&"):
        written_name, equals, written_value = part.replace("+", "%20").partition("=")
        name = _escaped(written_name, _QUERY_KEPT)
        value = _escaped(written_value, _QUERY_KEPT | {0x3D})  # a further "=" belongs to the value
        while name.startswith("amp;"):  # "&amp;" of an HTML source, escaped once too often
            name = name[4:]
        if (name or value) and not is_tracking(name, value):
            kept.append((name, f"{name}{equals}{value}"))
    kept.sort(key=lambda pair: pair[0])
    return "&".join(text for _, text in kept)
