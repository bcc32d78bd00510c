"""flows/differing.py: what differs between two texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flows.differing import Piece, paragraphs_of, words_of

TEXTS = st.lists(st.text("ab c.", max_size=8), max_size=6).map("\n".join)


def side(paragraphs: list[list[Piece]], without: str) -> list[str]:
    lines = [[piece for piece in pieces if piece.kind != without] for pieces in paragraphs]
    return [text for pieces in lines if (text := "".join(piece.text for piece in pieces))]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_what_is_shown(old: str, new: str) -> None:
    shown = list(paragraphs_of(old, new))
    assert side(shown, "added") == [line for line in old.split("\n") if line]
    assert side(shown, "removed") == [line for line in new.split("\n") if line]


def test_within_a_changed_paragraph_the_changed_words_alone_are_marked() -> None:
    shown = list(
        paragraphs_of("First.\nThey meet in Budapest soon.\nLast.", "First.\nThey meet in Vienna soon.\nLast.")
    )
    assert shown == [
        [Piece("same", "First.")],
        [
            Piece("same", "They meet in "),
            Piece("removed", "Budapest"),
            Piece("added", "Vienna"),
            Piece("same", " soon."),
        ],
        [Piece("same", "Last.")],
    ]


def test_a_paragraph_that_is_another_one_is_removed_and_added_as_a_whole() -> None:
    assert list(paragraphs_of("One two three.", "Entirely other words.")) == [
        [Piece("removed", "One two three.")],
        [Piece("added", "Entirely other words.")],
    ]


def test_giant_paragraphs_are_not_compared_word_by_word() -> None:
    assert [piece.kind for piece in words_of("a " * 5000, "b " * 5000)] == ["removed", "added"]
