"""flows/polling.py and answers.py: feeds on a loopback web, asked when they are due, and what that leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.errors import NetworkUnreachable
from extractors.records import FeedState, RunReport
from flows import pipeline
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from warehouse import connect, read

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def rss(*names: str, published: datetime = NOW, extra: str = "") -> str:
    date = format_datetime(published)
    items = "".join(
        f"<item><title>On {n}</title><link>http://pages.example/{n}</link><pubDate>{date}</pubDate></item>"
        for n in names
    )
    return f'<rss version="2.0"><channel><title>t</title>{extra}{items}</channel></rss>'


def urlset(*names: str) -> str:
    return f"<urlset {SPACE}>{''.join(f'<url><loc>http://pages.example/{n}</loc></url>' for n in names)}</urlset>"


def index(**lastmod: str) -> str:
    maps = "".join(
        f"<sitemap><loc>http://one.example/{name}</loc><lastmod>{date}</lastmod></sitemap>"
        for name, date in lastmod.items()
    )
    return f"<sitemapindex {SPACE}>{maps}</sitemapindex>"


class Station:
    """Feeds called one, two, ... at http://<name>.example/rss, and runs at times of our choice."""

    def __init__(self, web: FakeWeb, root: Path) -> None:
        self.web, self.root = web, root
        (root / "story.toml").write_text(EVERYTHING)
        self.watch("one")

    def watch(self, *names: str) -> None:
        feeds = "".join(f'[[feed]]\nname = "{name}"\nurl = "http://{name}.example/rss"\n' for name in names)
        (self.root / "feeds.toml").write_text(feeds)

    def show(self, body: str, url: str = "http://one.example/rss", **more: object) -> None:
        self.web.forget(url)
        self.web.serve(url, body, **more)  # type: ignore[arg-type]

    def run(self, now: datetime, *, unknown: tuple[str, ...] = (), **settings: object) -> RunReport:
        given = {
            "data_dir": self.root / "data",
            "feeds_file": self.root / "feeds.toml",
            "story_file": self.root / "story.toml",
            "host_delay_seconds": 0,
            "fetch_deadline_seconds": 5,
        }
        world = World(resolver=self.web.resolver(unknown=unknown), clock=lambda: now)
        return pipeline.run(prepare(Settings.model_validate({**given, **settings}), world), command="test")

    def state(self, url: str = "http://one.example/rss") -> FeedState:
        with connect.reader(connect.DataDir(self.root / "data"), wait_seconds=5) as con:
            return read.feed_states(con)[url]

    def asked(self, host: str = "one.example") -> list[tuple[str, bool]]:
        """(path, whether with a validator) of each request, in order."""
        hits = [hit for hit in self.web.log if hit.host == host]
        return [(hit.path, bool({"if-none-match", "if-modified-since"} & set(hit.headers))) for hit in hits]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with FakeWeb() as web:
        yield Station(web, tmp_path)


def test_a_feed_is_asked_when_it_is_due_and_always_when_all_are_asked(station: Station) -> None:
    station.show(rss("a", extra="<ttl>60</ttl>"))
    for minutes, polled in ((0, 1), (15, 0), (45, 0), (60, 1)):
        assert station.run(NOW + timedelta(minutes=minutes)).feeds_polled == polled
    assert station.run(NOW + timedelta(minutes=61), ask_all_feeds=True).feeds_polled == 1


def test_a_feed_that_brings_news_is_asked_in_every_run(station: Station) -> None:
    for number in range(5):
        now = NOW + number * QUARTER - timedelta(seconds=number % 3)  # runs start a little early or late
        station.show(rss(*(str(n) for n in range(number + 1)), published=now))
        report = station.run(now)
        assert (report.feeds_polled, report.discovered) == (1, 1)


def test_news_behind_a_server_that_answers_304_for_ever_is_found_within_a_day(station: Station) -> None:
    station.show(rss("a"), etag='"always"')
    station.run(NOW)
    station.show(rss("a", "b", published=NOW + timedelta(hours=1)), etag='"always"')
    found_at, now = None, NOW
    while found_at is None and now < NOW + timedelta(days=2):
        now += timedelta(hours=1)
        if station.run(now).discovered:
            found_at = now
    assert found_at is not None
    assert found_at <= NOW + timedelta(days=1)
    whole = [path for path, conditional in station.asked() if not conditional]
    assert len(whole) == 2  # the first time and once a day later; all between with validators
    assert len(station.asked()) > 10
    assert station.state().has_false_validators
    station.run(now + QUARTER)
    assert station.asked()[-1] == ("/rss", False)


