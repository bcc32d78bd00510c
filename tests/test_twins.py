"""flows/twins.py: which spelling of an address is tried, and what new rules for addresses do to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from extractors import urls
from extractors.records import Decision, Outcome
from flows import twins
from tests.fakeweb import FakeWeb
from tests.records_factory import RUN, at, make_entry
from tests.test_collecting import NOW, SITE, Site, story
from warehouse import connect, load, read

WWW = SITE.replace("//", "//www.")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with FakeWeb() as web:
        yield Site(web, tmp_path)


@pytest.fixture
def data_dir(tmp_path: Path) -> connect.DataDir:
    return connect.DataDir(tmp_path / "data")


def list_link(site: Site, url: str) -> None:
    site.items.append(f"<item><title>{url}</title><link>{url}</link></item>")


def test_a_spelling_is_tried_when_the_one_before_it_is_gone(site: Site) -> None:
    list_link(site, f"{SITE}/a-1/amp")
    site.page("/a-1", story(1))
    site.run()
    assert site.ledger() == {
        "/a-1/amp": ("gone", "http_gone", None),
        "/a-1": ("pending", "queued", None),
    }
    site.run()
    assert site.ledger() == {
        "/a-1/amp": ("gone", "http_gone", None),
        "/a-1": ("loaded", "independent", "/a-1"),
    }


@pytest.mark.parametrize(("status", "outcome"), [(403, "refused"), (500, "failed"), (410, "gone")])
def test_a_spelling_that_comes_after_the_other_has_failed_is_tried(site: Site, status: int, outcome: str) -> None:
    list_link(site, f"{WWW}/a-1")
    site.web.fail(f"{WWW}/a-1", status, times=20)
    site.run(max_attempts=1)
    site.page("/a-1", story(1))
    site.run()
    assert site.ledger() == {
        f"{WWW}/a-1": (outcome, site.ledger()[f"{WWW}/a-1"][1], None),
        "/a-1": ("loaded", "independent", "/a-1"),
    }


def test_spellings_are_tried_one_at_a_time_and_not_without_end(site: Site) -> None:
    paths = [f"/a-1?utm_source={letter}" for letter in "abcdef"]
    for path in paths:
        site.list(path)
    for _ in range(6):
        site.run()
        assert sum(outcome == "pending" for outcome, _, _ in site.ledger().values()) <= 1
    told = [site.ledger()[path][0] for path in paths]
    assert told == ["gone"] * twins.MOST_TRIED + ["duplicate_url"] * 3


def test_no_spelling_is_tried_while_another_may_still_lead_to_the_article(site: Site) -> None:
    site.list("/a-1")
    site.list("/a-1/amp")
    site.web.fail(f"{SITE}/a-1", 503, times=20)
    site.run(max_attempts=3, fetch_deadline_seconds=5)
    assert [outcome for outcome, _, _ in site.ledger().values()] == ["pending", "duplicate_url"]
    site.page("/b-1", story(1))
    site.run(NOW + timedelta(minutes=1))
    site.list("/b-1?utm_source=x")
    site.run(NOW + timedelta(minutes=2))
    assert site.ledger()["/b-1?utm_source=x"] == ("duplicate_url", "same_canonical", "/b-1")


def test_new_rules_make_the_ledgers_canonical_addresses_anew_once(
    data_dir: connect.DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, amp, other = "https://daily.example/a-1", "https://daily.example/a-1/amp", "https://daily.example/b-1"
    with connect.writer(data_dir, wait_seconds=5) as con:
        entries = [make_entry(url, url=url, canonical_url=url, first_seen_at=at(0)) for url in (plain, amp, other)]
        load.record_entries(con, entries, RUN)
        load.record_decisions(
            con, [Decision(url=plain, outcome=Outcome.LOADED, reason="independent", at=at(1), article_url=plain)], RUN
        )
        assert twins.respell(con, at(2), "run-2") == 1
        assert dict(read.spellings(con)) == {plain: plain, amp: plain, other: other}
        assert read.url_rules(con) == urls.rules_digest()
        assert [entry.url for entry in read.pending(con, at(3), 10)] == [other]
        duplicate = read.why(con, amp)
        assert duplicate is not None
        assert (duplicate.outcome, duplicate.reason) == ("duplicate_url", "same_canonical")
        assert twins.respell(con, at(3), "run-3") == 0
        monkeypatch.setattr(twins, "rules_digest", lambda: "another")
        assert twins.respell(con, at(4), "run-4") == 0
        assert read.url_rules(con) == "another"


def test_what_is_no_address_by_the_new_rules_keeps_its_form(data_dir: connect.DataDir) -> None:
    with connect.writer(data_dir, wait_seconds=5) as con:
        entry = make_entry(
            "x", url="gopher://daily.example/", canonical_url="https://daily.example/", first_seen_at=at(0)
        )
        load.record_entries(con, [entry], RUN)
        assert twins.respell(con, at(2), "run-2") == 0
        assert read.spellings(con) == [("gopher://daily.example/", "https://daily.example/")]
