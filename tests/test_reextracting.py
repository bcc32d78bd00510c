"""Articles built again from the archive: the same code gives the same rows, other code says what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import NotArticle
from extractors.records import Article, RunReport
from flows import reextracting
from flows.isolation import ExtractionPool, Told
from flows.reextracting import NothingArchived, Wanted, preview, reextract
from flows.replay.site import MOMENTS
from flows.settings import Settings
from flows.watch import Watch, prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.records_factory import make_article
from tests.replayed import replay_watch, run_moment
from tests.test_collecting import NOW, SITE, Site, story
from warehouse import connect, read

LATER = NOW + timedelta(days=40)
TABLES = (
    "entry",
    "decision",
    "fetch",
    "article",
    "article_text",
    "story_match",
    "verdict",
    "sketch",
    "posting",
    "revision",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with FakeWeb() as web:
        made = Site(web, tmp_path)
        for number in range(3):
            made.page(f"/{number}", story(number))
        made.page("/copy", story(0) + " Printed by permission.")
        web.serve(f"{SITE}/short", "<html><body><p>Too short.</p></body></html>", headers={"Content-Type": "text/html"})
        made.list("/short")
        made.run()
        yield made


def watch_of(site: Site) -> Watch:
    """As the site's, but with a web that nobody answers in."""
    settings = Settings(
        data_dir=site.root / "data", feeds_file=site.root / "feeds.toml", story_file=site.root / "story.toml"
    )
    return prepare(settings, World(resolver=FakeWeb().resolver(), clock=lambda: LATER))


def dump(data_dir: Path) -> dict[str, list[str]]:
    with connect.reader(connect.DataDir(data_dir), wait_seconds=5) as con:
        return {table: sorted(map(repr, read.query(con, f'FROM "{table}"')[1])) for table in TABLES}


def rows(site: Site, sql: str) -> list[tuple[Any, ...]]:
    with connect.reader(connect.DataDir(site.root / "data"), wait_seconds=5) as con:
        return read.query(con, sql)[1]


def counts(report: RunReport) -> dict[str, int]:
    return {name: count for name, count in report.reread.items() if count}


class OtherExtractor(ExtractionPool):
    """Says something else of one page."""

    told: dict[str, Told]

    def extract(self, pages: Any, on_each: Any) -> list[Told]:
        def other(one: Told) -> Told:
            url = one.entry_url if isinstance(one, Article) else one.url
            made = self.told.get(url.removeprefix(SITE))
            if isinstance(one, Article):
                one = replace(one, extractor="another 2")
                return replace(one, text=made.text) if isinstance(made, Article) else made or one
            return made or one

        return [other(one) for one in super().extract(pages, on_each)]


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> dict[str, Told]:
    """Path -> what another extractor makes of its page."""
    told: dict[str, Told] = {}
    monkeypatch.setattr("flows.pipeline.ExtractionPool", OtherExtractor)
    monkeypatch.setattr(reextracting, "ExtractionPool", OtherExtractor)
    monkeypatch.setattr(OtherExtractor, "told", told, raising=False)
    return told


def article(text: str) -> Article:
    return make_article(text=text)


def test_the_same_extractor_gives_the_same_rows(tmp_path: Path) -> None:
    run_moment(tmp_path, MOMENTS[0])
    run_moment(tmp_path, MOMENTS[1])
    before = dump(tmp_path)
    with replay_watch(tmp_path, MOMENTS[1], later=timedelta(days=60)) as (watch, _):
        report = reextract(watch, Wanted())
    assert dump(tmp_path) == before
    assert report.status == "completed"
    assert set(counts(report)) == {"unchanged"}
    assert counts(report)["unchanged"] >= 20


def test_articles_that_were_lost_are_built_again(site: Site) -> None:
    before = dump(site.root / "data")
    with connect.writer(connect.DataDir(site.root / "data"), wait_seconds=5) as con:
        for table in ("article", "article_text", "story_match", "verdict", "sketch", "posting"):
            con.execute(f"DELETE FROM {table}")
    assert counts(reextract(watch_of(site), Wanted())) == {"became_article": 4, "unchanged": 1}
    after = dump(site.root / "data")
    assert after["article_text"] != []
    assert [len(after[table]) for table in TABLES[3:9]] == [len(before[table]) for table in TABLES[3:9]]


