"""Pages seen again: what changed is a revision, the ledger stays balanced, nobody is asked too often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.realweb import EVERYTHING
from flows.polling import MOST_REFETCHES
from tests.fakeweb import FakeWeb
from tests.test_collecting import NOW, SITE, Site, story
from warehouse import connect, read

DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with FakeWeb() as web:
        yield Site(web, tmp_path)


def rows(site: Site, sql: str) -> list[tuple[Any, ...]]:
    with connect.reader(connect.DataDir(site.root / "data"), wait_seconds=5) as con:
        return read.query(con, sql)[1]


def retitle(site: Site, path: str, title: str) -> None:
    """Its feed shows it under another headline from now on."""
    site.items = [item for item in site.items if f"{SITE}{path}<" not in item]
    site.items.append(f"<item><title>{title}</title><link>{SITE}{path}</link></item>")


def rewrite(site: Site, path: str, text: str) -> None:
    site.web.forget(f"{SITE}{path}")
    site.page(path, text, listed=False)


def test_a_new_headline_has_the_page_fetched_again_and_its_earlier_text_kept(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    retitle(site, "/story", "Another headline")
    rewrite(site, "/story", story(1) + " Then the summit was cancelled.")
    report = site.run(NOW + DAY)
    assert (report.fetched, report.ledger_outcomes) == (1, {"loaded": 1})
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}
    ((cause, changed, old_text, added, removed, fetched_at, old_fetched_at),) = rows(
        site,
        "SELECT cause, changed, old_text, words_added_share, words_removed_share, fetched_at, old_fetched_at "
        "FROM revision_history",
    )
    assert (cause, old_text) == ("refetch", story(1))
    assert "text" in changed
    assert added == pytest.approx(5 / 125)
    assert removed == 0
    assert (old_fetched_at, fetched_at) == (NOW, NOW + DAY)
    assert rows(site, "SELECT text, fetched_at FROM article_all") == [
        (story(1) + " Then the summit was cancelled.", NOW + DAY)
    ]


def test_a_page_that_is_the_same_after_all_is_no_revision_and_is_left_in_peace(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    retitle(site, "/story", "Another headline")
    assert site.run(NOW + DAY).fetched == 1
    assert site.run(NOW + 2 * DAY).fetched == 0
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}
    assert rows(site, "FROM revision") == []


def test_a_date_after_the_fetch_has_the_page_fetched_again_but_not_one_that_is_still_to_come(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    (item,) = site.items
    for day, fetched in ((19, 0), (21, 1), (30, 0)):
        site.items = [item.replace("<link>", f"<pubDate>{day} Oct 2025 00:00:00 GMT</pubDate><link>")]
        assert site.run(NOW + timedelta(days=1, hours=day)).fetched == fetched


def test_a_page_is_fetched_again_a_few_times_and_at_most_once_a_day(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    fetched = []
    for hours in range(8, 120, 8):
        retitle(site, "/story", f"Headline of hour {hours}")
        fetched += [hours] * site.run(NOW + timedelta(hours=hours)).fetched
    assert len(fetched) == MOST_REFETCHES
    assert all(later - earlier >= 24 for earlier, later in pairwise(fetched))


def test_a_page_that_is_gone_when_it_is_asked_again_leaves_its_article(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    retitle(site, "/story", "Another headline")
    site.web.forget(f"{SITE}/story")
    report = site.run(NOW + DAY)
    assert report.ledger_outcomes == {"loaded": 1}
    assert site.ledger() == {"/story": ("loaded", "independent", "/story")}
    assert rows(site, "SELECT text FROM coverage") == [(story(1),)]
    assert "shown again" in rows(site, "SELECT detail FROM entry")[0][0]


def test_copies_of_an_article_that_became_another_text_are_judged_anew(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    site.page("/copy", story(1) + " Printed by permission.")
    site.run(NOW + timedelta(hours=1))
    assert site.ledger()["/copy"][:2] == ("loaded", "near")
    retitle(site, "/story", "Another headline")
    rewrite(site, "/story", story(2))
    site.run(NOW + DAY)
    assert site.ledger() == {
        "/story": ("loaded", "independent", "/story"),
        "/copy": ("loaded", "independent", "/copy"),
    }
    assert rows(site, "SELECT count(*) FROM coverage") == [(2,)]


def test_a_link_that_changes_under_one_guid_is_a_revision_of_one_article(site: Site) -> None:
    site.page("/story", story(1), listed=False)
    site.items = [f"<item><guid>g1</guid><title>On it</title><link>{SITE}/story</link></item>"]
    site.run()
    site.page("/story-updated", story(1) + " Then the summit was cancelled.", listed=False)
    site.items = [f"<item><guid>g1</guid><title>On it</title><link>{SITE}/story-updated</link></item>"]
    site.run(NOW + DAY)
    assert site.ledger() == {
        "/story": ("loaded", "independent", "/story"),
        "/story-updated": ("duplicate_url", "same_guid", "/story"),
    }
    assert rows(site, "SELECT old_text FROM revision_history") == [(story(1),)]
    assert rows(site, "SELECT url, text FROM coverage") == [
        (f"{SITE}/story".replace("http:", "https:"), story(1) + " Then the summit was cancelled.")
    ]


def test_one_guid_for_everything_loses_no_article(site: Site) -> None:
    for number in range(4):
        site.page(f"/{number}", story(number), listed=False)
        site.items = [f"<item><guid>g</guid><title>On {number}</title><link>{SITE}/{number}</link></item>"]
        site.run(NOW + number * DAY)
    assert {outcome for outcome, _, _ in site.ledger().values()} == {"loaded"}


def test_the_same_polls_again_change_nothing(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    retitle(site, "/story", "Another headline")
    rewrite(site, "/story", story(1) + " Then the summit was cancelled.")
    site.run(NOW + DAY)
    dumps = []
    for _ in range(2):
        dumps.append([rows(site, f"FROM {table} ORDER BY ALL") for table in ("article_all", "decision", "revision")])
        site.run(NOW + DAY)
    assert dumps[0] == dumps[1]


def test_a_copy_of_the_new_text_is_found_and_one_of_the_old_text_is_not(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    retitle(site, "/story", "Another headline")
    rewrite(site, "/story", story(2))
    site.run(NOW + DAY)
    site.page("/old", story(1) + " Printed by permission.")
    site.page("/new", story(2) + " Printed by permission.")
    site.run(NOW + 2 * DAY)
    ledger = site.ledger()
    assert ledger["/old"] == ("loaded", "independent", "/old")
    assert ledger["/new"] == ("loaded", "near", "/new")


def test_an_article_that_changed_into_the_text_of_an_earlier_one_is_its_copy_and_its_old_verdict_is_kept(
    site: Site,
) -> None:
    site.page("/first", story(1))
    site.run()
    site.page("/second", story(2))
    site.run(NOW + timedelta(hours=1))
    retitle(site, "/second", "Another headline")
    rewrite(site, "/second", story(1) + " Printed by permission.")
    site.run(NOW + DAY)
    assert site.ledger()["/second"] == ("loaded", "near", "/second")
    assert rows(site, "SELECT verdict FROM article_all ORDER BY url") == [("independent",), ("near",)]
    assert rows(site, "SELECT kind FROM verdict_history") == [("independent",)]


def test_an_earlier_article_that_changes_into_the_text_of_a_later_one_becomes_its_original(site: Site) -> None:
    site.page("/first", story(1))
    site.run()
    site.page("/second", story(2))
    site.run(NOW + timedelta(hours=1))
    retitle(site, "/first", "Another headline")
    rewrite(site, "/first", story(2) + " Printed by permission.")
    site.run(NOW + DAY)
    assert site.ledger() == {
        "/first": ("loaded", "independent", "/first"),
        "/second": ("loaded", "near", "/second"),
    }


def test_an_article_whose_text_leaves_the_story_is_nobodys_original_any_more(site: Site) -> None:
    site.page("/story", story(1))
    site.run()
    site.page("/copy", story(1) + " Printed by permission.")
    site.run(NOW + timedelta(hours=1))
    retitle(site, "/story", "Another headline")
    rewrite(site, "/story", " ".join(f"Sentence {number} is about gardens and rain." for number in range(40)))
    choosy = (
        EVERYTHING.replace("= 0.0", "= 0.1")
        .replace("weight = 0.1", "weight = 1.0")
        .replace("nothing of the kind", "spoke")
    )
    (site.root / "story.toml").write_text(choosy)
    site.run(NOW + DAY)
    assert site.ledger() == {
        "/story": ("off_story", "score", "/story"),
        "/copy": ("loaded", "independent", "/copy"),
    }
    assert rows(site, "SELECT relevance, rule <> '' FROM story_match_history") != []
    assert rows(site, "SELECT count(*) FROM verdict") == [(1,)]
