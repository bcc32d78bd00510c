"""Old files of the archive, cut down to the pages that are still wanted: records are copied byte for byte, or left out.

A file is replaced in one step. Nothing may read it by the numbers of its records meanwhile, since these change: whoever
calls holds off the runs (warehouse.connect.DataDir.replace_lock_path).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import WarcRecord

from extractors.archive import SUFFIX, Place, place_of
from extractors.errors import ArchiveFailed
from extractors.warc import Broken, NoArchive, pass_over, read_records

_COPIED_BYTES = 1 << 20  # at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """What became of a file, or would."""

    pages_kept: int
    pages_dropped: int
    bytes_before: int
    bytes_after: int  # 0: the file is gone


def begun_at(path: Path) -> datetime | None:
    """When the run of a file began, by its name; None: it is not named as ours are."""
    try:
        return datetime.strptime(path.name[: -len(SUFFIX)].partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def trim(path: Path, is_wanted: Callable[[Place], bool], *, dry_run: bool = False) -> Trimmed | Broken:
    """Leave only the wanted pages in a file, or no file at all. Broken: it is damaged, and stays as it is.

    Raises ArchiveFailed when the disk is full or may not be written to; the file is as it was then.
    """
    before = path.stat().st_size
    try:
        found = list(read_records(path, lambda number, record: _placed(path, number, record)))
    except NoArchive as error:
        return Broken(str(error))
    placed: list[tuple[int, Place]] = []
    for _, one in found:
        if isinstance(one, Broken):
            return one
        placed.append(one)
    ends = [begins for begins, _ in placed[1:]] + [before]
    kept = [(begins, ends[n]) for n, (begins, place) in enumerate(placed) if is_wanted(place)]
    spans = [(0, placed[0][0] if placed else before), *kept]  # what stands before the first page says what the file is
    after = sum(end - begin for begin, end in spans) if kept else 0
    if not dry_run and len(kept) < len(placed):
        try:
            _replace(path, spans) if kept else path.unlink()
        except OSError as error:
            raise ArchiveFailed(path, error.strerror or str(error)) from error
    return Trimmed(pages_kept=len(kept), pages_dropped=len(placed) - len(kept), bytes_before=before, bytes_after=after)


def _placed(path: Path, number: int, record: WarcRecord) -> tuple[int, Place] | Broken:
    begins = record.stream_pos
    pass_over(record)
    place = place_of(path, number, record)
    return place if isinstance(place, Broken) else (begins, place)


def _replace(path: Path, spans: list[tuple[int, int]]) -> None:
    new = path.with_name(path.name + ".partial")
    try:
        with path.open("rb") as source, new.open("wb") as target:
            for begin, end in spans:
                source.seek(begin)
                left = end - begin
                while left and (piece := source.read(min(left, _COPIED_BYTES))):
                    target.write(piece)
                    left -= len(piece)
            target.flush()
            os.fsync(target.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
