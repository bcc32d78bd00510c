"""extractors/slugs.py: the words in an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.slugs import slug_of


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/2025/10/16/ferry-burns-off-port-vey-1234567.html", "ferry burns off port vey"),
        ("/news/ferry_burns+off.port/", "ferry burns off"),
        ("/a/ferry-burns-off-port/45123", "ferry burns off port"),
        ("/ferry-burns-off-port/index.html", "ferry burns off port"),
        ("/ferry-burns-off-port.amp", "ferry burns off port"),
        ("/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC-%D0%B3%D0%BE%D1%80%D0%B8%D1%82", "паром горит"),
        ("/news/world-europe-58012345", "world europe"),
        ("/g20-talks-on-16-october", "g20 talks on 16 october"),
        ("/news/articles/c4gk2w1xyz9o", ""),
        ("/article/6ff0a1b2-3c4d-4e5f-8a9b-0c1d2e3f4a5b", ""),
        ("/news/12345.html", ""),
        ("/", ""),
        ("", ""),
        ("/feuer-auf-faehre_aid-98765.html?utm=x-y-z#top", "feuer auf faehre aid"),
    ],
)
def test_the_words_of_an_address_are_those_of_its_last_telling_part(path: str, words: str) -> None:
    assert slug_of(f"https://lantern.example{path}").words == words


@given(st.text())
def test_any_text_has_words_or_none(url: str) -> None:
    words = slug_of(url).words
    assert words == " ".join(words.split())


@pytest.mark.parametrize(
    ("path", "is_headline"),
    [
        ("/ferry-burns-off-port", True),
        ("/ferry-burns-off-port/", True),
        ("/ferry-burns-off-port/amp", True),
        ("/ferry-burns-off-port/index.html", True),
        ("/war-in-the-north/45123", False),
        ("/war-in-the-north/articles/c4gk2w1xyz9o", False),
        ("/world-europe", False),
        ("/", False),
    ],
)
def test_a_headline_has_three_words_and_stands_last(path: str, is_headline: bool) -> None:
    assert slug_of(f"https://lantern.example{path}").is_headline is is_headline
