"""A hundred runs on the replay, each killed with SIGKILL at a random instant: does the next run make it good?

    python -m benchmarks.kills [RUNS]

Seeds 0 to RUNS - 1, moments of the replay in turn. Prints where the kills struck and how many ended otherwise than the
runs that nobody disturbed, by a row hash of every public view (what is left out: LEFT_OUT of tests/killed_runs.py).
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from flows.replay.server import ReplayServer
from tests.killed_runs import Moment, content, digests, killed_run, next_run, undisturbed
from warehouse.connect import DataDir

RUNS = 100


def differing(place: Path, moment: Moment) -> list[str]:
    """Public views that are not what they are after undisturbed runs."""
    expected, found = digests(moment.expected), digests(content(DataDir(place)))
    return sorted(view for view in expected.keys() | found.keys() if expected.get(view) != found.get(view))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    struck: Counter[str] = Counter()
    different = through = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ReplayServer() as server:
        moments = undisturbed(Path(folder) / "undisturbed", server)
        print("undisturbed runs: " + ", ".join(f"{moment.seconds:.1f} s" for moment in moments))
        for seed in range(runs):
            moment, place = moments[seed % len(moments)], Path(folder) / "killed"
            killed = killed_run(place, server, moment, random.Random(seed))
            next_run(place, server, moment.at)
            struck[killed.stage] += 1
            through += killed.was_through
            if views := differing(place, moment):
                different += 1
                print(f"seed {seed}, killed after {killed.seconds:.2f} s in {killed.stage}: {', '.join(views)} differ")
            if seed % 10 == 9:
                print(
                    f"{seed + 1} kills after {time.monotonic() - began:.0f} s, {different} ended otherwise", flush=True
                )
    print("killed in: " + ", ".join(f"{stage} {times}" for stage, times in struck.most_common()))
    print(
        f"{runs} kills, {through} of them too late; {different} ended otherwise than undisturbed runs, "
        f"in {len(moments[0].expected)} views; {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
