"""extractors/terms.py: folding, boundaries, places in the original text."""

from __future__ import annotations

import pickle
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.terms import _MAYBE_UNEVEN, build_index, fold

STEMS = {
    "city": ["warszaw", "Zürich", "東京", "मुंबई", "łódź", "Київ"],
    "word": ["top ", "phone", "straße"],
    "memo": ["zürich memorandum"],
}
INDEX = build_index(STEMS)
ALPHABET = st.sampled_from("aéZzüÜrichITßﬁ…½ĳ東京मुंबईИйЇї가ㄱ \n.-’\u0308\u0301\u00ad𝐀łK")
TEXTS = st.one_of(st.text(), st.text(ALPHABET))


@given(TEXTS, TEXTS)
def test_folding_treats_each_character_alone(one: str, two: str) -> None:
    # Canonical ordering of marks that are kept may differ where two texts meet; their number never does.
    assert sorted(fold(one + two)) == sorted(fold(one) + fold(two))


@given(TEXTS)
def test_folding_is_idempotent_and_sees_no_difference_between_composed_and_decomposed(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text) == fold(unicodedata.normalize("NFC", text))


def test_characters_taken_for_even_fold_to_one_character() -> None:
    even = [chr(code) for code in range(0x2E80) if not _MAYBE_UNEVEN.match(chr(code))]
    even += [chr(code) for code in range(0x2E80, sys.maxunicode + 1, 7) if not _MAYBE_UNEVEN.match(chr(code))]
    assert [character for character in even if len(fold(character)) != 1] == []


@settings(max_examples=200)
@given(TEXTS, st.sampled_from(["Zürich", "zu\u0308rich", "ZÜRICH", "東京", "मुंबई", "łódź", "Київ", "warszaw"]), TEXTS)
def test_places_are_places_of_the_original(before: str, name: str, after: str) -> None:
    text = f"{before} {name} {after}"
    for places in INDEX.places(text).values():
        for start, end in places:
            assert 0 <= start < end <= len(text)
            assert any(
                fold(text[start:end]).startswith(fold(stem).rstrip()) for stems in STEMS.values() for stem in stems
            )
    assert (len(before) + 1, len(before) + 1 + len(name)) in INDEX.places(text).get("city", []) or "memorandum" in after


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("w Warszawie", {"city"}),  # inflected
        ("ZURICH", {"city"}),
        ("in Zürich-West", {"city"}),
        ("das Zürich\nMemorandum", {"memo"}),  # the longest stem at a place counts
        ("xzürich", set()),  # not at the beginning of a word
        ("昨日東京で", {"city"}),  # no words in this script
        ("on top", {"word"}),
        ("a topic", set()),  # whole word only
        ("STRASSE", {"word"}),
        ("у Києві, Київ", {"city"}),
        ("", set()),
    ],
)
def test_terms_are_found_by_the_rules_of_their_script(text: str, groups: set[str]) -> None:
    assert set(INDEX.places(text)) == groups


def test_places_after_characters_that_fold_to_more_or_less_than_one() -> None:
    text = "½… ﬁx Zu\u0308rich\u00ad, Zürich"
    assert [text[a:b] for a, b in INDEX.places(text)["city"]] == ["Zu\u0308rich", "Zürich"]


def test_a_spelling_that_is_another_word_is_not_taken_for_the_name_it_is_written_like() -> None:
    index = build_index({"name": ["putin", "!puțin", "!puţin"]})
    text = "Puțin din ce spune Putin; cel pu\u0163in PUŢIN, pu\u0163ini și put\u0326in. Putina, Vladímir Pútin"
    assert [text[a:b] for a, b in index.places(text)["name"]] == ["Putin", "Putin", "Pútin"]
    assert index.places("Foarte puțin.") == {}


def test_the_dot_below_letters_of_india_is_written_or_left_out_at_will() -> None:
    index = build_index({"call": ["फ़ोन"]})
    assert [index.places(text) for text in ("फोन", "फ\u093cोन", "\u095eोन")] == [
        {"call": [(0, 3)]},
        {"call": [(0, 4)]},
        {"call": [(0, 3)]},
    ]


def test_the_terms_of_scripts_that_stand_side_by_side_are_all_found_in_order() -> None:
    index = build_index({"g": ["東京", "शहर", "مدينة", "서울", "city"]})
    text = "城東京 शहर المدينة, city 서울에 東京"
    assert [text[a:b] for a, b in index.places(text)["g"]] == ["東京", "शहर", "مدينة", "city", "서울", "東京"]


@pytest.mark.parametrize("stem", ["", " ", "-", "ab", "\u0301"])
def test_a_stem_that_would_match_everything_is_refused(stem: str) -> None:
    with pytest.raises(ValueError, match=r"no letter|too short"):
        build_index({"g": [stem]})


def test_an_index_pickles() -> None:
    assert pickle.loads(pickle.dumps(INDEX)).places("Zürich") == INDEX.places("Zürich")
