"""storywatch reextract and storywatch diff, as people call them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.commands import main
from tests.fakeweb import FakeWeb
from tests.test_collecting import NOW, SITE, Site, story
from tests.test_revising import retitle, rewrite

Storywatch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with FakeWeb() as web:
        made = Site(web, tmp_path)
        made.page("/story", "They meet in Budapest soon. " + story(1))
        made.page("/other", story(2))
        made.run()
        retitle(made, "/story", "Another headline")
        rewrite(made, "/story", "They meet in Vienna soon. " + story(1))
        made.run(NOW + timedelta(days=1))
        yield made


@pytest.fixture
def storywatch(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Storywatch:
    monkeypatch.chdir(site.root)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        told = capsys.readouterr()
        assert isinstance(code, int)
        return code, told.out, told.err

    return call


def test_diff_marks_the_words_that_changed(storywatch: Storywatch) -> None:
    code, out, err = storywatch("diff", f"{SITE}/story")
    assert code == 0, err
    assert "They meet in [-Budapest-]{+Vienna+} soon." in out
    assert "2025-10-20 00:00Z -> 2025-10-21 00:00Z (refetch): 0.8% of the words added, 0.8% of the words removed" in out


def test_diff_as_json_has_both_texts(storywatch: Storywatch) -> None:
    code, out, _ = storywatch("diff", "--json", f"{SITE}/story")
    told = json.loads(out)
    assert code == 0
    assert told["revisions"][0]["old_text"].startswith("They meet in Budapest")
    assert told["now"]["text"].startswith("They meet in Vienna")


def test_diff_says_when_there_is_nothing_to_show(storywatch: Storywatch) -> None:
    code, out, err = storywatch("diff", f"{SITE}/other")
    assert (code, out) == (1, "")
    assert "there is one text of it, unchanged" in err
    assert "no article with this address is stored" in storywatch("diff", "https://never.example/")[2]


def test_reextract_without_a_warehouse_says_so_and_makes_none(storywatch: Storywatch, site: Site) -> None:
    for more in ((), ("--dry-run",)):
        given = ("--story", "story.toml", "--no-prefect", "--data", "elsewhere")
        code, _, err = storywatch("reextract", *given, *more)
        assert code == 1
        assert "there is no warehouse here yet" in err
        assert not (site.root / "elsewhere").exists()


def test_reextract_of_nothing_says_none(storywatch: Storywatch) -> None:
    given = ("--story", "story.toml", "--no-prefect", "--quiet")
    code, out, err = storywatch("reextract", *given[:-1], "--since", "2999-01-01")
    assert code == 0, err
    assert "pages read again: none" in out
    assert "No new URL" not in out


def test_reextract_tells_what_came_of_the_pages(storywatch: Storywatch) -> None:
    given = ("--story", "story.toml", "--no-prefect", "--json")
    code, out, err = storywatch("reextract", *given)
    assert code == 0, err
    told = json.loads(out)
    assert {name: count for name, count in told["reread"].items() if count} == {"unchanged": 2}
    code, out, _ = storywatch("reextract", *given, "--dry-run", "--url", f"{SITE}/story")
    assert (code, json.loads(out)) == (0, {"pages": {"not_archived": 0, "unchanged": 1}, "changes": []})
    code, _, err = storywatch("reextract", *given, "--url", "https://never.example/")
    assert code == 2
    assert "no page of it that was read is in" in err
    assert storywatch("reextract", "--since", "yesterday")[0] == 2
