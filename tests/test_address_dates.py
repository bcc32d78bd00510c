"""extractors/address_dates.py: which time an address names, and what is no date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extractors.address_dates import Span, day_in_address, span_in_address


def span(start: str, end: str) -> Span:
    return Span(
        since=datetime.fromisoformat(start).replace(tzinfo=UTC), until=datetime.fromisoformat(end).replace(tzinfo=UTC)
    )


DAY, MONTH, YEAR = span("2025-10-16", "2025-10-17"), span("2025-10-01", "2025-11-01"), span("2025-01-01", "2026-01-01")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://a.example/sitemap-2025-10-16.xml", DAY),
        ("https://a.example/sitemap/20251016.xml.gz", DAY),
        ("https://a.example\\[x/2025/10/16/story", DAY),
        ("https://a.example/2025/10/16/story", DAY),
        ("https://a.example/2025/1016/story", DAY),
        ("https://a.example/2025/oct/16/story", DAY),
        ("https://a.example/sitemap.xml?yyyy=2025&mm=10&dd=16", DAY),
        ("https://a.example/sitemap.xml?date=2025-10-16", DAY),
        ("https://a.example/sitemap-2025-10.xml", MONTH),
        ("https://a.example/sitemap_202510.xml", MONTH),
        ("https://a.example/sitemap/2025/10/", MONTH),
        ("https://a.example/sitemap/october-2025.xml", MONTH),
        ("https://a.example/sitemap.xml?year=2025&month=10", MONTH),
        ("https://a.example/sitemap-2025-12.xml", span("2025-12-01", "2026-01-01")),
        ("https://a.example/sitemap-2025.xml", YEAR),
        ("https://a.example/post-sitemap37.xml", None),
        ("https://a.example/a-2025101612345", None),
        ("https://a.example/12025", None),
        ("https://a.example/x?year=20251", None),
    ],
)
def test_an_address_names_a_day_a_month_a_year_or_nothing(url: str, named: Span | None) -> None:
    assert span_in_address(url) == named


def test_a_day_that_no_calendar_has_is_no_day() -> None:
    assert day_in_address("https://a.example/2025-02-31/x") is None


def test_only_a_day_is_a_day() -> None:
    assert day_in_address("https://a.example/2025/10/story") is None
    assert day_in_address("https://a.example/2025/10/16/story") == DAY


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not MONTH.overlaps(span("2025-11-01", "2025-12-01"))
    assert MONTH.overlaps(DAY)
    assert Span().overlaps(DAY)
    assert Span(since=DAY.until).overlaps(DAY) is False
