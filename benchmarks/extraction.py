"""Extraction on real pages: how good, against plain trafilatura, and at what cost.

    STORYWATCH_TESTDATA=... python -m benchmarks.extraction

Prints the figures that the gate holds, the CPU of extract_article over that of plain trafilatura with metadata on the
same pages in turns, and wall and CPU time of the worker pool with one and two workers.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import trafilatura

from benchmarks.exam import Figures, Row, measured, pages_of, rows_of
from extractors.articles import extract_article
from extractors.errors import PageError
from extractors.languages import load
from flows.isolation import ExtractionPool


def main() -> None:
    """Measure and print."""
    if "STORYWATCH_TESTDATA" not in os.environ:
        sys.exit("STORYWATCH_TESTDATA names the folder of the test data; it is not set")
    rows = rows_of(Path(os.environ["STORYWATCH_TESTDATA"]) / "data" / "pages")
    show(measured(rows))
    ours, plain = cpu_in_turns(rows)
    ours_ms, plain_ms = ours / len(rows) * 1000, plain / len(rows) * 1000
    print(f"CPU: {ours_ms:.1f} ms a page, plain trafilatura with metadata {plain_ms:.1f}")
    print(f"CPU ratio: {ours / plain:.2f}")
    for workers in (1, 2):
        wall, cpu = pool_seconds(rows, workers)
        print(f"{workers} worker(s): wall {wall:.1f} s, CPU of the pages {cpu:.1f} s")


def show(figures: Figures) -> None:
    """The figures as a table."""
    for name in figures.f1:
        print(f"F1 {name}: {figures.f1[name]:.4f}, plain trafilatura {figures.plain_f1[name]:.4f}")
    low, high = figures.interval
    worst = min(figures.changes, key=lambda file: figures.changes[file])
    print(f"change per page: {figures.mean_change:+.4f}, 95 % between {low:+.4f} and {high:+.4f}")
    print(f"worst page: {figures.changes[worst]:+.4f} ({worst}); refused: {len(figures.refused)} of {figures.pages}")
    for name in figures.metadata:
        print(f"{name}: {figures.metadata[name]:.3f}, plain trafilatura {figures.plain_metadata[name]:.3f}")


def cpu_in_turns(rows: Sequence[Row]) -> tuple[float, float]:
    """CPU seconds of (our extractor, plain trafilatura with metadata), page by page in turns, models loaded before."""
    load()
    logging.disable(logging.CRITICAL)
    ours = plain = 0.0
    for row, page in zip(rows, pages_of(rows), strict=True):
        started = time.process_time()
        trafilatura.bare_extraction(row.body, url=row.truth["url"], include_comments=False, with_metadata=True)
        between = time.process_time()
        try:
            extract_article(page)
        except PageError as error:
            print(f"  {row.file}: {error}")
        plain += between - started
        ours += time.process_time() - between
    return ours, plain


def pool_seconds(rows: Sequence[Row], workers: int) -> tuple[float, float]:
    """(Wall seconds with the start of the workers, CPU seconds of the pages) of a pool over all pages."""
    pages = pages_of(rows)
    started = time.perf_counter()
    with ExtractionPool(workers=workers) as pool:
        pool.extract(pages, lambda _: None)
        return time.perf_counter() - started, pool.cpu_seconds


if __name__ == "__main__":
    main()
