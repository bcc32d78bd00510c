"""Other processes that hold the warehouse while a test goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Holds the writer's lock; says "in" when it does, and lets go when its input ends.
HOLD_AS_WRITER = """
import sys
from pathlib import Path
from warehouse import connect
with connect.writer(connect.DataDir(Path(sys.argv[1])), wait_seconds=5):
    print("in", flush=True)
    sys.stdin.read()
"""
# Holds the file as any SQL client would, without our lock.
HOLD_AS_CLIENT = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("in", flush=True)
sys.stdin.read()
"""


@contextmanager
def running(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process that has said that it is where the test wants it; killed at the end."""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "in\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
