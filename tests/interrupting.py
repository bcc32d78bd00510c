"""Stops a demo as Ctrl-C on a terminal does: SIGINT to every process of its group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
# A shell without job control starts background jobs with SIGINT ignored, and that is inherited.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def interrupted_demo(
    folder: Path, wait_seconds: float, *options: str, number: signal.Signals = signal.SIGINT
) -> tuple[int, str]:
    """Start a demo in `folder`, press Ctrl-C `wait_seconds` into its second moment: (exit code, standard error).

    `number`: another signal instead; to the demo alone, as service managers send it.
    """
    demo = subprocess.Popen(
        [sys.executable, "-c", LISTENING + "from flows.commands import main; main()", "demo", *options],
        cwd=folder,
        env={**os.environ, "HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with demo:
        assert demo.stderr is not None
        seen = []
        for line in demo.stderr:
            seen.append(line)
            if line.startswith("moment 2"):
                time.sleep(wait_seconds)  # the point is to hit it anywhere
                if number is signal.SIGINT:
                    os.killpg(demo.pid, number)
                else:
                    demo.send_signal(number)
                break
        rest = demo.stderr.read()
    return demo.returncode, "".join(seen) + rest
