"""The commands under `storywatch feeds`, on a loopback web: what they find, write and say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extractors.feed_list import load_feeds
from flows.commands import main
from flows.commands.exits import Exit
from flows.settings import PACKAGE_SEEDS
from flows.world import World, in_world
from tests.fakeweb import FakeWeb

Storywatch = Callable[..., tuple[int, str, str]]
SITE = "http://lantern.example"
HTML = {"Content-Type": "text/html"}


def rss(title: str = "The Lantern", date: str = "Thu, 16 Oct 2025 21:05:09 GMT", entries: int = 1) -> str:
    item = f"<item><title>Talks</title><link>{SITE}/%d</link><pubDate>{date}</pubDate></item>"
    items = "".join(item % number for number in range(entries))
    return f'<rss version="2.0"><channel><title>{title}</title><language>en-GB</language>{items}</channel></rss>'


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


@pytest.fixture
def storywatch(
    web: FakeWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Storywatch:
    """Call `storywatch feeds ...` in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORYWATCH_HOST_DELAY_SECONDS", "0")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "feeds", *arguments])
        with in_world(World(resolver=web.resolver(unknown=["nowhere.example"]))), pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def mine(*feeds: str) -> Path:
    """A feeds.toml of our own."""
    path = Path("mine.toml")
    path.write_text("# mine\n" + "".join(f'[[feed]]\nname = "F{n}"\nurl = "{url}"\n' for n, url in enumerate(feeds)))
    return path


# -- add ------------------------------------------------------------------------------------------------------------


def test_a_feed_is_taken_as_it_is(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/rss", rss())
    path = mine("http://lamp.example/rss")
    code, out, err = storywatch("add", f"{SITE}/rss", "--feeds", str(path))
    assert (code, web.paths("lantern.example")) == (Exit.DONE, ["/rss"])
    assert "Added to mine.toml: The Lantern." in out
    assert "the address given" in err + out
    added = load_feeds(path)[-1]
    assert (added.url, added.name, added.language) == (f"{SITE}/rss", "The Lantern", "en-GB")
    assert path.read_text().startswith("# mine\n")


def test_a_front_page_leads_to_its_best_feed_and_names_the_others(storywatch: Storywatch, web: FakeWeb) -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in ("/comments/feed", "/empty", "/dead", "/feed")
    )
    web.serve(f"{SITE}/", f"<html><head>{links}</head></html>", headers=HTML)
    web.serve(f"{SITE}/comments/feed", rss("Comments"))
    web.serve(f"{SITE}/empty", rss("Empty", entries=0))
    web.serve(f"{SITE}/feed", rss(entries=3))
    path = mine("http://lamp.example/rss")
    code, out, _ = storywatch("add", f"{SITE}/", "--feeds", str(path), "--name", "Mine", "--language", "hu")
    assert code == Exit.DONE
    assert [(feed.url, feed.name, feed.language) for feed in load_feeds(path)[1:]] == [(f"{SITE}/feed", "Mine", "hu")]
    assert out.count("also found") == 2
    assert "/rss" not in web.paths("lantern.example")  # no name is guessed where the page says it


