"""extractors/outlets.py and outlets.toml: rules of single outlets, and what holds for all of them."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import outlets, tracking
from extractors.domains import registered_domain
from extractors.page_forms import without_device
from extractors.urls import canonical_url, host_of

TABLE: list[dict[str, Any]] = tomllib.loads(outlets.FILE.read_text("utf-8"))["outlet"]
HOSTS = sorted({host for one in TABLE for host in (one["host"], *one.get("twins", ()), *one.get("like", ()))})
KEYS = {"host", "subdomains", "twins", "like", "drop", "keep", "rewrites", "source"}
PIECES = [
    *("/a", "/amp", "/article", "/news", "/story", "/en", "/i/Abc12", "/x-123456789", "/123456789", "-a-12345", "!amp"),
    *(
        "/a-12345678",
        ".html",
        ".cms",
        "/status/1",
        "?id=1234567",
        "?v=abcdefghij1",
        "/abcdefghij1",
        "-amp",
        "/nx-s1-12345",
    ),
    *("/article-1234567", "/articleshow/1234567", "/0123456789abcdef0123456789abcdef", "/doc/1234567", "/20251016"),
    *("-123456789", "/watch", "/comments", "/s/desk/1", "/rss/articles/CBMi", "==", "&page=2", "/story?id=123456"),
]


def test_every_outlet_has_a_source_and_known_keys_and_comes_once() -> None:
    assert [one for one in TABLE if not one.get("source") or set(one) - KEYS] == []
    named = [host for one in TABLE for host in (one["host"], *one.get("twins", ()), *one.get("like", ()))]
    assert len(named) == len(set(named))


def test_hosts_are_written_as_they_are_looked_up() -> None:
    assert [host for host in HOSTS if without_device(host_of(f"https://{host}/")) != host] == [
        "touch.facebook.com",
    ]


def test_what_an_outlet_drops_is_in_lower_case_and_no_content_elsewhere() -> None:
    names = {name for one in TABLE for name in (*one.get("drop", ()), *one.get("keep", ()))}
    assert [name for name in names if name != name.lower()] == []
    assert not {"id", "article", "p", "page", "q", "v", "story", "newsid"} & names


@given(st.sampled_from(HOSTS), st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
def test_the_rules_of_an_outlet_lead_to_a_form_that_they_leave_alone(host: str, path: str) -> None:
    canonical = canonical_url(f"https://{host}/{path.lstrip('/')}")
    assert canonical_url(canonical) == canonical


def test_twins_have_owners_that_are_one_outlet_or_one_domain() -> None:
    for one in TABLE:
        for twin in one.get("twins", ()):
            assert registered_domain(host_of(canonical_url(f"https://{twin}/a-1"))) == registered_domain(one["host"])


@pytest.mark.parametrize("piece", ["-", "/a-", "/1/a"])
def test_no_rule_takes_long_over_a_long_address(piece: str) -> None:
    started = time.process_time()
    hosts = [one["host"] for one in TABLE if "rewrites" in one]
    for host in hosts:
        canonical_url(f"https://{host}/x{(piece * 8000)[:8000]}x")
    assert time.process_time() - started < 0.2 * len(hosts)  # measured: 0.02


def test_a_parameter_that_an_outlet_keeps_stays_although_it_is_tracking_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = outlets.OutletRules(drop=frozenset({"x"}), keep=frozenset({"utm_source"}), rewrites=())
    monkeypatch.setattr(outlets, "rules_of", lambda host: rules if host == "lantern.example" else None)
    assert tracking.is_tracking("utm_source", "1")
    assert canonical_url("https://lantern.example/a?utm_source=1&x=2") == "https://lantern.example/a?utm_source=1"
