"""extractors/slugs.py: the words and the day in an address."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.slugs import day_in_address, slug_words


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
    assert slug_words(f"https://lantern.example{path}") == words


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2025/10/16/ferry", date(2025, 10, 16)),
        ("/2025/oct/16/ferry", date(2025, 10, 16)),
        ("/2025/1/6/ferry", date(2025, 1, 6)),
        ("/a/2025-10-16-ferry", date(2025, 10, 16)),
        ("/ferry-20251016.html", date(2025, 10, 16)),
        ("/20251016/ferry", date(2025, 10, 16)),
        ("/2025/10/ferry", date(2025, 10, 31)),
        ("/2024/02/ferry", date(2024, 2, 29)),
        ("/2025/31/ferry", None),
        ("/2025/02/31/ferry", None),
        ("/ferry-1202510169", None),
        ("/1812/10/16/ferry", None),
        ("/ferry", None),
    ],
)
def test_the_day_of_an_address_is_the_latest_that_it_can_mean(path: str, day: date | None) -> None:
    assert day_in_address(f"https://lantern.example{path}") == day


@given(st.text())
def test_any_text_has_words_and_a_day_or_none(url: str) -> None:
    assert slug_words(url) == " ".join(slug_words(url).split())
    day_in_address(url)
