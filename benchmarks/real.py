"""The whole pipe on real input: 78 feeds and 323 pages, with a story that holds everything, twice; then the real story.

    STORYWATCH_TESTDATA=... python -m benchmarks.real

Prints the table of where every URL went, wall and CPU time per stage, and trafilatura's share of the CPU.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import trafilatura
from rich.console import Console

from benchmarks.realweb import EVERYTHING, serve_real
from extractors.articles import extract_article
from extractors.errors import PageError
from extractors.pages import page_of
from extractors.records import Page, RunReport
from flows import pipeline
from flows.progress import Plain
from flows.report import outcome_table, summary
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World, utc_now
from tests.fakeweb import FakeWeb


def main() -> None:
    """Run and print."""
    if "STORYWATCH_TESTDATA" not in os.environ:
        sys.exit("STORYWATCH_TESTDATA names the folder of the test data; it is not set")
    testdata = Path(os.environ["STORYWATCH_TESTDATA"]) / "data"
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder, FakeWeb() as web:
        root = Path(folder)
        real = serve_real(web, testdata)
        (root / "everything.toml").write_text(EVERYTHING, "utf-8")
        world = World(resolver=web.resolver(), ssl_context=web.client_context(), progress=Plain())
        common: dict[str, Any] = {
            "feeds_file": real.write_feeds(root / "feeds.toml"),
            "host_delay_seconds": 0.0,
            "ask_all_feeds": True,
        }
        everything = Settings(data_dir=root / "everything", story_file=root / "everything.toml", **common)
        for title, settings in [
            ("first run", everything),
            ("second run", everything),
            ("the real story", Settings(data_dir=root / "story", **common)),
        ]:
            report = pipeline.run(prepare(settings, world), command="benchmark")
            show(console, title, report)
            if title == "first run":
                share = report.stage_cpu_seconds["extract"] / sum(report.stage_cpu_seconds.values())
        inside = trafilatura_share(testdata)
        console.print(f"extraction: {share:.0%} of the first run's CPU; trafilatura: {inside:.0%} of extraction's CPU")
        console.print(f"so trafilatura has {share * inside:.0%} of the first run's CPU")


def show(console: Console, title: str, report: RunReport) -> None:
    """The table, then wall and CPU time per stage."""
    console.print(outcome_table(report.outcomes, f"{title}: where every URL went"))
    console.print(summary(report))
    for stage, seconds in report.stage_seconds.items():
        console.print(f"  {stage:<16} wall {seconds:7.2f} s   CPU {report.stage_cpu_seconds[stage]:7.2f} s")


def trafilatura_share(testdata: Path) -> float:
    """Share of the CPU of extract_article that is spent inside trafilatura, over all pages, in this process."""
    pages = real_pages(testdata)
    inside = 0.0
    plain = trafilatura.extract

    def measured(*args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        started = time.process_time()
        try:
            return plain(*args, **kwargs)
        finally:
            inside += time.process_time() - started

    trafilatura.extract = measured
    try:
        started = time.process_time()
        for page in pages:
            with contextlib.suppress(PageError):
                extract_article(page)
        return inside / (time.process_time() - started)
    finally:
        trafilatura.extract = plain


def real_pages(testdata: Path) -> list[Page]:
    """Every page as if it had been fetched just now."""
    now = utc_now()
    rows = [json.loads(line) for line in (testdata / "pages" / "truth.jsonl").read_text("utf-8").splitlines()]
    pages = []
    for row in rows:
        body = gzip.decompress((testdata / "pages" / row["file"]).read_bytes())
        pages.append(page_of(body, row["url"], now))
    return pages


if __name__ == "__main__":
    main()
