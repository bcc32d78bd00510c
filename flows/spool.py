"""Answers of servers that no transaction has taken in yet, kept on disk so that a killed run asks nobody twice.

    web --answer--> Spool.put, at once      kill -9 here loses nothing: the next run's Spool has it in `answers`
    transaction committed --> Spool.clear

Each run writes a file of its own and holds its lock; a file whose lock is free belongs to a run that died, and is taken
over. Written without fsync: it survives the end of the process, not a power cut, after which pages are asked again. A
disk that is full ends the keeping, not the run. Messages are those of extractors/framing.py, for our own processes.
What can't be read ends its file, and what is older than a day is news of yesterday: both are dropped, and a file of
which nothing is of use is deleted.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeGuard

from extractors.framing import LENGTH_BYTES, send
from extractors.http import Request, Result
from extractors.records import Failure, Response

# What reading a message raises that another version of storywatch wrote, that a kill cut short or a bad disk changed.
_UNREADABLE = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
# An answer that is older is not taken for what the server says now: its page or sitemap is asked again.
LONGEST_KEPT = timedelta(days=1)


class Spool:
    """The answers of one run, and those left behind by runs that were killed. Use as a context manager."""

    def __init__(self, folder: Path, run_id: str, now: datetime) -> None:
        self._folder, self._path, self._now = folder, folder / f"{run_id}.answers", now
        self._file: IO[bytes] | None = None
        self._left_behind: list[IO[bytes]] = []
        self.answers: dict[str, Result] = {}  # URL as asked -> what a run that was killed was answered

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._take_over()
            self._file = self._path.open("wb", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._stop_keeping()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not cleared stays for the next run."""
        is_empty = self._file is not None and os.fstat(self._file.fileno()).st_size == 0
        self._stop_keeping()
        if is_empty:
            self._path.unlink(missing_ok=True)
        for file in self._left_behind:
            file.close()

    def put(self, result: Result) -> None:
        """Keep one answer, or failure."""
        if self._file is not None:
            try:
                send(self._file, result)
            except OSError:
                self._stop_keeping()

    def clear(self, urls: Iterable[str]) -> None:
        """All that this run kept has been taken in; and, of what killed runs left behind, the answers to `urls`."""
        for url in urls:
            self.answers.pop(url, None)
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
        if not self.answers:
            for file in self._left_behind:
                Path(file.name).unlink(missing_ok=True)
                file.close()
            self._left_behind = []

    @staticmethod
    def results(path: Path) -> list[Result]:
        """The answers that a file holds."""
        with path.open("rb") as file:
            return list(_results(file))

    def _take_over(self) -> None:
        for path in sorted(self._folder.glob("*.answers")):
            file = path.open("rb")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # its run is alive
                file.close()
                continue
            kept = [result for result in _results(file) if abs(self._now - _answered_at(result)) <= LONGEST_KEPT]
            if not kept:
                path.unlink(missing_ok=True)
                file.close()
                continue
            self._left_behind.append(file)
            self.answers.update((result[0].url, result) for result in kept)

    def _stop_keeping(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _results(file: IO[bytes]) -> Iterator[Result]:
    """What stands in a file, up to the first message that is cut short or can't be read."""
    size = os.fstat(file.fileno()).st_size
    while len(head := file.read(LENGTH_BYTES)) == LENGTH_BYTES:
        length = int.from_bytes(head, "big")
        if length > size - file.tell():
            return
        try:
            message = pickle.loads(file.read(length))  # noqa: S301  # our own file, in the private folder
        except _UNREADABLE:
            return
        if not _is_result(message):
            return
        yield message


def _is_result(message: object) -> TypeGuard[Result]:
    """Whether a message is a request and its answer, with what is needed of both: pickles check no types."""
    if not (isinstance(message, tuple) and len(message) == 2):
        return False
    request, answer = message
    return _has_all_fields(request) and isinstance(request, Request) and _is_whole(answer)


def _has_all_fields(record: object) -> bool:
    """Whether it is a record with each of its fields: one of another version may have fewer."""
    return is_dataclass(record) and all(hasattr(record, field.name) for field in fields(record))


def _is_whole(answer: object) -> bool:
    if not _has_all_fields(answer):
        return False
    match answer:
        case Response():
            is_whole = isinstance(answer.body, bytes) and isinstance(answer.headers, dict)
            return is_whole and isinstance(answer.fetched_at, datetime) and answer.fetched_at.tzinfo is not None
        case Failure():
            return isinstance(answer.reason, str) and isinstance(answer.at, datetime) and answer.at.tzinfo is not None
    return False


def _answered_at(result: Result) -> datetime:
    answer = result[1]
    return answer.fetched_at if isinstance(answer, Response) else answer.at
