"""extractors/seeds.py: seed files, read and written."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.errors import SeedFileError
from extractors.fingerprints import seed_fingerprint
from extractors.records import Fingerprint, Seed
from extractors.seeds import load_seed, load_seeds, write_seed

SHIPPED = Path(__file__).parents[1] / "seeds"
REAL = {"tdpel-two-hour-call": "000_ba357e60830075c0.txt", "beviral-meet-putin-again": "003_645b810459b430e2.txt"}
TESTDATA = os.environ.get("STORYWATCH_TESTDATA")

# Any text that a person may type: no surrogates; spaces at the ends are not kept.
LINES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
MOMENTS = st.datetimes(timezones=st.just(UTC))
DATES = st.one_of(
    st.just((None, None)),
    st.tuples(MOMENTS, st.sampled_from(["day", "minute", "second"])),
    st.tuples(MOMENTS.map(lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0)), st.just("day")),
)
SEEDS = st.builds(
    lambda title, facts, date, text: Seed(
        slug="a-seed",
        title=title,
        url="https://seed.example/a?b=\"c\\d'",
        outlet="seed.example",
        language="zh-Hans",
        published_at=date[0],
        published_precision=date[1],
        facts=tuple(facts),
        fingerprint=seed_fingerprint("at least one word " + text),
    ),
    LINES,
    st.lists(LINES, max_size=4),
    DATES,
    st.text(st.sampled_from("abc ")),
)


def example(slug: str = "a-seed") -> Seed:
    return Seed(
        slug=slug,
        title="A title",
        url="https://seed.example/",
        outlet="seed.example",
        language="en",
        published_at=None,
        published_precision=None,
        facts=("One fact.",),
        fingerprint=seed_fingerprint('some words that make "a text of the seed" with 3 numbers'),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEEDS)
def test_a_seed_that_is_written_is_read_back_the_same(tmp_path: Path, seed: Seed) -> None:
    assert load_seed(write_seed(seed, tmp_path)) == seed


def test_a_bare_date_is_a_day_and_a_time_is_brought_to_utc(tmp_path: Path) -> None:
    path = write_seed(example(), tmp_path)
    body = path.read_text()
    path.write_text(body.replace("language", "published = 2025-10-16\nlanguage"))
    assert load_seed(path).published_at == datetime(2025, 10, 16, tzinfo=UTC)
    assert load_seed(path).published_precision == "day"
    path.write_text(body.replace("language", "published = 2025-10-16T12:00:00+02:00\nlanguage"))
    assert load_seed(path).published_at == datetime(2025, 10, 16, 12, tzinfo=timezone(timedelta(hours=2)))
    assert load_seed(path).published_precision == "second"


WRONG = [
    ('title = "A title"', "title = 3", 1, "must be a text"),
    ('title = "A title"', "", None, "title: is missing"),
    ('title = "A title"', 'titel = "A title"', 1, "unknown key"),
    ("https://seed.example/", "ftp://seed.example/", 2, "http"),
    ('"seed.example"', '"https://seed.example"', 3, "host"),
    ('language = "en"', 'language = "English language"', 4, "language code"),
    ('language = "en"', 'language = "en"\npublished = 2025-10-16T12:00:00', 5, "offset"),
    ('language = "en"', 'language = "en"\npublished = "yesterday"', 5, "date or time"),
    ('language = "en"', 'language = "en"\npublished_precision = "day"', 5, "no `published`"),
    ('    "One fact."', "    7", 6, r"facts\[1\]"),
    ("format_version = 2", "format_version = 3", 10, "reads 1 and 2 alone"),
    ("format_version = 2", "format_version = true", 10, "reads 1 and 2 alone"),
    ("quoted = [", 'quoted = [ "xyz",', 17, "16 hexadecimal"),
    ("sentences = [", 'sentences = [ "xyz",', 20, "8 hexadecimal"),
    ("sentences = [", 'sentences = [ "ffffffff 00000000",', 20, "must ascend"),
    ("shingle_length = 3", "shingle_length = 4", 12, "reads 3 alone"),
    ("shingles = [", 'shingles = [ "xyz",', 13, "16 hexadecimal"),
    ("shingles = [", 'shingles = [ "ffffffffffffffff",', 14, "must ascend"),
    ("[fingerprint]", "[fingerprin]", None, "has no .fingerprint. table"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), WRONG)
def test_what_is_wrong_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int | None, problem: str
) -> None:
    path = write_seed(example(), tmp_path)
    body = path.read_text()
    assert old in body
    path.write_text(body.replace(old, new, 1))
    with pytest.raises(SeedFileError, match=problem) as caught:
        load_seed(path)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_seed_of_version_1_is_still_read_but_in_scripts_without_spaces(tmp_path: Path) -> None:
    path = write_seed(example(), tmp_path)
    old = path.read_text().replace("format_version = 2", "format_version = 1")
    old = old[: old.index("quoted = [")]
    path.write_text(old)
    read = load_seed(path)
    assert (read.fingerprint.shingles, read.fingerprint.sentences) == (example().fingerprint.shingles, ())
    assert load_seed(write_seed(read, tmp_path)) == read
    path.write_text(old.replace('language = "en"', 'language = "zh-Hans"'))
    with pytest.raises(SeedFileError, match="storywatch seed add --force"):
        load_seed(path)


def test_the_first_folder_wins_and_an_overshadowed_file_is_not_read(tmp_path: Path) -> None:
    mine, shipped = tmp_path / "mine", tmp_path / "shipped"
    write_seed(example(), mine)
    write_seed(example("other"), shipped)
    (shipped / "a-seed.toml").write_text("no toml")
    (shipped / "story.toml").write_text("no toml either")
    (shipped / "feeds.toml").write_text("nor this")
    seeds = load_seeds([tmp_path / "absent", mine, shipped])
    assert [seed.slug for seed in seeds] == ["a-seed", "other"]


def test_a_file_without_a_fingerprint_is_an_error_not_a_seed_less(tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_text('title = "x"\n')
    with pytest.raises(SeedFileError, match="fingerprint"):
        load_seeds([tmp_path])


def test_writing_leaves_one_file_and_replaces_an_older_one_whole(tmp_path: Path) -> None:
    write_seed(example(), tmp_path)
    write_seed(example(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a-seed.toml"]


@pytest.mark.parametrize("slug", ["", "../up", "story", "feeds", "A Seed", ".hidden"])
def test_a_slug_that_is_no_file_name_of_a_seed_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(SeedFileError, match="slug"):
        write_seed(example(slug), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SeedFileError, match="can't be written"):
        write_seed(example(), blocked)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_shipped_seeds_load_and_hold_no_text() -> None:
    seeds = {seed.slug: seed for seed in load_seeds([SHIPPED])}
    assert set(REAL) <= set(seeds)
    for slug in REAL:
        assert len(seeds[slug].facts) >= 6
        assert max(len(fact.split()) for fact in seeds[slug].facts) <= 20


@pytest.mark.real
@pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA is not set")
@pytest.mark.parametrize("slug", REAL)
def test_the_shipped_fingerprints_are_those_of_the_seed_articles(slug: str) -> None:
    assert TESTDATA is not None
    text = (Path(TESTDATA) / "seeds" / REAL[slug]).read_text(encoding="utf-8")
    seed = load_seed(SHIPPED / f"{slug}.toml")
    assert seed.fingerprint == seed_fingerprint(text)
    assert isinstance(seed.fingerprint, Fingerprint)
    # Our facts are in our own words: never six of theirs in a row.
    theirs = text.casefold()
    for fact in seed.facts:
        words = fact.casefold().strip(".").split()
        assert not any(" ".join(words[at : at + 6]) in theirs for at in range(len(words) - 5)), fact
