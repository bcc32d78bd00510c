"""flows/feed_file.py and feed_names.py: feeds.toml edited as a person would, and which feed a person means."""

from __future__ import annotations

import difflib
import stat
from pathlib import Path

import pytest

from extractors.errors import SeedFileError, SettingsError
from extractors.feed_list import load_feed_list, load_feeds
from extractors.records import Feed, FeedKind
from flows.feed_file import own_feed_file, replace_file, with_feeds, with_switched
from flows.feed_names import free_name, named
from flows.settings import PACKAGE_SEEDS, Settings

NEW = Feed(url="https://quay.example/rss", name='The "Quay"', language="hu", kind=FeedKind.SITEMAP)
PACKAGED = (PACKAGE_SEEDS / "feeds.toml").read_text("utf-8")
AWKWARD = """\
# ours
[search]      # news searches
engines = [
    "gdelt",  # all languages
]

[[feed]]
  name = 'Lantern'   # indented
  url = "https://lantern.example/rss"
enabled = true

# Hungarian

[[feed]]
url = "https://lamp.example/rss"
name = "Lamp\\t"
enabled = false # dead since May"""


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize("text", [PACKAGED, AWKWARD, ""])
def test_a_new_feed_is_a_table_at_the_end_and_nothing_else_changes(text: str, tmp_path: Path) -> None:
    after = with_feeds(text, [NEW])
    added = changed_lines(text, after)
    assert [line for line in added if line.strip() != "+"] == [
        "+ [[feed]]",
        '+ name = "The \\"Quay\\""',
        '+ url = "https://quay.example/rss"',
        '+ language = "hu"',
        '+ kind = "sitemap"',
    ]
    path = tmp_path / "feeds.toml"
    assert replace_file(path, after)[-1] == NEW
    assert "\n\n\n" not in after or "\n\n\n" in text


def test_every_feed_that_ships_can_be_switched_off_and_on_by_one_line() -> None:
    for url in [line.split('"')[1] for line in PACKAGED.splitlines() if line.startswith("url = ")]:
        off = with_switched(PACKAGED, url, enabled=False)
        assert changed_lines(PACKAGED, off) == ["+ enabled = false"], url
        assert with_switched(off, url, enabled=True) == PACKAGED, url


def test_switching_an_awkward_file_keeps_its_comments() -> None:
    on = with_switched(AWKWARD, "https://LAMP.example/rss", enabled=True)
    off = with_switched(on, "https://lantern.example/rss", enabled=False)
    assert "# Hungarian" in off
    assert "# all languages" in off
    assert with_switched(off, "https://lantern.example/rss", enabled=False) == off


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(AWKWARD, "utf-8")
    path.chmod(0o600)
    with pytest.raises(SeedFileError) as refused:
        replace_file(path, AWKWARD.replace("lamp.example", "lantern.example"))
    assert refused.value.path == path
    assert path.read_text("utf-8") == AWKWARD
    assert len(replace_file(path, with_feeds(AWKWARD, [NEW]))) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["feeds.toml"]
    assert load_feed_list(path).engines


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(AWKWARD, "utf-8")
    (tmp_path / "feeds.toml").symlink_to("real.toml")
    replace_file(tmp_path / "feeds.toml", with_feeds(AWKWARD, [NEW]))
    assert (tmp_path / "feeds.toml").is_symlink()
    assert len(load_feeds(tmp_path / "real.toml")) == 3


def test_the_packaged_list_is_never_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert own_feed_file(Settings()) == (Path("seeds/feeds.toml"), True)
    assert own_feed_file(Settings(seeds_dir=tmp_path / "mine")) == (tmp_path / "mine" / "feeds.toml", True)
    assert own_feed_file(Settings(feeds_file=Path("any.toml"))) == (Path("any.toml"), False)
    Path("seeds").mkdir()
    Path("seeds/feeds.toml").touch()
    assert own_feed_file(Settings()) == (Path("seeds/feeds.toml"), False)


def test_whoever_works_in_the_repository_edits_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PACKAGE_SEEDS.parent)
    assert own_feed_file(Settings()) == (PACKAGE_SEEDS / "feeds.toml", False)


# -- names ----------------------------------------------------------------------------------------------------------

FEEDS = (
    Feed(url="https://lantern.example/rss", name="Lantern, world"),
    Feed(url="https://lamp.example/rss", name="Lamp"),
    Feed(url="https://lamp.example/2", name="Lamp"),
)


@pytest.mark.parametrize("wanted", ["Lantern, world", " lantern, WORLD ", "http://www.lantern.example/rss"])
def test_a_feed_is_meant_by_its_name_in_any_case_or_by_its_address(wanted: str) -> None:
    assert named(FEEDS, wanted) is FEEDS[0]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("lantern world", "near it: Lantern, world"),
        ("lantern", "near it: .*Lantern, world"),
        ("https://lantern.example/rs", "near it: https://lantern.example/rss"),
        ("zzz", "no such feed; storywatch feeds list shows all 3"),
        ("lamp", "name of 2 feeds; say which: https://lamp.example/rss, https://lamp.example/2"),
    ],
)
def test_an_unknown_or_shared_name_is_refused_with_the_near_ones(wanted: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        named(FEEDS, wanted)


def test_a_taken_name_gets_the_host_and_then_a_number() -> None:
    assert free_name("Quay", "quay.example", FEEDS) == "Quay"
    assert free_name("LAMP", "lamp.example", FEEDS) == "LAMP (lamp.example)"
    more = (*FEEDS, Feed(url="https://x.example/", name="lamp (lamp.example)"))
    assert free_name("Lamp", "lamp.example", more) == "Lamp (lamp.example, 2)"
