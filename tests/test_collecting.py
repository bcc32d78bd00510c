"""Fetching to loading: which addresses are one article, what failures do to the ledger, what stops a batch: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import ParamSpec, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.realweb import EVERYTHING
from extractors.archive import Place, files, places_in
from extractors.errors import ArchiveFailed
from extractors.records import REASONS, Entry, Failure, Outcome, RunReport
from flows import pipeline
from flows.collecting import MAX_BATCHES, batches, decision_after_failure
from flows.pipeline import Caller, plainly
from flows.polling import MAX_DEPTH
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.records_factory import make_entry
from warehouse import connect, read

P = ParamSpec("P")
T = TypeVar("T")
NOW = datetime(2025, 10, 20, tzinfo=UTC)
SITE = "http://lantern.example"


def story(number: int) -> str:
    """A text of its own, long enough to be an article; shares no three words in a row with another one."""
    words = Random(number)
    return " ".join(f"{''.join(words.choices('abdeiklmnorstu', k=7))} spoke." for _ in range(60))


class Site:
    """A site of one feed, watched with a story that holds everything."""

    def __init__(self, web: FakeWeb, root: Path) -> None:
        self.web, self.root = web, root
        (root / "feeds.toml").write_text(f'[[feed]]\nname = "lantern"\nurl = "{SITE}/rss"\n')
        (root / "story.toml").write_text(EVERYTHING)
        self.items: list[str] = []

    def page(self, path: str, text: str, *, canonical: str | None = None, listed: bool = True) -> None:
        head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
        html = f"<html><head><title>On {path}</title>{head}</head><body><article><p>{text}</p></article></body></html>"
        self.web.serve(f"{SITE}{path}", html, headers={"Content-Type": "text/html"})
        if listed:
            self.list(path)

    def list(self, path: str) -> None:
        self.items.append(f"<item><title>On {path}</title><link>{SITE}{path}</link></item>")

    def run(self, now: datetime = NOW, *, caller: Caller = plainly, **settings: object) -> RunReport:
        feed = f'<rss version="2.0"><channel><title>t</title>{"".join(self.items)}</channel></rss>'
        self.web.forget(f"{SITE}/rss")
        self.web.serve(f"{SITE}/rss", feed)
        world = World(resolver=self.web.resolver(), clock=lambda: now)
        common = {
            "feeds_file": self.root / "feeds.toml",
            "story_file": self.root / "story.toml",
            "host_delay_seconds": 0,
            "ask_all_feeds": True,  # the clock stands still between two runs
        }
        chosen = Settings.model_validate({"data_dir": self.root / "data", **common, **settings})
        return pipeline.run(prepare(chosen, world), command="test", caller=caller)

    def ledger(self) -> dict[str, tuple[str, str, str | None]]:
        """path -> outcome, reason, path of the article."""
        with connect.reader(connect.DataDir(self.root / "data"), wait_seconds=5) as con:
            rows = read.query(con, "SELECT url, outcome, reason, article_url FROM entry")[1]
        https = SITE.replace("http:", "https:")
        return {url.removeprefix(SITE): (o, r, a and a.removeprefix(https)) for url, o, r, a in rows}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with FakeWeb() as web:
        yield Site(web, tmp_path)


def test_a_canonical_link_that_every_page_carries_loses_no_article(site: Site) -> None:
    for number in range(12):
        site.page(f"/{number}", story(number), canonical="/news")
    site.run()
    assert set(site.ledger().values()) == {("loaded", "independent", f"/{number}") for number in range(12)}
    site.page("/later", story(99), canonical="/news")
    site.run()
    assert site.ledger()["/later"] == ("loaded", "independent", "/later")


@pytest.mark.parametrize("in_one_run", [True, False])
def test_a_page_that_names_another_with_the_same_text_is_another_address_of_it(site: Site, in_one_run: bool) -> None:
    site.page("/story", story(1))
    if not in_one_run:
        site.run()
    site.page("/story/print", story(1), canonical="/story")
    site.run()
    assert site.ledger()["/story"] == ("loaded", "independent", "/story")
    assert site.ledger()["/story/print"] == ("duplicate_url", "canonical_link", "/story")


def test_the_named_page_that_comes_later_is_another_address_of_the_one_that_named_it(site: Site) -> None:
    site.page("/story/amp", story(1), canonical="/story")
    site.run()
    site.page("/story", story(1))
    site.run()
    assert site.ledger()["/story"] == ("duplicate_url", "canonical_link", "/story/amp")


def test_pages_that_name_each_other_with_other_texts_are_two_articles(site: Site) -> None:
    site.page("/a", story(1), canonical="/b")
    site.page("/b", story(2), canonical="/a")
    site.run()
    assert set(site.ledger().values()) == {("loaded", "independent", "/a"), ("loaded", "independent", "/b")}


@pytest.mark.parametrize("in_one_run", [True, False])
def test_addresses_that_redirect_to_one_page_are_one_article(site: Site, in_one_run: bool) -> None:
    site.page("/story", story(1), listed=False)
    for path in ("/short/1", "/short/2"):
        site.web.redirect(f"{SITE}{path}", f"{SITE}/story")
        site.list(path)
        if not in_one_run:
            site.run()
    site.run()
    assert sorted(site.ledger().values()) == [
        ("duplicate_url", "redirect", "/story"),
        ("loaded", "independent", "/story"),
    ]


# -- aggregators ----------------------------------------------------------------------------------------------------

GOOGLE = "http://news.google.com/rss/articles/CBMiAU_yqLabc?oc=5"


def list_link(site: Site, url: str) -> None:
    site.items.append(f"<item><title>On {url[-9:]}</title><link>{url.replace('&', '&amp;')}</link></item>")


def serve_between(site: Site, html: str) -> None:
    list_link(site, GOOGLE)
    site.web.serve(GOOGLE, f"<html><body>{html}</body></html>", headers={"Content-Type": "text/html"})


def test_an_aggregators_link_that_carries_its_target_is_never_asked_itself(site: Site) -> None:
    site.page("/story-1", story(1), listed=False)
    link = f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&url={SITE}/story-1"
    list_link(site, link)
    site.run()
    assert site.ledger() == {link: ("loaded", "independent", "/story-1")}
    assert site.web.paths("www.bing.com") == []
    site.page("/story-1", story(1))
    site.run()
    assert site.ledger()["/story-1"] == ("duplicate_url", "same_canonical", "/story-1")


@pytest.mark.parametrize(
    "html",
    [
        f'<div data-n-au="{SITE}/story"></div>',
        f'<a rel="nofollow" href="{SITE}/story">lantern.example</a>',
        f'<script>window.location.replace("{SITE}/story")</script>',
    ],
)
def test_the_page_in_between_of_an_aggregator_leads_to_the_article(site: Site, html: str) -> None:
    site.page("/story", story(1), listed=False)
    serve_between(site, html)
    site.run()
    assert site.ledger() == {GOOGLE: ("loaded", "independent", "/story")}


def test_an_aggregators_redirect_is_followed_to_the_article(site: Site) -> None:
    site.page("/story", story(1), listed=False)
    list_link(site, GOOGLE)
    site.web.redirect(GOOGLE, f"{SITE}/story")
    site.run()
    assert site.ledger() == {GOOGLE: ("loaded", "independent", "/story")}


def test_an_aggregators_link_to_a_stored_article_is_another_address_of_it_and_asks_it_not_again(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    serve_between(site, f'<div data-n-au="{SITE}/story?utm_source=x"></div>')
    site.run()
    assert site.ledger()[GOOGLE] == ("duplicate_url", "redirect", "/story")
    assert site.web.paths("lantern.example").count("/story") == 1


def test_what_leads_to_an_aggregator_is_followed_through_its_page_too(site: Site) -> None:
    short = "http://short.example/x1"
    site.page("/story", story(1), listed=False)
    list_link(site, short)
    site.web.redirect(short, GOOGLE)
    site.web.serve(GOOGLE, f'<div data-n-au="{SITE}/story"></div>', headers={"Content-Type": "text/html"})
    site.run()
    assert site.ledger() == {short: ("loaded", "independent", "/story")}


def test_pages_in_between_that_lead_to_each_other_end_in_a_lead(site: Site) -> None:
    short, other = "http://short.example/x1", "http://news.google.com/rss/articles/CBMiAU_yqLother"
    serve_between(site, f'<div data-n-au="{short}"></div>')
    site.web.redirect(short, other)
    site.web.serve(other, f'<div data-n-au="{short}"></div>', headers={"Content-Type": "text/html"})
    site.run()
    assert site.ledger() == {GOOGLE: ("lead", "unresolved", None)}


def test_an_aggregators_link_that_leads_nowhere_is_kept_as_a_lead_with_its_headline(site: Site) -> None:
    list_link(site, GOOGLE)
    consent = "http://consent.google.com/ml?continue=x"
    site.web.redirect(GOOGLE, consent)
    site.web.serve(consent, f"<p>Before you continue {story(3)}</p>", headers={"Content-Type": "text/html"})
    site.run()
    assert site.ledger() == {GOOGLE: ("lead", "unresolved", None)}
    with connect.reader(connect.DataDir(site.root / "data"), wait_seconds=5) as con:
        assert read.query(con, "SELECT title FROM entry")[1] == [(f"On {GOOGLE[-9:]}",)]


@pytest.mark.parametrize("status", [403, 404, 429, 451])
def test_an_aggregator_that_refuses_leaves_a_lead(site: Site, status: int) -> None:
    list_link(site, GOOGLE)
    site.web.fail(GOOGLE, status, times=9)
    site.run(max_attempts=1)
    assert site.ledger() == {GOOGLE: ("lead", "unresolved", None)}


def test_an_aggregator_whose_robots_file_forbids_it_leaves_a_lead(site: Site) -> None:
    list_link(site, GOOGLE)
    site.web.serve("http://news.google.com/robots.txt", "User-agent: *\nDisallow: /")
    site.run()
    assert site.ledger() == {GOOGLE: ("lead", "unresolved", None)}


def test_an_aggregator_that_fails_for_now_is_asked_again(site: Site) -> None:
    list_link(site, GOOGLE)
    site.web.fail(GOOGLE, 503, times=9)
    site.run(max_attempts=2, fetch_deadline_seconds=5)
    assert site.ledger() == {GOOGLE: ("pending", "retry", None)}


def test_an_article_that_is_gone_behind_an_aggregators_link_is_gone(site: Site) -> None:
    serve_between(site, f'<div data-n-au="{SITE}/missing"></div>')
    site.run()
    assert site.ledger() == {GOOGLE: ("gone", "http_gone", None)}


def test_two_links_to_one_target_ask_it_once(site: Site) -> None:
    site.page("/story", story(1), listed=False)
    other = GOOGLE.replace("Labc", "Labd")
    serve_between(site, f'<div data-n-au="{SITE}/story"></div>')
    list_link(site, other)
    site.web.serve(other, f'<div data-n-au="{SITE}/story"></div>', headers={"Content-Type": "text/html"})
    site.run()
    assert sorted(site.ledger().values()) == [
        ("duplicate_url", "redirect", "/story"),
        ("loaded", "independent", "/story"),
    ]
    assert site.web.paths("lantern.example").count("/story") == 1


def test_one_bad_page_stops_no_batch(site: Site) -> None:
    site.page("/good", story(1))
    site.web.serve(f"{SITE}/empty", b"")
    site.web.serve(
        f"{SITE}/zeros", b"<p>\0\0" + story(2).encode() + b"\xff\xfe</p>", headers={"Content-Type": "text/html"}
    )
    site.web.serve(f"{SITE}/image", b"\x89PNG\r\n\x1a\n", headers={"Content-Type": "image/png"})
    site.web.reset(f"{SITE}/reset")
    for path in ("/empty", "/zeros", "/image", "/reset", "/missing"):
        site.list(path)
    report = site.run(fetch_deadline_seconds=5)
    assert report.status == "completed"
    told = {path: (outcome, reason) for path, (outcome, reason, _) in site.ledger().items()}
    assert told["/good"] == ("loaded", "independent")
    assert told["/empty"] == ("not_article", "empty_body")
    assert told["/image"] == ("not_article", "unsupported_type")
    assert told["/missing"] == ("gone", "http_gone")
    assert told["/reset"] == ("pending", "retry")
    assert told["/zeros"] == ("loaded", "independent")


def test_a_passing_failure_is_tried_again_later_and_then_counts_as_failed(site: Site) -> None:
    site.list("/down")
    site.web.fail(f"{SITE}/down", 503, times=20)
    site.run(max_attempts=2, fetch_deadline_seconds=5)
    assert site.ledger()["/down"] == ("pending", "retry", None)
    assert site.run(max_attempts=2).fetched == 0  # not yet
    site.run(NOW + timedelta(hours=1), max_attempts=2, fetch_deadline_seconds=5)
    assert site.ledger()["/down"] == ("failed", "server_error", None)
    assert site.run(NOW + timedelta(days=9), max_attempts=2).fetched == 0


def test_what_a_run_has_no_time_for_waits_for_the_next(site: Site) -> None:
    for number in range(5):
        site.page(f"/{number}", story(number))
    assert site.run(max_pages_per_run=2).ledger_outcomes == {"loaded": 2, "pending": 3}
    assert site.run(max_pages_per_run=2).ledger_outcomes == {"loaded": 4, "pending": 1}
    assert site.run(max_pages_per_run=2).ledger_outcomes == {"loaded": 5}


def test_a_page_that_was_not_asked_because_its_host_rests_has_made_no_attempt(site: Site) -> None:
    for number in range(4):
        site.page(f"/{number}", story(number))
    site.web.forget(f"{SITE}/0")
    site.web.fail(f"{SITE}/0", 503, retry_after="120", times=9)
    for hours in range(4):
        site.run(NOW + timedelta(hours=8 * hours), max_attempts=3, fetch_deadline_seconds=5)
    told = {path: outcome for path, (outcome, _, _) in site.ledger().items()}
    assert told == {"/0": "failed", "/1": "loaded", "/2": "loaded", "/3": "loaded"}


def test_a_status_that_is_none_is_one_pages_failure(site: Site) -> None:
    site.page("/good", story(1))
    site.web.raw(f"{SITE}/bad", b"HTTP/1.1 000 x\r\nContent-Length: 0\r\n\r\n")
    site.list("/bad")
    site.run()
    assert site.ledger()["/good"][0] == "loaded"
    assert site.ledger()["/bad"][:2] == ("failed", "protocol_error")


def test_a_redirect_to_what_is_no_address_for_us_is_one_pages_refusal(site: Site) -> None:
    site.page("/good", story(1))
    long = f"{SITE}/a?x=" + "|" * 3000
    site.web.redirect(f"{SITE}/bad", long)
    site.web.serve(long, f"<p>{story(2)}</p>", headers={"Content-Type": "text/html"})
    site.list("/bad")
    site.run()
    assert site.ledger()["/good"][0] == "loaded"
    assert site.ledger()["/bad"][:2] == ("refused", "bad_url")


def test_what_another_run_has_decided_in_the_meantime_stays(site: Site) -> None:
    site.page("/story", story(1))

    def overtaken(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if function.__name__ == "judge_and_load":
            function(*args, **kwargs)
        return function(*args, **kwargs)

    site.run(caller=overtaken)
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}


def test_an_index_that_never_changes_shows_what_its_sitemaps_gain(site: Site) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    site.web.serve(f"{SITE}/index", f"<sitemapindex {space}><sitemap><loc>{SITE}/map</loc></sitemap></sitemapindex>")
    (site.root / "feeds.toml").write_text(f'[[feed]]\nname = "lantern"\nurl = "{SITE}/index"\n')
    for number in range(3):
        site.page(f"/{number}", story(number))
        site.web.forget(f"{SITE}/map")
        urls = "".join(f"<url><loc>{SITE}/{n}</loc></url>" for n in range(number + 1))
        site.web.serve(f"{SITE}/map", f"<urlset {space}>{urls}</urlset>")
        assert site.run().ledger_outcomes == {"loaded": number + 1}


def test_an_endless_chain_of_sitemap_indexes_ends(site: Site) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    for number in range(9):
        child = f"<sitemap><loc>{SITE}/index/{number + 1}</loc></sitemap>"
        site.web.serve(f"{SITE}/index/{number}", f"<sitemapindex {space}>{child}</sitemapindex>")
    (site.root / "feeds.toml").write_text(f'[[feed]]\nname = "lantern"\nurl = "{SITE}/index/0"\n')
    site.run()
    assert len(site.web.paths("lantern.example")) == 1 + MAX_DEPTH


def test_a_url_turned_away_for_its_entry_is_fetched_when_a_telling_one_shows_it(site: Site) -> None:
    gated = EVERYTHING.replace('en = ["nothing of the kind"]', 'en = ["lighthouse"]')
    gated = gated.replace('[[gate]]\nname = "everything"\nall = ["*"]', '[[gate]]\nname = "word"\nall = ["nothing"]')
    (site.root / "story.toml").write_text(gated)
    site.page("/story", story(1))
    site.run()
    assert site.ledger()["/story"][:2] == ("off_story", "gate")
    site.items = [f"<item><title>The lighthouse speaks</title><link>{SITE}/story</link></item>"]
    site.run()
    assert site.ledger()["/story"][:2] == ("loaded", "independent")


def test_every_page_that_answered_is_in_the_archive_of_its_run(site: Site) -> None:
    site.page("/story", story(1))
    site.web.serve(f"{SITE}/image", b"\x89PNG\r\n\x1a\n", headers={"Content-Type": "image/png"})
    site.list("/image")
    site.list("/missing")
    report = site.run()
    (path,) = files(site.root / "data" / "archive")
    assert path.name == f"{report.run_id}.warc.gz"
    places = [place for place in places_in(path) if isinstance(place, Place)]
    assert sorted(place.entry_url for place in places) == [f"{SITE}/image", f"{SITE}/story"]


def test_without_an_archive_nothing_is_kept_and_the_run_is_the_same(site: Site) -> None:
    site.page("/story", story(1))
    site.run(archive=False)
    assert files(site.root / "data" / "archive") == []
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}


def test_a_page_that_can_not_be_archived_is_not_taken_in_and_waits(site: Site) -> None:
    site.page("/story", story(1))
    (site.root / "data").mkdir()
    (site.root / "data" / "archive").write_text("in the way")
    with pytest.raises(ArchiveFailed):
        site.run()
    assert site.ledger() == {"/story": ("pending", "queued", None)}
    (site.root / "data" / "archive").unlink()
    site.run()
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}
    assert len(files(site.root / "data" / "archive")) == 1


@given(st.integers(0, 700))
def test_batches_hold_every_entry_once_in_order(number: int) -> None:
    entries: list[Entry] = [make_entry(str(n)) for n in range(number)]
    cut = list(batches(entries))
    assert [one for batch in cut for one in batch] == entries
    assert len(cut) <= MAX_BATCHES


@given(
    st.sampled_from(
        [reason for reason, outcome in REASONS.items() if outcome in (Outcome.FAILED, Outcome.GONE, Outcome.REFUSED)]
    ),
    st.booleans(),
    st.integers(1, 20),
    st.integers(1, 20),
    st.none() | st.floats(0, 1e9),
)
def test_a_failure_waits_only_while_it_may_pass_and_attempts_are_left(
    reason: str, transient: bool, attempts: int, max_attempts: int, retry_after: float | None
) -> None:
    failure = Failure(
        url="http://a.example/", reason=reason, detail="d", transient=transient, at=NOW, retry_after_seconds=retry_after
    )
    decision = decision_after_failure(failure, attempts, max_attempts)
    assert decision.attempts == attempts
    if transient and attempts < max_attempts:
        assert (decision.outcome, decision.reason) == (Outcome.PENDING, "retry")
        assert decision.next_attempt_at is not None
        assert timedelta(minutes=10) <= decision.next_attempt_at - NOW <= timedelta(days=1)
        assert reason in decision.detail
    else:
        assert (decision.outcome, decision.reason) == (REASONS[reason], reason)
        assert decision.next_attempt_at is None
