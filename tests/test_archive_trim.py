"""extractors/archive_trim.py: old files keep the wanted pages byte for byte; what is not understood is not cut."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors.archive import SUFFIX, Archive, Place, pages_of, places_in
from extractors.archive_trim import Trimmed, begun_at, trim
from extractors.errors import ArchiveFailed
from extractors.warc import Broken
from tests.test_archive import PAGE

RUN = "20251017T080000Z-abc123"


def fetched(number: int) -> datetime:
    return PAGE.fetched_at + timedelta(minutes=number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Archive(tmp_path, RUN, software="storywatch/test") as archive:
        for number in range(5):
            body = b"<p>page %d</p>" % number + os.urandom(300)
            archive.put(f"http://lantern.example/{number}", replace(PAGE, body=body, fetched_at=fetched(number)))
    return archive.path


def test_the_wanted_pages_stay_as_they_were_and_the_file_goes_on_saying_what_it_is(path: Path) -> None:
    before, size = dict(pages_of(path, range(1, 6))), path.stat().st_size
    wanted = {fetched(1), fetched(4)}
    trimmed = trim(path, lambda place: place.fetched_at in wanted)
    assert trimmed == Trimmed(pages_kept=2, pages_dropped=3, bytes_before=size, bytes_after=path.stat().st_size)
    assert [one.entry_url for one in places_in(path) if isinstance(one, Place)] == [
        "http://lantern.example/1",
        "http://lantern.example/4",
    ]
    assert dict(pages_of(path, {1, 2})) == {1: before[2], 2: before[5]}
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_of_which_nothing_is_wanted_goes_and_one_of_which_all_is_stays(path: Path) -> None:
    content = path.read_bytes()
    assert trim(path, lambda place: True) == Trimmed(
        pages_kept=5, pages_dropped=0, bytes_before=len(content), bytes_after=len(content)
    )
    assert path.read_bytes() == content
    assert trim(path, lambda place: False, dry_run=True) == Trimmed(
        pages_kept=0, pages_dropped=5, bytes_before=len(content), bytes_after=0
    )
    assert path.read_bytes() == content
    trim(path, lambda place: False)
    assert not path.exists()


@pytest.mark.parametrize("damage", ["cut", "other", "middle"])
def test_a_damaged_file_stays_as_it_is(path: Path, damage: str) -> None:
    content = path.read_bytes()
    half = len(content) // 2
    damaged = {
        "cut": content[:-20],
        "other": b"no archive at all",
        "middle": content[:half] + bytes(40) + content[half + 40 :],
    }[damage]
    path.write_bytes(damaged)
    assert isinstance(trim(path, lambda place: False), Broken)
    assert path.read_bytes() == damaged


def test_a_file_that_cannot_be_replaced_stays_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArchiveFailed, match="No space left"):
        trim(path, lambda place: place.fetched_at == fetched(0))
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_age_of_a_file_is_that_of_its_run() -> None:
    assert begun_at(Path(RUN + SUFFIX)) == datetime(2025, 10, 17, 8, tzinfo=UTC)
    assert begun_at(Path("mine.warc.gz")) is None
