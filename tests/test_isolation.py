"""flows/isolation.py: a page that takes too long or too much is an outcome, the others go on, a bug is not hidden."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.articles import extract_article
from extractors.errors import ExtractionKilled, NotArticle
from extractors.pages import page_of
from extractors.records import Article, Page
from flows.isolation import PAGES_AHEAD, ExtractionPool, Told
from tests.records_factory import make_entry
from tests.test_collecting import story

NOW = datetime(2025, 10, 20, tzinfo=UTC)
# 500,000 cells of a table: minutes of work for the extractor, 5 MB for the network.
ENDLESS = b"<html><body><table><tr>" + b"<td>a word" * 500_000 + b"</table></body></html>"


def page(name: str, body: bytes) -> Page:
    return page_of(body, f"https://lantern.example/{name}", NOW, content_type="text/html; charset=utf-8")


def article(number: int) -> Page:
    return page(str(number), f"<html><body><article><p>{story(number)}</p></article></body></html>".encode())


@pytest.fixture
def pool() -> Iterator[ExtractionPool]:
    with ExtractionPool(seconds=2, workers=2) as opened:
        yield opened


def ignore(_: Told) -> None:
    pass


def test_pages_come_out_in_order_as_they_would_in_process(pool: ExtractionPool) -> None:
    pages = [article(number) for number in range(45)]
    ended: list[Told] = []
    told = pool.extract(pages, ended.append)
    assert told == [extract_article(one) for one in pages]
    assert len(ended) == len(pages)
    assert pool.cpu_seconds > 0


def test_a_stream_of_pages_comes_out_in_order_with_its_gaps(pool: ExtractionPool) -> None:
    pages = [None if number % 5 == 3 else article(number) for number in range(42)]
    assert list(pool.extract_each(iter(pages))) == [one and extract_article(one) for one in pages]


def test_a_stream_is_read_only_a_few_pages_ahead(pool: ExtractionPool) -> None:
    read: list[int] = []

    def pages() -> Iterator[Page]:
        for number in range(100):
            read.append(number)
            yield article(number)

    assert isinstance(next(pool.extract_each(pages())), Article)
    assert len(read) == 2 * PAGES_AHEAD


def test_a_page_that_is_no_article_is_a_value(pool: ExtractionPool) -> None:
    (told,) = pool.extract([page("empty", b"")], ignore)
    assert isinstance(told, NotArticle)
    assert told.reason == "empty_body"


@pytest.mark.slow
def test_a_page_over_its_time_is_killed_and_the_others_go_on(pool: ExtractionPool) -> None:
    pool.extract([article(0)], ignore)  # loaded: from now on a page has its 2 seconds
    told = pool.extract([article(1), page("endless", ENDLESS), article(2), article(3)], ignore)
    assert [isinstance(one, Article) for one in told] == [True, False, True, True]
    assert isinstance(told[1], ExtractionKilled)
    assert told[1].reason == "extraction_killed"
    assert "2 s" in told[1].detail


def test_a_worker_that_is_killed_from_outside_costs_one_page_and_is_replaced(pool: ExtractionPool) -> None:
    pool.extract([article(0)], ignore)
    os.kill(pool.pids[0], signal.SIGKILL)
    killed, after = pool.extract([article(1)], ignore), pool.extract([article(2)], ignore)
    assert isinstance(killed[0], ExtractionKilled)
    assert isinstance(after[0], Article)


def test_a_bug_in_a_worker_is_not_taken_for_a_bad_page(pool: ExtractionPool, capfd: pytest.CaptureFixture[str]) -> None:
    broken = Page(entry=make_entry("x"), response=None)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="exit code 1"):
        pool.extract([broken], ignore)
    assert "AttributeError" in capfd.readouterr().err


def test_closing_the_pool_ends_its_processes() -> None:
    with ExtractionPool(seconds=2, workers=2) as opened:
        opened.extract([article(0)], ignore)
        pids = opened.pids
    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
