"""The whole pipe on real input: 78 feeds and 323 pages, with a story that holds everything, twice; then the real story.

    STORYWATCH_TESTDATA=... python -m benchmarks.real

Prints the table of where every URL went, wall and CPU time per stage, and trafilatura's share of the CPU.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.realweb import EVERYTHING, serve_real
from extractors.records import RunReport
from flows import pipeline
from flows.progress import Plain
from flows.report import outcome_table, summary
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
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
        common: dict[str, Any] = {"feeds_file": real.write_feeds(root / "feeds.toml"), "host_delay_seconds": 0.0}
        everything = Settings(data_dir=root / "everything", story_file=root / "everything.toml", **common)
        for title, settings in [
            ("first run", everything),
            ("second run", everything),
            ("the real story", Settings(data_dir=root / "story", **common)),
        ]:
            show(console, title, pipeline.run(prepare(settings, world), command="benchmark"))
        profiled(console, Settings(data_dir=root / "profiled", story_file=root / "everything.toml", **common), world)


def show(console: Console, title: str, report: RunReport) -> None:
    """The table, then wall and CPU time per stage."""
    console.print(outcome_table(report.outcomes, f"{title}: where every URL went"))
    console.print(summary(report))
    for stage, seconds in report.stage_seconds.items():
        console.print(f"  {stage:<16} wall {seconds:7.2f} s   CPU {report.stage_cpu_seconds[stage]:7.2f} s")


def profiled(console: Console, settings: Settings, world: World) -> None:
    """Once more under the profiler (which slows Python code, not C): what share of a run's CPU is trafilatura's."""
    profile = cProfile.Profile()
    profile.runcall(pipeline.run, prepare(settings, world), command="profile")
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    inside = max(
        (
            whole
            for (file, _, name), (_, _, _, whole, _) in stats.items()
            if "trafilatura" in file and name.startswith("bare")
        ),
        default=0.0,
    )
    console.print(f"trafilatura: {inside:.1f} s of {total:.1f} s under the profiler ({inside / total:.0%})")


if __name__ == "__main__":
    main()
