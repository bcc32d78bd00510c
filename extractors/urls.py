"""Addresses: what is one address spelled twice, and what is two.

Pure; what a page says of its own address is read in page_metadata.py. Sits at the front of the pipe: every Entry gets
its identity here, and so does every Article.

    discovered address --absolute_url--> Entry.url --canonical_url--> Entry.canonical_url, Article.url

The canonical form is an identity, fit for comparing; the address that is fetched is Entry.url, as discovered, or the
address that it carries in itself. The rules' parts: syntax (url_parts.py), redirectors (redirectors.py), AMP, mobile
and print forms (page_forms.py), tracking parameters (tracking.py), single outlets (outlets.py, outlets.toml).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from extractors import domains, outlets, page_forms, redirectors, tracking, url_parts
from extractors.domains import registered_domain
from extractors.errors import BadUrl
from extractors.url_parts import (
    EDGES,
    FRAGMENT_KEPT,
    LINE_BREAKS,
    PATH_KEPT,
    QUERY_KEPT,
    VALUE_KEPT,
    Parts,
    escaped,
    shown,
    split,
    with_slashes,
    without_user,
    without_www,
)

__all__ = [
    "MAX_URL_LENGTH",
    "absolute_url",
    "canonical_steps",
    "canonical_url",
    "host_of",
    "is_front_page",
    "is_same_outlet",
    "registered_domain",
    "rules_digest",
]

# Characters, of the canonical form. Browsers and servers stop between 2,000 and 8,192; what is longer is a payload.
MAX_URL_LENGTH = 8_192
# Of what is made canonical; an address may shrink on the way: an escape is three characters, a target stands in a link.
_MAX_WRITTEN_LENGTH = 4 * MAX_URL_LENGTH
# Passes over one address; a second one finds nothing in all but contrived addresses.
_MAX_PASSES = 12

_CONTROLS = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:")
_SESSION = re.compile(r"(?i);(?:jsessionid|phpsessid|sid)=[^/;]*|/\([sfa]\([a-z0-9]{20,40}\)\)")
_SLASHES = re.compile(r"(?<!:)/{2,}")  # not in "/web/2025/https://...": an address within the path
_AMPERSAND = re.compile(r"&(?:amp|#0?38|#x26);")  # "&" of an HTML source, escaped once too often
_AMPERSANDS = re.compile(r"\A(?:amp;)+")
# A fragment that stands for a page, as in "#!/a" and "#/a/1": not one that names nothing, no picture laid over the page
# (Wikipedia's "#/media/File:..."), no name within a page's metadata (schema.org's "#/schema/person/...").
_ROUTE = re.compile(r"(?=[!/])(?!/(?:media|schema)/)!?/?(?!:~:|\Z)")


def canonical_url(url: str) -> str:
    """The identity of a web address: two spellings of one address give one text. Idempotent.

    Rules, in order: the target of a redirector's, an aggregator's or an AMP cache's link, where the link carries it;
    scheme "https" for http and https; host in lower case, A-labels (IDNA 2008 with UTS 46), without leading "www.",
    user name, trailing dot, the ports 80 and 443, and labels of device forms (m., amp., ...); twin domains of one
    outlet made one; percent-encoding with upper-case hex, unreserved characters decoded, all else that RFC 3986
    forbids encoded as UTF-8 (NFC); session identifiers in the path dropped, runs of slashes made one, dot segments
    resolved, the trailing slash dropped except in the path "/", which a front page always has; AMP and print forms,
    "/comments" and names of index files dropped; parameters: tracking ones, such of forms and empty ones dropped, "+"
    written "%20", equal ones made one, sorted by name (those of one name keep their order); the rules of single
    outlets; fragment dropped, except one that begins with "!" or "/": an address of its own.

    Raises BadUrl when it is no http(s) address with a host, or longer than MAX_URL_LENGTH.
    """
    return _canonical(url, None)


def canonical_steps(url: str) -> tuple[tuple[str, str], ...]:
    """(rule, address after it) of each rule that changed the address, in order; the last is its canonical form."""
    trail = _Trail(url)
    _canonical(url, trail)
    return tuple(trail.steps)


def host_of(url: str) -> str:
    """Host in lower case (A-labels) without port and without leading "www.". Raises BadUrl."""
    return without_www(split(url).host)


def is_front_page(url: str) -> bool:
    """True when the address names a site and nothing within it: no path, no parameter that counts. Raises BadUrl."""
    parts = split(canonical_url(url))
    return parts.path == "/" and not parts.query


def is_same_outlet(one: str, other: str) -> bool:
    """True when both addresses are of one registered domain, or of twin domains of one outlet. Raises BadUrl."""
    owners = (registered_domain(outlets.outlet_host(page_forms.without_device(host_of(url)))) for url in (one, other))
    return next(owners) == next(owners)


def absolute_url(base: str, link: str) -> str:
    r"""`link`, as found in a document at `base`, as an absolute http(s) address fit for storing and asking.

    Otherwise as written: host, parameters and fragment are left alone; user name and password are dropped, white space
    and control characters are encoded, "\\" before the parameters is written "/".
    Raises BadUrl when that gives no http(s) address with a host, or one longer than MAX_URL_LENGTH.
    """
    written = with_slashes(link.strip(EDGES).translate(LINE_BREAKS))
    try:
        joined = written if _SCHEME.match(written) else urljoin(with_slashes(base), written)
    except ValueError as error:  # "https://[" and the like
        raise BadUrl(shown(link), f"no address: {error}") from error
    split(joined)
    absolute = without_user(_CONTROLS.sub(lambda match: f"%{ord(match.group()):02X}", joined))
    if len(absolute) > MAX_URL_LENGTH:
        raise BadUrl(shown(link), f"longer than {MAX_URL_LENGTH} characters")
    try:
        urlsplit(absolute)  # the standard library, which others take addresses apart with, must be able to as well
    except ValueError as error:
        raise BadUrl(shown(link), f"no address: {error}") from error
    return absolute


@cache
def rules_digest() -> str:
    """What the canonical form depends on, as a digest: where it has changed, stored forms are out of date."""
    modules = (domains, outlets, page_forms, redirectors, tracking, url_parts)
    files = [Path(module.__file__) for module in modules if module.__file__] + [Path(__file__), outlets.FILE]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.name):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# -- the rules ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Trail:
    """The way of an address through the rules, for canonical_steps."""

    last: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def note(self, rule: str, text: str) -> None:
        if text != self.last:
            self.steps.append((rule, text))
            self.last = text


def _canonical(url: str, trail: _Trail | None) -> str:
    """Passes over the address until one changes nothing that an earlier rule might look at."""
    if len(url) > _MAX_WRITTEN_LENGTH:
        raise BadUrl(shown(url), f"longer than {MAX_URL_LENGTH} characters")
    passed, again = url, True
    for _ in range(_MAX_PASSES):
        passed, again = _pass(passed, trail)
        if len(passed) > MAX_URL_LENGTH:
            raise BadUrl(shown(url), f"longer than {MAX_URL_LENGTH} characters")
        if not again:
            return passed
    raise BadUrl(shown(url), "an address within an address within an address, without end")


def _pass(url: str, trail: _Trail | None) -> tuple[str, bool]:
    """All rules, once. Returns the address, and whether a rule that other rules may follow from has changed it."""
    if "&#" in url:
        url = _AMPERSAND.sub("&", url)
    parts = split(url)
    target = redirectors.decoded_target(parts)
    if target is not None:
        if trail:
            trail.note("redirector", target)
        return target, True
    parts.host = host = without_www(parts.host)
    if trail:
        trail.note("scheme and host", parts.text)
    for rule, host_form in _HOST_FORMS:
        parts.host = host_form(parts.host)
        if trail:
            trail.note(rule, parts.text)
    parts.path = path = _plain_path(parts.path)
    if trail:
        trail.note("path", parts.text)
    for rule, path_form in _PATH_FORMS:
        parts.path = path_form(parts.path)
        if trail:
            trail.note(rule, parts.text)
    again = parts.host != host or parts.path != path
    rules = outlets.rules_of(parts.host)
    parts.query = _canonical_query(parts.query, rules)
    parts.fragment = _canonical_fragment(parts.fragment)
    if trail:
        trail.note("parameters and fragment", parts.text)
    if rules and rules.rewrites:
        again = _rewrite(parts, rules) or again
        if trail:
            trail.note("outlet", parts.text)
    return parts.text, again or redirectors.decoded_target(parts) is not None


def _plain_path(path: str) -> str:
    path = escaped(path, PATH_KEPT)
    for _ in range(_MAX_PASSES):
        simpler = _simpler_path(path)
        if simpler == path:
            return path
        path = simpler
    raise BadUrl(shown(path), "a path within a path within a path, without end")


def _simpler_path(path: str) -> str:
    if ";" in path or "(" in path:
        path = escaped(_SESSION.sub("", path), PATH_KEPT)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if "/." in path:
        segments: list[str] = []
        for segment in path.split("/")[1:]:
            if segment == "..":
                del segments[-1:]
            elif segment != ".":
                segments.append(segment)
        path = "/".join(segments)
    return "/" + path.strip("/")


_HOST_FORMS = (
    ("device", page_forms.without_device),
    ("twin domain", outlets.outlet_host),
)
_PATH_FORMS = (
    ("index file", page_forms.without_index_file),
    ("amp", page_forms.without_amp),
    ("print", page_forms.without_print),
    ("comments", page_forms.without_comments),
)


def _canonical_query(query: str, rules: outlets.OutletRules | None) -> str:
    if not query:
        return ""
    kept: dict[str, str] = {}  # text -> name: equal ones once
    dropped: set[str] = set()
    for part in _AMPERSAND.sub("&", query).replace("+", "%20").split("&"):
        written_name, _, written_value = part.partition("=")
        name = escaped(written_name, QUERY_KEPT)
        value = escaped(written_value, VALUE_KEPT)
        name = _AMPERSANDS.sub("", name)
        if (name or value) and not _is_dropped(name, value, rules):
            kept.setdefault(f"{name}={value}" if value or not name else name, name)
        else:
            dropped.add(name.lower())
    for companion, leader in tracking.COMPANIONS.items():
        if leader in dropped:
            kept = {text: name for text, name in kept.items() if name.lower() != companion}
    return "&".join(text for text, _ in sorted(kept.items(), key=lambda pair: pair[1]))


def _canonical_fragment(fragment: str) -> str:
    if not _ROUTE.match(fragment):
        return ""
    return escaped(fragment.partition(":~:")[0], FRAGMENT_KEPT)


def _is_dropped(name: str, value: str, rules: outlets.OutletRules | None) -> bool:
    if rules:
        lowered = name.lower()
        if lowered in rules.keep:
            return False
        if lowered in rules.drop:
            return True
    return tracking.is_tracking(name, value) or page_forms.is_form(name, value)


def _rewrite(parts: Parts, rules: outlets.OutletRules) -> bool:
    """Bring the outlet's several paths to one article to one. True when something has changed."""
    before = parts.text
    own = parts.path + (f"?{parts.query}" if parts.query else "")
    for pattern, replacement in rules.rewrites:
        own = pattern.sub(replacement, own, count=1)
    if own.startswith("//"):  # to another host
        parts.host, _, own = own[2:].partition("/")
        own = f"/{own}"
    parts.path, _, parts.query = own.partition("?")
    return parts.text != before