def test_without_links_common_names_are_tried_as_robots_txt_allows(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/", "<html><head></head></html>", headers=HTML)
    web.robots(SITE, "User-agent: *\nDisallow: /feed\n")
    web.serve(f"{SITE}/feed", rss("Forbidden"))
    web.serve(f"{SITE}/rss", "<html><p>no</p></html>", headers=HTML)
    web.serve(f"{SITE}/rss.xml", rss())
    path = mine("http://lamp.example/rss")
    assert storywatch("add", SITE, "--feeds", str(path))[0] == Exit.DONE
    assert load_feeds(path)[-1].url == f"{SITE}/rss.xml"
    assert "/feed" not in web.paths("lantern.example")


def test_the_sitemaps_of_robots_txt_come_after_that(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/", "<html><head></head></html>", headers=HTML)
    web.robots(SITE, f"Sitemap: {SITE}/all.xml\nSitemap: {SITE}/my-news.xml\n")
    web.serve(f"{SITE}/my-news.xml", f"<urlset><url><loc>{SITE}/a</loc></url></urlset>")
    path = mine("http://lamp.example/rss")
    assert storywatch("add", SITE, "--feeds", str(path))[0] == Exit.DONE
    assert 'kind = "sitemap"' in path.read_text()
    assert load_feeds(path)[-1].url == f"{SITE}/my-news.xml"


def test_all_adds_every_feed_under_a_name_of_its_own(storywatch: Storywatch, web: FakeWeb) -> None:
    links = '<link rel="feed" href="/a"><link rel="feed" href="/b">'
    web.serve(f"{SITE}/", f"<html><head>{links}</head></html>", headers=HTML)
    web.serve(f"{SITE}/a", rss())
    web.serve(f"{SITE}/b", rss())
    path = mine("http://lamp.example/rss")
    assert storywatch("add", SITE, "--all", "--feeds", str(path))[0] == Exit.DONE
    assert [feed.name for feed in load_feeds(path)[1:]] == ["The Lantern", "The Lantern (lantern.example)"]


def test_a_dry_run_writes_nothing(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/rss", rss())
    code, out, _ = storywatch("add", f"{SITE}/rss", "--dry-run")
    assert code == Exit.DONE
    assert "Would add 1 to seeds/feeds.toml" in out
    assert list(Path().iterdir()) == []


def test_the_packaged_list_is_copied_before_it_is_changed(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/rss", rss())
    packaged = (PACKAGE_SEEDS / "feeds.toml").read_text("utf-8")
    code, out, _ = storywatch("add", f"{SITE}/rss")
    assert code == Exit.DONE
    assert "seeds/feeds.toml is yours from now on" in out
    assert Path("seeds/feeds.toml").read_text("utf-8").startswith(packaged.rstrip())
    assert (PACKAGE_SEEDS / "feeds.toml").read_text("utf-8") == packaged
    listed = json.loads(storywatch("list", "--json")[1])
    assert f"{SITE}/rss" in {feed["url"] for feed in listed}


def test_what_is_there_already_is_said_and_not_added_twice(storywatch: Storywatch, web: FakeWeb) -> None:
    path = mine(f"{SITE}/rss")
    before = path.read_text()
    code, out, _ = storywatch("add", "https://www.lantern.example/rss", "--feeds", str(path))
    assert (code, web.log) == (Exit.DONE, [])
    assert "Already there: F0" in out
    storywatch("disable", "F0", "--feeds", str(path))
    code, _, err = storywatch("add", f"{SITE}/rss", "--feeds", str(path))
    assert code == Exit.ATTENTION
    assert "disabled" in err
    storywatch("enable", "F0", "--feeds", str(path))
    assert path.read_text() == before
    web.serve(f"{SITE}/", '<html><head><link rel="feed" href="/rss"></head></html>', headers=HTML)
    web.serve(f"{SITE}/rss", rss())
    code, out, _ = storywatch("add", SITE, "--feeds", str(path))
    assert (code, path.read_text()) == (Exit.DONE, before)
    assert "already there" in out


def test_a_site_without_a_feed_is_said_to_have_none(storywatch: Storywatch, web: FakeWeb) -> None:
    web.serve(f"{SITE}/", "<html><head></head></html>", headers=HTML)
    path = mine("http://lamp.example/rss")
    before = path.read_text()
    code, _, err = storywatch("add", SITE, "--feeds", str(path))
    assert (code, path.read_text()) == (Exit.ATTENTION, before)
    assert "no feed found" in err
    assert len(web.log) < 25


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("http://lantern.example/gone",), Exit.ATTENTION, "http_gone"),
        (("http://nowhere.example/",), Exit.NO_NETWORK, "dns_error"),
        (("ftp://lantern.example/",), Exit.USAGE, "is no web address"),
        (("lantern.example", "--language", "english"), Exit.USAGE, "no language tag"),
    ],
)
def test_what_can_t_be_asked_is_named(
    storywatch: Storywatch, arguments: tuple[str, ...], code: Exit, said: str
) -> None:
    found, _, err = storywatch("add", *arguments)
    assert (found, said in err) == (code, True), err


# -- check ----------------------------------------------------------------------------------------------------------


def test_each_feed_is_asked_once_and_named_by_how_it_fares(storywatch: Storywatch, web: FakeWeb) -> None:
    hosts = ("alive", "stale", "empty", "dead", "shut")
    path = mine(*(f"http://{host}.example/rss" for host in hosts))
    web.serve("http://alive.example/rss", rss(date=""))
    web.serve("http://stale.example/rss", rss(date="2020-01-01"))
    web.serve("http://empty.example/rss", rss(entries=0))
    web.fail("http://shut.example/rss", 403)
    code, out, _ = storywatch("check", "--json", "--feeds", str(path))
    assert code == Exit.ATTENTION
    rows = json.loads(out)
    assert [row["health"] for row in rows] == ["alive", "stale", "empty", "dead", "blocked"]
    assert (rows[3]["status"], rows[0]["entries"], rows[0]["feed"]["name"]) == (404, 1, "F0")
    assert [len(web.hits(f"{host}.example")) for host in hosts] == [1] * 5
    code, out, _ = storywatch("check", "--feeds", str(path))
    assert "5 feeds asked: 1 alive, 1 empty, 1 stale, 1 dead, 1 blocked" in out
    assert not Path("data").exists()


def test_named_feeds_alone_are_checked_disabled_or_not(storywatch: Storywatch, web: FakeWeb) -> None:
    path = mine("http://alive.example/rss", "http://dead.example/rss")
    storywatch("disable", "F1", "--feeds", str(path))
    web.serve("http://alive.example/rss", rss(date=""))
    assert storywatch("check", "--feeds", str(path))[0] == Exit.DONE
    assert web.hits("dead.example") == []
    assert storywatch("check", "f0", "http://alive.example/rss", "--feeds", str(path))[0] == Exit.DONE
    assert len(web.hits("alive.example")) == 2
    assert storywatch("check", "F1", "--feeds", str(path))[0] == Exit.ATTENTION
    code, _, err = storywatch("check", "F9", "--feeds", str(path))
    assert code == Exit.USAGE
    assert "near it: F" in err


def test_searches_are_listed_and_marked(storywatch: Storywatch) -> None:
    path = mine("http://alive.example/rss")
    path.write_text(path.read_text() + '[search]\nengines = ["gdelt"]\n')
    listed = json.loads(storywatch("list", "--json", "--feeds", str(path))[1])
    assert [feed["is_search"] for feed in listed][:2] == [False, True]
    out = storywatch("list", "--feeds", str(path), "--all")[1]
    assert out.count("(search)") == 2
    out = storywatch("list", "--feeds", str(path))[1]
    assert "GDELT (2 searches)" in out
    assert "(search)" not in out
    assert "--all" in out
    assert "1 feeds from mine.toml and 2 searches" in out


# -- disable, enable ------------------------------------------------------------------------------------------------


def test_a_feed_is_switched_off_and_on_in_the_file_in_use(storywatch: Storywatch) -> None:
    path = mine("http://alive.example/rss", "http://dead.example/rss")
    before = path.read_text()
    code, out, _ = storywatch("disable", "http://dead.example/rss", "--feeds", str(path))
    assert (code, out) == (Exit.DONE, "F1 is disabled in mine.toml.\n")
    assert [feed.enabled for feed in load_feeds(path)] == [True, False]
    assert storywatch("disable", "F1", "--feeds", str(path))[1] == "F1 is disabled already.\n"
    assert storywatch("enable", "f1", "--feeds", str(path))[0] == Exit.DONE
    assert path.read_text() == before
    code, _, err = storywatch("disable", "F7", "--feeds", str(path))
    assert (code, "near it: F" in err) == (Exit.USAGE, True)


def test_disabling_a_packaged_feed_copies_the_list_first(storywatch: Storywatch) -> None:
    code, out, _ = storywatch("disable", "BBC World")
    assert code == Exit.DONE
    assert "is yours from now on" in out
    assert not next(feed for feed in load_feeds(Path("seeds/feeds.toml")) if feed.name == "BBC World").enabled


@pytest.mark.parametrize("command", ["list", "add", "check", "disable", "enable"])
def test_every_command_has_help_with_examples(command: str, storywatch: Storywatch) -> None:
    code, out, _ = storywatch(command, "--help")
    assert code == Exit.DONE
    assert f"storywatch feeds {command}" in out
