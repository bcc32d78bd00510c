"""A backfill's plan, its slices, lists and archives, on a loopback web."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.address_dates import Span
from extractors.errors import InputError, NetworkUnreachable, WarehouseBusy
from extractors.feed_items import FeedChild
from extractors.records import Feed, FeedKind, Slice, SliceState
from extractors.searches import Engine, Query
from flows import backfill_lists
from flows.backfill_lists import entries_in
from flows.backfill_plan import UnknownSource, children_of, planned
from flows.backfill_run import Order, backfill, duration, estimated_seconds, preview
from flows.backfill_slices import SETTLED_AFTER, Search, open_slices
from flows.commands.exits import Exit, exit_code_of
from flows.pipeline import Interrupted
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.warc_files import packed, record
from warehouse import connect, load, lock, read

SINCE, UNTIL = date(2025, 10, 14), date(2025, 10, 20)
WINDOW = Span(since=datetime(2025, 10, 14, tzinfo=UTC), until=datetime(2025, 10, 21, tzinfo=UTC))
LONG_AFTER = datetime(2026, 3, 1, tzinfo=UTC)
SITEMAP = Feed(url="http://a.example/sitemap.xml", name="A, sitemap", kind=FeedKind.SITEMAP)
RSS = Feed(url="http://feeds.b.example/rss", name="B", outlet="b.example")
QUERY = Query(language="en", text="Trump Putin Budapest")
TITLE = "Trump and Putin plan a summit in Budapest"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as started:
        yield started


def watch_over(web: FakeWeb, folder: Path, feeds: str = "", **settings: Any) -> Watch:
    """A watch over one sitemap, or the feeds that are given."""
    path = folder / "feeds.toml"
    path.write_text(feeds or f'[[feed]]\nname = "{SITEMAP.name}"\nurl = "{SITEMAP.url}"\nkind = "sitemap"\n')
    given = Settings(data_dir=folder / "data", feeds_file=path, host_delay_seconds=0, **settings)
    return prepare(given, World(resolver=web.resolver()))


def order(**changes: Any) -> Order:
    return Order(**{"since": SINCE, "until": UNTIL} | changes)


def sitemap(*urls: str, date: str = "2025-10-16", title: str = TITLE) -> str:
    news = f"<news><publication_date>{date}</publication_date><title>{title}</title></news>" if date else ""
    return "<urlset>" + "".join(f"<url><loc>{url}</loc>{news}</url>" for url in urls) + "</urlset>"


def page(title: str = TITLE) -> str:
    text = "Donald Trump and Vladimir Putin will meet in Budapest, the Kremlin said after their telephone call. " * 12
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def slices_of(watch: Watch) -> dict[str, Slice]:
    """Address (or name) -> slice."""
    with connect.reader(watch.data_dir, wait_seconds=5) as con:
        return {one.url or one.slice: one for one in read.slices(con)}


def entries_of(watch: Watch) -> dict[str, tuple[str, str]]:
    with connect.reader(watch.data_dir, wait_seconds=5) as con:
        return {row[0]: (row[1], row[2]) for row in read.query(con, "SELECT url, outcome, reason FROM entry")[1]}


# -- the plan -------------------------------------------------------------------------------------------------------


def test_sitemaps_searches_and_robots_of_outlets_without_a_sitemap_are_where_it_begins() -> None:
    slices = planned([SITEMAP, RSS], [QUERY], [Engine.GOOGLE_NEWS, Engine.GDELT], WINDOW)
    by_source: dict[str, list[Slice]] = {}
    for one in slices:
        by_source.setdefault(one.source, []).append(one)
    assert {source: len(found) for source, found in by_source.items()} == {
        "A, sitemap": 1,
        "Google News en: Trump Putin Budapest": 7,
        "GDELT en: Trump Putin Budapest": 1,
        "sitemaps of b.example": 1,
    }
    assert by_source["sitemaps of b.example"][0].url == "http://b.example/robots.txt"
    [feeds_host] = planned([Feed(url="https://rss.c.example/news", name="C")], [], [], WINDOW)
    assert feeds_host.url == "https://www.c.example/robots.txt"
    first = by_source["Google News en: Trump Putin Budapest"][0]
    assert first.slice == "search 2025-10-14..2025-10-15"
    assert "after%3A2025-10-14" in (first.url or "") or "after:2025-10-14" in (first.url or "")


def test_a_source_is_chosen_by_a_part_of_its_name_and_an_unknown_one_is_told() -> None:
    chosen = planned([SITEMAP, RSS], [QUERY], [Engine.GDELT], WINDOW, ["gdelt"])
    assert {one.source for one in chosen} == {"GDELT en: Trump Putin Budapest"}
    with pytest.raises(UnknownSource, match="A, sitemap"):
        planned([SITEMAP], [], [], WINDOW, ["nobody"])


def test_of_an_index_what_may_hold_something_is_asked_and_what_says_nothing_comes_last() -> None:
    [parent] = planned([SITEMAP], [], [], WINDOW)
    children = [
        FeedChild(url="http://a.example/sitemap37.xml"),
        FeedChild(url="http://a.example/sitemap-2025-09.xml"),
        FeedChild(url="http://a.example/sitemap-2025-10.xml"),
        FeedChild(url="http://a.example/old.xml", modified_at=datetime(2025, 9, 1, tzinfo=UTC)),
        FeedChild(url="http://a.example/touched.xml", modified_at=datetime(2025, 10, 16, tzinfo=UTC)),
        FeedChild(url="http://a.example/touched-later.xml", modified_at=datetime(2026, 3, 1, tzinfo=UTC)),
        FeedChild(url="http://a.example/20251016.xml"),
    ]
    chosen = children_of(parent, children)
    names = [str(one.url).rpartition("/")[2] for one in chosen.slices]
    assert names == ["sitemap-2025-10.xml", "20251016.xml", "touched.xml", "sitemap37.xml", "touched-later.xml"]
    assert chosen.left_out == 2


def test_halves_of_a_full_search_are_slices_of_their_own_time() -> None:
    [parent] = planned([], [QUERY], [Engine.GDELT], WINDOW)
    base = "https://api.gdeltproject.org/api/v2/doc/doc?query=x&startdatetime={}&enddatetime={}"
    halves = children_of(
        parent,
        [
            FeedChild(url=base.format("20251014000000", "20251017120000")),
            FeedChild(url=base.format("20251017120000", "20251021000000")),
        ],
    )
    assert [one.slice for one in halves.slices] == [
        "search 2025-10-14T00:00:00Z..2025-10-17T12:00:00Z",
        "search 2025-10-17T12:00:00Z..2025-10-21T00:00:00Z",
    ]
    search = Search(roots=(parent,), window=WINDOW)
    assert open_slices(halves.slices, search, LONG_AFTER) == list(halves.slices)


def test_slices_of_another_window_are_not_this_calls() -> None:
    [mine] = planned([SITEMAP], [], [], WINDOW)
    [other] = planned([SITEMAP], [], [], Span(since=WINDOW.since, until=datetime(2025, 12, 1, tzinfo=UTC)))
    child = children_of(other, [FeedChild(url="http://a.example/20251016.xml")]).slices[0]
    assert open_slices([mine, other, child], Search(roots=(mine,), window=WINDOW), LONG_AFTER) == [mine]


def test_hosts_take_turns() -> None:
    feeds = [
        Feed(url=f"http://{host}.example/{number}.xml", name=f"{host}{number}", kind=FeedKind.SITEMAP)
        for host in "ab"
        for number in range(2)
    ]
    search = Search(roots=tuple(planned(feeds, [], [], WINDOW)), window=WINDOW)
    assert [one.source for one in open_slices(search.roots, search, LONG_AFTER)] == ["a0", "b0", "a1", "b1"]


def test_the_estimate_is_that_of_the_slowest_host() -> None:
    slices = planned([SITEMAP], [QUERY], [Engine.GOOGLE_NEWS], WINDOW)
    assert estimated_seconds(slices, {"a.example": 10, "b.example": 30}, 2.0) == 2.0 * (7 + 30)
    gdelt = planned([], [QUERY], [Engine.GDELT], WINDOW)
    assert estimated_seconds(gdelt, {}, 2.0) == 5.0  # its host asks for more
    assert [duration(seconds) for seconds in (40, 600, 9000)] == ["about 40 s", "about 10 min", "about 2.5 h"]


# -- slices ---------------------------------------------------------------------------------------------------------


def test_what_is_dated_outside_of_the_days_is_left_out_and_what_has_no_date_goes_in(
    web: FakeWeb, tmp_path: Path
) -> None:
    watch = watch_over(web, tmp_path)
    inside, outside = "http://a.example/trump-putin-summit-budapest", "http://a.example/trump-putin-budapest-later"
    by_address = "http://a.example/2025/12/24/trump-putin-summit-budapest"
    undated = "http://a.example/trump-putin-summit-in-budapest-again"
    web.serve(
        SITEMAP.url,
        sitemap(inside)[: -len("</urlset>")]
        + sitemap(outside, date="2025-11-30")[len("<urlset>") : -len("</urlset>")]
        + sitemap(by_address, undated, date="")[len("<urlset>") :],
    )
    backfill(watch, order())
    assert set(entries_of(watch)) == {inside, undated}
    assert slices_of(watch)[SITEMAP.url].detail == "2 entries of another time"


def test_robots_txt_names_the_sitemaps_of_an_outlet_that_feeds_toml_knows_none_of(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path, '[[feed]]\nname = "B"\nurl = "http://b.example/rss"\n')
    web.robots("http://b.example", "User-agent: *\nDisallow: /private\nSitemap: http://b.example/news.xml\n")
    web.serve("http://b.example/news.xml", gzip.compress(sitemap("http://b.example/story").encode()))
    web.serve("http://b.example/story", page(), headers={"Content-Type": "text/html"})
    report = backfill(watch, order())
    assert report.slices == {"found": 2}
    assert entries_of(watch) == {"http://b.example/story": ("loaded", "independent")}


NO_ADDRESSES = ("https://", "http:///s.xml", "http://x..example/s", "https://x.example:99999/s", "http://[::1/s")


def test_what_robots_txt_names_and_is_no_address_is_counted_and_the_rest_is_asked(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path, '[[feed]]\nname = "B"\nurl = "http://b.example/rss"\n')
    lines = [f"Sitemap: {line}\n" for line in (*NO_ADDRESSES, "/news.xml")]
    web.robots("http://b.example", "".join(lines))
    web.serve("http://b.example/news.xml", sitemap("http://b.example/story"))
    assert backfill(watch, order()).slices == {"found": 2}
    robots = slices_of(watch)["http://b.example/robots.txt"]
    assert (robots.entries, robots.detail) == (1, "5 entries skipped; 1 documents named, 0 of these not asked")


def test_slices_of_an_older_version_without_an_address_are_holes_and_nothing_else(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    web.serve(SITEMAP.url, sitemap("http://a.example/story"))
    [root] = planned([SITEMAP], [], [], WINDOW)
    bad = [replace(root, slice=f"{url} of old", url=url, depth=1) for url in NO_ADDRESSES]
    with connect.writer(watch.data_dir, wait_seconds=5) as con:
        load.plan_slices(con, bad, "old")
    assert backfill(watch, order()).slices == {"found": 1, "error": 5}
    assert len(preview(watch, order()).slices) == 5


def test_an_outlet_without_a_robots_txt_is_no_hole(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path, '[[feed]]\nname = "B"\nurl = "http://b.example/rss"\n')
    assert backfill(watch, order()).slices == {"empty": 1}


def test_found_empty_blocked_and_failed_slices_are_told_apart(web: FakeWeb, tmp_path: Path) -> None:
    names = ("full", "none", "forbidden", "broken", "gone")
    feeds = "".join(
        f'[[feed]]\nname = "{name}"\nurl = "http://{name}.example/s.xml"\nkind = "sitemap"\n' for name in names
    )
    watch = watch_over(web, tmp_path, feeds)
    web.serve("http://full.example/s.xml", sitemap("http://full.example/story"))
    web.serve("http://none.example/s.xml", "<urlset></urlset>")
    web.fail("http://forbidden.example/s.xml", 403)
    web.serve("http://broken.example/s.xml", "<html><title>Hello</title></html>")
    report = backfill(watch, order())
    states = {one.source: one.state for one in slices_of(watch).values()}
    assert states == {
        "full": SliceState.FOUND,
        "none": SliceState.EMPTY,
        "forbidden": SliceState.BLOCKED,
        "broken": SliceState.ERROR,
        "gone": SliceState.ERROR,
    }
    assert report.slices == {"found": 1, "empty": 1, "blocked": 1, "error": 2}


def test_the_same_call_asks_only_what_was_blocked_or_failed_and_again_asks_all(web: FakeWeb, tmp_path: Path) -> None:
    feeds = "".join(
        f'[[feed]]\nname = "{name}"\nurl = "http://{name}.example/s.xml"\nkind = "sitemap"\n' for name in "ab"
    )
    watch = watch_over(web, tmp_path, feeds)
    web.serve("http://a.example/s.xml", "<urlset></urlset>")
    web.fail("http://b.example/s.xml", 403)
    web.serve("http://b.example/s.xml", sitemap("http://b.example/story"))
    backfill(watch, order())
    report = backfill(watch, order())
    assert (web.paths("a.example"), web.paths("b.example")[:2]) == (["/s.xml"], ["/s.xml", "/s.xml"])
    assert report.slices == {"found": 1, "empty": 1}
    assert slices_of(watch)["http://b.example/s.xml"].attempts == 2
    backfill(watch, order(again=True))
    assert web.paths("a.example") == ["/s.xml", "/s.xml"]
    again = slices_of(watch)["http://b.example/s.xml"]
    assert (again.attempts, again.new_entries) == (3, 1)


def test_more_pages_than_a_run_may_fetch_are_fetched_all_the_same(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path, max_pages_per_run=3)
    urls = [f"http://a.example/story-{number}" for number in range(8)]
    web.serve(SITEMAP.url, sitemap(*urls))
    report = backfill(watch, order())
    assert report.fetched == 8
    assert report.outcomes == {"gone": {"http_gone": 8}}


def test_after_the_deadline_the_rest_waits_for_the_same_call(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    web.serve(SITEMAP.url, sitemap("http://a.example/story"))
    report = backfill(watch, order(deadline_seconds=0.0))
    assert (report.status, report.slices, web.log) == ("completed", {"pending": 1}, [])
    assert backfill(watch, order()).slices == {"found": 1}


def test_a_slice_of_days_that_were_not_over_is_asked_again_later_and_not_at_once() -> None:
    asked = []
    middle, end = datetime(2025, 10, 16, 12, tzinfo=UTC), WINDOW.until
    assert end is not None
    for now in (middle, middle + timedelta(hours=1), middle + timedelta(hours=7), end, end + timedelta(days=3)):
        [root] = planned([SITEMAP], [], [], WINDOW)
        done = replace(root, state=SliceState.FOUND, asked_at=middle)
        search = Search(roots=(root,), window=WINDOW)
        asked.append(len(open_slices([done], search, now)))
        asked.append(len(open_slices([replace(done, asked_at=end + SETTLED_AFTER)], search, now)))
    assert asked == [0, 0, 0, 0, 1, 0, 1, 0, 1, 0]


def test_nobody_is_asked_for_days_to_come(web: FakeWeb, tmp_path: Path) -> None:
    now = datetime(2025, 10, 16, 12, tzinfo=UTC)
    watch = watch_over(web, tmp_path)
    watch = replace(watch, world=replace(watch.world, clock=lambda: now))
    for until in (UNTIL, date.max):
        [root] = preview(watch, order(until=until)).slices
        assert root.until_at == datetime(2025, 10, 17, tzinfo=UTC)
    lists = Order(lists=(tmp_path / "feeds.toml",), until=date.max)
    assert preview(watch, lists).files == ("list feeds.toml",)


def test_when_nobody_can_be_reached_it_says_so(tmp_path: Path) -> None:
    with FakeWeb() as web:
        watch = watch_over(web, tmp_path)
        nowhere = World(resolver=web.resolver(unknown={"a.example"}))
        with pytest.raises(NetworkUnreachable):
            backfill(prepare(watch.settings, nowhere), order())


def test_sitemaps_on_somebody_elses_host_are_asked_where_its_robots_txt_allows_it(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    urls = [
        "http://img.a.example/s1.xml",
        "http://victim.example/s2.xml",
        "http://victim.example/s3.xml",
        "http://open.example/s4.xml",
    ]
    named = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    web.serve(SITEMAP.url, f"<sitemapindex>{named}</sitemapindex>")
    for host in ("a.example", "img.a.example", "victim.example"):
        web.robots(f"http://{host}", "User-agent: *\nDisallow: /\n")
    for url in urls:
        web.serve(url, "<urlset></urlset>")
    report = backfill(watch, order())
    assert report.slices == {"found": 1, "empty": 2, "blocked": 2}
    assert web.paths("victim.example") == ["/robots.txt"]
    assert web.paths("img.a.example") == ["/s1.xml"]


def test_two_backfills_never_ask_the_web_for_slices_at_once(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    web.serve(SITEMAP.url, sitemap("http://a.example/story"))
    path = tmp_path / "list.txt"
    path.write_text("http://b.example/trams\tTrams in spring\n")
    watch.data_dir.private.mkdir(parents=True)
    with lock.exclusive(watch.data_dir.slices_lock_path, wait_seconds=0):
        with pytest.raises(WarehouseBusy, match=r"another backfill \(PID \d+\) is asking sitemaps") as caught:
            backfill(watch, order())
        assert exit_code_of(caught.value) is Exit.BUSY
        assert web.log == []
        assert backfill(watch, Order(lists=(path,))).slices == {"found": 1}
    assert backfill(watch, order()).slices == {"found": 1}


def test_ctrl_c_while_slices_are_asked_leaves_a_balanced_ledger(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)

    def interrupting(stage: Any, /, *args: Any, **kwargs: Any) -> Any:
        if stage.__name__ == "collect_pages":
            raise KeyboardInterrupt
        return stage(*args, **kwargs)

    web.serve(SITEMAP.url, sitemap("http://a.example/story"))
    with pytest.raises(Interrupted) as stopped:
        backfill(watch, order(), caller=interrupting)
    assert stopped.value.report.slices == {"found": 1}
    assert stopped.value.report.ledger_outcomes == {"pending": 1}


def test_a_backfill_is_a_run_of_that_name_and_its_slices_are_published(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    web.serve(SITEMAP.url, "<urlset></urlset>")
    backfill(watch, order())
    with connect.public_reader(watch.data_dir) as con:
        assert read.query(con, "SELECT command, status FROM run_health")[1] == [("backfill", "completed")]
        rows = read.query(con, "SELECT source, state, since_at, until_at FROM backfill")[1]
    assert rows == [(SITEMAP.name, "empty", WINDOW.since, WINDOW.until)]


def test_a_preview_asks_nobody_and_writes_nothing(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    assert [one.url for one in preview(watch, order()).slices] == [SITEMAP.url]
    assert (web.log, watch.data_dir.root.exists()) == ([], False)
    web.serve(SITEMAP.url, "<urlset></urlset>")
    backfill(watch, order())
    again = preview(watch, order())
    assert (again.slices, again.done) == ((), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        Order(),
        Order(since=SINCE),
        Order(since=UNTIL, until=SINCE),
        Order(lists=(Path("/nowhere/list.txt"),)),
        Order(since=date(9000, 1, 1), until=date.max),  # to come
        Order(since=date(1, 1, 1), until=UNTIL),  # of more than five years
    ],
)
def test_an_order_that_makes_no_sense_is_told_before_anything_is_written(
    wrong: Order, web: FakeWeb, tmp_path: Path
) -> None:
    watch = watch_over(web, tmp_path)
    with pytest.raises(InputError):
        backfill(watch, wrong)
    assert not watch.data_dir.root.exists()


# -- files ----------------------------------------------------------------------------------------------------------


def test_a_list_gives_addresses_headlines_and_dates_and_names_its_bad_lines() -> None:
    lines = [
        "# a comment",
        "",
        f"http://a.example/1\t{TITLE}\t2025-10-16",
        "http://a.example/2",
        "not an address",
        f"http://a.example/3\t{TITLE}\tsome day",
    ]
    entries, problems = entries_in(lines, 11, "list x", datetime(2025, 12, 1, tzinfo=UTC))
    assert [(entry.url, entry.title) for entry in entries] == [
        ("http://a.example/1", TITLE),
        ("http://a.example/2", ""),
        ("http://a.example/3", TITLE),
    ]
    assert entries[0].published_at == datetime(2025, 10, 16, tzinfo=UTC)
    assert [problem.partition(":")[0] for problem in problems] == ["line 15", "line 16"]


def test_a_list_is_read_once_and_asks_the_web_for_its_pages_alone(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    path = tmp_path / "list.txt"
    path.write_text(f"http://a.example/1\t{TITLE}\nhttp://a.example/tram\tA new tram line\nrubbish\n")
    web.serve("http://a.example/1", page(), headers={"Content-Type": "text/html"})
    report = backfill(watch, Order(lists=(path,)))
    assert entries_of(watch) == {
        "http://a.example/1": ("loaded", "independent"),
        "http://a.example/tram": ("off_story", "gate"),
    }
    assert web.paths("a.example") == ["/robots.txt", "/1"]
    [one] = slices_of(watch).values()
    assert (one.source, one.state, one.entries, one.new_entries) == ("list list.txt", SliceState.FOUND, 2, 2)
    assert "line 3: 'rubbish' is no web address" in one.detail
    assert report.slices == {"found": 1}
    again = backfill(watch, Order(lists=(path,)))
    assert (again.discovered, again.slices, len(web.log)) == (0, {"found": 1}, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with a mark"])
def test_a_list_is_read_in_the_encoding_that_it_is_marked_with(encoding: str, web: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    text = "http://a.example/csúcs-budapesten\tTrams in Óbuda\r\nhttp://a.example/2\tTrams\r\n"
    path.write_bytes(("\ufeff" + text).encode("utf-16-le") if "mark" in encoding else text.encode(encoding))
    watch = watch_over(web, tmp_path)
    backfill(watch, Order(lists=(path,)))
    assert set(entries_of(watch)) == {"http://a.example/csúcs-budapesten", "http://a.example/2"}
    [one] = slices_of(watch).values()
    assert (one.attempts, one.entries, one.new_entries, one.detail) == (1, 2, 2, "")


def test_a_long_list_is_written_down_in_few_transactions_and_passed_over_in_one(
    web: FakeWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def counting(*args: Any, **kwargs: Any) -> Any:
        opened.append(1)
        return connect.writer(*args, **kwargs)

    monkeypatch.setattr(backfill_lists, "writer", counting)
    monkeypatch.setattr(backfill_lists, "LINES_PER_SLICE", 2)
    path = tmp_path / "list.txt"
    path.write_text("".join(f"http://a.example/{number % 40}\tTrams\n" for number in range(50)))
    watch = watch_over(web, tmp_path)
    report = backfill(watch, Order(lists=(path,)))
    assert (report.discovered, report.slices, len(opened)) == (40, {"found": 25}, 1 + 3)
    opened.clear()
    assert backfill(watch, Order(lists=(path,))).slices == {"found": 25}
    assert len(opened) == 1


def test_an_address_that_somebody_lists_without_a_headline_is_fetched_and_judged_by_its_text(
    web: FakeWeb, tmp_path: Path
) -> None:
    watch = watch_over(web, tmp_path)
    path = tmp_path / "list.txt"
    path.write_text("http://a.example/news/12345\n")
    web.serve("http://a.example/news/12345", page(), headers={"Content-Type": "text/html"})
    backfill(watch, Order(lists=(path,)))
    assert entries_of(watch) == {"http://a.example/news/12345": ("loaded", "independent")}


def test_a_list_of_which_no_page_can_be_reached_says_so(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    watch = replace(watch, world=replace(watch.world, resolver=web.resolver(unknown=("a.example",))))
    path = tmp_path / "list.txt"
    path.write_text("http://a.example/1\nhttp://a.example/2\n")
    with pytest.raises(NetworkUnreachable, match="none of 2 pages"):
        backfill(watch, Order(lists=(path,)))
    assert {outcome for outcome, _ in entries_of(watch).values()} == {"pending"}


def test_archived_pages_of_private_addresses_are_passed_over(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    hosts = ("127.0.0.1", "desk.internal", "localhost", "a.example")
    path = tmp_path / "news.warc.gz"
    path.write_bytes(b"".join(packed([record(f"http://{host}/2025/10/16/summit", page().encode()) for host in hosts])))
    backfill(watch, Order(archives=(path,)))
    assert list(entries_of(watch)) == ["http://a.example/2025/10/16/summit"]


def archive(folder: Path, *, broken: bool = False) -> Path:
    members = packed(
        [
            record("http://a.example/2025/10/16/summit", page().encode()),
            record("http://a.example/2025/10/16/tram", page("A tram").replace("Trump", "T").encode()),
            record("http://a.example/2025/10/16/picture", b"\x89PNG", content_type="image/png"),
            record("http://a.example/2025/10/17/second", page("Orban hosts Trump and Putin in Budapest").encode()),
        ]
    )
    if broken:
        members[1] = members[1][:80]
    path = folder / "news.warc.gz"
    path.write_bytes(b"".join(members))
    return path


@pytest.mark.parametrize("broken", [False, True])
def test_an_archive_goes_through_gate_extraction_and_judgement_without_a_network(
    broken: bool, web: FakeWeb, tmp_path: Path
) -> None:
    watch = watch_over(web, tmp_path)
    report = backfill(watch, Order(archives=(archive(tmp_path, broken=broken),)))
    found = entries_of(watch)
    assert web.log == []
    assert found["http://a.example/2025/10/16/summit"] == ("loaded", "independent")
    assert found["http://a.example/2025/10/17/second"][0] == "loaded"
    assert found.get("http://a.example/2025/10/16/tram") == (None if broken else ("off_story", "gate"))
    assert len(found) == 3 - broken
    [one] = slices_of(watch).values()
    assert ("1 broken records" in one.detail) is broken
    assert report.slices == {"error" if broken else "found": 1}  # a file cut short is a hole, whatever else it gave
    with connect.reader(watch.data_dir, wait_seconds=5) as con:
        fetched = read.query(con, "SELECT DISTINCT fetched_at FROM article")[1]
    assert fetched == [(datetime(2025, 10, 16, 18, 30, tzinfo=UTC),)]


def test_an_archive_is_read_once(web: FakeWeb, tmp_path: Path) -> None:
    watch = watch_over(web, tmp_path)
    path = archive(tmp_path)
    backfill(watch, Order(archives=(path,)))
    again = backfill(watch, Order(archives=(path,)))
    assert (again.discovered, again.outcomes) == (0, {})


def test_a_file_that_is_no_archive_is_told(web: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(b"this is no archive\n" * 50)
    with pytest.raises(InputError, match="no WARC file"):
        backfill(watch_over(web, tmp_path), Order(archives=(path,)))


def test_the_report_is_json(web: FakeWeb, tmp_path: Path) -> None:
    from flows.report import as_json

    web.serve(SITEMAP.url, "<urlset></urlset>")
    assert json.loads(as_json(backfill(watch_over(web, tmp_path), order())))["slices"] == {"empty": 1}
