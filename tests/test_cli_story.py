"""storywatch explain, story check and rescore; and a second, invented story that is watched by its file alone."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows import pipeline
from flows.commands import main
from flows.commands.exits import Exit
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World, in_world
from tests.fakeweb import FakeWeb
from tests.test_story import INVENTED
from warehouse import connect, read

Storywatch = Callable[..., tuple[int, str, str]]
NOW = datetime(2031, 5, 11, tzinfo=UTC)
STEP_WITH_SIGNS = INVENTED.replace(
    'what = "The ferry burns."', 'what = "The ferry burns."\nstate = "held"\nall = ["ferry", "fire"]'
)
SENTENCES = " ".join(f"Passenger number {n} told how smoke filled cabin {n} before help came." for n in range(30))
PAGE = """<html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="2031-05-10T08:00:00Z"></head>
<body><article><h1>{title}</h1><p>{lead}</p><p>{rest}</p></article></body></html>"""
FEED = """<rss version="2.0"><channel><title>Marlhaven Echo</title>
<item><title>Fire on the Halcyone</title><link>http://echo.example/fire</link></item>
<item><title>Halcyone to get new paint</title><link>http://echo.example/paint</link></item>
<item><title>Parish council meets</title><link>http://echo.example/council</link></item>
</channel></rss>"""


@pytest.fixture
def storywatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Storywatch:
    """Call the command in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        with in_world(World(clock=lambda: NOW)), pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with story.toml and the data of one run that watched it."""
    root = tmp_path_factory.mktemp("ferry")
    (root / "story.toml").write_text(STEP_WITH_SIGNS, "utf-8")
    (root / "feeds.toml").write_text('[[feed]]\nname = "Echo"\nurl = "http://echo.example/feed.xml"\n', "utf-8")
    with FakeWeb() as web:
        web.serve("http://echo.example/feed.xml", FEED.encode(), headers={"Content-Type": "text/xml"})
        fire = PAGE.format(title="Fire on the Halcyone", lead="A fire broke out on the Halcyone.", rest=SENTENCES)
        paint = PAGE.format(
            title="New paint", lead="The Halcyone will be green.", rest=SENTENCES.replace("smoke", "sun")
        )
        web.serve("http://echo.example/fire", fire.encode(), headers={"Content-Type": "text/html"})
        web.serve("http://echo.example/paint", paint.encode(), headers={"Content-Type": "text/html"})
        settings = Settings(
            data_dir=root / "data",
            feeds_file=root / "feeds.toml",
            story_file=root / "story.toml",
            host_delay_seconds=0.0,
        )
        world = World(clock=lambda: NOW, resolver=web.resolver())
        assert pipeline.run(prepare(settings, world), command="test").status == "completed"
    return root


def asked(ferry: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect.public_reader(connect.DataDir(ferry / "data")) as con:
        return read.query(con, sql)[1]


def test_another_story_is_watched_by_its_file_alone(ferry: Path) -> None:
    assert asked(ferry, "SELECT url, outcome, reason FROM entry ORDER BY url") == [
        ("http://echo.example/council", "off_story", "gate"),
        ("http://echo.example/fire", "loaded", "independent"),
        ("http://echo.example/paint", "off_story", "score"),
    ]
    assert asked(ferry, "SELECT relevance, score > 0.3, rule FROM coverage") == [("core", True, "ferry+fire")]
    assert asked(ferry, "SELECT step, state, outlets, first_outlet FROM story_step") == [
        ("fire", "held", 1, "echo.example")
    ]


def test_what_is_off_keeps_its_text(ferry: Path) -> None:
    with connect.reader(connect.DataDir(ferry / "data"), wait_seconds=5) as con:
        kept = read.query(con, "SELECT text FROM article_all WHERE relevance = 'off'")[1]
    assert len(kept) == 1
    assert "green" in kept[0][0]


def test_a_stored_url_is_explained_with_its_matches_marked(ferry: Path, storywatch: Storywatch) -> None:
    common = ("--data", str(ferry / "data"), "--story", str(ferry / "story.toml"))
    code, out, _ = storywatch("explain", "http://echo.example/fire", *common)
    assert code == Exit.DONE
    assert "core: by ferry+fire" in out
    assert "2031-05-10 fire (held)" in out
    assert "A [fire] broke out on the [Halcyone]." in out
    entry = storywatch("explain", "http://echo.example/council", *common)[1]
    assert "would not be fetched: no combination of terms holds" in entry


def test_a_file_is_explained(ferry: Path, storywatch: Storywatch, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Halcyone ablaze\nThe fire was seen from the port.", "utf-8")
    story = ("--story", str(ferry / "story.toml"))
    told = json.loads(storywatch("explain", "mine.txt", "--published", "2031-05-10", "--json", *story)[1])
    assert (told["class"], told["steps"]) == ("core", ["fire"])
    old = json.loads(storywatch("explain", "mine.txt", "--published", "2031-05-01", "--json", *story)[1])
    assert (old["class"], old["rule"], old["gate"]) == ("off", "before_window", False)
    assert storywatch("explain", "none.txt", *story)[0] == Exit.USAGE
    assert storywatch("explain", *story)[0] == Exit.USAGE


def test_the_small_story_of_the_readme_is_one_that_decides(storywatch: Storywatch, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    small = next(block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[{ name" in block)
    (tmp_path / "story.toml").write_text(small, "utf-8")
    assert storywatch("story", "check", "story.toml")[0] == Exit.DONE
    given = [
        {"id": 1, "title": "Last ferry to Sandoy", "text": "It sails.", "published": "2026-11-20"},
        {"id": 2, "title": "A new swimming pool", "text": "It opens.", "published": "2026-11-20"},
    ]
    stdin = "\n".join(map(json.dumps, given))
    out = storywatch("explain", "--jsonl", "--story", "story.toml", stdin=stdin)[1]
    told = [json.loads(line) for line in out.splitlines()]
    assert [(one["class"], one["gate"]) for one in told] == [("core", True), ("off", False)]


def test_a_page_without_metadata_is_explained(ferry: Path, storywatch: Storywatch, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"<html><body><p>Fire on the Halcyone. {SENTENCES}</p></body></html>")
    code, out, err = storywatch("explain", "page.html", "--story", str(ferry / "story.toml"), "--json")
    assert code == Exit.DONE, err
    assert json.loads(out)["id"] == "page.html"


def test_what_is_not_named_is_told_without_a_none(storywatch: Storywatch) -> None:
    code, _, err = storywatch("explain")
    assert (code, err) == (Exit.USAGE, "storywatch: URL|FILE: is needed, unless --jsonl reads lines\n")


def test_rescore_without_a_warehouse_says_so_and_makes_none(
    ferry: Path, storywatch: Storywatch, tmp_path: Path
) -> None:
    code, _, err = storywatch("rescore", "--story", str(ferry / "story.toml"))
    assert code == Exit.ATTENTION
    assert "there is no warehouse here yet" in err
    assert not (tmp_path / "data").exists()


def test_lines_of_json_are_answered_in_order(ferry: Path, storywatch: Storywatch) -> None:
    lines = [
        {"id": "a", "title": "Fire on the Halcyone", "text": "", "published": "2031-05-10", "lang": "en"},
        {"id": 7, "title": "Halcyone", "text": "Nothing else. " * 40, "published": "2031-05-10T10:00:00+02:00"},
        {"id": "c", "title": None, "text": "A parish council.", "published": None, "lang": None},
    ]
    given = "\n".join(map(json.dumps, lines)) + "\n\n"
    code, out, _ = storywatch("explain", "--jsonl", "--story", str(ferry / "story.toml"), stdin=given)
    told = [json.loads(line) for line in out.splitlines()]
    assert code == Exit.DONE
    assert [list(one)[:4] for one in told] == [["id", "class", "score", "gate"]] * 3
    assert [(one["id"], one["class"], one["gate"]) for one in told] == [
        ("a", "core", True),
        (7, "off", True),
        ("c", "off", False),
    ]
    assert told[0]["matched"][0] == {"group": "fire", "field": "title", "count": 1, "places": [[0, 4]]}


def test_a_line_that_is_wrong_is_told_and_the_rest_goes_on(ferry: Path, storywatch: Storywatch) -> None:
    given = '{"id": 1, "published": "soon"}\nnot json\n[]\n{"title": "x"}\n{"id": 2}\n{"id": 3, "text": 4}\n'
    code, out, err = storywatch("explain", "--jsonl", "--story", str(ferry / "story.toml"), stdin=given)
    assert code == Exit.ATTENTION
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["id"] for one in told] == [None, None, None, None, 2, None]
    assert ["error" in one for one in told] == [True, True, True, True, False, True]
    assert [line.split(":")[1].strip() for line in err.splitlines()] == [
        "line 1",
        "line 2",
        "line 3",
        "line 4",
        "line 6",
    ]


def test_lines_that_are_no_utf8_or_hold_half_a_character_end_nothing(
    ferry: Path, storywatch: Storywatch, tmp_path: Path
) -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "with a byte order mark"}',
        b'{"id": 1, "title": "\xff"}',
        b'{"id": "\\ud800", "text": "\\ud800 Halcyone"}',
        b"[" * 100_000,
        b'{"id": 2, "published": "0001-01-01T00:00:00+14:00"}',
        b'{"id": "last"}',
    ]
    (tmp_path / "lines.jsonl").write_bytes(b"\r\n".join(lines))
    code, out, err = storywatch("explain", "--jsonl", "lines.jsonl", "--story", str(ferry / "story.toml"))
    assert code == Exit.ATTENTION
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["id"] for one in told if "error" not in one] == ["with a byte order mark", "\ud800", "last"]
    assert [line.split(":")[1].strip() for line in err.splitlines()] == ["line 2", "line 4", "line 5"]
    assert "is not UTF-8" in err


def test_story_check_says_what_the_file_holds(storywatch: Storywatch) -> None:
    code, out, err = storywatch("story", "check")
    assert (code, err) == (Exit.DONE, "")
    assert "combinations" in out


def test_story_check_names_every_error_by_its_line(storywatch: Storywatch, tmp_path: Path) -> None:
    wrong = (
        STEP_WITH_SIGNS.replace('class = "related"', 'class = "maybe"', 1)
        .replace('all = ["port"]', 'all = ["prot"]')
        .replace('state = "held"', 'state = "over"')
        .replace("core = 0.30", "core = 3")
    )
    (tmp_path / "story.toml").write_text(wrong, "utf-8")
    code, out, err = storywatch("story", "check", "story.toml")
    assert code == Exit.USAGE
    lines = [int(line.split("story.toml:")[1].split(":")[0]) for line in err.splitlines()]
    expected = [number for number, line in enumerate(wrong.splitlines(), 1) if line in (
        "core = 3", 'class = "maybe"', 'all = ["prot"]', 'state = "over"')]  # fmt: skip
    assert lines == expected
    assert "4 errors" in out


def test_story_check_tells_slips(storywatch: Storywatch, tmp_path: Path) -> None:
    slip = STEP_WITH_SIGNS.replace('name = "port+fire"', 'name = "ferry+fire"').replace(
        "[group.regatta]", '[group.idle]\nweight = 0\nstems = { en = ["idle"] }\n[group.regatta]'
    )
    (tmp_path / "story.toml").write_text(slip, "utf-8")
    code, _, err = storywatch("story", "check", "story.toml")
    assert code == Exit.DONE
    assert "combination 'ferry+fire' is there 2 times" in err
    assert "group 'idle'" in err


def test_rescore_tells_what_would_change(ferry: Path, storywatch: Storywatch, tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(STEP_WITH_SIGNS.replace('"blaze"]', '"blaze", "green"]'), "utf-8")
    common = ("--data", str(ferry / "data"), "--story", "story.toml", "--dry-run")
    code, out, _ = storywatch("rescore", *common)
    assert code == Exit.DONE
    assert "off -> core" in out
    assert "1 off -> core" in out.replace("\n", " ")
    told = json.loads(storywatch("rescore", *common, "--json")[1])
    assert [(one["url"], one["was"], one["now"]) for one in told["changes"]] == [
        ("https://echo.example/paint", "off", "core")
    ]
