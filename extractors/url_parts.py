"""A web address taken apart and put together, and percent-encoding in its one form.

Pure. Knows the syntax (RFC 3986, WHATWG URL), not what an address means: that is urls.py, redirectors.py, outlets.py.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import idna

from extractors.errors import BadUrl

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
PATH_KEPT = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/")  # RFC 3986, 3.3
QUERY_KEPT = _UNRESERVED | frozenset(b"!$'()*,;:@/?[]")  # RFC 3986, 3.4, without what separates: & = + and #
VALUE_KEPT = QUERY_KEPT | frozenset(b"=")  # a further "=" belongs to the value
FRAGMENT_KEPT = PATH_KEPT | frozenset(b"?")
EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space: dropped at both ends (WHATWG URL, 4.4)
LINE_BREAKS = str.maketrans("", "", "\t\r\n")  # dropped anywhere (WHATWG URL, 4.4)

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
# Bytes beyond ASCII with the letter before them, which an accent written as a character of its own belongs to.
_BEYOND_ASCII = re.compile(r"(?:(?<!%)(?<!%[0-9A-F])[A-Za-z])?(?:%[89A-F][0-9A-F])+")
_PLAIN = re.compile(r"[A-Za-z0-9._~!$'()*,;:@/-]*").fullmatch  # in every `kept` of this file: nothing to encode
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_PARTS = re.compile(r"(?is)\A(https?):[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z")
# No label begins with a hyphen: what is left of a host when its first labels are dropped is a host again.
_ASCII_HOST = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)*(?<!-)").fullmatch
_LONGEST_HOST = 253  # characters (RFC 1035, 2.3.4, without the root)
_LOOSE = re.compile(r"(?s)\A(?:([^:/\\?#]+):)?(?:[/\\]{2}([^/\\?#]*))?([^?#]*)(?:\?([^#]*))?")
# Accents on one letter that are brought into their order; more are no text (30: UAX 15, Stream-Safe Text Format), and
# putting thousands in order takes the square of their number.
_MOST_ACCENTS = 30
_USER = re.compile(r"(?is)\A(https?:[/\\]{2})[^/\\?#]*@")


@dataclass(slots=True)
class Parts:
    """A web address taken apart. `host` is normalised from the start, the rest as written."""

    host: str  # lower-case, ASCII, without port
    port: str  # ":8080", or "" for 80 and 443
    path: str
    query: str
    fragment: str

    @property
    def text(self) -> str:
        """The address, with "https" for its scheme."""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"https://{self.host}{self.port}{self.path}{query}{fragment}"


def names(*lines: str) -> frozenset[str]:
    """The words of the lines: for tables of names."""
    return frozenset(name for line in lines for name in line.split())


def split(url: str) -> Parts:
    """Raises BadUrl for what is no http(s) address with a host."""
    match = _PARTS.match(url.strip(EDGES).translate(LINE_BREAKS))
    if match is None:
        raise BadUrl(shown(url), "no http(s) address with a host")
    if not url.isascii() and _SURROGATES.search(url):
        raise BadUrl(shown(url), "holds half a character (a lone surrogate)")
    host, port = _host_and_port(url, match[2].rpartition("@")[2])
    return Parts(host, port, match[3].replace("\\", "/"), match[4] or "", match[5] or "")


def path_and_query(url: str) -> tuple[str, str]:
    """Both as written, "\\" in the path as "/". Of any text, well-formed or not: for looking into an address, not for
    judging or asking it.
    """
    match = _LOOSE.match(url)
    return (match[3].replace("\\", "/"), match[4] or "") if match else ("", "")


def authority(url: str) -> str:
    """Host with port and user name, as written; "" for an address without. Of any text, as `path_and_query`."""
    match = _LOOSE.match(url)
    return match[2] or "" if match else ""


def with_slashes(url: str) -> str:
    """The address with "/" for "\\" before its query, as browsers read it (WHATWG URL, 4.4)."""
    end = re.search(r"[?#]|\Z", url)
    front = url[: end.start()] if end else url
    return front.replace("\\", "/") + url[len(front) :]


def plain_form(url: str) -> str:
    """Of an address that is asked again and again, a feed's: its syntax made one, and nothing else. What a page's
    identity leaves out (tracking, languages, forms) may be what tells two feeds apart. Raises BadUrl.
    """
    parts = split(url)
    parts.host = without_www(parts.host)
    parts.path = "/" + escaped(parts.path, PATH_KEPT).strip("/")
    parts.query = escaped(parts.query, QUERY_KEPT | frozenset(b"=&+"))
    parts.fragment = ""
    return parts.text


def without_user(url: str) -> str:
    """The address without user name and password."""
    return _USER.sub(r"\1", url)


def without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def escaped(text: str, kept: frozenset[int]) -> str:
    """Percent-encoding normalised: what is in `kept` stays, an escape of an unreserved character is decoded, letters
    with accents are composed (NFC).
    """
    if _PLAIN(text):
        return text
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
    return _BEYOND_ASCII.sub(_composed, "".join(out))


def shown(url: str) -> str:
    """The address as an error carries it: storable, of bounded length."""
    return url[:500].encode(errors="replace").decode().replace("\x00", "")


def _composed(match: re.Match[str]) -> str:
    try:
        letters = unquote_to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]
    if _has_piled_accents(letters):
        return match[0]
    if unicodedata.is_normalized("NFC", letters):
        return match[0]
    composed = unicodedata.normalize("NFC", letters)
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in composed)


def _has_piled_accents(letters: str) -> bool:
    piled = 0
    for char in letters:
        piled = piled + 1 if unicodedata.combining(char) else 0
        if piled > _MOST_ACCENTS:
            return True
    return False


def _host_and_port(url: str, authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        literal, bracket, rest = authority[1:].partition("]")
        try:
            host = f"[{ipaddress.IPv6Address(literal)}]"
        except ValueError as error:
            raise BadUrl(shown(url), f"no IPv6 address: {error}") from error
        if not bracket or (rest and not rest.startswith(":")):
            raise BadUrl(shown(url), "no host")
        port = rest[1:]
    else:
        name, _, port = authority.partition(":")
        host = _ascii_host(url, name)
    if not port:
        return host, ""
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise BadUrl(shown(url), f"no port: {port[:20]!r}")
    return host, "" if int(port) in (80, 443) else f":{int(port)}"


def _ascii_host(url: str, name: str) -> str:
    decoded = unquote_to_bytes(name.encode()).decode(errors="replace") if "%" in name else name
    host = decoded.lower()
    if not host.isascii():
        if len(host) > _LONGEST_HOST:
            raise BadUrl(shown(url), f"no host name: {host[:80]!r} is the front of {len(host)} characters")
        try:
            host = idna.encode(decoded, uts46=True, transitional=False).decode("ascii").lower()
        except (idna.IDNAError, ValueError) as error:  # IDNAError, and what idna lets through for over-long labels
            raise BadUrl(shown(url), f"no host name: {error}") from error
    host = host.rstrip(".")
    if not _ASCII_HOST(host):
        raise BadUrl(shown(url), f"no host name: {host[:80]!r}")
    return host
