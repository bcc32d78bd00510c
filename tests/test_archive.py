"""extractors/archive.py: pages as they came, readable by other tools, whatever happened to the run."""

from __future__ import annotations

import gzip
import io
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.archive import Archive, Place, files, pages_of, places_in
from extractors.errors import ArchiveFailed
from extractors.records import Response
from extractors.warc import Broken, pages_in

ROOT = Path(__file__).parent.parent
AT = datetime(2025, 10, 17, 8, 0, 1, 234567, tzinfo=UTC)
PAGE = Response(
    url="http://lantern.example/short",
    final_url="https://lantern.example/story?a=1",
    status=200,
    headers={"content-type": "text/html; charset=utf-8", "content-encoding": "br", "content-length": "20"},
    body="<p>Zwölf Worte über den Gipfel.</p>".encode(),
    fetched_at=AT,
    elapsed_seconds=0.25,
    wire_bytes=20,
    attempts=2,
    redirects=("http://lantern.example/short", "https://lantern.example/story?a=1"),
)


def numbered(number: int) -> Response:
    return replace(PAGE, body=b"<p>page %d</p>" % number + b"x" * 500)


def archived(folder: Path, *pages: Response) -> Path:
    with Archive(folder, "run-1", software="storywatch/test") as archive:
        for number, page in enumerate(pages):
            archive.put(f"http://lantern.example/entry/{number}", page)
        archive.sync()
    return archive.path


def read_back(path: Path) -> list[Response | Broken]:
    places = [place for place in places_in(path) if isinstance(place, Place)]
    return [page for _, page in pages_of(path, {place.number for place in places})]


def test_a_page_comes_back_as_it_was_put_in(tmp_path: Path) -> None:
    path = archived(tmp_path, PAGE, numbered(1))
    places = list(places_in(path))
    assert places == [
        Place("http://lantern.example/entry/0", path, 1, AT),
        Place("http://lantern.example/entry/1", path, 2, AT),
    ]
    assert list(pages_of(path, {1, 2})) == [(1, PAGE), (2, numbered(1))]
    assert list(pages_of(path, {2})) == [(2, numbered(1))]
    assert files(tmp_path) == [path]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300),
    status=st.integers(200, 599),
    value=st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cc", "Zl", "Zp")), max_size=30),
    url=st.text(min_size=1, max_size=30),
)
def test_any_answer_comes_back(body: bytes, status: int, value: str, url: str, tmp_path: Path) -> None:
    page = replace(PAGE, body=body, status=status, headers={"x-any": value.strip()}, url=url, redirects=(url,))
    path = archived(tmp_path, page)
    try:
        assert read_back(path) == [page]
    finally:
        path.unlink()


def test_other_tools_find_a_valid_http_message_of_the_body_that_is_kept(tmp_path: Path) -> None:
    path = archived(tmp_path, PAGE)
    records = ArchiveIterator(path.open("rb"), parse_http=False)
    first = next(records)
    assert first.record_type == WarcRecordType.warcinfo
    assert b"software: storywatch/test\r\n" in first.reader.read()
    record = next(records)
    assert record.headers["WARC-Target-URI"] == "https://lantern.example/story?a=1"
    assert record.record_date == AT
    assert record.verify_block_digest()
    head, _, body = record.reader.read().partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert f"Content-Length: {len(PAGE.body)}" in lines
    assert "X-Archive-Orig-content-encoding: br" in lines
    assert not any(line.lower().startswith("content-encoding") for line in lines)
    assert body == PAGE.body
    assert [found.body for _, found in pages_in(path, max_body_bytes=1 << 20) if isinstance(found, Response)] == [body]


def test_warcio_reads_it_and_finds_its_digests_right(tmp_path: Path) -> None:
    pytest.importorskip("warcio", reason="a tool of others, in the extras for development")
    path = archived(tmp_path, PAGE, numbered(1))
    checked = subprocess.run([sys.executable, "-m", "warcio.cli", "check", "-v", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 3
    with path.open("rb") as file:
        from warcio.archiveiterator import ArchiveIterator as Warcio

        assert [record.rec_type for record in Warcio(file)] == ["warcinfo", "response", "response"]


def test_each_record_is_a_gzip_member_of_its_own(tmp_path: Path) -> None:
    content = archived(tmp_path, PAGE, numbered(1)).read_bytes()
    assert content.count(b"\x1f\x8b\x08") == 3
    assert gzip.decompress(content).count(b"WARC/1.1\r\n") == 3
    assert subprocess.run(["gzip", "-t"], input=content, capture_output=True).returncode == 0


@pytest.mark.parametrize("lost", [1, 7, 100])
def test_a_file_that_was_cut_short_is_read_up_to_its_last_whole_record(lost: int, tmp_path: Path) -> None:
    path = archived(tmp_path, *map(numbered, range(5)))
    path.write_bytes(path.read_bytes()[:-lost])
    read = [page for page in read_back(path) if isinstance(page, Response)]
    assert read[:4] == [numbered(n) for n in range(4)]
    # Without the end of its gzip member, a record that is there to its last byte is known by its digest.
    assert read[4:] == ([numbered(4)] if lost < 8 else [])


def test_a_record_that_was_damaged_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = archived(tmp_path, *map(numbered, range(4)))
    members = [match.start() for match in re.finditer(rb"\x1f\x8b\x08\x00", path.read_bytes())]
    content = bytearray(path.read_bytes())
    content[members[2] + 40] ^= 0xFF  # the second page
    path.write_bytes(content)
    read = [page for _, page in pages_of(path, {1, 2, 3, 4})]
    assert [page for page in read if isinstance(page, Response)] == [numbered(0), numbered(2), numbered(3)]


def test_a_body_that_is_not_what_its_digest_says_is_not_believed(tmp_path: Path) -> None:
    path = archived(tmp_path, numbered(7))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"page 7", b"page 8")))
    (broken,) = [page for _, page in pages_of(path, {1})]
    assert isinstance(broken, Broken)
    assert "digests differ" in broken.problem


def test_a_run_without_pages_leaves_no_file(tmp_path: Path) -> None:
    archived(tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_a_killed_process_leaves_all_that_it_put(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from extractors.archive import Archive\nfrom tests.test_archive import numbered\n"
        "with Archive(Path(sys.argv[1]), 'run-1', software='x') as archive:\n"
        "    for number in range(20):\n        archive.put(str(number), numbered(number))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert read_back(tmp_path / "run-1.warc.gz") == [numbered(number) for number in range(20)]


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 4 KB, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_what_a_full_disk_let_through_of_a_record_is_taken_back(tmp_path: Path, small_files: None) -> None:
    big = replace(PAGE, body=io.BytesIO(bytes(range(256)) * 200 + Path(sys.executable).read_bytes()[:50_000]).read())
    with Archive(tmp_path, "run-1", software="x") as archive:
        archive.put("1", numbered(1))
        whole = archive.path.stat().st_size
        with pytest.raises(ArchiveFailed, match="archive = false"):
            archive.put("2", big)
        assert archive.path.stat().st_size == whole
        archive.put("3", numbered(3))
    assert read_back(archive.path) == [numbered(1), numbered(3)]
