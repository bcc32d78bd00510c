"""extractors/dedup.py: fingerprints and verdicts. The texts are words drawn at random: no outlet's, no event's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.readout import paraphrase, reports
from extractors.dedup import compared, compared_seed, fingerprint, judge, likeness, verdict
from extractors.fingerprints import SKETCH_LIMIT, seed_fingerprint
from extractors.records import Article, Candidate, Fingerprint, Seed, Verdict, VerdictKind
from extractors.tokens import normalised, tokens

T0 = datetime(2025, 10, 16, 12, tzinfo=UTC)
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("ran", "lo", "mi", "ket", "vu")]


def text(name: object, words: int = 300) -> str:
    return " ".join(random.Random(str(name)).choices(WORDS, k=words))


def article(url: str, content: str, *, hours: float | None = 0, seen: float = 0) -> tuple[Article, Fingerprint]:
    return (
        Article(
            url=url,
            entry_url=url,
            final_url=url,
            outlet="a.example",
            title="",
            text=content,
            word_count=len(content.split()),
            fetched_at=T0,
            first_seen_at=T0 + timedelta(hours=seen),
            published_at=None if hours is None else T0 + timedelta(hours=hours),
        ),
        fingerprint(content),
    )


def stored(url: str, content: str, *, hours: float = -5) -> Candidate:
    moment = T0 + timedelta(hours=hours)
    content_hash = fingerprint(content).content_hash
    return Candidate(url=url, content_hash=content_hash, text=content, published_at=moment, first_seen_at=moment)


def seed(content: str, *, hours: float | None = None) -> Seed:
    return Seed(
        slug="one",
        title="One",
        url="https://seed.example/",
        outlet="seed.example",
        language="en",
        published_at=None if hours is None else T0 + timedelta(hours=hours),
        published_precision=None if hours is None else "second",
        facts=(),
        fingerprint=seed_fingerprint(content),
    )


def verdict_of(content: str, original: str) -> Verdict:
    """Of `content`, with `original` in the store."""
    judged = judge([article("new", content)], seeds=(), stored={"new": [stored("old", original)]})
    return judged["new"]


# -- fingerprints ---------------------------------------------------------------------------------------------------


@given(st.text())
def test_a_fingerprint_does_not_change_when_the_text_is_normalised_again(content: str) -> None:
    assert normalised(normalised(content)) == normalised(content)
    assert fingerprint(normalised(content)) == fingerprint(content)


@given(st.text())
def test_shingles_are_distinct_and_ascending_and_the_sketch_is_the_lowest_part_of_them(content: str) -> None:
    made = fingerprint(content)
    assert list(made.shingles) == sorted(set(made.shingles))
    assert made.sketch == tuple(shingle for shingle in made.shingles if shingle < SKETCH_LIMIT)
    assert bool(made.shingles) == bool(tokens(content))


def test_case_punctuation_and_spaces_do_not_change_a_fingerprint() -> None:
    assert fingerprint("The “Call”,  on\nThursday!") == fingerprint("the call on thursday")


def test_soft_hyphens_and_invisible_marks_do_not_change_a_fingerprint() -> None:
    assert fingerprint("der Minister\u00adpräsi\u00addent traf\ufeff den Ge\u2060sandten") == fingerprint(
        "Der Ministerpräsident traf den Gesandten"
    )


def test_the_sketch_keeps_about_one_shingle_of_four() -> None:
    made = fingerprint(text("long", 20_000))
    assert len(made.sketch) / len(made.shingles) == pytest.approx(1 / 4, rel=0.1)


@pytest.mark.parametrize(
    ("content", "shingles"), [("", 0), ("...", 0), ("one", 1), ("one two", 1), ("a b c", 1), ("a b c d", 2)]
)
def test_texts_shorter_than_a_shingle_have_one(content: str, shingles: int) -> None:
    assert len(fingerprint(content).shingles) == shingles


def test_scripts_without_spaces_are_cut_into_characters_and_marks_stay_with_their_letters() -> None:
    assert tokens("東京2025年") == ["東", "京", "2025", "年"]
    assert len(tokens("สวัสดี")) > 3
    assert tokens("मुंबई में") == ["मुंबई", "में"]


@given(st.frozensets(st.integers(0, 60)), st.frozensets(st.integers(0, 60)))
def test_resemblance_is_symmetric_and_containment_is_of_the_first(one: frozenset[int], two: frozenset[int]) -> None:
    there, back = likeness(one, two), likeness(two, one)
    assert there.resemblance == back.resemblance <= min(there.containment, back.containment) <= 1
    assert there.shared_shingles == back.shared_shingles
    if one:
        assert there.containment == len(one & two) / len(one)


# -- verdicts -------------------------------------------------------------------------------------------------------


def test_the_same_words_are_exact_whatever_case_and_punctuation() -> None:
    verdict = verdict_of(text("a").upper().replace(" ", ",  "), text("a"))
    assert (verdict.kind, verdict.of, verdict.containment, verdict.resemblance) == (VerdictKind.EXACT, "old", 1, 1)
    assert verdict.lead_seconds == 5 * 3600


def test_empty_texts_are_no_copies_of_each_other() -> None:
    assert verdict_of("", "...").kind is VerdictKind.INDEPENDENT


@pytest.mark.parametrize(
    "made",
    [
        text("a") + " " + text("boilerplate", 80),
        text("lede", 40) + " " + text("a"),
        " ".join(text("a").split()[:90]),  # truncated
        " ".join(text("a").split()[:50]) + " " + text("rest", 10),  # by its containment alone
        text("a") + " " + text("b"),  # two wires merged
        text("grown", 900) + " " + text("a"),  # a live blog, by its resemblance
    ],
)
def test_edits_truncation_merges_and_growth_are_near(made: str) -> None:
    verdict = verdict_of(made, text("a"))
    assert (verdict.kind, verdict.of) == (VerdictKind.NEAR, "old")
    assert verdict.shared_shingles >= 48


def test_an_article_that_is_mostly_its_own_text_is_independent_and_says_of_nobody() -> None:
    verdict = verdict_of(text("own", 7_000) + " " + text("a"), text("a"))
    assert (verdict.kind, verdict.of, verdict.lead_seconds) == (VerdictKind.INDEPENDENT, None, None)
    assert 0 < verdict.containment < 0.05


def test_fewer_than_twenty_shared_shingles_are_never_near() -> None:
    shared = text("a", 21)
    assert verdict_of(f"{shared} new", shared).kind is VerdictKind.INDEPENDENT  # 19 shared
    assert verdict_of(f"{text('a', 22)} new", text("a", 22)).kind is VerdictKind.NEAR  # 20 shared


def test_a_seed_is_told_from_its_shingles_alone() -> None:
    verdict = judge([article("new", text("s")[:900])], seeds=[seed(text("s"), hours=-2)], stored={})["new"]
    assert (verdict.kind, verdict.of, verdict.lead_seconds) == (VerdictKind.NEAR, "seed:one", 7200)


def test_without_a_date_on_one_side_there_is_no_lead() -> None:
    assert judge([article("new", text("s"))], seeds=[seed(text("s"))], stored={})["new"].lead_seconds is None
    undated = judge([article("new", text("s"), hours=None)], seeds=[seed(text("s"), hours=-2)], stored={})["new"]
    assert undated.of == "seed:one"
    assert undated.lead_seconds is None


def test_the_earlier_one_of_a_batch_is_the_original_and_equal_times_go_by_url() -> None:
    batch = [article("c", text("a"), hours=2), article("b", text("a"), hours=1), article("a", text("a"), hours=1)]
    judged = judge(batch, seeds=(), stored={})
    assert {url: verdict.of for url, verdict in judged.items()} == {"a": None, "b": "a", "c": "a"}


def test_publication_counts_and_not_when_we_saw_it() -> None:
    batch = [article("late", text("a"), hours=2, seen=0), article("early", text("a"), hours=1, seen=9)]
    assert judge(batch, seeds=(), stored={})["late"].of == "early"


def test_an_article_without_a_date_stands_where_it_was_first_seen() -> None:
    batch = [article("a", text("a"), hours=None, seen=3), article("b", text("a"), hours=2)]
    assert judge(batch, seeds=(), stored={})["a"].of == "b"


def test_exact_goes_before_near_and_higher_containment_before_lower() -> None:
    near, nearer = text("a") + " " + text("x", 200), text("a") + " " + text("y", 20)
    candidates = [stored("near", near, hours=-9), stored("exact", text("a"), hours=-1)]
    assert judge([article("new", text("a"))], seeds=(), stored={"new": candidates})["new"].of == "exact"
    candidates = [stored("less", " ".join(text("a").split()[:200]), hours=-9), stored("more", nearer, hours=-1)]
    assert judge([article("new", text("a"))], seeds=(), stored={"new": candidates})["new"].of == "more"
    candidates = [stored("z", text("a"), hours=-2), stored("y", text("a"), hours=-2), stored("x", text("a"), hours=-1)]
    assert judge([article("new", text("a"))], seeds=(), stored={"new": candidates})["new"].of == "y"


def test_an_article_never_matches_itself_nor_what_is_judged_beside_it_in_the_store() -> None:
    batch = [article("first", text("a"), hours=0), article("second", text("a"), hours=1)]
    both = [stored("first", text("a"), hours=0), stored("second", text("a"), hours=1)]
    judged = judge(batch, seeds=(), stored={"first": both, "second": both})
    assert judged["first"].kind is VerdictKind.INDEPENDENT
    assert judged["second"].of == "first"


def test_two_independent_texts_in_large_and_small_are_independent() -> None:
    batch = [article(str(n), text(n, 20 + 60 * n), hours=n) for n in range(12)]
    assert {verdict.kind for verdict in judge(batch, seeds=(), stored={}).values()} == {VerdictKind.INDEPENDENT}


def test_near_ones_of_any_length_are_found_within_a_batch() -> None:
    for length in (30, 100, 250, 400, 1_000):
        batch = [article("a", text(length, length)), article("b", text(length, length) + " more words here", hours=1)]
        assert judge(batch, seeds=(), stored={})["b"].of == "a", length


def test_a_brief_of_the_first_lines_alone_is_near_if_it_is_wholly_in_the_other() -> None:
    whole = text("a")
    assert verdict_of(" ".join(whole.split()[:14]), whole).kind is VerdictKind.NEAR
    assert verdict_of(" ".join(whole.split()[:9]), whole).kind is VerdictKind.INDEPENDENT
    assert verdict_of(" ".join([*whole.split()[:14], "and", "then"]), whole).kind is VerdictKind.INDEPENDENT


def test_what_is_later_is_no_original_but_the_seeds_always_are() -> None:
    later = judge([article("new", text("a"))], seeds=(), stored={"new": [stored("old", text("a"), hours=1)]})
    assert later["new"].kind is VerdictKind.INDEPENDENT
    assert judge([article("new", text("s"))], seeds=[seed(text("s"), hours=9)], stored={})["new"].of == "seed:one"


def test_a_quotation_that_both_have_makes_no_copy_and_does_so_without_its_marks() -> None:
    read_out, one, two = text("read-out", 200), text("one", 150), text("two", 150)
    for marks in ["“”", "«»", '""', "„“", "「」", "‘’", "''", "‚‘"]:
        quoted = f"{marks[0]}{read_out}{marks[1]}"
        verdict = verdict_of(f"{one}\n{quoted}", f"{quoted}\n{two}")
        assert (verdict.kind, verdict.containment > 0.5) == (VerdictKind.INDEPENDENT, True)
    assert verdict_of(f"{one}\n{read_out}", f"{read_out}\n{two}").kind is VerdictKind.NEAR
    elided = read_out.replace(" ", " d'", 1)  # apostrophes are no quotation marks
    assert verdict_of(f"{one}\nl'{elided}", f"l'{elided}\n{two}").kind is VerdictKind.NEAR
    assert verdict_of(f"{one}\n“{read_out}”", f"{one}\n“{read_out}”\n{two}").kind is VerdictKind.NEAR


def test_a_passage_that_three_others_carry_makes_no_copy_of_those_that_have_their_own_text() -> None:
    passage = text("passage", 200)
    batch = [article(str(n), f"{passage} {text(n, 150)}", hours=n) for n in range(6)]
    three = judge(batch[:3], seeds=(), stored={})
    assert [three[str(n)].kind for n in range(3)] == [VerdictKind.INDEPENDENT, VerdictKind.NEAR, VerdictKind.NEAR]
    assert {one.kind for one in judge(batch, seeds=(), stored={}).values()} == {VerdictKind.INDEPENDENT}


def test_a_wire_that_many_carry_stays_the_original_of_its_edited_copies() -> None:
    wire = [text(f"part{n}", 30) for n in range(10)]
    copies = [" ".join([*wire[:n], text(f"own{n}", 30), *wire[n + 1 :]]) for n in range(10)]
    cut = [" ".join([*wire[:6], text(f"end{n}", 120)]) for n in range(3)]
    batch = [article(str(n), one, hours=n) for n, one in enumerate([" ".join(wire), *copies, *cut])]
    judged = judge(batch, seeds=(), stored={})
    assert {judged[str(n)].of for n in range(1, len(batch))} == {"0"}


def test_copies_of_texts_in_scripts_without_spaces_are_told_and_independent_ones_are_not() -> None:
    chance = random.Random(3)
    for letters in ("的一是在不了有和人这中大为上个国我以要他时来用们", "กขคงจชซญดตถทนบปผพฟมยรลวสหอ"):
        one, two = ("".join(chance.choices(letters, k=900)) for _ in range(2))
        assert verdict_of(one[:500] + two[:300], one).kind is VerdictKind.NEAR
        assert verdict_of(two, one).containment < 0.05


def test_a_paraphrase_of_a_seed_is_a_rewrite_and_below_the_bar_the_similarity_is_kept() -> None:
    told = reports(3)
    kept = seed(told[0].text, hours=-2)
    again = judge([article("new", paraphrase(told[0]))], seeds=[kept], stored={})["new"]
    assert (again.kind, again.of, again.lead_seconds) == (VerdictKind.REWRITE, "seed:one", 7200)
    assert again.similarity is not None
    assert again.similarity_threshold is not None
    assert again.similarity >= again.similarity_threshold
    other = judge([article("new", told[1].text)], seeds=[kept], stored={})["new"]
    assert (other.kind, other.of, other.similar_to) == (VerdictKind.INDEPENDENT, None, "seed:one")
    assert other.similarity is not None
    assert 0 < other.similarity < 0.5
    shuffled = "\n".join(random.Random(1).sample(paraphrase(told[0]).splitlines(), 12))
    assert judge([article("new", shuffled)], seeds=[kept], stored={})["new"].kind is VerdictKind.INDEPENDENT


def told_with(kept: Sequence[int]) -> str:
    """Twelve sentences, each of those of its eleven words that stand at the places `kept`, in that order."""
    lines = [WORDS[n * 11 : n * 11 + 11] for n in range(12)]
    return "\n".join(" ".join(line[place] for place in kept) + "." for line in lines)


def test_a_second_paraphrase_is_a_rewrite_of_the_original_rather_than_of_the_first() -> None:
    original = seed(told_with([0, 1, 2, 3, 4, 5, 6, 7]))
    first, second = told_with([5, 3, 8, 9, 4, 1, 2]), told_with([8, 9, 4, 2, 5, 3, 1, 0, 6])
    one = compared(*article("first", first, hours=1))
    two = compared(*article("second", second, hours=2))
    found = verdict(two, [one, compared_seed(original)])
    assert (found.kind, found.of) == (VerdictKind.REWRITE, "seed:one")
    assert verdict(two, [one]).of == "first"


PARTS = [text(f"part{n}", 60) for n in range(4)]
BATCHES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), st.sampled_from([None, 0, 1]), st.integers(0, 2)
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(BATCHES, st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_the_batch(
    rows: list[tuple[list[str], float | None, int]], chance: random.Random
) -> None:
    batch = [article(f"u{n}", " ".join(parts), hours=hours, seen=seen) for n, (parts, hours, seen) in enumerate(rows)]
    shuffled = chance.sample(batch, k=len(batch))
    candidates = {"u0": [stored("old", PARTS[0]), stored("u1", PARTS[1])]}
    seeds = [seed(PARTS[2])]
    in_order = judge(batch, seeds=seeds, stored=candidates)
    assert judge(shuffled, seeds=seeds, stored=candidates) == in_order
    assert set(in_order) == {its.url for its, _ in batch}
