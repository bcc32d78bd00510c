"""What a person sees while a run works: one bar per stage on a terminal, plain lines elsewhere, nothing with --quiet.

Stages report to a `Progress`; they don't know which. Everything goes to standard error: standard output is for results.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

# A stage that takes longer than this says how far it is, where there is no terminal to draw a bar on.
PLAIN_LINE_EVERY_SECONDS = 10.0


class Stage(Protocol):
    """A stage that is under way."""

    def advance(self, *, failed: bool = False) -> None:
        """One more is done."""


class Progress(Protocol):
    """Where stages report to."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Stage]:
        """Show a stage of `total` steps (None: unknown) while the context is open."""

    def say(self, text: str) -> None:
        """One line for people."""


class Silent:
    """Shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Stage]:
        yield self

    def advance(self, *, failed: bool = False) -> None:
        pass

    def say(self, text: str) -> None:
        pass


class PlainStage:
    """Counts, and prints a line now and then."""

    def __init__(self, name: str, total: int | None) -> None:
        self.name, self.total = name, total
        self.done = self.failures = 0
        self.started = self.printed = time.monotonic()

    def advance(self, *, failed: bool = False) -> None:
        self.done += 1
        self.failures += failed
        if time.monotonic() - self.printed >= PLAIN_LINE_EVERY_SECONDS:
            self.printed = time.monotonic()
            print(self.line(), file=sys.stderr, flush=True)

    def line(self) -> str:
        of_total = f"/{self.total}" if self.total else ""
        failed = f", {self.failures} failed" if self.failures else ""
        return f"{self.name}: {self.done}{of_total}{failed}, {time.monotonic() - self.started:.1f} s"


class Plain:
    """Plain lines, for logs and pipes."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Stage]:
        shown = PlainStage(name, total)
        try:
            yield shown
        finally:
            print(shown.line(), file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class BarStage:
    """Moves a bar."""

    def __init__(self, bars: Bars, task: TaskID) -> None:
        self.bars, self.task, self.failures = bars, task, 0

    def advance(self, *, failed: bool = False) -> None:
        self.failures += failed
        shown = f"[red]{self.failures} failed" if self.failures else ""
        self.bars.update(self.task, advance=1, failed=shown)


class Drawn:
    """A bar per stage with counts, failures and the time that is left. Use as a context manager."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.bars = self._new_bars()

    def _new_bars(self) -> Bars:
        return Bars(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=self.console,
        )

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Stage]:
        task = self.bars.add_task(name, total=total, failed="")
        try:
            yield BarStage(self.bars, task)
        finally:
            self.bars.stop_task(task)

    def say(self, text: str) -> None:
        if all(task.finished or task.stop_time is not None for task in self.bars.tasks):
            self.bars.stop()  # the bars so far stay above the line, in the order of what happened
            self.bars = self._new_bars()
            self.bars.start()
        self.bars.console.print(text, highlight=False, markup=False)


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """The progress that fits: none with `quiet`, bars on a terminal, else plain lines."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with Drawn() as drawn:
            yield drawn
    else:
        yield Plain()