def test_the_same_body_without_validators_is_unchanged(station: Station) -> None:
    station.show(rss("a"))
    station.run(NOW)
    report = station.run(NOW + QUARTER)
    assert (report.feeds_polled, report.feeds_unchanged) == (1, 1)


def test_a_429_is_heeded_and_what_was_learnt_stays(station: Station) -> None:
    station.show(rss("a"), etag='"1"')
    station.run(NOW)
    station.web.forget("http://one.example/rss")
    station.web.fail("http://one.example/rss", 429, retry_after="7200")
    station.run(NOW + QUARTER)
    state = station.state()
    assert (state.etag, state.failures, state.failure_reason) == ('"1"', 1, "rate_limited")
    assert state.next_poll_at is not None
    assert state.next_poll_at >= NOW + QUARTER + timedelta(hours=2)


def test_dead_hosts_among_feeds_that_rest_do_not_stop_the_run(station: Station) -> None:
    station.watch("one", "two")
    station.show(rss("a", extra="<ttl>600</ttl>"))
    station.run(NOW, unknown=("two.example",))
    report = station.run(NOW + timedelta(hours=1), unknown=("two.example",))
    assert (report.status, report.feeds_polled, report.feeds_failed) == ("completed", 1, 1)
    assert station.state("http://two.example/rss").failures == 2


def test_when_every_feed_fails_for_the_network_no_feed_is_blamed(station: Station) -> None:
    station.watch("one", "two")
    with pytest.raises(NetworkUnreachable):
        station.run(NOW, unknown=("one.example", "two.example"))
    with connect.reader(connect.DataDir(station.root / "data"), wait_seconds=5) as con:
        assert read.feed_states(con) == {}


# -- sitemap indexes -----------------------------------------------------------------------------------------------


def test_only_the_sitemaps_that_changed_are_asked_again_and_their_validators_are_sent(station: Station) -> None:
    station.show(index(old="2025-10-01T00:10:00Z", new="2025-10-20T11:00:00Z"))
    station.show(urlset("x"), "http://one.example/old")
    station.show(urlset("y"), "http://one.example/new", etag='"n"')
    assert station.run(NOW).discovered == 2
    station.show(index(old="2025-10-01T00:10:00Z", new="2025-10-20T12:10:00Z"))
    station.show(urlset("y", "z"), "http://one.example/new", etag='"n2"')
    assert station.run(NOW + QUARTER).discovered == 1
    assert [path for path, _ in station.asked()] == ["/rss", "/new", "/old", "/rss", "/new"]
    assert station.asked()[-1] == ("/new", True)
    assert station.state("http://one.example/new").etag == '"n2"'
    with connect.reader(connect.DataDir(station.root / "data"), wait_seconds=5) as con:
        detail = read.last_feed_fetches(con)["http://one.example/rss"].detail
    assert detail == "1 unchanged"


def test_a_sitemap_that_fails_rests_and_the_index_goes_on(station: Station) -> None:
    station.show(index(bad="2025-10-20T11:00:00Z", good="2025-10-20T11:30:00Z"))
    station.show(urlset("y"), "http://one.example/good")
    assert station.run(NOW).discovered == 1
    station.show(index(bad="2025-10-20T12:10:00Z", good="2025-10-20T12:10:00Z"))
    station.run(NOW + QUARTER)
    assert [path for path, _ in station.asked()] == ["/rss", "/good", "/bad", "/rss", "/good"]
    assert station.state("http://one.example/bad").failures == 1
    assert station.state().entry_count == 1


def test_sitemaps_on_somebody_elses_host_are_asked_where_its_robots_txt_allows_it(station: Station) -> None:
    urls = ("http://img.one.example/a", "http://victim.example/b", "http://open.example/c")
    maps = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    station.show(f"<sitemapindex {SPACE}>{maps}</sitemapindex>")
    for host in ("one.example", "img.one.example", "victim.example"):
        station.web.robots(f"http://{host}", "User-agent: *\nDisallow: /\n")
    for url in urls:
        station.show(urlset(url[-1]), url)
    assert station.run(NOW).discovered == 2
    assert station.web.paths("victim.example") == ["/robots.txt"]
    assert station.state("http://victim.example/b").failure_reason == "robots"


def test_a_sitemap_that_is_a_feed_of_its_own_is_asked_once(station: Station) -> None:
    station.watch("one", "two")
    station.show(f"<sitemapindex {SPACE}><sitemap><loc>http://two.example/rss</loc></sitemap></sitemapindex>")
    station.show(urlset("y"), "http://two.example/rss")
    station.run(NOW)
    assert len(station.asked("two.example")) == 1
