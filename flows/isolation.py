"""Extracts pages in worker processes, each page within a time and a memory limit: a page that goes over is an outcome.

    with ExtractionPool(seconds=20) as pool:
        pool.warm_up(len(entries))         # workers load while pages are fetched
        told = pool.extract(pages, on_each)    # Article or PageError, in the order of the pages

What runs in the workers: extractors/worker.py. Plain subprocesses rather than multiprocessing: that would load the main
module, under a Prefect worker all of Prefect, in each of them.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Self

from extractors.errors import ExtractionKilled, PageError
from extractors.framing import receive, send
from extractors.records import Article, Page

Told = Article | PageError

# Time for one page, and for a new worker to load what it needs before its first one.
PAGE_SECONDS = 20.0
LOADING_SECONDS = 60.0
ENDING_SECONDS = 5.0  # between the end of a process's output and its own
MAX_WORKERS = 4
# A worker takes about 2 s of CPU to load, half of it the language model, a page 0.07 s: fewer pages than this are not
# worth a second one.
PAGES_PER_WORKER = 20
# Pages per worker that are read ahead of the one that is told next, so that a slow page doesn't leave the others idle.
PAGES_AHEAD = 8


class Worker:
    """One process. Not for several threads at once."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "extractors.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the run to decide on
        )
        self.is_loaded = False

    def extract(self, page: Page, seconds: float) -> tuple[Told, float] | None:
        """What the page gives and its CPU seconds; None: not within `seconds`, or the process died of it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        allowed = seconds if self.is_loaded else seconds + LOADING_SECONDS
        with contextlib.suppress(BrokenPipeError):
            send(self.process.stdin, page)
            ready, _, _ = select.select([self.process.stdout], [], [], allowed)
            told = receive(self.process.stdout) if ready else None
            if isinstance(told, tuple):
                self.is_loaded = True
                return told
            if ready:  # the end of its output, not of its time
                self.process.wait(ENDING_SECONDS)
        return None

    def kill(self) -> int:
        """End it at once; its exit code."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return self.process.wait()


class ExtractionPool:
    """A few workers, started when first needed; a killed one is replaced. Close it to end them."""

    def __init__(self, *, seconds: float = PAGE_SECONDS, workers: int | None = None) -> None:
        self._seconds = seconds
        self._size = workers or max(1, min(MAX_WORKERS, len(os.sched_getaffinity(0))))
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._started: list[Worker] = []
        self._lock = threading.Lock()
        self.cpu_seconds = 0.0  # of the pages extracted so far

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._started:
            worker.kill()
        self._started.clear()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers."""
        return tuple(worker.process.pid for worker in self._started)

    def warm_up(self, pages: int) -> None:
        """Start the workers that so many pages need, if they don't run yet."""
        while len(self._started) < min(self._size, -(-pages // PAGES_PER_WORKER)):
            self._idle.put(self._start())

    def extract(self, pages: Sequence[Page], on_each: Callable[[Told], None]) -> list[Told]:
        """What each page gives, in order; `on_each` is told as they end, one at a time. A bug in the worker raises."""
        self.warm_up(len(pages))

        def extracted(page: Page) -> Told:
            told = self._extract(page)
            with self._lock:
                on_each(told)
            return told

        with ThreadPoolExecutor(self._size, thread_name_prefix="extract") as threads:
            try:
                return list(threads.map(extracted, pages))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                for worker in self._started:  # ends the pages that are under way
                    worker.process.kill()
                raise

    def extract_each(self, pages: Iterable[Page | None]) -> Iterator[Told | None]:
        """What each page gives, in order, as they are done; None for a None. Reads only a few pages ahead."""
        with ThreadPoolExecutor(self._size, thread_name_prefix="extract") as threads:
            waiting: deque[Future[Told] | None] = deque()
            try:
                for number, page in enumerate(pages, 1):
                    self.warm_up(number)
                    waiting.append(threads.submit(self._extract, page) if page else None)
                    if len(waiting) >= self._size * PAGES_AHEAD:
                        first = waiting.popleft()
                        yield first.result() if first else None
                while waiting:
                    first = waiting.popleft()
                    yield first.result() if first else None
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                for worker in self._started:
                    worker.process.kill()
                raise

    def _extract(self, page: Page) -> Told:
        worker = self._idle.get()
        started = time.monotonic()
        try:
            told = worker.extract(page, self._seconds)
        except BaseException:
            self._replace(worker)
            raise
        if told is None:
            code = self._replace(worker)
            if code > 0:  # it ended by itself, with a traceback: a bug, not a page that is too much
                raise RuntimeError(f"extracting {page.entry.url} ended with exit code {code}: see standard error")
            took = f"stopped after {time.monotonic() - started:.0f} s; a page may take {self._seconds:g} s"
            return ExtractionKilled(page.entry.url, "extraction_killed", took)
        self._idle.put(worker)
        with self._lock:
            self.cpu_seconds += told[1]
        return told[0]

    def _start(self) -> Worker:
        worker = Worker()
        self._started.append(worker)
        return worker

    def _replace(self, worker: Worker) -> int:
        ended = worker.process.poll()
        code = worker.kill()
        with self._lock:
            self._started.remove(worker)
            self._idle.put(self._start())
        return code if ended is not None else -1
