"""Registered domains: who owns a host, by the public suffix list.

Pure; reads one file at the first call. The list is the one that the package `tld` bundles (a dependency of trafilatura,
pinned with it). Only its file is read, by the rules of publicsuffix.org/list: the package's own functions can fetch a
newer list from the network, take 40 us a call, and know no names beyond the list, such as those of tests (RFC 2606).
"""

from __future__ import annotations

import ipaddress
from functools import cache, lru_cache
from importlib.resources import files

from extractors.url_parts import names

# Where anybody gets a host of their own, and the list does not say so: one owner per host, as for the list's private
# part (*.github.io, *.blogspot.com). From the platforms' own help pages.
_SHARED = names(
    "substack.com beehiiv.com ghost.io medium.com tumblr.com livejournal.com wordpress.com typepad.com",
    "over-blog.com blog.hu blog.cz blogi.pl canalblog.com hatenablog.com note.com mystrikingly.com",
    "sites.google.com",
)


def registered_domain(host: str) -> str:
    """The part of a host name (lower case, A-labels) that somebody registered: "a.lantern.co.uk" -> "lantern.co.uk".

    The host itself when there is none: an IP address, "localhost", a public suffix.
    """
    return _registered_domain(host.rstrip("."))


@lru_cache(maxsize=10_000)
def _registered_domain(host: str) -> str:
    if _is_address(host):
        return host
    rules = _rules()
    labels = host.split(".")
    suffix = 1  # labels; the rule "*" holds where none does
    for start in range(len(labels)):
        rest = ".".join(labels[start:])
        if f"!{rest}" in rules:
            suffix = len(labels) - start - 1
            break
        if rest in rules or (start + 1 < len(labels) and f"*.{'.'.join(labels[start + 1 :])}" in rules):
            suffix = len(labels) - start
            break
    return ".".join(labels[-suffix - 1 :])


def is_public_suffix(host: str) -> bool:
    """True for "co.uk", "hu", "github.io": under which people register, and which nobody's site is."""
    return "." not in host or host in _rules()


@cache
def _rules() -> frozenset[str]:
    written = files("tld").joinpath("res/effective_tld_names.dat.txt").read_text(encoding="utf-8")
    lines = (line.split()[0] for line in written.splitlines() if line.strip() and not line.startswith("//"))
    return frozenset(_ascii(line) for line in lines) | _SHARED


def _ascii(rule: str) -> str:
    """A rule in A-labels. The list is in lower case and composed already, so that Punycode alone is left to do."""
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in rule.split(".")
    )


def _is_address(host: str) -> bool:
    if not host[-1:].isdigit() and "]" not in host:
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
