"""extractors/gating.py: entries that say little, and what lets them in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.gating import gate_entry
from extractors.records import Entry, Relevance
from extractors.story import Story, load_story
from extractors.urls import canonical_url

NOW = datetime(2031, 5, 20, 12, 0, tzinfo=UTC)
STORY = """\
name = "The fire on the ferry Halcyone"
slug = "halcyone-fire"
[window]
opens = 2031-05-08
[score]
half_points = 3.0
core = 0.4
related = 0.2
neighbour_share = 0.3
[group.ship.stems]
"en ru" = ["halcyone", "гальциона"]
[group.ship]
weight = 2.0
[group.fire]
weight = 1.0
[group.fire.stems]
"en ru" = ["fire", "пожар"]
[[combination]]
name = "ship+fire"
all = ["ship", "fire"]
[[gate]]
name = "ship"
all = ["ship"]
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    path: Path = tmp_path_factory.mktemp("gating") / "story.toml"
    path.write_text(STORY, encoding="utf-8")
    return load_story(path)


def decided(
    story: Story,
    path: str,
    *,
    title: str = "",
    summary: str = "",
    published_at: datetime | None = None,
    modified_at: datetime | None = None,
) -> tuple[bool, str]:
    """Whether an entry is let in, and by which rule."""
    url = path if path.startswith("http") else f"https://lantern.example{path}"
    entry = Entry(
        url=url,
        canonical_url=canonical_url(url),
        feed_url="https://lantern.example/sitemap.xml",
        outlet="lantern.example",
        first_seen_at=NOW,
        title=title,
        summary=summary,
        published_at=published_at,
        modified_at=modified_at,
    )
    match = gate_entry(story, entry, NOW)
    assert match.story_version == story.version
    return match.relevance is not Relevance.OFF, match.rule


def test_a_title_decides_alone(story: Story) -> None:
    assert decided(story, "/parish-council-met-again", title="Halcyone burns") == (True, "ship")
    assert decided(story, "/halcyone-burns-at-sea", title="The council met") == (False, "no_combination")
    assert decided(story, "/c123456", title="The council met", published_at=NOW) == (False, "no_combination")


@pytest.mark.parametrize(
    "path",
    ["/halcyone-burns-at-sea-99123.html", "/%D0%B3%D0%B0%D0%BB%D1%8C%D1%86%D0%B8%D0%BE%D0%BD%D0%B0", "/halcyone"],
)
def test_without_a_title_the_words_of_the_address_let_it_in(story: Story, path: str) -> None:
    assert decided(story, path) == (True, "ship")


def test_behind_a_searchs_link_it_is_the_articles_address_that_counts(story: Story) -> None:
    link = "https://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2flantern.example%2f"
    assert decided(story, f"{link}halcyone-burns-at-sea") == (True, "ship")
    assert decided(story, f"{link}2031%2f05%2f07%2fc4gk2w1xyz9o") == (False, "before_window")


def test_an_address_with_a_headline_of_something_else_is_off_whatever_its_date(story: Story) -> None:
    assert decided(story, "/2031/05/12/parish-council-met") == (False, "no_combination")
    assert decided(story, "/parish-council-met", published_at=NOW) == (False, "no_combination")


@pytest.mark.parametrize("path", ["/articles/c4gk2w1xyz9o", "/world-europe-58012345", "/the-war-at-sea/45123", "/"])
def test_what_says_nothing_is_let_in_by_a_date_within_the_window_alone(story: Story, path: str) -> None:
    assert decided(story, path) == (False, "nothing_told")
    assert decided(story, path, published_at=datetime(2031, 5, 9, tzinfo=UTC)) == (True, "dated")
    assert decided(story, path, published_at=datetime(2031, 5, 7, tzinfo=UTC)) == (False, "before_window")
    assert decided(story, path, modified_at=datetime(2031, 5, 9, tzinfo=UTC)) == (True, "dated")


def test_the_date_in_the_address_counts_as_its_own(story: Story) -> None:
    assert decided(story, "/2031/05/08/c4gk2w1xyz9o") == (True, "dated")
    assert decided(story, "/2031/05/07/c4gk2w1xyz9o") == (False, "before_window")
    assert decided(story, "/2031/05/c4gk2w1xyz9o") == (True, "dated")  # this month, which is not over yet
    assert decided(story, "/2031/04/c4gk2w1xyz9o") == (False, "before_window")
    assert decided(story, "/2029/01/02/halcyone-is-launched") == (False, "before_window")
    assert decided(story, "/halcyone-was-launched-in-1999") == (True, "ship")  # a year is what a headline is about


def test_a_page_that_was_last_changed_before_the_story_is_off_unless_it_has_a_date_of_its_own(story: Story) -> None:
    old = datetime(2031, 5, 1, tzinfo=UTC)
    assert decided(story, "/halcyone-burns", modified_at=old) == (False, "untouched")
    assert decided(story, "/x", title="Halcyone burns", modified_at=old, published_at=NOW) == (True, "ship")


def test_a_summary_speaks_for_an_entry_without_a_title(story: Story) -> None:
    assert decided(story, "/c4gk2w1xyz9o", summary="The Halcyone burns") == (True, "ship")
    assert decided(story, "/c4gk2w1xyz9o", summary="The council met", published_at=NOW) == (False, "no_combination")