def test_another_extractor_says_which_articles_it_changed_and_the_earlier_text_is_kept(
    site: Site, other: dict[str, Told]
) -> None:
    other["/1"] = article(story(1) + " More.")
    report = reextract(watch_of(site), Wanted())
    assert counts(report) == {"unchanged": 4, "changed": 1}
    assert rows(site, "SELECT cause, changed, old_text, new_extractor, run_id FROM revision_history") == [
        ("reextract", ["text"], story(1), "another 2", report.run_id)
    ]
    assert rows(site, f"SELECT text FROM article_all WHERE entry_url = '{SITE}/1'") == [(story(1) + " More.",)]
    assert rows(site, "SELECT DISTINCT extractor FROM article") == [("another 2",)]
    assert site.ledger()["/1"] == ("loaded", "independent", "/1")
    assert counts(reextract(watch_of(site), Wanted())) == {"unchanged": 5}


def test_what_is_no_article_by_another_extractor_leaves_coverage_and_comes_back(
    site: Site, other: dict[str, Told]
) -> None:
    before = site.ledger()
    other["/0"] = NotArticle(f"{SITE}/0", "consent", "a wall")
    report = reextract(watch_of(site), Wanted())
    assert counts(report) == {"unchanged": 4, "no_article_any_more": 1}
    assert report.ledger_outcomes == {"loaded": 3, "not_article": 2}
    assert site.ledger()["/0"] == ("not_article", "consent", None)
    assert site.ledger()["/copy"][:2] == ("loaded", "independent")  # the copy of what was no article
    assert rows(site, "SELECT old_text, new_title FROM revision") == [(story(0), None)]
    del other["/0"]
    report = reextract(watch_of(site), Wanted())
    assert counts(report) == {"unchanged": 4, "became_article": 1}
    assert {path: stands[0] for path, stands in site.ledger().items()} == {p: s[0] for p, s in before.items()}


def test_a_dry_run_says_what_would_change_and_writes_nothing(site: Site, other: dict[str, Told]) -> None:
    other["/1"] = article(story(1) + " More.")
    before = dump(site.root / "data")
    reading = preview(watch_of(site), Wanted())
    assert [one.article_url.rpartition("/")[2] for one in reading.revisions] == ["1"]
    assert reading.counts["changed"] == 1
    assert dump(site.root / "data") == before


def test_one_address_or_the_pages_since_a_day_are_read_alone(site: Site) -> None:
    assert counts(reextract(watch_of(site), Wanted(url=f"{SITE}/1"))) == {"unchanged": 1}
    assert counts(reextract(watch_of(site), Wanted(url=f"{SITE}/1".replace("http:", "https:")))) == {"unchanged": 1}
    assert counts(reextract(watch_of(site), Wanted(since=date(2025, 10, 20)))) == {"unchanged": 5}
    assert counts(reextract(watch_of(site), Wanted(since=date(2025, 10, 21)))) == {}
    with pytest.raises(NothingArchived):
        reextract(watch_of(site), Wanted(url=f"{SITE}/never"))


def test_a_page_of_which_several_answers_are_archived_is_read_as_it_was_taken_in(site: Site) -> None:
    site.items = [item.replace("On /1", "Another headline") for item in site.items]
    site.web.forget(f"{SITE}/1")
    site.page("/1", story(1) + " More.", listed=False)
    site.run(NOW + timedelta(days=1))
    before = dump(site.root / "data")
    assert counts(reextract(watch_of(site), Wanted())) == {"unchanged": 5}
    assert dump(site.root / "data") == before


def test_an_article_that_was_revised_under_another_link_is_read_from_there(site: Site) -> None:
    for path, day in (("/first", 1), ("/second", 2)):
        site.page(path, story(9) + f" As of {path}.", listed=False)
        site.items = [f"<item><guid>g1</guid><title>On it</title><link>{SITE}{path}</link></item>"]
        site.run(NOW + timedelta(days=day))
    assert site.ledger()["/second"][:2] == ("duplicate_url", "same_guid")
    before = dump(site.root / "data")
    assert counts(reextract(watch_of(site), Wanted())) == {"unchanged": 6}
    assert dump(site.root / "data") == before
