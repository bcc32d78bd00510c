"""extractors/story.py and story_file.py: a story is data. The engine is watched on an invented one.

What the shipped story.toml decides is held to floors on the labelled coverage and real pages of STORYWATCH_TESTDATA.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.errors import SeedFileError
from extractors.records import Match, Relevance
from extractors.story import Story, gate, load_story, score

SHIPPED = Path(__file__).parents[1] / "seeds" / "story.toml"
ENGINE = ("story.py", "story_file.py", "terms.py")
TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
real = pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA is not set")
NOW = datetime(2031, 6, 1, tzinfo=UTC)
FIRE = datetime(2031, 5, 10, tzinfo=UTC)

INVENTED = """\
name = "The fire on the ferry Halcyone"
slug = "halcyone-fire"
[window]
opens = 2031-05-09
[score]
half_points = 3.0
core = 0.30
related = 0.10
neighbour_share = 0.3
[group.ferry]
weight = 2.0
stems = { latin = ["halcyone"], ru = ["гальцион"], ja = ["ハルシオーネ"] }
[group.port]
weight = 1.0
stems = { latin = ["marlhaven"] }
[group.fire]
weight = 1.0
stems = { en = ["fire ", "blaze"], ru = ["пожар"], ja = ["火災"] }
[group.inquiry]
weight = 1.0
stems = { en = ["inquiry"] }
[group.regatta]
weight = -2.0
stems = { en = ["regatta"] }
[[combination]]
name = "aftermath"
class = "related"
all = ["ferry", "inquiry"]
opens = 2031-06-01
[[combination]]
name = "ferry+fire"
all = ["ferry", "fire"]
within = 200
[[combination]]
name = "port+fire"
class = "related"
all = ["port", "fire"]
closes = 2031-05-12
dated_only = true
[[gate]]
name = "ferry"
all = ["ferry"]
[[gate]]
name = "port_in_title"
all = ["port"]
title_only = true
[[query]]
language = "en"
text = "Halcyone ferry fire"
[[step]]
slug = "fire"
date = 2031-05-10
what = "The ferry burns."
[[combination]]
name = "port+inquiry"
class = "related"
all = ["port", "inquiry"]
closes = 2031-05-12
"""


@pytest.fixture
def story(tmp_path: Path) -> Story:
    path = tmp_path / "story.toml"
    path.write_text(INVENTED, encoding="utf-8")
    return load_story(path)


def judged(story: Story, text: str, *, title: str = "", at: datetime | None = FIRE) -> Match:
    return score(story, title=title, text=text, published_at=at, now=NOW)


def test_an_invented_story_is_read_from_its_file_alone(story: Story) -> None:
    assert (story.name, story.slug) == ("The fire on the ferry Halcyone", "halcyone-fire")
    assert [query.text for query in story.queries] == ["Halcyone ferry fire"]
    assert [(step.slug, step.day.isoformat()) for step in story.steps] == [("fire", "2031-05-10")]
    match = judged(story, "The HALCYONE’s blaze is out.")
    assert (match.relevance, match.rule, match.story_version) == (Relevance.CORE, "ferry+fire", story.version)
    assert judged(story, "ハルシオーネで火災").relevance is Relevance.CORE
    assert judged(story, "Пожар на пароме «Гальциона»").relevance is Relevance.CORE
    assert judged(story, "The parish council met.").rule == "no_combination"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('text = "Halcyone"', "query[1].language: is missing"),
        ('language = "english language"\ntext = "x"', "no language tag"),
        ('language = "en"\ncountry = "uk"\ntext = "x"', "two capital letters"),
        ('language = "en"\nwords = "x"', "unknown key; allowed: language, country, text"),
        (f'language = "en"\ntext = "{"ferry " * 40}"', "at most 200"),
    ],
)
def test_a_query_that_no_search_could_be_asked_is_named(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "story.toml"
    path.write_text(INVENTED.replace('language = "en"\ntext = "Halcyone ferry fire"', row), encoding="utf-8")
    with pytest.raises(SeedFileError) as caught:
        load_story(path)
    assert problem in str(caught.value)


def test_the_engine_names_no_story() -> None:
    import extractors.terms

    folder = Path(extractors.terms.__file__).parent
    names = load_story(SHIPPED)
    proper = {
        stem for stem, groups in names.index.groups_of.items() if {"trump", "putin", "orban", "budapest"} & {*groups}
    }
    assert len(proper) > 50
    for file in ENGINE:
        code = (folder / file).read_text(encoding="utf-8").casefold()
        assert [stem for stem in proper if stem in code] == []


def test_hits_name_field_and_places_in_the_original(story: Story) -> None:
    title, text = "Fire aboard the Ha\u0301lcyone", "½ of the Halcyone: fire.\nHalcyone again " + "Halcyone " * 30
    hits = {(hit.group, hit.field): hit for hit in judged(story, text, title=title).hits}
    ((start, end),) = hits["ferry", "title"].places
    assert title[start:end] == "Ha\u0301lcyone"
    ferry = hits["ferry", "text"]
    assert {text[start:end] for start, end in ferry.places} == {"Halcyone"}
    assert (ferry.count, len(ferry.places)) == (32, 20)


def test_before_the_window_opens_nothing_is_on_the_story_and_no_date_is_not_held_against_it(story: Story) -> None:
    text = "Fire on the Halcyone"
    assert judged(story, text, at=datetime(2031, 5, 8, 23, 59, tzinfo=UTC)).rule == "before_window"
    assert judged(story, text, at=datetime(2031, 5, 9, tzinfo=UTC)).relevance is Relevance.CORE
    assert judged(story, text, at=None).relevance is Relevance.CORE
    old = gate(story, title=text, summary="", published_at=datetime(2031, 5, 8, 23, tzinfo=UTC), now=NOW)
    assert (old.relevance, old.rule) == (Relevance.OFF, "before_window")
    first_day = gate(story, title=text, summary="", published_at=datetime(2031, 5, 9, tzinfo=UTC), now=NOW)
    assert first_day.relevance is not Relevance.OFF


def test_a_date_in_the_future_counts_as_absent(story: Story) -> None:
    text = "Marlhaven fire "
    assert judged(story, text).rule == "port+fire"
    assert judged(story, text, at=NOW + timedelta(days=3)).rule == "no_combination"  # needs a date
    assert judged(story, "Marlhaven inquiry", at=NOW + timedelta(days=1)).relevance is Relevance.OFF  # too late for it
    assert judged(story, "Marlhaven inquiry", at=NOW + timedelta(days=3)).rule == "port+inquiry"


def test_a_combination_holds_only_between_its_days(story: Story) -> None:
    assert judged(story, "Marlhaven fire ", at=datetime(2031, 5, 13, tzinfo=UTC)).relevance is Relevance.OFF
    assert judged(story, "Marlhaven fire ", at=None).relevance is Relevance.OFF
    assert judged(story, "Halcyone inquiry", at=datetime(2031, 5, 31, tzinfo=UTC)).relevance is Relevance.OFF
    assert judged(story, "Halcyone inquiry", at=datetime(2031, 6, 1, tzinfo=UTC)).relevance is Relevance.RELATED


def test_the_higher_class_wins_whatever_the_order_in_the_file(story: Story) -> None:
    match = judged(story, "Halcyone fire inquiry", at=NOW)
    assert (match.relevance, match.rule) == (Relevance.CORE, "ferry+fire")


def test_groups_must_stand_in_one_passage_unless_the_title_has_them(story: Story) -> None:
    far = "The Halcyone sails. " + "Nothing of note. " * 20 + "A fire in a barn."
    assert judged(story, far).relevance is Relevance.OFF
    assert judged(story, far, title="Halcyone").relevance is Relevance.CORE


def test_a_passing_mention_in_a_long_text_is_below_the_threshold(story: Story) -> None:
    mention = "A fire on the Halcyone. "
    assert judged(story, mention + "Other matters entirely. " * 800).rule == "below_threshold"
    assert judged(story, mention + "Other matters entirely. " * 20).relevance is not Relevance.OFF


def test_neighbour_events_lower_the_score_and_never_veto(story: Story) -> None:
    plain = judged(story, "Fire on the Halcyone")
    crowded = judged(story, "Fire on the Halcyone " + "regatta " * 50)
    assert 0.7 * plain.score < crowded.score < plain.score
    assert crowded.relevance is not Relevance.OFF
    assert judged(story, "regatta " * 50).relevance is Relevance.OFF


def test_the_gate_is_looser_than_the_score_and_looser_still_without_a_summary(story: Story) -> None:
    def passes(title: str, summary: str) -> bool:
        return gate(story, title=title, summary=summary, published_at=FIRE, now=NOW).relevance is not Relevance.OFF

    assert passes("The Halcyone", "A ferry.")
    assert judged(story, "A ferry.", title="The Halcyone").relevance is Relevance.OFF
    assert passes("Marlhaven", " ")
    assert not passes("Marlhaven", "A town.")
    assert passes("", "Aboard the Halcyone")
    assert not passes("", "")


def test_a_story_pickles(story: Story) -> None:
    again = pickle.loads(pickle.dumps(story))
    assert judged(again, "Halcyone fire ") == judged(story, "Halcyone fire ")


WRONG = [
    ('name = "The fire on the ferry Halcyone"', "name = 3", 1, "must be a text"),
    ("opens = 2031-05-09", 'opens = "soon"', 4, "must be a day"),
    ("opens = 2031-05-09\n", "", 3, "is missing"),
    ("half_points = 3.0", "half_points = 0", 6, "from 0.01 to 1000"),
    ("core = 0.30", "core = 0.05", 7, "from 0.1 to 1"),
    ("neighbour_share = 0.3", "neighbor_share = 0.3", 9, "unknown key"),
    ("weight = 2.0", 'weight = "heavy"', 11, "must be a number"),
    ('"halcyone"]', '"halcyone", "-"]', 12, "no letter or digit"),
    ('"halcyone"]', '"ha"]', 12, "too short"),
    ('"halcyone"]', '"halcyone", "!halcyón"]', 12, "excepts nothing"),
    ('"halcyone"]', '"halcyone", "!Halcyone"]', 12, "excepts the stem itself"),
    ('stems = { latin = ["marlhaven"] }', "", 13, "needs stems"),
    ('stems = { latin = ["marlhaven"] }', "stems = { latin = [] }", 15, "empty list"),
    ('class = "related"', 'class = "maybe"', 27, "allowed: core, related"),
    ('all = ["ferry", "inquiry"]', 'all = ["ferry", "enquiry"]', 28, "no such group: enquiry"),
    ('all = ["ferry", "inquiry"]', "all = []", 28, "must name groups"),
    ("within = 200", "within = 0", 33, "number from 1"),
    ("dated_only = true", 'dated_only = "yes"', 39, "true or false"),
    ("date = 2031-05-10", "date = 10", 52, "must be a day"),
    ('slug = "halcyone-fire"', "slug = ", 2, "not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), WRONG)
def test_what_is_wrong_in_a_story_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    assert old in INVENTED
    path = tmp_path / "story.toml"
    path.write_text(INVENTED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SeedFileError, match=problem) as caught:
        load_story(path)
    assert (caught.value.path, caught.value.line) == (path, line)


# -- the shipped story ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Story:
    return load_story(SHIPPED)


def rows(name: str) -> Iterator[dict[str, Any]]:
    assert TESTDATA is not None
    with (Path(TESTDATA) / "data" / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_the_shipped_story_speaks_six_languages(shipped: Story) -> None:
    for text in (
        "Trump and Putin spoke by phone and plan a summit in Budapest.",
        "Trump és Putyin telefonon beszélt, csúcstalálkozó lesz Budapesten.",
        "Трамп и Путин поговорили по телефону, саммит пройдёт в Будапеште.",
        "Trump und Putin telefonierten und planen einen Gipfel in Budapest.",
        "Trump et Poutine ont eu un appel et prévoient un sommet à Budapest.",
        "Трамп і Путін поговорили телефоном, саміт відбудеться в Будапешті.",
    ):
        at = datetime(2025, 10, 16, 20, tzinfo=UTC)
        assert score(shipped, title="", text=text, published_at=at, now=NOW).relevance is Relevance.CORE
        assert gate(shipped, title=text, summary="", published_at=None, now=NOW).relevance is not Relevance.OFF


@pytest.mark.real
@real
def test_on_the_labelled_coverage_score_and_gate_keep_their_floors(shipped: Story) -> None:
    hits = false = missed = gated_on = on_story = gated_off = off_story = 0
    for row in rows("story/coverage.jsonl"):
        at = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
        is_on = row["relevance"] != "off"
        found = score(shipped, title=row["title"], text=row["text"], published_at=at, now=NOW).relevance
        entry = gate(shipped, title=row["title"], summary=row["text"][:300], published_at=at, now=NOW).relevance
        hits += is_on and found is not Relevance.OFF
        false += not is_on and found is not Relevance.OFF
        missed += is_on and found is Relevance.OFF
        on_story, off_story = on_story + is_on, off_story + (not is_on)
        gated_on += is_on and entry is not Relevance.OFF
        gated_off += not is_on and entry is Relevance.OFF
    assert 2 * hits / (2 * hits + false + missed) >= 0.97  # F1
    assert gated_on / on_story >= 0.98
    assert gated_off / off_story >= 0.75


@pytest.mark.real
@real
@pytest.mark.parametrize("at", [None, datetime(2025, 10, 25, tzinfo=UTC)])
def test_of_other_news_one_page_in_a_hundred_is_taken_for_the_story_at_most(
    shipped: Story, at: datetime | None
) -> None:
    pages = list(rows("pages/truth.jsonl"))
    scored = gated = 0
    for page in pages:
        title, text = page["title"] or "", page["body"] or ""
        scored += score(shipped, title=title, text=text, published_at=at, now=NOW).relevance is not Relevance.OFF
        entry = gate(shipped, title=title, summary=text[:300], published_at=at, now=NOW)
        gated += entry.relevance is not Relevance.OFF
    assert scored / len(pages) <= 0.01
    assert gated / len(pages) <= 0.03


@pytest.mark.real
@real
def test_both_seed_articles_are_core_and_pass_the_gate(shipped: Story) -> None:
    assert TESTDATA is not None
    texts = [path.read_text(encoding="utf-8") for path in sorted((Path(TESTDATA) / "seeds").glob("*.txt"))]
    assert len(texts) == 2
    for text in texts:
        assert score(shipped, title="", text=text, published_at=None, now=NOW).relevance is Relevance.CORE
        assert gate(shipped, title="", summary=text[:300], published_at=None, now=NOW).relevance is not Relevance.OFF


def test_a_star_holds_for_every_text(tmp_path: Path) -> None:
    path = tmp_path / "story.toml"
    path.write_text(EVERYTHING, "utf-8")
    story = load_story(path)
    for text in ("", "x", "Ein Satz über etwas anderes."):
        assert gate(story, title=text, summary="", published_at=None, now=NOW).relevance is Relevance.CORE
        assert score(story, title="", text=text, published_at=None, now=NOW).relevance is Relevance.CORE
