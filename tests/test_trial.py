"""storywatch fetch: one address, told whole, nothing written."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.errors import SettingsError
from extractors.story import load_story
from flows.commands import main
from flows.commands.exits import Exit
from flows.settings import Settings
from flows.trial import Trial, try_url
from flows.world import World, in_world
from tests.fakeweb import FakeWeb
from tests.test_collecting import story

URL = "http://lantern.example/story"
NOW = datetime(2025, 10, 20, tzinfo=UTC)
PAGE = (
    '<html lang="en"><head><title>The lamp</title><meta property="article:published_time" '
    f'content="2025-10-16T18:30:00Z"></head><body><article><h1>The lamp</h1><p>{story(1)}</p></article></body></html>'
)
HTML = {"Content-Type": "text/html; charset=utf-8"}
ROOT = Path(__file__).parent.parent


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


@pytest.fixture
def story_file(tmp_path: Path) -> Path:
    path = tmp_path / "story.toml"
    path.write_text(EVERYTHING, "utf-8")
    return path


def world(web: FakeWeb, unknown: tuple[str, ...] = ()) -> World:
    return World(resolver=web.resolver(unknown=unknown), clock=lambda: NOW)


def tried(web: FakeWeb, story_file: Path, url: str = URL, unknown: tuple[str, ...] = ()) -> tuple[Trial, bytes]:
    settings = Settings(host_delay_seconds=0, fetch_deadline_seconds=5, contact="watch@desk.example")
    return try_url(url, settings, world(web, unknown), load_story(story_file))


@pytest.fixture
def storywatch(
    web: FakeWeb, story_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Call `storywatch fetch` in an empty folder on this web: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, unknown: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "fetch", *arguments, "--story", str(story_file)])
        with in_world(world(web, unknown)), pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def test_an_article_is_told_with_its_way_its_body_and_its_place_in_the_story(web: FakeWeb, story_file: Path) -> None:
    packed = gzip.compress(PAGE.encode())
    web.redirect("http://lantern.example/short", URL)
    web.serve(URL, packed, headers={**HTML, "Content-Encoding": "gzip"}, etag='"1"')
    trial, body = tried(web, story_file, "http://lantern.example/short")
    assert body == PAGE.encode()
    assert (trial.is_article, trial.reason, trial.status, trial.attempts) == (True, "article", 200, 1)
    assert trial.robots_decision == "allowed"
    assert [(robots.url, robots.status) for robots in trial.robots] == [("http://lantern.example/robots.txt", 404)]
    answer, article, standing = trial.answer, trial.article, trial.story
    assert answer is not None
    assert article is not None
    assert standing is not None
    assert (answer.final_url, answer.redirects) == (URL, ("http://lantern.example/short",))
    assert (answer.codings, answer.wire_bytes, answer.decoded_bytes) == (("gzip",), len(packed), len(PAGE.encode()))
    assert (answer.headers["etag"], answer.content_type) == ('"1"', HTML["Content-Type"])
    assert (article.title, article.language, article.outlet) == ("The lamp", "en", "lantern.example")
    assert article.published_at == datetime(2025, 10, 16, 18, 30, tzinfo=UTC)
    assert article.words > 100
    assert (standing.story, standing.is_taken) == ("Everything", True)


def test_an_article_off_the_story_is_an_article_that_is_not_taken(web: FakeWeb) -> None:
    web.serve(URL, PAGE, headers=HTML)
    trial, _ = tried(web, ROOT / "seeds" / "story.toml")
    assert trial.is_article
    assert trial.story is not None
    assert not trial.story.is_taken
    assert trial.story.because.startswith("it ")


def test_a_page_that_is_no_article_is_told_with_its_class(web: FakeWeb, story_file: Path) -> None:
    web.serve(URL, "<html><head><title>x</title></head><body><p>Three words only.</p></body></html>", headers=HTML)
    trial, body = tried(web, story_file)
    assert (trial.is_article, trial.reason, trial.article) == (False, "too_short", None)
    assert trial.detail
    assert trial.answer is not None
    assert body


def test_a_page_that_robots_txt_forbids_is_not_asked_for(web: FakeWeb, story_file: Path) -> None:
    web.robots("http://lantern.example", "User-agent: *\nDisallow: /")
    web.serve(URL, PAGE, headers=HTML)
    trial, _ = tried(web, story_file)
    assert (trial.reason, trial.robots_decision, trial.answer) == ("robots", "forbidden", None)
    assert web.paths("lantern.example") == ["/robots.txt"]


def test_a_failure_is_told_with_its_reason_and_whether_it_may_pass(web: FakeWeb, story_file: Path) -> None:
    web.serve(URL, b"", status=404)
    trial, _ = tried(web, story_file)
    assert (trial.reason, trial.status, trial.transient) == ("http_gone", 404, False)
    web.forget(URL)
    web.fail(URL, 503, retry_after="120")
    trial, _ = tried(web, story_file)
    assert (trial.reason, trial.transient, trial.retry_after_seconds) == ("server_error", True, 120.0)


def test_the_open_network_is_not_asked_without_a_contact(story_file: Path) -> None:
    with pytest.raises(SettingsError, match="contact"):
        try_url(URL, Settings(), World(), load_story(story_file))


def test_the_command_prints_json_with_the_fields_that_its_help_names(
    web: FakeWeb, storywatch: Callable[..., tuple[int, str, str]], story_file: Path
) -> None:
    web.serve(URL, PAGE, headers=HTML)
    code, out, _ = storywatch(URL, "--json")
    told = json.loads(out)
    assert (code, told["reason"]) == (Exit.DONE, "article")
    assert told["article"]["published_at"] == "2025-10-16T18:30:00+00:00"
    _, help_text, _ = storywatch("--help")
    words = set(help_text.replace(",", " ").replace("(", " ").replace(")", " ").replace("[", " ").split())
    trial = asdict(tried(web, story_file)[0])
    named = {*trial, *trial["answer"], *trial["article"], *trial["story"], *trial["robots"][0]}
    assert {name.rstrip(":.;]") for name in words} >= named
    assert "storywatch fetch" in help_text


def test_the_command_ends_with_the_code_of_what_came(
    web: FakeWeb, storywatch: Callable[..., tuple[int, str, str]]
) -> None:
    web.serve(URL, PAGE, headers=HTML)
    assert storywatch(URL)[0] == Exit.DONE
    code, out, _ = storywatch("http://lantern.example/missing")
    assert code == Exit.ATTENTION
    assert "http_gone" in out
    assert storywatch("no address at all")[0] == Exit.USAGE
    code, out, _ = storywatch("http://nowhere.example/", unknown=("nowhere.example",))
    assert code == Exit.NO_NETWORK
    assert "dns_error" in out


def test_the_command_saves_the_decoded_body_and_writes_nothing_else(
    web: FakeWeb, storywatch: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    web.serve(URL, gzip.compress(PAGE.encode()), headers={**HTML, "Content-Encoding": "gzip"})
    before = set(tmp_path.iterdir())
    assert storywatch(URL, "--save", "page.html")[0] == Exit.DONE
    assert (tmp_path / "page.html").read_bytes() == PAGE.encode()
    assert set(tmp_path.iterdir()) - before == {tmp_path / "page.html"}
    code, _, err = storywatch("http://lantern.example/missing", "--save", "none.html")
    assert code == Exit.ATTENTION
    assert "nothing is saved" in err
    assert not (tmp_path / "none.html").exists()


def test_fetching_one_page_loads_no_prefect() -> None:
    code = "import flows.commands.fetch, flows.trial, sys; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "'prefect'" not in loaded


def test_a_link_of_an_aggregator_is_told_with_what_it_leads_to(web: FakeWeb, story_file: Path) -> None:
    carried = f"https://www.google.com/url?q={quote(URL, safe='')}"
    in_between = "http://news.google.com/rss/articles/AU_yqLnothing"
    web.serve(URL, PAGE, headers=HTML)
    web.serve(in_between, f'<html><body><a rel="nofollow" href="{URL}">Go on</a></body></html>', headers=HTML)
    for link in (carried, in_between):
        trial, _ = tried(web, story_file, link)
        assert (trial.url, trial.target, trial.reason) == (link, URL, "article")


def test_a_link_of_an_aggregator_that_leads_nowhere_is_unresolved(web: FakeWeb, story_file: Path) -> None:
    link = "http://news.google.com/rss/articles/AU_yqLnothing"
    web.serve(link, "<html><body><p>Please wait</p></body></html>", headers=HTML)
    trial, _ = tried(web, story_file, link)
    assert (trial.target, trial.reason, trial.is_article) == (None, "unresolved", False)
