"""canonical_url on pairs: how many spellings of one article become one, and that no two articles do."""

from __future__ import annotations

import pytest

from extractors.urls import canonical_url
from tests import url_pairs, url_pairs_found

TUNED_SAME = [*url_pairs.TUNED_SAME, *url_pairs_found.SAME]
SAME = [*TUNED_SAME, *url_pairs.HELD_OUT_SAME]
DIFFERENT = [*url_pairs.TUNED_DIFFERENT, *url_pairs.HELD_OUT_DIFFERENT, *url_pairs_found.DIFFERENT]


@pytest.mark.parametrize(("one", "other"), TUNED_SAME)
def test_two_addresses_of_one_article_get_one_form(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


def test_of_the_pairs_held_out_nine_in_ten_become_one() -> None:
    merged = [pair for pair in url_pairs.HELD_OUT_SAME if canonical_url(pair[0]) == canonical_url(pair[1])]
    assert len(merged) / len(url_pairs.HELD_OUT_SAME) >= 0.9


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_articles_keep_two_forms(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_the_form_of_every_address_is_its_own_form() -> None:
    for url in {url for pair in SAME + DIFFERENT for url in pair}:
        assert canonical_url(canonical_url(url)) == canonical_url(url)
