"""extractors/domains.py: who owns a host, by the public suffix list."""

from __future__ import annotations

import pytest

from extractors.domains import is_public_suffix, registered_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("lantern.example", "lantern.example"),
        ("a.b.lantern.example", "lantern.example"),
        ("news.lantern.co.uk", "lantern.co.uk"),
        ("lantern.co.uk", "lantern.co.uk"),
        ("co.uk", "co.uk"),
        ("a.lantern.com.ua", "lantern.com.ua"),
        ("one.blogspot.com", "one.blogspot.com"),  # the list's private part: a host is a person's
        ("a.one.substack.com", "one.substack.com"),
        ("a.b.c.ck", "b.c.ck"),  # *.ck
        ("a.www.ck", "www.ck"),  # !www.ck
        ("a.xn--80ak6aa92e.xn--p1ai", "xn--80ak6aa92e.xn--p1ai"),  # a rule that the list has in Cyrillic
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_the_registered_domain_is_one_label_more_than_the_public_suffix(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_a_public_suffix_is_nobodys_site() -> None:
    assert [is_public_suffix(host) for host in ("hu", "co.uk", "github.io")] == [True] * 3
    assert not is_public_suffix("lantern.example")
